"""One option from all sides: its defaults, set and read back, given when a socket is made, inherited, and wrong."""

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..subject import LOOPBACK, Subject, ok
from ..term import Term
from ._common import brief
from ._options import LOOPBACK6, get, put, put_and_get

ADDRESSES: dict[str, Term] = {"inet": LOOPBACK, "inet6": LOOPBACK6}
SIZED_BY_THE_SYSTEM = ("recbuf", "sndbuf")
"""By what it knows of connections before, if nobody gives a number."""


def listening(t: Subject, family: str, *options: Term) -> Term:
    """Result of listening on the loopback address."""
    return t.catch(gen_tcp.listen, 0, t.options(family, ("ip", ADDRESSES[family]), ("active", False), *options))


def connecting(t: Subject, family: str, *options: Term) -> Term:
    """Result of connecting to a listener of its own."""
    port = ok(inet.port(ok(listening(t, family))))
    return t.catch(gen_tcp.connect, ADDRESSES[family], port, t.options(family, ("active", False), *options), 5000)


def accepting(t: Subject, family: str, listener: Term, *late: Term) -> Term:
    """The socket accepted from it; `late` is set on the listener when the connection waits."""
    port = ok(inet.port(listener))
    ok(gen_tcp.connect(ADDRESSES[family], port, t.options(family, ("active", False)), 5000))
    if late:
        put(t, listener, *late)
    return ok(gen_tcp.accept(listener, 5000))


def all_about(
    t: Subject,
    name: str,
    values: tuple[Term, ...],
    wrong: tuple[Term, ...],
    family: str = "inet",
    *,
    fixed: bool = True,
) -> Term:
    """Outcomes by what was tried; without the defaults when they are not `fixed` but the system's affair."""
    found: list[Term] = []
    if fixed:
        found.append(("default", get(t, ok(connecting(t, family)), name), get(t, ok(listening(t, family)), name)))
    found.append(("set", [(value, *put_and_get(t, ok(connecting(t, family)), name, value)) for value in values]))
    found.append(("connect", [(value, read(t, connecting(t, family, (name, value)), name)) for value in values]))
    found.append(("listen", [(value, *inherited(t, name, value, family)) for value in values]))
    found.append(("wrong", [(value, *refused(t, name, value, family)) for value in wrong]))
    return [*found, ("closed", of_closed(t, name, values[0], family))]


def read(t: Subject, made: Term, name: str) -> Term:
    """What a new socket has, or why there is none."""
    match made:
        case ("ok", sock):
            return get(t, sock, name)
        case _:
            return made


def inherited(t: Subject, name: str, value: Term, family: str) -> Term:
    """Of a listener made with it, of its accepted socket, and of one for whose listener it was set while it waited."""
    later = get(t, accepting(t, family, ok(listening(t, family)), (name, value)), name)
    if name in SIZED_BY_THE_SYSTEM and later != read(t, connecting(t, family, (name, value)), name):
        later = "the_system_decides"
    match listening(t, family, (name, value)):
        case ("ok", listener):
            return (get(t, listener, name), get(t, accepting(t, family, listener), name), later)
        case refusal:
            return (refusal, later)


def refused(t: Subject, name: str, value: Term, family: str) -> Term:
    """What setopts, connect and listen say, and what getopts has after setopts."""
    done, had = put_and_get(t, ok(connecting(t, family)), name, value)
    if name in SIZED_BY_THE_SYSTEM and done != "ok":
        had = "the_system_decides"
    return (done, had, brief(connecting(t, family, (name, value))), brief(listening(t, family, (name, value))))


def of_closed(t: Subject, name: str, value: Term, family: str) -> Term:
    """Results of setopts and getopts on a socket that we have closed."""
    sock = ok(connecting(t, family))
    gen_tcp.close(sock)
    return put_and_get(t, sock, name, value)
