"""Lists of options: their order, duplicates, and what getopts leaves out."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import joined, recvs
from ._options import GETOPTS, SETOPTS, get, put


@case(
    "options/order/as-asked",
    title="getopts answers in the order of the question, duplicates included",
    means="""On both backends the list comes back as you wrote the names. Still match by name, with
    proplists:get_value or lists:keyfind: what is not supported is left out, and the rest moves up.""",
    source=GETOPTS,
)
def as_asked(t: Subject) -> Term:
    return get(t, t.pair()[0], "mode", "active", "mode", "packet")


@case(
    "options/order/left-out",
    title="What a backend does not have is missing from the answer",
    means="""Five names, five values on inet and two on socket: a match on a list of fixed length is a match on the
    backend. OTP 25 does not know exclusiveaddruse, and there the whole call fails on both.""",
    source=GETOPTS,
)
def left_out(t: Subject) -> Term:
    return get(t, t.pair()[0], "mode", "exclusiveaddruse", "nodelay", "high_watermark", "low_msgq_watermark")


@case(
    "options/order/empty",
    title="Empty lists are fine",
    means="""Setting nothing is ok and asking for nothing gives {ok, []}, on a connection and on a listener, so code
    that builds its lists needs no special case.""",
    source=SETOPTS + "; " + GETOPTS,
)
def empty(t: Subject) -> Term:
    sockets = (t.pair()[0], t.listen())
    return [(put(t, sock), get(t, sock)) for sock in sockets]


@case(
    "options/order/binary-and-list",
    title="[binary, list] in setopts: binary stays on inet, list on socket",
    means="""The bare atoms are options like any other, and inet applies a setopts list from its end, so the first one
    wins there. In connect the last one wins on both. Say {mode, binary} once.""",
    source=SETOPTS + "; gen_tcp:connect/4",
)
def binary_and_list(t: Subject) -> Term:
    sock, _ = joined(t, ("active", False), "binary", "list")
    connected = get(t, sock, "mode")
    return (connected, put(t, sock, "binary", "list"), get(t, sock, "mode"))


@case(
    "options/order/active-before-packet",
    title="active and packet in one list: data that waits is framed by the new packet type",
    means="""With bytes already there, [{active, true}, {packet, 1}] delivers packets and not raw data, on both
    backends and in both orders. A list takes effect as a whole, so a switch from a handshake in raw mode to framed
    messages can be made in one call, and should be.""",
    source=SETOPTS + ", options active and packet",
)
def active_before_packet(t: Subject) -> Term:
    options = [("active", True), ("packet", 1)]
    return [messages_after(t, *each) for each in (options, options[::-1])]


def messages_after(t: Subject, *options: Term) -> list[Term]:
    sock, peer = t.pair()
    peer.send(b"hello\1a\2bc")
    greeting = recvs(t, sock, (5, 500))
    return [*greeting, put(t, sock, *options), *t.messages(2)]


@case(
    "options/order/high-before-low",
    title="[{high_watermark, 100}, {low_watermark, 200}]: the first in the list wins on inet",
    means="""The two drag each other along, and inet works from the end of the list: low is set first and high then
    pulls it down. Written the other way round both end at 200. socket ignores both.""",
    source=SETOPTS + ", options high_watermark and low_watermark",
)
def high_before_low(t: Subject) -> Term:
    high, low = ("high_watermark", 100), ("low_watermark", 200)
    return [crossed(t, *options) for options in ((high, low), (low, high))]


def crossed(t: Subject, *options: Term) -> Term:
    sock, _ = t.pair()
    return (put(t, sock, *options), get(t, sock, "high_watermark", "low_watermark"))
