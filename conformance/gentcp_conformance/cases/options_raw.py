"""Raw options: {raw, Level, Option, Value}."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import joined
from ._options import get, put

RAW = "inet:setopts/2, getopts/2, option raw"

ON = (1).to_bytes(4, "little")
BIG = (1).to_bytes(4, "big")


@case(
    "options/raw/set-and-get",
    title="TCP_NODELAY by its number: a way around options that are missing",
    means="""Level and number are those of the C header files, the value is a binary in the machine's byte order. What
    was set raw can be read by name and the other way round. For reading give a size, or a binary of that size.""",
    source=RAW,
)
def set_and_get(t: Subject) -> Term:
    sock, _ = t.pair()
    done = put(t, sock, ("raw", 6, 1, ON))
    return (done, get(t, sock, ("raw", 6, 1, 4)), get(t, sock, ("raw", 6, 1, bytes(4))), get(t, sock, "nodelay"))


@case(
    "options/raw/mixed",
    title="Raw and named options in one call",
    means="""getopts answers in the order of the question, raw options as {raw, Level, Option, Value}. A raw option can
    so be added to an existing call on either backend.""",
    source=RAW,
)
def mixed(t: Subject) -> Term:
    return get(t, t.pair()[0], "nodelay", ("raw", 6, 1, 4), "active")


READ = ((9999, 1, 4), (6, 9999, 4), (6, 1, 0), (6, 1, 100), ("foo", 1, 4), (6, 1, -1), (6, 1, "foo"))
WRITTEN = ((6, 1, b""), (9999, 1, BIG), (6, 9999, BIG), (6, 1, 1))


@case(
    "options/raw/bad",
    title="Raw options that the system does not know: ok on inet, einval on socket",
    means="""Reading an unknown one gives an empty list on both. Setting one is the trap: inet says ok whatever the
    system says, so a wrong number or a value of the wrong size goes unnoticed. Read every raw option back, as the
    manual recommends.""",
    source=RAW,
)
def bad(t: Subject) -> Term:
    sock, _ = t.pair()
    read = [(("raw", *parts), get(t, sock, ("raw", *parts))) for parts in READ]
    return (read, [(("raw", *parts), put(t, sock, ("raw", *parts))) for parts in WRITTEN])


@case(
    "options/raw/in-connect-and-listen",
    title="Raw options in connect and listen are in force from the start",
    means="""Given there they are set before the connection is made, early enough for options that count during the
    handshake, and a listener hands them on to what it accepts.""",
    source="gen_tcp:connect/4, listen/2; " + RAW,
)
def in_connect_and_listen(t: Subject) -> Term:
    option = ("raw", 6, 1, ON)
    connected, _ = joined(t, ("active", False), option)
    listener, accepted, _ = t.accepted(("active", False), option)
    return [get(t, sock, "nodelay") for sock in (connected, listener, accepted)]


@case(
    "options/raw/several",
    title="Several raw options in one list all count",
    means="""Of other options the last one in the list for connect replaces those before it; raw ones have all the same
    name and are all applied, in setopts and in connect.""",
    source="gen_tcp:connect/4; " + RAW,
)
def several(t: Subject) -> Term:
    options = (("raw", 6, 1, ON), ("raw", 1, 9, ON))
    connected, _ = joined(t, ("active", False), *options)
    later, _ = t.pair()
    done = put(t, later, *options)
    return (get(t, connected, "nodelay", "keepalive"), done, get(t, later, "nodelay", "keepalive"))
