"""Counts of active mode: what adds up with what, at the limits and with packets that wait."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import (
    ACTIVE,
    active,
    chunk_sizes,
    close_peer,
    joined,
    message_sizes,
    owned_elsewhere,
    receive_all,
    recvs,
    set_active,
)

COUNT = ACTIVE + ", {active, N}"


@case(
    "active/n/zero",
    title="{active, 0}: a step into passive mode, except from a count, where it changes nothing",
    means="""From false, true and once 0 makes the socket passive and sends tcp_passive; added to a count of 5 it is
    nothing at all. A function "stop" that sets {active, 0} does not stop a socket that counts.""",
    source=COUNT,
)
def zero(t: Subject) -> Term:
    return [set_from(t, mode, 0) for mode in (False, True, "once", 5)]


def set_from(t: Subject, mode: Term, number: int) -> Term:
    """A fresh socket in `mode`, then the number: result, messages and what becomes of the mode."""
    sock, _ = t.pair()
    set_active(t, sock, mode)
    return (mode, set_active(t, sock, number), t.messages(), active(t, sock))


@case(
    "active/n/from-once-or-true",
    title="A count set on a socket that is active once or true starts at that count",
    means="""There is nothing to add to: once is not 1 and true is not a large number. {active, 1} on an active once
    socket that has not fired yet gives one message and not two.""",
    source=COUNT,
)
def from_once_or_true(t: Subject) -> Term:
    return [set_from(t, mode, 2) for mode in ("once", True)]


@case(
    "active/n/topped-up-in-time",
    title="Topping up before the count is used up: no tcp_passive, no gap",
    means="""3, one message, and 2 more make 4. A consumer that adds what it has consumed never sees tcp_passive and
    never stops its peer.""",
    source=COUNT,
)
def topped_up(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", 3), ("packet", 1))
    peer.send(b"\1a")
    first = t.messages(1)
    done, mode = set_active(t, sock, 2), active(t, sock)
    peer.send(b"\1b\1c\1d")
    return (first, done, mode, t.messages(3), active(t, sock))


@case(
    "active/n/packets-waiting",
    title="Five packets wait and the count is 2, then 2, then 2: two, two, one",
    means="""Each top-up delivers what waits up to the count, with a tcp_passive each time it is used up; the last one
    leaves a count of 1 and says nothing. Count data messages and tcp_passive apart.""",
    source=COUNT,
)
def packets_waiting(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1))
    peer.send(b"\1a\1b\1c\1d\1e")
    rounds = [(set_active(t, sock, 2), t.messages(1)) for _ in range(3)]
    return (rounds, active(t, sock))


@case(
    "active/n/sum-at-the-limits",
    title="Sums at both ends of 16 bits",
    means="""32767 plus -32768 is below zero: the socket goes passive. -32768 on a passive socket is legal and does the
    same. Only a sum above 32767 is an error, and the count stays what it was.""",
    source=COUNT,
)
def sum_at_the_limits(t: Subject) -> Term:
    return [sum_up(t, *numbers) for numbers in ((32767, -32768), (-32768,), (32766, 1, 1), (20000, 20000), (1, 32767))]


def sum_up(t: Subject, *numbers: int) -> Term:
    sock, _ = t.pair()
    results = [(number, set_active(t, sock, number)) for number in numbers]
    return (results, t.messages(), active(t, sock))


@case(
    "active/n/not-numbers",
    title="Counts that are no counts are einval and leave the mode alone",
    means="""A float, an atom, a string: setopts answers with an error instead of an exception, and the socket keeps its
    count. An arithmetic slip (a division that gives 2.0) is silent if nobody looks at the result of setopts.""",
    source=COUNT,
)
def not_numbers(t: Subject) -> Term:
    sock, _ = t.pair()
    set_active(t, sock, 5)
    return [(value, set_active(t, sock, value), active(t, sock)) for value in (2.0, "twice", b"2", [1], 1 << 40)]


@case(
    "active/n/twice-in-one-call",
    title="Two modes in one setopts: inet applies them from the end of the list, socket from its start",
    means="""Two counts add up on both, but with once, false or a negative number the order decides, and the backends
    disagree: [{active, once}, {active, 3}] is once on inet and 3 on socket. A list that is put together from parts must
    have the option once.""",
    source="inet:setopts/2; " + COUNT,
)
def twice_in_one_call(t: Subject) -> Term:
    return [set_list(t, *modes) for modes in ((2, 3), (2, -2), ("once", 3), (3, "once"), (3, False))]


def set_list(t: Subject, *modes: Term) -> Term:
    sock, _ = t.pair()
    done = inet.setopts(sock, [("active", mode) for mode in modes])
    return (modes, done, t.messages(), active(t, sock))


@case(
    "active/n/recv-refused",
    title="recv on a socket that counts is einval at once",
    means="""As long as there is a count, data comes by message and recv is refused without waiting. After tcp_passive
    recv works.""",
    source="gen_tcp:recv/3; " + COUNT,
)
def recv_refused(t: Subject) -> Term:
    sock, _ = joined(t, "binary", ("active", 2))
    return t.timed(gen_tcp.recv, sock, 0, 200)


@case(
    "active/n/recv-after-the-count",
    title="Used up, then recv, then counted again",
    means="""The modes can be mixed on one stream: two messages, one recv, one message, in the order in which the peer
    sent them.""",
    source="gen_tcp:recv/3; " + COUNT,
)
def recv_after_the_count(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1))
    peer.send(b"\1a\1b\1c\1d\1e")
    counted = (set_active(t, sock, 2), t.messages(3))
    received = receive_all(t, sock, 1)
    again = (set_active(t, sock, 1), t.messages(2))
    return (counted, received, again, receive_all(t, sock, 2))


@case(
    "active/n/raw-messages",
    title="10000 bytes in raw mode and {active, 2}: what counts is the message, and a message is a buffer",
    means="""In raw mode a count limits messages and not bytes, and how much is in one depends on backend and release:
    9216 or 8192 bytes at most here, 1460 on inet before OTP 29. If you want to bound memory, compute with buffer.""",
    source=COUNT + "; option buffer",
)
def raw_messages(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(bytes(10000))
    set_active(t, sock, 2)
    sizes = message_sizes(t.messages(3))
    return (sizes, chunk_sizes(t, sock))


@case(
    "active/once/raw-message",
    title="5000 bytes wait, active once: one message with all of it",
    means="""A buffer is large enough for 5000 bytes on both backends of this release. On inet before OTP 29 the buffer
    had 1460 bytes, and code that took the first message for everything has always been wrong there.""",
    source=ACTIVE + "; option buffer",
)
def once_raw_message(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(bytes(5000))
    set_active(t, sock, "once")
    sizes = message_sizes(t.messages(1))
    return (sizes, chunk_sizes(t, sock))


@case(
    "active/n/bytes-then-end",
    title="A count that is used up by the last bytes hides the end of file",
    means="""Raw data and the close come together, and {active, 1} is used up by the data: no tcp_closed. recv finds it,
    and so does the next setopts of active.""",
    source=COUNT,
)
def bytes_then_end(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"bye")
    close_peer(peer)
    return (set_active(t, sock, 1), t.messages(2), recvs(t, sock, (0, 500)), t.messages())


@case(
    "active/once/alternating-with-recv",
    title="active once and recv in turn on raw data",
    means="""recv(S, N) takes exactly what it wants, active once the rest that is there. A proxy can read a header by
    recv and then wait for whatever comes by message, and lose nothing.""",
    source=ACTIVE + "; gen_tcp:recv/3",
)
def alternating(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"HEADbody")
    head = recvs(t, sock, (4, 500))
    body = (set_active(t, sock, "once"), t.messages(1))
    peer.send(b"TAIL")
    return (head, body, recvs(t, sock, (2, 500), (0, 500)))


@case(
    "active/end/owner-lives-on",
    title="tcp_closed is a message: the owner is not killed by its socket",
    means="""The socket of an owner that does not trap exits may go without taking the owner along, on both backends.
    Cleaning up is up to the clause for tcp_closed.""",
    source="gen_tcp, socket ownership; " + ACTIVE,
)
def owner_lives_on(t: Subject) -> Term:
    owner, _, peer = owned_elsewhere(t, "binary", ("active", True))
    peer.close()
    messages = owner.call(t.messages, 1)
    return ("owner_alive" if owner.process.alive else "owner_dead", ("owner_messages", messages))


@case(
    "active/error/owner-lives-on",
    title="An oversized packet does not kill the owner either",
    means="""tcp_error is followed by tcp_closed on inet, where the connection is over, and by nothing on socket, where
    it is open and silent. Close the socket in the clause for tcp_error, then both are the same.""",
    source="inet:setopts/2, options packet_size and active",
    contradicts="""That tcp_closed follows every tcp_error, as usual with any socket error. On socket it does not follow
    emsgsize.""",
)
def owner_survives_error(t: Subject) -> Term:
    owner, _, peer = owned_elsewhere(t, "binary", ("active", True), ("packet", 4), ("packet_size", 10))
    peer.send((100).to_bytes(4, "big") + bytes(100))
    messages = owner.call(t.messages, 1)
    return ("owner_alive" if owner.process.alive else "owner_dead", ("owner_messages", messages))


@case(
    "active/close/inet-close",
    title="inet:close closes an active socket without a message, like gen_tcp:close",
    means="""Who closes a socket gets no tcp_closed for it, whichever of the two functions it was. The peer sees the
    end.""",
    source="inet:close/1; gen_tcp:close/1",
)
def inet_close(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", True))
    return (inet.close(sock), t.messages(), peer.recv(5.0))
