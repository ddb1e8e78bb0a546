"""send_timeout: what it means on either backend, the rest data, and send_timeout_close."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from collections.abc import Iterator

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import MB, delivery, payload, rest_bytes, send_result
from ..subject import Subject
from ..term import Term
from ._common import buffers_full, send_past, timed

REST_DATA = "gen_tcp:send/2, RestData; gen_tcp, notes on inet_backend: non-blocking send"
HEADER = (4 * MB).to_bytes(4, "big")


@case(
    "send/rest-data/packet-4-header-counts",
    title="packet 4: what went out plus the rest is header plus payload",
    means="""When a send times out on the socket backend, {error, {timeout, RestData}} hands back what was not
    written, and with packet 1, 2 or 4 the header belongs to the stream: bytes the peer has plus the rest make header
    and payload. The rest is a list of binaries there, so do not match it as one binary. On inet the same send
    returned ok long ago and everything is delivered in time; there a timeout never has rest data and must not be
    repeated.""",
    source=REST_DATA,
    documented=True,
)
def header_counts(t: Subject) -> Term:
    sock, peer = t.stalled(("packet", 4), ("send_timeout", 200))
    frame = HEADER + payload()
    result = gen_tcp.send(sock, payload())
    got, _ = peer.take(len(frame) - len(rest_bytes(result)))
    if result == "ok":
        return (result, delivery(got, frame))
    return (send_result(result), ("prefix_plus_rest_is_header_plus_payload", got + rest_bytes(result) == frame))


def second_timeout(t: Subject, data: Term, *options: Term) -> Term:
    """A send behind another that has filled the buffers (and, on inet, the queue)."""
    sock, peer = t.stalled(("send_timeout", 200), *options)
    gen_tcp.send(sock, payload())
    buffers_full(t, peer)
    duration, result = timed(t, (200,), gen_tcp.send, sock, data)
    return (duration, send_result(result), ("rest", rest_bytes(result)))


@case(
    "send/rest-data/packet-4-nothing-written",
    title="packet 4: when not one byte went out, the rest starts with the header",
    means="""If the buffers were full from the start, the rest data on the socket backend is the whole frame, header
    included. Sending it again in packet 4 mode would put a second header around it. On inet the answer is a bare
    {error, timeout} and the data is in the queue: sending again duplicates it.""",
    source=REST_DATA,
    documented=True,
)
def packet_4_nothing_written(t: Subject) -> Term:
    return second_timeout(t, b"hello", ("packet", 4))


@case(
    "send/rest-data/packet-1-header-counts",
    title="packet 1: the rest completes the frame that was cut, header included",
    means="""With many small frames in front of a slow peer it is one of them that times out, in the middle or whole.
    On the socket backend what the peer has plus the rest is all the frames, each with its header byte. On inet the
    frame that timed out is in the queue with those before it, and the peer gets them all.""",
    source=REST_DATA,
    documented=True,
)
def packet_1_header_counts(t: Subject) -> Term:
    return frames_until_timeout(t, 1)


@case(
    "send/rest-data/packet-2-header-counts",
    title="packet 2: the rest completes the frame that was cut, header included",
    means="""As with packet 1 and 4: the two header bytes belong to the stream, so prefix plus rest is whole frames
    again. Do not work out how much of a payload was sent from the size of the rest alone.""",
    source=REST_DATA,
    documented=True,
)
def packet_2_header_counts(t: Subject) -> Term:
    return frames_until_timeout(t, 2)


def frames_until_timeout(t: Subject, header: int) -> Term:
    """The send that times out behind as many frames of the largest size as fit, and what the peer gets."""
    sock, peer = t.stalled(("packet", header), ("send_timeout", 200))
    size = (1 << 8 * header) - 1
    frames = bytearray()
    result: Term = "ok"
    for data in batched(payload(), size):
        frames += size.to_bytes(header, "big") + data
        if (result := gen_tcp.send(sock, data)) != "ok":
            break
    rest = rest_bytes(result)
    whole = bytes(frames)
    got, _ = peer.take(len(whole) - len(rest))
    if not rest:
        return (result, delivery(got, whole))
    return (("error", ("timeout", "rest_is_nonempty")), ("prefix_plus_rest_is_all_frames", got + rest == whole))


def batched(data: bytes, size: int) -> Iterator[bytes]:
    """Pieces of exactly `size` bytes."""
    return (data[start : start + size] for start in range(0, len(data) - size, size))


@case(
    "send/rest-data/packet-1-nothing-written",
    title="packet 1: when not one byte went out, the rest starts with the header byte",
    means="""The rest of five bytes is six bytes long: the length byte is part of it, in one binary. Send it in raw
    mode. On inet there is a bare {error, timeout} and the frame is queued.""",
    source=REST_DATA,
    documented=True,
)
def packet_1_nothing_written(t: Subject) -> Term:
    return framed_behind_full_buffers(t, 1)


@case(
    "send/rest-data/packet-2-nothing-written",
    title="packet 2: when not one byte went out, the rest starts with both header bytes",
    means="""Header and payload come back as one binary of seven bytes. If you keep it to send later, keep with it that
    it has its header already.""",
    source=REST_DATA,
    documented=True,
)
def packet_2_nothing_written(t: Subject) -> Term:
    return framed_behind_full_buffers(t, 2)


def framed_behind_full_buffers(t: Subject, header: int) -> Term:
    sock, peer = t.stalled(("send_timeout", 200))
    gen_tcp.send(sock, payload())
    buffers_full(t, peer)
    inet.setopts(sock, [("packet", header)])
    return timed(t, (200,), gen_tcp.send, sock, b"hello")


@case(
    "send/rest-data/raw-nothing-written",
    title="raw: an iolist comes back as one flat binary",
    means="""In raw mode the rest data on the socket backend is one binary, also when you sent an iolist, and can be
    passed to send as it is. inet gives {error, timeout} without rest data. A clause for {error, {timeout, Rest}}
    alone misses the timeout on inet; a clause for {error, timeout} alone misses it on socket.""",
    source=REST_DATA,
    documented=True,
)
def raw_nothing_written(t: Subject) -> Term:
    return second_timeout(t, [list(b"he"), b"llo"])


@case(
    "send/rest-data/recovery",
    title="Completing a torn packet: switch to raw, send the rest, switch back",
    means="""After a timeout in the middle of a packet the stream can be saved: set packet raw, send the rest data as
    it is, set packet 4 again and go on. The peer sees two intact frames. An active socket has to be made passive
    first: while packet is raw, what arrives is delivered without framing, to the owner or to whoever is in recv. On
    inet there is nothing to repair, because what timed out stays queued; the code path must simply not run there.""",
    source="gen_tcp, notes on inet_backend: non-blocking send, partially sent packets",
    documented=True,
)
def recovery(t: Subject) -> Term:
    sock, peer = t.stalled(("packet", 4), ("send_timeout", 200))
    frames = HEADER + payload() + b"\0\0\0\4next"
    first = gen_tcp.send(sock, payload())
    reader = t.spawn(peer.take, len(frames))
    inet.setopts(sock, [("send_timeout", "infinity")])
    repaired = send_rest(sock, rest_bytes(first)) if rest_bytes(first) else ("no_rest", first)
    second = gen_tcp.send(sock, b"next")
    return (repaired, second, ("peer_stream_ok", reader.outcome(5.0) == (frames, "done")))


def send_rest(sock: Term, rest: bytes) -> Term:
    inet.setopts(sock, [("packet", "raw")])
    result = gen_tcp.send(sock, rest)
    inet.setopts(sock, [("packet", 4)])
    return result


@case(
    "send/timeout/zero-stalled",
    title="send_timeout 0 and a full buffer: a timeout on the first send (socket) or the second (inet)",
    means="""With a send_timeout of 0 the socket backend writes what fits and hands the rest back at once; a small
    send may succeed right after, when the system has moved data on, and would land in the middle of the stream if you
    had not sent the rest first. inet takes the large send into its queue and refuses to wait only for the next one,
    which is queued nevertheless.""",
    source="inet:setopts/2, option send_timeout",
)
def zero_stalled(t: Subject) -> Term:
    sock, _ = t.stalled(("send_timeout", 0))
    sends = [timed(t, (100,), gen_tcp.send, sock, data) for data in (payload(), b"x")]
    return tuple((duration, send_result(result)) for duration, result in sends)


def send_then_more(sock: Term) -> Term:
    first = gen_tcp.send(sock, payload())
    return ("ok", gen_tcp.send(sock, b"x")) if first == "ok" else first


@case(
    "send/timeout-close/owner-is-told",
    title="send_timeout_close on an active socket: the owner gets tcp_closed",
    means="""send_timeout_close closes the socket when a send times out, and the owner of an active socket learns of
    it by tcp_closed, even if another process was sending. On both backends the sender gets a bare {error, timeout}:
    no rest data, because there is no stream left to complete.""",
    source="inet:setopts/2, option send_timeout_close",
)
def owner_is_told(t: Subject) -> Term:
    sock, _ = t.stalled(("send_timeout", 200), ("send_timeout_close", True))
    inet.setopts(sock, [("active", True)])
    sender = t.spawn(send_then_more, sock)
    return (sender.outcome(5.0), ("messages", t.messages(1)))


@case(
    "send/timeout-close/owner-sends",
    title="send_timeout_close when the owner itself was sending: socket tells it only by the result",
    means="""If the owner is the one whose send timed out, inet still puts tcp_closed into its mailbox and socket does
    not, as the return value has said it already. A gen_server that cleans up in handle_info(tcp_closed) only waits
    for ever on the socket backend; clean up where the send fails, and tolerate the message.""",
    source="inet:setopts/2, option send_timeout_close",
)
def owner_sends(t: Subject) -> Term:
    sock, _ = t.stalled(("send_timeout", 200), ("send_timeout_close", True))
    inet.setopts(sock, [("active", True)])
    result = send_then_more(sock)
    return (result, ("messages", t.messages(idle=0.2)), ("later_send", t.catch(gen_tcp.send, sock, b"q")))


@case(
    "send/timeout/second-sender",
    title="Two senders with a timeout: on inet the second one's clock starts late",
    means="""send_timeout bounds a call on the socket backend. On inet a sender that is held because another one waits
    already starts its clock only when that one is done, so with N senders the last may wait N times as long. If you
    compute deadlines from send_timeout, send from one process.""",
    source="inet:setopts/2, option send_timeout",
)
def second_sender(t: Subject) -> Term:
    sock, peer = t.stalled(("send_timeout", 400))
    first = t.spawn(timed, t, (400, 800), send_past, sock, payload())
    buffers_full(t, peer)
    second = t.spawn(timed, t, (400, 700), gen_tcp.send, sock, b"p2")
    results = [(duration, send_result(result)) for duration, result in (first.outcome(3.0), second.outcome(3.0))]
    return (("p1", results[0]), ("p2", results[1]))
