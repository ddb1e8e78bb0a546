"""Sizes of buffers and queues: buffer, recbuf, sndbuf and the watermarks."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import socket

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import joined
from ._options import get, put, put_and_get, set_on_fresh, tried

BUFFER = "inet:setopts/2, option buffer"
RECBUF = "inet:setopts/2, options recbuf and sndbuf"
WATERMARKS = "inet:setopts/2, options high_watermark and low_watermark"


@case(
    "options/buffer/zero",
    title="buffer 0 becomes 1 on inet and is refused on socket",
    means="""inet takes the smallest buffer there is, and each byte is then a recv or a message of its own; socket says
    einval and keeps what it had. A size computed from configuration should be checked before it gets here.""",
    source=BUFFER,
)
def zero(t: Subject) -> Term:
    return set_on_fresh(t, "buffer", 0)


@case(
    "options/buffer/count-and-size",
    title="buffer as {Count, Size}: only on socket",
    means="""The socket backend also takes a pair, as the option {otp, rcvbuf} of the module socket does: how many reads
    in a row, and how large each. It reads back as the pair, so code that computes with the value of buffer must expect
    a tuple. inet refuses it.""",
    source="inet:setopts/2, option buffer; socket, option {otp, rcvbuf}",
)
def count_and_size(t: Subject) -> Term:
    return set_on_fresh(t, "buffer", (3, 1000))


@case(
    "options/buffer/small-recbuf",
    title="recbuf and sndbuf of 5000 bytes: doubled by Linux, and buffer stays",
    means="""Linux gives twice the kernel buffer you ask for and says so when asked. buffer is left alone on both
    backends; before OTP 29 inet took it along to 5000, as its default was smaller. Read sizes back instead of assuming
    them, as the manual recommends.""",
    source=RECBUF,
)
def small_recbuf(t: Subject) -> Term:
    sock, _ = joined(t, ("recbuf", 5000), ("sndbuf", 5000), ("active", False))
    return get(t, sock, "recbuf", "sndbuf", "buffer")


@case(
    "options/buffer/recbuf-later",
    title="setopts with recbuf: raises buffer on inet, on socket only behind buffer in the same list",
    means="""On inet a larger recbuf takes a buffer along that was not set, and never changes one that was. On socket
    it leaves buffer alone, unless buffer stands in front of it in the same list: then that is overwritten, even with
    less. Give buffer behind recbuf, and both have what you mean.""",
    source="inet:setopts/2, options buffer and recbuf",
    contradicts="buffer is automatically set to the size of recbuf when recbuf is set, if that is larger.",
)
def recbuf_later(t: Subject) -> Term:
    buffer, recbuf = ("buffer", 3000), ("recbuf", 50000)
    calls: tuple[list[list[Term]], ...] = (
        [[recbuf]], [[buffer], [recbuf]], [[buffer, recbuf]], [[recbuf, buffer]], [[("buffer", 60000), recbuf]],
    )  # fmt: skip
    return [(each, buffer_after(t, *each)) for each in calls]


def buffer_after(t: Subject, *calls: list[Term]) -> Term:
    """Size of buffer after these calls of setopts."""
    sock, _ = t.pair()
    for options in calls:
        put(t, sock, *options)
    return get(t, sock, "buffer")


@case(
    "options/buffer/of-accepted-sockets",
    title="recbuf on a listener: does the accepted socket's buffer follow",
    means="""A listener with a larger recbuf hands the larger buffer on to what it accepts on inet, as it would for
    itself; on socket buffer stays at its default. So the same listen options give messages of up to 50000 bytes on
    one backend and of up to 8192 on the other.""",
    source="gen_tcp:listen/2; inet:setopts/2, options buffer and recbuf",
)
def of_accepted_sockets(t: Subject) -> Term:
    listener, sock, _ = t.accepted(("active", False), ("recbuf", 50000))
    return (get(t, listener, "buffer"), get(t, sock, "buffer"))


@case(
    "options/recbuf/as-the-system-has-it",
    title="recbuf and sndbuf go to the system as they are, however small",
    means="""Neither backend has limits of its own: what you read back after asking for 1 byte is the system's minimum,
    and after asking for 20000 what it makes of that. So a size too small is not an error on either backend, and
    there is no way to know the real one but getopts.""",
    source=RECBUF,
)
def as_the_system_has_it(t: Subject) -> Term:
    numbers = (("recbuf", socket.SO_RCVBUF), ("sndbuf", socket.SO_SNDBUF))
    return [(name, size, like_raw(t, name, number, size)) for name, number in numbers for size in (1, 20000)]


def like_raw(t: Subject, name: str, number: int, size: int) -> Term:
    sock, peer = t.pair()
    peer.raw.setsockopt(socket.SOL_SOCKET, number, size)
    usual = peer.raw.getsockopt(socket.SOL_SOCKET, number)
    match put_and_get(t, sock, name, size):
        case (done, ("ok", [(_, found)])) if found == usual:
            return (done, "as_a_raw_socket")
        case other:
            return other


@case(
    "options/watermark/high",
    title="high_watermark is kept on inet, accepted and forgotten on socket",
    means="""socket answers ok to a limit that it does not have. Code that bounds its memory with high_watermark, and
    checks that setting it has worked, is told that all is well: read it back, an empty list says that there is no
    such limit.""",
    source=WATERMARKS,
)
def high(t: Subject) -> Term:
    return set_on_fresh(t, "high_watermark", 100)


@case(
    "options/watermark/low",
    title="low_watermark 100: kept on inet, forgotten on socket, and a hang on OTP 25's socket",
    means="""OTP 25's socket backend makes SO_RCVLOWAT of it, and then recv waits until 100 bytes have come instead of
    1. Later releases ignore the option. Options for inet's queue belong into a list that only inet gets.""",
    source=WATERMARKS,
)
def low(t: Subject) -> Term:
    return set_on_fresh(t, "low_watermark", 100)


@case(
    "options/watermark/drag-each-other",
    title="Each watermark takes the other along when they would cross",
    means="""On inet a high_watermark below the low one pulls that down with it, and a low_watermark above the high
    one pushes that up. The order of two options in a list may so decide what both are in the end; set them so that
    they never cross.""",
    source=WATERMARKS,
)
def drag_each_other(t: Subject) -> Term:
    pairs = ((("high_watermark", 100),), (("low_watermark", 20000),), (("high_watermark", 1), ("low_watermark", 9)))
    return [(list(options), watermarks_after(t, *options)) for options in pairs]


def watermarks_after(t: Subject, *options: Term) -> Term:
    sock, _ = t.pair()
    done = put(t, sock, *options)
    return (done, get(t, sock, "high_watermark", "low_watermark"))


@case(
    "options/watermark/odd-values",
    title="high_watermark -1 is 0 on inet, not infinity; an atom is einval there and ok on socket",
    means="""inet checks that it is an integer and takes what is negative for 0, with which every sender blocks that
    finds something in the queue. socket does not even look at the value. For no limit on inet give a large
    number.""",
    source=WATERMARKS,
)
def odd_values(t: Subject) -> Term:
    return tried(t, "high_watermark", 0, -1, "foo")


@case(
    "options/watermark/message-queue",
    title="high_msgq_watermark: kept on inet, where 0 is refused; ok and forgotten on socket",
    means="""The limit of the queue in front of the driver must be at least 1, and that is checked on inet only. As
    with the other watermarks an ok from socket does not mean that there is such a thing.""",
    source="inet:setopts/2, option high_msgq_watermark",
)
def message_queue(t: Subject) -> Term:
    return tried(t, "high_msgq_watermark", 16384, 0)


@case(
    "options/buffer/made-before",
    title="A smaller buffer on an active socket: the first message may still be a large one",
    means="""On inet setopts of active once or of a number reads at once, and for that makes a buffer of the size that
    was set then; a socket that goes on to active true keeps it for its first message. The size that you set counts
    from the next one. Set buffer before active.""",
    source=BUFFER + "; inet:setopts/2, option active",
)
def made_before(t: Subject) -> Term:
    found: list[Term] = []
    for modes in ((True,), (3,), (3, True), (3, False, True), ("once", True)):
        sock, peer = joined(t, ("active", False), "binary")
        for option in (*(("active", mode) for mode in modes), ("buffer", 2)):
            put(t, sock, option)
        peer.send(b"abcd")
        found.append((modes, [message[0::2] for message in t.messages(idle=0.15)]))
    return found
