"""Steps that the cases about options share."""

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..subject import Subject, ok
from ..term import Term
from ._common import brief, joined

GETOPTS = "inet:getopts/2"
SETOPTS = "inet:setopts/2"

LOOPBACK6 = (0, 0, 0, 0, 0, 0, 0, 1)


def fresh(t: Subject) -> Term:
    """A connected socket with nothing set but that it is passive."""
    return joined(t, ("active", False))[0]


def fresh_inet6(t: Subject) -> Term:
    """A connected IPv6 socket, binary and passive."""
    passive = ("active", False)
    listener = ok(gen_tcp.listen(0, t.options("inet6", ("ip", LOOPBACK6), passive)))
    return ok(gen_tcp.connect(LOOPBACK6, t.port(listener), t.options("binary", "inet6", passive), 5000))


def get(t: Subject, sock: Term, *names: Term) -> Term:
    """Result of getopts for these names."""
    return t.catch(inet.getopts, sock, list(names))


def put(t: Subject, sock: Term, *options: Term) -> Term:
    """Result of setopts with these options."""
    return t.catch(inet.setopts, sock, list(options))


def put_and_get(t: Subject, sock: Term, name: str, value: Term) -> Term:
    """Results of setting an option and of reading it back."""
    return (put(t, sock, (name, value)), get(t, sock, name))


def set_on_fresh(t: Subject, name: str, value: Term) -> Term:
    """Results of setting an option on a new connected socket and of reading it back."""
    return put_and_get(t, t.pair()[0], name, value)


def tried(t: Subject, name: str, *values: Term) -> list[Term]:
    """Each value with the results of setting it on a new connected socket and of reading it back."""
    return [(value, *set_on_fresh(t, name, value)) for value in values]


def default(t: Subject, *names: str) -> Term:
    """Result of getopts on a fresh connected socket."""
    return get(t, fresh(t), *names)


def listener_default(t: Subject, *names: str) -> Term:
    """Result of getopts on a listener with nothing set but that it is passive."""
    return get(t, t.listen(("active", False)), *names)


def made_with(t: Subject, option: Term) -> tuple[Term, Term]:
    """What connect and listen say to an option."""
    connected = t.catch(gen_tcp.connect, (127, 0, 0, 1), t.raw_listener().port, t.options(option), 5000)
    return (brief(connected), brief(t.catch(gen_tcp.listen, 0, t.options(option))))
