"""Options that shape what is received: what they take, how they read back, what they do to each other."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import receive_all

SETOPTS = "inet:setopts/2"
GETOPTS = "inet:getopts/2"


def set_and_get(t: Subject, sock: Term, name: str, value: Term) -> tuple[Term, Term, Term]:
    """The value, how setting it went, and what the option is then."""
    done = t.catch(inet.setopts, sock, [(name, value)])
    return (value, done, t.catch(inet.getopts, sock, [name]))


@case(
    "packet/limit/read-back",
    title="packet_size: 0 or 64 MB by default; nonsense is refused by inet and stored by socket",
    means="""socket takes -1 and even an atom with ok and fails when a packet comes. Do not take the ok of setopts on
    socket for a check of the value.""",
    source=SETOPTS + ", option packet_size; " + GETOPTS,
)
def packet_size_read_back(t: Subject) -> Term:
    sock, _ = t.pair()
    return [inet.getopts(sock, ["packet_size"]), *(set_and_get(t, sock, "packet_size", v) for v in (0, 100, -1, "foo"))]


@case(
    "packet/line/small-recbuf",
    title="{recbuf, 1024} and a line of 5000 bytes: one line, since recbuf does not shrink the buffer",
    means="""The system's receive buffer may be much smaller than a line. What cuts lines on inet is the option buffer
    alone, which a small recbuf leaves as it is: 9216 bytes, and 1460 before OTP 29.""",
    source=SETOPTS + ", options packet, recbuf and buffer",
)
def small_recbuf(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"), ("recbuf", 1024))
    peer.send(b"a" * 4999 + b"\n", delivered=False)
    sizes = [len(gen_tcp.recv(sock, 0, 3000)[1])]
    while sum(sizes) < 5000:
        sizes.append(len(gen_tcp.recv(sock, 0, 3000)[1]))
    return sizes


@case(
    "packet/line/delimiters",
    title="line_delimiter: bytes work on both; 256 and -1 are taken modulo 256 on inet, and kill the socket on OTP's",
    means="""inet keeps the low byte of any number. socket stores what you give it, and OTP's recv exits when it meets
    the value. A delimiter from configuration must be checked to be a byte.""",
    source=SETOPTS + ", option line_delimiter",
)
def delimiters(t: Subject) -> Term:
    return [delimited_by(t, value) for value in (59, 0, 255, 256, -1, "foo")]


def delimited_by(t: Subject, value: Term) -> Term:
    sock, peer = t.pair(("packet", "line"))
    outcome = set_and_get(t, sock, "line_delimiter", value)
    byte = value % 256 if isinstance(value, int) else ord(";")
    peer.send(b"a" + bytes([byte]) + b"b\n")
    return (*outcome, receive_all(t, sock, 1, 100))


@case(
    "recv/chunks/small-recbuf",
    title="{recbuf, 1024} leaves buffer alone; a later recbuf overwrites a buffer that was set, on socket",
    means="""On socket the last of buffer and recbuf wins once buffer has been set by hand, so a large buffer shrinks to
    a small recbuf; on inet recbuf only ever enlarges it. Set buffer last.""",
    source=SETOPTS + ", options buffer and recbuf",
    contradicts="""That buffer is set to the larger of the two when recbuf is set. On socket it follows recbuf only if
    it was set before, and then downwards, too.""",
)
def chunks_small_recbuf(t: Subject) -> Term:
    sock, _ = t.pair(("recbuf", 1024))
    first = inet.getopts(sock, ["buffer"])
    done = inet.setopts(sock, [("buffer", 50000), ("recbuf", 2048)])
    return (first, done, inet.getopts(sock, ["buffer"]))


@case(
    "packet/read-ahead/option",
    title="read_ahead: true by default, and off it changes nothing that recv delivers",
    means="""The option exists since OTP 27 (where socket's default was false) and is an error before. It decides how
    much is read from the system at a time and not what a packet is; you need it only to hand the descriptor to somebody
    else in the middle of a stream.""",
    source=SETOPTS + ", option read_ahead",
)
def read_ahead(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    first = t.catch(inet.getopts, sock, ["read_ahead"])
    done = t.catch(inet.setopts, sock, [("read_ahead", False)])
    peer.send(b"\0\0\0\1a\0\0\0\1b")
    return (first, done, t.catch(inet.getopts, sock, ["read_ahead"]), receive_all(t, sock, 2, 200))


@case(
    "active/mode/atoms",
    title="Atoms in setopts: list and binary set the mode; inet, inet6 and local are ok on socket, and do nothing",
    means="""An atom that makes sense when a socket is opened is refused later by inet and ignored by socket. ok from
    setopts does not mean that anything was set.""",
    source=SETOPTS + ", options list and binary",
)
def mode_atoms(t: Subject) -> Term:
    sock, _ = t.pair()
    return [set_atom(t, sock, atom) for atom in ("list", "binary", "inet", "inet6", "local", "foo")]


def set_atom(t: Subject, sock: Term, atom: str) -> Term:
    return (atom, t.catch(inet.setopts, sock, [atom]), inet.getopts(sock, ["mode"]))


@case(
    "active/setopts/no-list",
    title="setopts and getopts with something that is no list raise, each in its way",
    means="""A single option without its list is the usual slip: {active, false} instead of [{active, false}]. It raises
    at once on both, with a bad_generator or function_clause that does not say which option it was. Empty lists are
    fine.""",
    source=SETOPTS + "; " + GETOPTS,
)
def no_list(t: Subject) -> Term:
    sock, _ = t.pair()
    setting = [t.catch(inet.setopts, sock, options) for options in ("foo", ("active", False))]
    getting = [t.catch(inet.getopts, sock, names) for names in ("foo", "active")]
    return [*setting, *getting, inet.setopts(sock, []), inet.getopts(sock, [])]
