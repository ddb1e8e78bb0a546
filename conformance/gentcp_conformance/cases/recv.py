"""Passive receive: lengths, timeouts, several receivers."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import MB, payload
from ..subject import Subject
from ..term import Term
from ._common import active, chunk_sizes, joined, receive_all, recvs, start, timed


@case(
    "recv/chunks/default",
    title="recv(S, 0) gives at most a buffer: 9216 bytes on inet, 8192 on socket",
    means="""Length 0 means "what is there", but never more than the buffer option, whose default differs: 10000
    waiting bytes come in pieces of 9216 and 784, or 8192 and 1808. Never take one recv for one message of the peer;
    loop, ask for a length, or use a packet type. Set buffer if you want the same sizes on both.""",
    source="gen_tcp:recv/2, Length 0; inet:setopts/2, option buffer",
    contradicts="That a Length of 0 returns all available bytes. It returns no more than a buffer.",
)
def chunks_default(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(payload(10000))
    return chunk_sizes(t, sock)


@case(
    "recv/chunks/buffer-100",
    title="With {buffer, 100} both hand out pieces of 100 bytes",
    means="""An explicit buffer takes the difference in default sizes away. The option caps each recv(S, 0) and each
    active message in raw mode; for throughput make it large, for equal behaviour make it the same.""",
    source="inet:setopts/2, option buffer",
)
def chunks_buffer_100(t: Subject) -> Term:
    sock, peer = t.pair(("buffer", 100))
    peer.send(payload(1000))
    return chunk_sizes(t, sock)


@case(
    "recv/chunks/recbuf-and-buffer",
    title="What recbuf does to buffer depends on backend and order",
    means="""On inet a recbuf larger than the default raises buffer with it, unless you give buffer yourself, which
    wins in any order. On socket recbuf leaves buffer alone, except that it overwrites one set earlier in the list. To
    get what you mean on both, put buffer after recbuf.""",
    source="inet:setopts/2, options buffer and recbuf",
    contradicts="""That setting recbuf sets buffer to the larger of the two. On socket recbuf changes buffer only if
    that was set before, and then downwards, too.""",
)
def recbuf_and_buffer(t: Subject) -> Term:
    recbuf, buffer = ("recbuf", 50000), ("buffer", 3000)
    lists = [[], [recbuf], [("recbuf", 500)], [recbuf, buffer], [buffer, recbuf], [("sndbuf", 50000)]]
    return [(options, inet.getopts(joined(t, ("active", False), *options)[0], ["buffer"])) for options in lists]


@case(
    "recv/length/exact",
    title="recv(S, N) gives exactly N bytes, whatever the segments",
    means="""In raw mode a positive length is a promise: eleven bytes in one segment come as 3, 4 and 4 if you ask so,
    and what is left waits for the next call. This makes raw mode fit for protocols whose length field gen_tcp does
    not know.""",
    source="gen_tcp:recv/3, Length",
)
def exact(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"hello world")
    return recvs(t, sock, (3, 500), (4, 500), (4, 500), (1, 50))


@case(
    "recv/length/across-segments",
    title="recv(S, 6) waits over three small segments",
    means="""The call comes back when all bytes are there and not before, and what arrives beyond them is kept. There
    is no need to loop and join.""",
    source="gen_tcp:recv/3, Length",
)
def across_segments(t: Subject) -> Term:
    sock, peer = t.pair()
    receiver = start(t, gen_tcp.recv, sock, 6, 5000)
    for part in (b"ab", b"cd", b"efg"):
        peer.send(part)
    return (receiver.outcome(5.0), recvs(t, sock, (0, 500)))


@case(
    "recv/length/one-megabyte",
    title="A megabyte in one recv, the four bytes behind it in the next",
    means="""Large exact lengths work and lose nothing at the seam, so a body of known size can be read in one call;
    the price is the memory for it. 64 MB is where the backends part (see recv/length/over-64-mb).""",
    source="gen_tcp:recv/3, Length",
    contradicts="That buffer is the most that a single call of recv can return. With a Length it is no limit.",
)
def one_megabyte(t: Subject) -> Term:
    sock, peer = t.pair()
    data = payload(MB + 4)
    sender = t.spawn(peer.send, data)
    _, body = gen_tcp.recv(sock, MB, 5000)
    sender.outcome(5.0)
    _, rest = gen_tcp.recv(sock, 0, 500)
    return (len(body), data.startswith(body), len(rest))


@case(
    "recv/length/over-64-mb",
    title="Asking for more than 64 MB: enomem at once on inet, an ordinary wait on socket",
    means="""The inet driver refuses lengths over 67108864 with enomem without looking at the connection; the socket
    backend takes them and waits for the data. A transfer that works in tests on one backend may be refused on the
    other: read large bodies in pieces.""",
    source="gen_tcp:recv/3, Length",
)
def over_64_mb(t: Subject) -> Term:
    sock, _ = t.pair()
    return [(size, timed(t, (200,), gen_tcp.recv, sock, size, 200)) for size in (64 * MB, 64 * MB + 1)]


@case(
    "recv/length/not-a-length",
    title="A negative, atom or float length raises function_clause",
    means="""Both backends treat it as a bug of the caller and raise; the socket is unharmed and the next recv works.
    So a length computed wrongly crashes the process where it happens and does not turn into a network error.""",
    source="gen_tcp:recv/3, type of Length",
)
def not_a_length(t: Subject) -> Term:
    sock, _ = t.pair()
    wrong = [(length, t.catch(gen_tcp.recv, sock, length, 200)) for length in (-1, "foo", 1.0)]
    return (wrong, recvs(t, sock, (0, 50)))


@case(
    "recv/timeout/keeps-bytes",
    title="A recv that times out keeps what had arrived",
    means="""The four bytes that were there when recv(S, 10) gave up are not lost: the next recv(S, 10) returns them
    with the six that followed. Repeating the same call after a timeout is safe.""",
    source="gen_tcp:recv/3, Timeout",
)
def keeps_bytes(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abcd")
    first = timed(t, (100,), gen_tcp.recv, sock, 10, 150)
    peer.send(b"efghij")
    return (first, recvs(t, sock, (10, 500), (0, 50)))


@case(
    "recv/timeout/then-what-is-there",
    title="After the timeout recv(S, 0) returns the part that had arrived",
    means="""When the rest of a message never comes, recv(S, 0) shows what did, for a log or another parser. The bytes
    are handed out once.""",
    source="gen_tcp:recv/3, Timeout",
)
def then_what_is_there(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abcd")
    return recvs(t, sock, (10, 100), (0, 100), (0, 50))


@case(
    "recv/timeout/then-shorter",
    title="After the timeout a shorter length is served from what had arrived",
    means="""You may change your mind about the length after a timeout: the bytes in hand are cut into the new lengths
    in order.""",
    source="gen_tcp:recv/3, Timeout",
)
def then_shorter(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abcd")
    return recvs(t, sock, (10, 100), (2, 100), (2, 100), (0, 50))


@case(
    "recv/timeout/then-active",
    title="After the timeout, active once delivers what had arrived",
    means="""Bytes left by a timed out recv are not stuck in passive mode: they are the first message when the socket
    becomes active, and they count as that one message of active once.""",
    source="gen_tcp:recv/3; inet:setopts/2, option active",
)
def then_active(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abcd")
    first = gen_tcp.recv(sock, 10, 100)
    done = inet.setopts(sock, [("active", "once")])
    before = t.messages(1)
    peer.send(b"ef")
    return (first, done, before, t.messages(), active(t, sock))


@case(
    "recv/timeout/zero-partial",
    title="Polling with timeout 0 for a length that is not complete yet",
    means="""recv(S, N, 0) is a poll: {error, timeout} as long as fewer than N bytes are there, all of them as soon as
    they are. It never returns a part and never loses one.""",
    source="gen_tcp:recv/3, Timeout",
)
def zero_partial(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abcd")
    first = gen_tcp.recv(sock, 10, 0)
    peer.send(b"efghij")
    return (first, gen_tcp.recv(sock, 10, 0))


@case(
    "recv/timeout/zero-with-data",
    title="Timeout 0 returns what is there, at once",
    means="""With data in the system's buffer a timeout of 0 is enough to get it, for a length and for "what is
    there". When it is used up the answer is {error, timeout} without waiting.""",
    source="gen_tcp:recv/3, Timeout",
)
def zero_with_data(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abcdef")
    return [timed(t, (200,), gen_tcp.recv, sock, length, 0) for length in (2, 0, 0)]


@case(
    "recv/timeout/not-a-timeout",
    title="Timeout -1 waits for ever on inet and raises on socket",
    means="""inet takes -1 for infinity (it is what its driver uses), the socket backend raises function_clause; atoms
    and floats raise on both. A timeout computed as deadline minus now can become negative: clamp it to 0, or on inet
    the process hangs exactly when it is late.""",
    source="gen_tcp:recv/3, type of Timeout",
)
def not_a_timeout(t: Subject) -> Term:
    sock, _ = t.pair()
    negative = t.spawn(t.catch, gen_tcp.recv, sock, 0, -1)
    wrong = [(timeout, t.catch(gen_tcp.recv, sock, 0, timeout)) for timeout in ("foo", 1.5)]
    return ((-1, negative.outcome(0.3)), wrong)


@case(
    "recv/concurrent/two-receivers",
    title="Two processes in recv: ealready on inet, first come first served on socket",
    means="""The inet backend refuses a second receiver with ealready while one is waiting; the socket backend lines
    them up and serves them in order. A pool of readers on one socket works on socket only. Have one reading process,
    and treat ealready as the bug report it is.""",
    source="gen_tcp:recv/3, simultaneous calls",
)
def two_receivers(t: Subject) -> Term:
    sock, peer = t.pair()
    first = start(t, gen_tcp.recv, sock, 0, 5000)
    second = start(t, gen_tcp.recv, sock, 0, 5000)
    peer.send(b"one")
    one = first.outcome(5.0)
    peer.send(b"two")
    return (("p1", one), ("p2", second.outcome(5.0)), recvs(t, sock, (0, 100)))


@case(
    "recv/active/once-and-after",
    title="recv on an active once socket: einval, until the one message has come",
    means="""While a message is due, recv is refused with einval at once instead of stealing it. After the message the
    socket is passive and recv works. So a loop may mix active once and recv, but only one at a time.""",
    source="gen_tcp:recv/3; inet:setopts/2, option active",
)
def once_and_after(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", "once"))
    refused = timed(t, (200,), gen_tcp.recv, sock, 0, 200)
    peer.send(b"a")
    messages = t.messages(1)
    peer.send(b"b")
    return (refused, messages, recvs(t, sock, (0, 500)))


@case(
    "recv/listener/refused",
    title="recv on a listener is enotconn",
    means="""Mixing up listener and accepted socket shows at once on both backends: enotconn, also when the listener
    was opened active.""",
    source="gen_tcp:recv/3",
)
def listener_refused(t: Subject) -> Term:
    return timed(t, (200,), gen_tcp.recv, t.listen("binary", ("active", True)), 0, 200)


@case(
    "recv/mode/default-is-list",
    title="Without a mode, data are lists of bytes",
    means="""The default mode is list, from the time before binaries: forget the option and <<"abc">> never matches,
    while each byte costs a cell of a list. Say binary (or {mode, binary}) in connect and in listen.""",
    source="inet:setopts/2, option mode",
)
def default_is_list(t: Subject) -> Term:
    sock, peer = joined(t, ("active", False))
    peer.send(b"abc")
    return recvs(t, sock, (0, 500))


@case(
    "recv/unrecv/packets",
    title="unrecv puts data back on inet and is not supported on socket",
    means="""unrecv, which is not documented, pushes data in front of the stream on inet: last in, first out, and with
    packet 4 it must bring its header along. On socket it is enotsup. Keep what you have read too early in your own
    state.""",
    source="gen_tcp:unrecv/2, undocumented",
)
def unrecv_packets(t: Subject) -> Term:
    sock, _ = t.pair(("packet", 4))
    pushed = [t.catch(gen_tcp.unrecv, sock, b"\0\0\0\1" + data) for data in (b"b", b"a")]
    return (pushed, receive_all(t, sock, 2))
