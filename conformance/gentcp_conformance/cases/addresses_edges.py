"""Ports, paths and address maps at the edges of what they may be."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp

from ..case import case
from ..subject import LOOPBACK, Subject
from ..term import Term
from ._common import brief
from .addresses_local import PASSIVE, connect, shown

PORTS = (
    -1, 65_536, -(1 << 30) - 1, -(1 << 31), -(1 << 31) - 1, (1 << 31) - 65_536, 1 << 31, (1 << 32) - 1, 1 << 32,
)  # fmt: skip


@case(
    "connect/port/numbers",
    title="Port numbers that do not fit: inet exits, socket takes 16 bits of those that fit 32",
    means="""A port from a configuration should be checked before it is used: on the socket backend 65536 + 80 is 80,
    and a negative number is some port as well; only what does not fit 32 bits is einval. On inet all of them exit
    with function_clause.""",
    source="gen_tcp:connect/4, port_number()",
)
def port_numbers(t: Subject) -> Term:
    return [
        (port, t.catch(gen_tcp.connect, LOOPBACK, port, t.options(PASSIVE, ("ip", LOOPBACK)), 2000)) for port in PORTS
    ]


@case(
    "connect/port/listened",
    title="Port numbers to listen on that do not fit",
    means="""On inet they exit with badarg. On socket a multiple of 65536 is port 0, a port that the system chooses,
    and what does not fit 32 bits is no address.""",
    source="gen_tcp:listen/2",
)
def listened_numbers(t: Subject) -> Term:
    multiples = (-(1 << 31), -(1 << 31) - (1 << 16), (1 << 31) - (1 << 16), 1 << 31, 1 << 16, 1 << 32)
    return [(port, brief(t.catch(gen_tcp.listen, port, t.options()))) for port in multiples]


@case(
    "connect/port/atoms",
    title="A service that nobody knows: inet exits with badarg, socket says einval",
    means="""Ports may be given by the names of their services, as atoms. A name that /etc/services does not have, such
    as true or undefined from a configuration that is not complete, is an exit on inet, and {error, einval} on socket;
    listen does the same as connect.""",
    source="gen_tcp:connect/4; inet:getservbyname/2",
)
def port_atoms(t: Subject) -> Term:
    names: tuple[Term, ...] = (True, False, "undefined", "no_such_service")
    return [
        (
            name,
            t.catch(gen_tcp.connect, LOOPBACK, name, t.options(PASSIVE), 2000),
            t.catch(gen_tcp.listen, name, t.options()),
        )
        for name in names
    ]


@case(
    "connect/local/characters",
    title="What is no character is not part of a local path: surrogates, and numbers past 10FFFF hexadecimal",
    means="""A path may be a list of characters. What is none makes it no path at all, and the error says nothing of a
    file; whether others beyond a byte may be used is up to the VM's encoding of file names (file:native_name_encoding),
    latin1 or utf8.""",
    source="inet:local_address/0",
    needs=("local",),
)
def characters(t: Subject) -> Term:
    folder = list(t.path("").encode())
    edges = (0x7F, 0x80, 0xFF, 0xD800, 0xDFFF, 0x110000, -1)
    return [
        (char, shown(connect(t, [*folder, char]), b""), shown(connect(t, [[*folder], [[char]]]), b"")) for char in edges
    ]


@case(
    "options/opening/ifaddr-map-paths",
    title="A local address as a map: socket binds to its path, inet checks it and exits all the same",
    means="""#{family => local, path => Path} is looked at before any socket is made: a path of another type, of
    characters that are none, or of more than 255 raises on both backends. With a good one inet exits with badarg;
    {local, Path} works on both.""",
    source="gen_tcp:listen/2, option ifaddr",
    needs=("local",),
)
def map_paths(t: Subject) -> Term:
    path = t.path().encode()
    long = t.path("").encode().ljust(255, b"p")
    forms: list[tuple[Term, Term]] = [
        ("binary", path), ("list", list(t.path("other").encode())), ("no_character", [0x110000]), ("integer", 5),
        ("nested", [list(t.path("third").encode())]), ("long_binary", long), ("long_list", list(long)),
        ("longer_binary", long + b"p"), ("longer_list", [*long, 112]),
    ]  # fmt: skip
    return [(name, _bound(t, form)) for name, form in forms]


def _bound(t: Subject, path: Term) -> Term:
    match t.catch(gen_tcp.listen, 0, t.options("local", ("ifaddr", {"family": "local", "path": path}))):
        case ("exception", kind, (reason, {})):
            return (kind, reason)
        case ("exception", kind, (reason, (what, *_))):
            return (kind, reason, what)
        case result:
            return brief(result)
