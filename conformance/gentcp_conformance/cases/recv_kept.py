"""Bytes that a recv has left behind, lengths and timeouts at their limits, and the mailbox."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import close_peer, receive_all, recvs, start, timed

RECV = "gen_tcp:recv/3"


@case(
    "recv/timeout/zero-without-data",
    title="Timeout 0 without data: timeout at once, with and without a length",
    means="""A poll costs nothing and breaks nothing, however often it is made: no operation is left behind that a later
    recv could collide with, and no message comes afterwards.""",
    source=RECV,
)
def zero_without_data(t: Subject) -> Term:
    sock, _ = t.pair()
    return [timed(t, (200,), gen_tcp.recv, sock, length, 0) for length in (0, 5)]


@case(
    "recv/timeout/beyond-32-bits",
    title="A timeout of 2^32 ms is no timeout at all on inet: it is over at once",
    means="""inet takes the number modulo 2^32, so 4294967296 is 0 and 4294967396 is a tenth of a second. A "practically
    endless" timeout computed from days may be very short; use infinity.""",
    source=RECV + ", Timeout",
)
def beyond_32_bits(t: Subject) -> Term:
    timeouts = (2147483647, 2147483648, 4294967295, 4294967296, 4294967396)
    receivers = [start(t, gen_tcp.recv, t.pair()[0], 0, timeout) for timeout in timeouts]
    return [(timeout, receiver.outcome(0.3)) for timeout, receiver in zip(timeouts, receivers, strict=True)]


@case(
    "recv/end/kept-bytes-by-length",
    title="Bytes that a timed out recv has left, fetched by their number after the end of file",
    means="""recv(S, 10) timed out with three bytes, the peer closes, and recv(S, 3) returns the three, then closed. (On
    OTP 27 socket returned seven bytes after them that the peer had never sent: memory that was not its own. If you run
    that release, upgrade.)""",
    source=RECV,
)
def kept_bytes_by_length(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abc")
    first = gen_tcp.recv(sock, 10, 100)
    close_peer(peer)
    return (first, [foreign(result) for result in recvs(t, sock, (3, 100), (0, 100), (0, 100))])


def foreign(result: Term) -> Term:
    """A result; bytes that were never sent by their number."""
    match result:
        case ("ok", bytes() as data) if data != b"abc"[: len(data)]:
            return ("ok", ("bytes_the_peer_never_sent", len(data)))
        case _:
            return result


@case(
    "recv/end/kept-bytes-variants",
    title="The same with other lengths: what was kept, then closed, and nothing that was never sent",
    means="""However much was asked for and however little had come, the bytes are handed out once and exactly. What
    follows is closed, then the error by which the backends differ.""",
    source=RECV,
)
def kept_bytes_variants(t: Subject) -> Term:
    return [((length, kept), *keep_and_end(t, length, kept)) for length, kept in ((10, 3), (100, 1), (5, 4))]


def keep_and_end(t: Subject, length: int, kept: int) -> tuple[Term, list[Term]]:
    sock, peer = t.pair()
    data = b"kept"[:kept]
    peer.send(data)
    first = gen_tcp.recv(sock, length, 30)
    close_peer(peer)
    results = recvs(t, sock, (kept, 50), (0, 50), (0, 50))
    return (first, [named(result, data) for result in results])


def named(result: Term, data: bytes) -> Term:
    match result:
        case ("ok", bytes() as got):
            return ("ok", "the_k_bytes" if got == data else ("bytes_the_peer_never_sent", len(got)))
        case _:
            return result


@case(
    "recv/end/timeout-without-bytes",
    title="A recv that timed out with nothing, then the end of file",
    means="""Nothing was kept and nothing comes: closed, then enotconn on inet and einval on socket. The timeout before
    it has no say in what the end looks like.""",
    source=RECV,
)
def timeout_without_bytes(t: Subject) -> Term:
    sock, peer = t.pair()
    first = gen_tcp.recv(sock, 10, 30)
    close_peer(peer)
    return (first, receive_all(t, sock, 2))


@case(
    "recv/mode/list",
    title="List mode: bytes as numbers, in raw mode too",
    means="""Bytes above 127 are numbers like the others and no characters: a list is not a Unicode string. With a
    length the list has exactly that many elements.""",
    source="gen_tcp:recv/3; inet:setopts/2, option mode",
)
def list_mode(t: Subject) -> Term:
    sock, peer = t.pair("list")
    peer.send(b"hello"[:3] + b"\x80\xff")
    return recvs(t, sock, (3, 500), (0, 500))


@case(
    "recv/mode/mailbox-stays-empty",
    title="A passive socket leaves nothing in the mailbox, timeouts and end included",
    means="""recv works by messages inside, and none of them stays behind, whatever its result. A process may use recv
    in the middle of its own protocol of messages.""",
    source=RECV,
)
def mailbox_stays_empty(t: Subject) -> Term:
    sock, peer = t.pair()
    timed_out = gen_tcp.recv(sock, 0, 50)
    peer.send(b"a")
    received = gen_tcp.recv(sock, 0, 500)
    close_peer(peer)
    return (timed_out, received, gen_tcp.recv(sock, 0, 500), t.messages())


@case(
    "recv/timeout/grows-with-each",
    title="Lengths of 4 over bytes that drip in: each timeout keeps what there is",
    means="""Two bytes, timeout, one more, timeout, one more: the third call gets the four. Retrying after a timeout is
    safe as long as you ask for the same length.""",
    source=RECV,
)
def drips(t: Subject) -> Term:
    sock, peer = t.pair()
    results: list[Term] = []
    for data in (b"ab", b"c", b"d"):
        peer.send(data)
        results.append(gen_tcp.recv(sock, 4, 50))
    return results


@case(
    "recv/timeout/then-longer",
    title="After a timeout a longer length waits for more, with the kept bytes in front",
    means="""What a call has left counts for the next one whatever its length: the three bytes are the first of the six.
    There is one stream and one place in it, and changing one's mind about a length never loses that place.""",
    source=RECV,
)
def then_longer(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abc")
    first = gen_tcp.recv(sock, 4, 50)
    peer.send(b"defgh")
    return (first, recvs(t, sock, (6, 200), (0, 200)))


@case(
    "recv/timeout/then-packets",
    title="After a timeout in raw mode the kept bytes can be read as packets",
    means="""The bytes of a length that did not come together are cut as packets as soon as the type says so. A peer
    that turns out to speak another protocol can be read from its first byte again.""",
    source=RECV + "; inet:setopts/2, option packet",
)
def then_packets(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"\1a\1b")
    first = gen_tcp.recv(sock, 10, 50)
    done = inet.setopts(sock, [("packet", 1)])
    return (first, done, receive_all(t, sock, 3))


@case(
    "recv/length/below-what-is-there",
    title="Small lengths over a large buffer: each call takes its part",
    means="""Reading byte by byte works and costs no system call a byte, since what has come is in the buffer. recv(S,
    0) takes what the lengths have left.""",
    source=RECV,
)
def below_what_is_there(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abcdef")
    return recvs(t, sock, (1, 500), (2, 500), (1, 500), (0, 500), (1, 50))


@case(
    "recv/length/larger-than-buffer",
    title="A length larger than the option buffer is no problem",
    means="""{buffer, 100} limits what recv(S, 0) returns, not a recv with a length: 5000 bytes come in one binary.
    Bound your lengths, since buffer does not.""",
    source=RECV + ", Length; inet:setopts/2, option buffer",
    contradicts="That buffer is the most that a single call of recv can return. It is for recv(S, 0) only.",
)
def larger_than_buffer(t: Subject) -> Term:
    sock, peer = t.pair(("buffer", 100))
    peer.send(bytes(5200))
    return [len(gen_tcp.recv(sock, length, 500)[1]) for length in (5000, 0, 0)]


@case(
    "recv/concurrent/third-process",
    title="One process waits in recv, another closes, a third calls recv",
    means="""The waiting call is released with closed; a call that comes after the close is refused by the backend's own
    error. A pool of readers must treat both as the end.""",
    source=RECV + "; gen_tcp:close/1",
)
def third_process(t: Subject) -> Term:
    sock, _ = t.pair()
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    closed = t.spawn(gen_tcp.close, sock).outcome(5.0)
    return (closed, receiver.outcome(5.0), t.catch(gen_tcp.recv, sock, 0, 100))


TORN: tuple[tuple[Term, bytes], ...] = (
    (2, b"\0"), (4, b"\0\0\0\5ab"), ("line", b"ab"), ("http", b"GET / HTTP/1"), ("asn1", b"\x30\x05a"),
)  # fmt: skip


@case(
    "recv/timeout/zero-torn",
    title="recv with timeout 0 finds a part of a packet and the end behind it: closed at once",
    means="""A recv that has no time reads as long as something comes, so it gets past the torn packet to the end of the
    stream, and says closed rather than timeout. Without the end it is a timeout, and the part is kept.""",
    source=RECV,
)
def zero_torn(t: Subject) -> Term:
    return [(packet, data, [torn(t, packet, data, end) for end in (False, True)]) for packet, data in TORN]


def torn(t: Subject, packet: Term, data: bytes, end: bool) -> Term:
    sock, peer = t.pair(("packet", packet))
    peer.send(data)
    if end:
        close_peer(peer)
    return recvs(t, sock, (0, 0), (0, 0))


@case(
    "recv/timeout/zero-longer-than-buffer",
    title="Fewer bytes than wanted, the end, and no time: whether socket finds the end depends on the length",
    means="""inet says timeout, and closed the next time. socket of OTP 29 goes on to the end where the option buffer
    holds what is wanted, and throws the bytes away; it asks for more than that just once, says timeout, and recv(S, 0)
    has the bytes then, which is what older releases do for every length. So do not ask for the last record of a
    stream by a length that it may not have.""",
    source=RECV + "; inet:setopts/2, option buffer",
)
def zero_longer_than_buffer(t: Subject) -> Term:
    return [(length, ending_early(t, length)) for length in (10, 8191, 8192, 100_000)]


def ending_early(t: Subject, length: int) -> Term:
    sock, peer = t.pair(("buffer", 8192))
    peer.send(b"abc")
    close_peer(peer)
    return recvs(t, sock, (length, 0), (0, 0))
