"""send: what a timeout leaves behind with each packet type, and the order of what is queued."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import delivery, payload, rest_bytes, send_result
from ..subject import Subject
from ..term import Term
from ._common import ACTIVE, buffers_full, joined, timed

REST_DATA = "gen_tcp:send/2, RestData; gen_tcp, notes on inet_backend: non-blocking send"
TIMEOUT = "inet:setopts/2, option send_timeout"
WAITS = (200,)


@case(
    "send/delay-send/in-order",
    title="delay_send keeps the order and reads back as it was set",
    means="""Both sends return at once and their data goes out together. The option changes when data is written and
    nothing else; socket takes it and has no use for it.""",
    source="inet:setopts/2, option delay_send",
)
def delay_send(t: Subject) -> Term:
    sock, peer = t.pair(("delay_send", True))
    sent = [gen_tcp.send(sock, b"abc"), gen_tcp.send(sock, b"def")]
    return (sent, peer.take(7, 0.5), inet.getopts(sock, ["delay_send"]))


@case(
    "send/timeout/still-delivered",
    title="What timed out is delivered later on inet; on socket it was never sent",
    means="""The dangerous one: {error, timeout} on inet does not mean that the data was not sent. It is in the queue
    and arrives as soon as the peer reads, in front of what you send next. A retry makes it arrive twice. On socket the
    rest data is what did not go out, and a retry is right.""",
    source=TIMEOUT + "; gen_tcp, notes on inet_backend: non-blocking send",
    documented=True,
    contradicts="""That after a timeout it is unknown how much was sent. On inet all of it will be, and on socket the
    rest data says to the byte what was not.""",
)
def still_delivered(t: Subject) -> Term:
    sock, peer = t.stalled(("send_timeout", 200))
    first = gen_tcp.send(sock, payload())
    buffers_full(t, peer)
    second = gen_tcp.send(sock, b"second")
    inet.setopts(sock, [("send_timeout", "infinity")])
    reader = t.spawn(peer.drain, 1.0)
    third = gen_tcp.send(sock, b"third")
    got, _ = reader.outcome(10.0)
    whole = payload()[: len(payload()) - len(rest_bytes(first))]
    tail = b"third" if rest_bytes(second) else b"secondthird"
    return ([send_result(result) for result in (first, second, third)], ("data", delivery(got, whole + tail)))


@case(
    "send/timeout/each-adds",
    title="Three timeouts on inet: all three are in the queue; on socket none is",
    means="""A loop that repeats a send until it succeeds makes inet's queue longer by each attempt, beyond the high
    watermark and without a limit. On socket the repeated send is the right one.""",
    source=TIMEOUT,
)
def each_adds(t: Subject) -> Term:
    sock, peer = t.stalled(("send_timeout", 100))
    first = gen_tcp.send(sock, payload())
    buffers_full(t, peer)
    attempts = [send_result(gen_tcp.send(sock, b"again")) for _ in range(3)]
    got, _ = peer.drain(0.5)
    tail = got[len(payload()) - len(rest_bytes(first)) :]
    return (attempts, ("behind_the_first", tail))


@case(
    "send/rest-data/line-nothing-written",
    title="line: the rest is one binary, the data as it was",
    means="""Types that have no header are like raw: one flat binary, also of an iolist, without anything added. Send it
    as it is once the peer reads again; on inet there is a bare {error, timeout} and the line is in the queue.""",
    source=REST_DATA,
    documented=True,
)
def line_nothing_written(t: Subject) -> Term:
    sock, peer = t.stalled(("send_timeout", 200))
    gen_tcp.send(sock, payload())
    buffers_full(t, peer)
    inet.setopts(sock, [("packet", "line")])
    return timed(t, WAITS, gen_tcp.send, sock, [b"hel", list(b"lo\n")])


@case(
    "send/rest-data/raw-prefix",
    title="raw: what the peer has and the rest are the payload",
    means="""Prefix and rest meet at the byte, with nothing lost or doubled in between, so a transfer can go on where it
    stopped: read off how much was written from the size of the rest.""",
    source=REST_DATA,
    documented=True,
)
def raw_prefix(t: Subject) -> Term:
    return rest_of(t, "raw")


@case(
    "send/rest-data/line-prefix",
    title="line: the same, and no newline is added",
    means="""The rest of a text without newlines is a text without newlines. Adding one to the rest puts it in the
    middle of what the peer reads as a line.""",
    source=REST_DATA,
    documented=True,
)
def line_prefix(t: Subject) -> Term:
    return rest_of(t, "line")


def rest_of(t: Subject, kind: str) -> Term:
    """Send 4 MB to a peer that does not read: the result, and how prefix and rest go together."""
    sock, peer = t.stalled(("packet", kind), ("send_timeout", 200))
    result = gen_tcp.send(sock, payload())
    rest = rest_bytes(result)
    got, _ = peer.take(len(payload()) - len(rest))
    return (send_result(result), ("prefix_plus_rest_is_payload", got + rest == payload()))


@case(
    "send/timeout-close/passive",
    title="send_timeout_close on a passive socket: the error, then closed everywhere",
    means="""A passive socket has no messages to tell of the close; the next calls do. The peer sees the end at once,
    with what had been written before it.""",
    source="inet:setopts/2, option send_timeout_close",
)
def timeout_close_passive(t: Subject) -> Term:
    sock, peer = t.stalled(("send_timeout", 200), ("send_timeout_close", True))
    first = gen_tcp.send(sock, payload())
    second = gen_tcp.send(sock, b"x") if first == "ok" else first
    later = (t.catch(gen_tcp.send, sock, b"y"), t.catch(gen_tcp.recv, sock, 0, 100))
    got, end = peer.drain(2.0)
    return (second, later, ("is_prefix", payload().startswith(got)), end)


@case(
    "send/timeout/set-in-between",
    title="send_timeout applies from the next send",
    means="""Each send looks at the option when it begins. A deadline for one message is set in front of it and taken
    back after it, and costs two calls. The first sender here began without one and is not touched.""",
    source=TIMEOUT,
    documented=True,
)
def set_in_between(t: Subject) -> Term:
    sock, peer = t.stalled()
    sender = t.spawn(t.catch, gen_tcp.send, sock, payload())
    buffers_full(t, peer)
    done = inet.setopts(sock, [("send_timeout", 200)])
    bounded = timed(t, WAITS, gen_tcp.send, sock, b"x")
    return (done, (bounded[0], send_result(bounded[1])), sender.outcome(0.1))


@case(
    "send/active/while-receiving",
    title="Sending and active mode do not get in each other's way",
    means="""Messages come in while the same process sends, also while a large send is on its way. The owner finds them
    in its mailbox afterwards, in order.""",
    source="gen_tcp:send/2; " + ACTIVE,
)
def while_receiving(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", True), ("packet", 1))
    reader = t.spawn(peer.take, len(payload(1 << 20)) + 4 * 2)
    peer.send(b"\1a\1b")
    results = [gen_tcp.send(sock, b"x" * 255) for _ in range(3)]
    peer.send(b"\1c", delivered=False)
    return (results, [message[2] for message in t.messages(3)], reader.outcome(0.1))


@case(
    "send/data/large-iolist",
    title="A list of ten thousand pieces is sent as one stream, with one header",
    means="""Build messages as iolists and let send put them together: it is one packet, however many pieces there are,
    and their limits show nowhere.""",
    source="gen_tcp:send/2; inet:setopts/2, option packet",
)
def large_iolist(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    result = gen_tcp.send(sock, [[b"ab", [99]] for _ in range(10000)])
    return (result, peer.recv_exact(30004) == (30000).to_bytes(4, "big") + b"abc" * 10000)


@case(
    "send/data/not-iodata",
    title="Data that cannot be sent leaves no trace on the wire",
    means="""An atom in the middle of an iolist is refused before a byte goes out, with einval on inet and an exception
    on socket, and the connection is as good as before.""",
    source="gen_tcp:send/2",
)
def not_iodata(t: Subject) -> Term:
    return [(kind, [refused(t, kind, data) for data in ([b"ab", "foo"], [256], "foo")]) for kind in ("raw", 4)]


def refused(t: Subject, kind: Term, data: Term) -> Term:
    sock, peer = t.pair(("packet", kind))
    return (t.catch(gen_tcp.send, sock, data), gen_tcp.send(sock, b"x"), peer.recv())


@case(
    "send/delay-send/queue-at-once",
    title="delay_send and getstat send_pend: when the queue is empty again",
    means="""The data is queued, and written as soon as the driver is called again, which is before another call of the
    same process gets its answer. So send_pend says 0, and delay_send cannot be seen by it. It only joins what is sent
    within one turn.""",
    source="inet:setopts/2, option delay_send; inet:getstat/2, send_pend",
)
def queue_at_once(t: Subject) -> Term:
    sock, peer = t.pair(("delay_send", True))
    looks = [(gen_tcp.send(sock, b"a"), inet.getstat(sock, ["send_pend", "send_oct"])) for _ in range(3)]
    return (looks, peer.take(3, 0.5))
