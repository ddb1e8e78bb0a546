"""Names of local sockets: abstract ones, the longest ones, and what is no name."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject, ok
from ..term import Term
from ._common import brief, receive_all

LOCAL = "inet:local_address/0"
PASSIVE = ("active", False)


def abstract(t: Subject) -> bytes:
    """A name that nobody else has, abstract as it begins with a zero byte."""
    return b"\0" + t.path().encode()


def listen(t: Subject, path: Term, *options: Term) -> Term:
    return t.catch(gen_tcp.listen, 0, t.options(PASSIVE, ("ifaddr", ("local", path)), *options))


def connect(t: Subject, path: Term, *options: Term) -> Term:
    return t.catch(gen_tcp.connect, ("local", path), 0, t.options("binary", PASSIVE, *options), 5000)


def shown(result: Term, name: bytes) -> Term:
    """A result with 'Name' for the name, which is another each time."""
    match result:
        case ("ok", ("local", path)):
            return ("ok", ("local", "Name" if path == name else path))
        case ("error", ("invalid", _)):
            return ("error", ("invalid", "..."))
        case _:
            return brief(result)


@case(
    "connect/local/abstract",
    title="Abstract names of local sockets",
    means="""A name that begins with a zero byte stands for no file: nothing to delete, and it is free again when the
    listener is closed. On Linux only. The zero byte is part of the name that sockname returns.""",
    source=LOCAL,
    needs=("local",),
)
def abstract_name(t: Subject) -> Term:
    name = abstract(t)
    listener = ok(listen(t, name))
    again = listen(t, name)
    client = ok(connect(t, name))
    accepted = ok(gen_tcp.accept(listener, 5000))
    data = (gen_tcp.send(accepted, b"hello"), receive_all(t, client, 1, 500))
    names = [shown(inet.sockname(listener), name), shown(inet.peername(client), name), inet.sockname(client)]
    gen_tcp.close(listener)
    after = (shown(connect(t, name), name), brief(listen(t, name)))
    return (again, data, names, after)


@case(
    "connect/local/autobind",
    title="An empty name to bind to",
    means="""The system chooses an abstract name of six bytes, so a client can be told apart by its peername without a
    file. loopback as the address of a local listener is the same, any is no address.""",
    source=LOCAL,
    needs=("local",),
)
def autobind(t: Subject) -> Term:
    listener = ok(listen(t, abstract(t)))
    client = ok(connect(t, abstract(t), ("ifaddr", ("local", b""))))
    name = ok(inet.sockname(client))[1]
    seen = inet.peername(ok(gen_tcp.accept(listener, 5000))) == ("ok", ("local", name))
    others = [t.catch(gen_tcp.listen, 0, t.options("local", ("ip", ip))) for ip in ("loopback", "any")]
    return (name[:1], len(name), seen, [brief(other) for other in others])


@case(
    "connect/local/longest",
    title="How long a name may be",
    means="""107 bytes for a path, 108 for an abstract name, whose zero byte counts. Longer ones are einval on inet, and
    exit badarg from connect; socket says {invalid, _} to bind and einval to connect. From 256 bytes on they do not even
    reach the system.""",
    source=LOCAL,
    needs=("local",),
)
def longest(t: Subject) -> Term:
    folder = t.path("").encode() + b"/"
    results: list[Term] = []
    for size in (107, 108, 255, 256):
        path = folder.ljust(size, b"p")
        results.append(("path", size, shown(listen(t, path), path), shown(connect(t, path), path)))
    for size in (107, 108, 109, 256):
        name = abstract(t).ljust(size, b"a")
        listener = listen(t, name)
        results.append(("abstract", size, shown(listener, name), shown(connect(t, name), name)))
    return results


@case(
    "connect/local/zero-byte",
    title="A path with a zero byte in it",
    means="""The path ends there, without an error, so what comes from outside should be checked for zero bytes: the
    file that is made, or connected to, may be another than you have checked.""",
    source=LOCAL,
    needs=("local",),
)
def zero_byte(t: Subject) -> Term:
    path = t.path().encode()
    listener = listen(t, path + b"\0tail")
    return (shown(inet.sockname(listener[1]), path), brief(connect(t, path)), brief(connect(t, path + b"\0other")))


@case(
    "connect/local/forms",
    title="Names as binary, string and nested lists",
    means="""All of them will do, as for file names, so a path may come from filename:join/2 or from a
    configuration as it is. A number or a tuple will not.""",
    source=LOCAL,
    needs=("local",),
)
def forms(t: Subject) -> Term:
    path = t.path().encode()
    ok(listen(t, path))
    half = len(path) // 2
    given: list[tuple[Term, Term]] = [
        ("binary", path), ("string", list(path)), ("nested", [list(path[:half]), path[half:]]), ("integer", 5),
        ("tuple", (path,)), ("no_character", [-1]),
    ]  # fmt: skip
    return [(name, shown(connect(t, form), path)) for name, form in given]


@case(
    "connect/local/missing",
    title="Names behind which nobody listens",
    means="""A path that does not exist is enoent, a file that nobody listens on any more econnrefused, and so is an
    abstract name that nobody has. Both come at once: there is no timeout to wait for.""",
    source=LOCAL,
    needs=("local",),
)
def missing(t: Subject) -> Term:
    path = t.path()
    gen_tcp.close(ok(listen(t, path.encode())))
    return [connect(t, name) for name in (t.path("none").encode(), path.encode(), t.path("").encode(), abstract(t))]


@case(
    "connect/local/bound-names",
    title="Names that the connecting side cannot have",
    means="""A name that is taken is eaddrinuse, one in a folder that does not exist enoent, and an address of another
    family is refused before the system is asked.""",
    source="gen_tcp:connect/4, option ifaddr",
    needs=("local",),
)
def bound_names(t: Subject) -> Term:
    path = t.path().encode()
    ok(listen(t, path))
    own: list[Term] = [path, t.path("none/x").encode(), abstract(t)]
    results = [brief(connect(t, path, ("ifaddr", ("local", name)))) for name in own]
    wrong = [brief(connect(t, path, option)) for option in (("ip", (127, 0, 0, 1)), ("port", 1), ("ip", "any"))]
    return (results, wrong)
