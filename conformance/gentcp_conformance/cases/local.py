"""Local (unix domain) sockets, and the options that mean nothing there."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from pathlib import Path

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject, ok
from ..term import Term
from ._common import brief, receive_all

LOCAL = "gen_tcp:listen/2, connect/4, local addresses"
NODELAY = "gen_tcp, notes on inet_backend: nodelay and domain = local"


def listen_local(t: Subject, name: str, *options: Term) -> Term:
    return t.catch(gen_tcp.listen, 0, t.options(("ifaddr", ("local", t.path(name))), *options))


def connect_local(t: Subject, name: str, *options: Term) -> Term:
    return t.catch(gen_tcp.connect, ("local", t.path(name)), 0, t.options(*options), 5000)


@case(
    "listen-accept/local/nodelay",
    title="nodelay on a local socket: ignored on inet, enotsup on socket",
    means="""nodelay has no meaning without TCP. inet takes it silently; the socket backend refuses to listen, to
    connect and to set it. A common set of options for TCP and unix sockets that contains nodelay works on inet and
    fails on socket: leave it out for {local, Path}.""",
    source=NODELAY,
    documented=True,
    needs=("local",),
)
def nodelay(t: Subject) -> Term:
    on, off, passive = ("nodelay", True), ("nodelay", False), ("active", False)
    listening = brief(listen_local(t, "with", on))
    ok(listen_local(t, "without", passive))
    connecting = brief(connect_local(t, "without", on))
    sock = ok(connect_local(t, "without", passive))
    return (
        ("listen", listening),
        ("connect", connecting),
        ("setopts_true", t.catch(inet.setopts, sock, [on])),
        ("getopts", t.catch(inet.getopts, sock, ["nodelay"])),
        ("setopts_false", t.catch(inet.setopts, sock, [off])),
    )


OPTIONS = (
    ("nodelay", False),
    ("keepalive", True),
    ("recbuf", 8192),
    ("tos", 16),
    ("reuseaddr", True),
    ("keepidle", 10),
    ("priority", 3),
    ("linger", (True, 1)),
)


@case(
    "listen-accept/local/options",
    title="Options of TCP and IP on a local listener",
    means="""Even {nodelay, false}, which asks for nothing, is enotsup on socket, and so are tos and keepidle; inet
    takes the TCP options and refuses tos with einval. Options of the socket level (buffers, keepalive, linger,
    priority) are fine on both. Build the options of local sockets from that level only.""",
    source=NODELAY,
    documented=True,
    needs=("local",),
)
def options(t: Subject) -> Term:
    return [(option, brief(listen_local(t, str(option[0]), option))) for option in OPTIONS]


@case(
    "listen-accept/local/names",
    title="Local sockets carry data, and their names are paths as binaries",
    means="""A path given as a string comes back as a binary, the connecting side without a path of its own is {local,
    <<>>}, and even inet:port returns the path instead of a number. close leaves the file where it is: delete it
    before the next listen, or that fails with eaddrinuse.""",
    source=LOCAL,
    needs=("local",),
)
def names(t: Subject) -> Term:
    listener = ok(listen_local(t, "socket", "binary", ("active", False)))
    client = ok(connect_local(t, "socket", "binary", ("active", False)))
    accepted = ok(gen_tcp.accept(listener, 5000))
    there = (gen_tcp.send(client, b"hi"), receive_all(t, accepted, 1, 500))
    back = (gen_tcp.send(accepted, b"yo"), receive_all(t, client, 1, 500))
    named = [(key, *names_of(t, sock)) for key, sock in (("l", listener), ("c", client), ("s", accepted))]
    gen_tcp.close(listener)
    return ((*there, *back), named, ("file_left_after_close", Path(t.path()).exists()))


def names_of(t: Subject, sock: Term) -> list[Term]:
    calls = (inet.sockname, inet.peername, inet.port)
    return [name_of(t.catch(call, sock), t.path().encode()) for call in calls]


def name_of(result: Term, path: bytes) -> Term:
    match result:
        case ("ok", ("local", name)):
            return ("ok", ("local", "path_as_binary" if name == path else ("binary", name)))
        case ("ok", bytes() as name) if name == path:
            return ("ok", "path_as_binary")
        case _:
            return result


@case(
    "listen-accept/local/connecting-path",
    title="A connecting local socket may have a path of its own",
    means="""With ifaddr in connect the client is bound to its own path and the acceptor sees it as the peer's name,
    which is a simple way to tell clients apart on one machine. The file is the client's to delete.""",
    source=LOCAL,
    needs=("local",),
)
def connecting_path(t: Subject) -> Term:
    listener = ok(listen_local(t, "server", ("active", False)))
    own = ("ifaddr", ("local", t.path("client")))
    client = ok(connect_local(t, "server", own, ("active", False)))
    accepted = ok(gen_tcp.accept(listener, 5000))
    path = t.path("client").encode()
    return (name_of(inet.peername(accepted), path), name_of(inet.sockname(client), path))
