"""What random programs have shown and no other case had."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import payload
from ..subject import Subject, ok
from ..term import Term
from ._common import active, blocked_sender, close_peer, receive_all, recvs, reset_peer, set_active, start
from .close_after import every_call


@case(
    "listen-accept/listen/send",
    title="Sending on a listener: a mistake that closes it on socket",
    means="""inet says enotconn, and the listener accepts on. socket says closed, and it is: whoever waits in
    accept gets closed, clients that wait are reset, and nobody can connect any more. For a local listener
    socket says enotconn like inet, and closes it all the same. OTP 25 does not close it. Look twice where
    listeners and connections go by the same variable.""",
    source="gen_tcp:send/2; gen_tcp:listen/2",
)
def send_on_listener(t: Subject) -> Term:
    found: list[Term] = []
    for family in ("inet", "local"):
        address = [("ip", (127, 0, 0, 1))] if family == "inet" else [("ifaddr", ("local", t.path()))]
        listener = ok(gen_tcp.listen(0, t.options(*address)))
        acceptor = start(t, gen_tcp.accept, listener)
        sent = gen_tcp.send(listener, b"x")
        found.append((family, sent, acceptor.outcome(0.3), gen_tcp.accept(listener, 50), inet.sockname(listener)[0]))
        gen_tcp.close(listener)
    return found


@case(
    "send/after-reset/empty",
    title="An empty send on a connection that has been reset: ok on inet, closed on socket",
    means="""inet has nothing to give to the system and so does not learn that the connection is gone; socket
    asks the system and says closed. An empty send is no way to find out whether the peer is alive.""",
    source="gen_tcp:send/2",
)
def empty_after_reset(t: Subject) -> Term:
    sock, peer = t.pair()
    reset_peer(t, sock, peer)
    return [gen_tcp.send(sock, data) for data in (b"", b"", b"a", b"")]


@case(
    "send/after-shutdown/receiver-waiting",
    title="A send after shutdown(write) while a process waits in recv: OTP's socket crashes",
    means="""The send is refused, which ends the connection for the reading side too, and recv says closed. On
    socket the process behind the socket crashes on the way there: both calls exit with a reason that names
    neither. gentcp returns closed from both. Stop all senders before you shut down for writing.""",
    source="gen_tcp:shutdown/2; gen_tcp:send/2",
)
def send_with_a_receiver(t: Subject) -> Term:
    sock, _peer = t.pair()
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    shut = gen_tcp.shutdown(sock, "write")
    return (shut, t.catch(gen_tcp.send, sock, b"a"), receiver.outcome(1.0), t.catch(gen_tcp.send, sock, b"a"))


@case(
    "recv/chunks/after-a-length",
    title="recv(S, 1), more data, then recv(S, 0): socket gives what it had read ahead, inet all there is",
    means="""inet reads from the system exactly what recv asks for. On socket OTP 29 reads as much as the buffer
    takes and keeps it, and the next recv(S, 0), or the next message, has that first, without asking the system
    for what has come since. Where one recv ends means nothing on either: loop, ask for a length, or use a
    packet type.""",
    source="gen_tcp:recv/2, Length 0",
)
def after_a_length(t: Subject) -> Term:
    return [(how, read_on(t, how)) for how in ("recv", "active")]


def read_on(t: Subject, how: str) -> Term:
    sock, peer = t.pair()
    peer.send(b"hello")
    first = recvs(t, sock, (1, 500))
    peer.send(b"world")
    if how == "recv":
        return first + recvs(t, sock, (0, 500), (0, 50))
    set_active(t, sock, "once")
    return first + [message[2] for message in t.messages(1)]


@case(
    "recv/timeout/then-no-length",
    title="recv(S, N) has timed out, then recv(S, 0): on inet it waits for N bytes, too",
    means="""On inet the timed out call leaves a buffer for N bytes behind, unless some had come, and the next
    recv(S, 0) comes back when that is full: with fewer bytes it waits, with more it leaves the rest. On socket
    it gives what is there. A recv that is tried again after a timeout should ask for the same length.""",
    source="gen_tcp:recv/3, Length 0",
)
def then_no_length(t: Subject) -> Term:
    return [
        (before, after, in_turn(t, before, after)) for before, after in ((b"", b"12"), (b"", b"123456"), (b"a", b"12"))
    ]


def in_turn(t: Subject, before: bytes, after: bytes) -> Term:
    sock, peer = t.pair()
    if before:
        peer.send(before)
    timed_out = recvs(t, sock, (4, 50))
    peer.send(after)
    return timed_out + recvs(t, sock, (0, 100), (0, 100), (0, 50))


@case(
    "recv/pending/made-active-and-timeout",
    title="Active while a recv with a timeout waits: on socket the owner is told of the timeout, by tcp_error",
    means="""On inet recv returns its timeout. On socket recv never returns, since setopts has orphaned it, and
    when its time is over the owner gets {tcp_error, S, timeout}, with nothing wrong with the connection. Do not
    take tcp_error for the end: tcp_closed follows an end.""",
    source="gen_tcp:recv/3; inet:setopts/2, option active",
)
def made_active_and_timeout(t: Subject) -> Term:
    sock, _peer = t.pair()
    receiver = start(t, gen_tcp.recv, sock, 0, 400)
    done = set_active(t, sock, True)
    outcome, messages = receiver.outcome(1.0), t.messages()
    return (done, outcome, messages)


@case(
    "recv/pending/made-active-and-passive",
    title="A recv that waits while the socket is made active and passive again: OTP's inet forgets it",
    means="""OTP's driver never answers that recv, not even with what comes next, and the next caller gets
    ealready. On socket setopts orphans it as well. gentcp goes on with it when the socket is passive again. Let
    one process decide between recv and active.""",
    source="gen_tcp:recv/3; inet:setopts/2, option active",
)
def made_active_and_passive(t: Subject) -> Term:
    sock, peer = t.pair()
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    done = [set_active(t, sock, mode) for mode in (True, False)]
    peer.send(b"abc")
    return (done, receiver.outcome(1.0), recvs(t, sock, (0, 100)))


@case(
    "recv/unrecv/nothing",
    title="Nothing is put back: on OTP's inet the next data ends the connection",
    means="""unrecv of no bytes says ok and leaves the driver with a buffer without room, and what comes next
    does not fit: emsgsize, and the connection is closed. In gentcp nothing put back is nothing. Do not call
    unrecv with what may be empty.""",
    source="gen_tcp:unrecv/2, undocumented",
)
def nothing_put_back(t: Subject) -> Term:
    sock, peer = t.pair()
    back = gen_tcp.unrecv(sock, b"")
    peer.send(b"abc")
    return (back, recvs(t, sock, (0, 100), (0, 100)))


@case(
    "packet/header/exact",
    title="{header, N} and N bytes: on inet the list ends in an empty binary, on socket it is a list",
    means="""[1, 2 | <<>>] is no list for lists:foreach/2 and the like, [1, 2] is. A pattern for the first N
    bytes and a binary behind them fails on socket for data that ends there. Fetch a binary and match on it
    instead.""",
    source="inet:setopts/2, option header",
)
def header_exact(t: Subject) -> Term:
    sock, peer = t.pair(("header", 2))
    peer.send(b"ab")
    passive = recvs(t, sock, (2, 500))
    set_active(t, sock, True)
    peer.send(b"cd")
    return (passive, t.messages(1))


@case(
    "options/udp/read-packets",
    title="read_packets, an option of UDP: ignored by inet, refused by socket",
    means="""inet takes it for a TCP socket too, without any effect, and leaves it out of what getopts says. On
    socket setopts is einval, and a default of the kernel application that has it makes every connect exit. Take
    it out of option lists that are shared with UDP.""",
    source="inet:setopts/2, option read_packets",
)
def read_packets(t: Subject) -> Term:
    sock, _peer = t.pair()
    return (inet.setopts(sock, [("read_packets", 5)]), inet.getopts(sock, ["read_packets"]))


@case(
    "send/concurrent/resumed",
    title="Several processes wait in front of a busy port: OTP's inet resumes the first of them last",
    means="""The sender whose data made the port busy is first, and of the five that came after it the first is
    last. On socket, and in gentcp, each takes its turn. Whoever needs an order of sends must make them from one
    process.""",
    source="gen_tcp:send/2",
)
def resumed(t: Subject) -> Term:
    sock, peer = t.stalled()
    blocked_sender(t, sock, peer)
    tasks = [start(t, gen_tcp.send, sock, name) for name in (b"a", b"b", b"c", b"d", b"e")]
    got, _ = peer.drain(1.0)
    return (got[len(payload()) :], [task.outcome(1.0) for task in tasks])


@case(
    "close-shutdown/close/half-read",
    title="recv(S, 1) of five bytes, then close: a reset on inet, an orderly end on socket",
    means="""inet leaves in the system what nobody has asked for, and closing over unread data resets the
    connection; what the peer has not read of yours may be lost with it. On socket OTP 29 has read ahead, the
    system has nothing left, and the peer sees an end. Read to the end before you close, or shut down for
    writing first.""",
    source="gen_tcp:close/1",
)
def half_read(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"hello")
    return (recvs(t, sock, (1, 500)), gen_tcp.close(sock), peer.drain(0.3))


@case(
    "active/end/half-open-then-recv",
    title="exit_on_close false, tcp_closed has come, and then recv: einval on inet, closed on socket",
    means="""The end has been told, and the socket stays active on inet, where recv is therefore refused. socket
    is passive after it, and recv says closed again. After tcp_closed there is nothing to receive; send what is
    left and close.""",
    source="inet:setopts/2, option exit_on_close",
)
def half_open_then_recv(t: Subject) -> Term:
    sock, peer = t.pair(("active", True), ("exit_on_close", False))
    peer.shutdown()
    told = t.messages(1)
    return (told, recvs(t, sock, (0, 100)), active(t, sock), set_active(t, sock, True), t.messages())


@case(
    "active/listener/buffer-set-later",
    title="buffer set on an accepted socket that counts: inet has its first buffer already",
    means="""A listener's {active, N} makes inet look for data when it accepts, into a buffer of the size that
    buffer has then; what setopts says counts from the next one on. On socket it counts at once. Set buffer on
    the listener.""",
    source="inet:setopts/2, option buffer",
)
def buffer_set_later(t: Subject) -> Term:
    return [(mode, first_message(t, mode)) for mode in (1, True)]


def first_message(t: Subject, mode: Term) -> Term:
    _, sock, peer = t.accepted("binary", ("active", mode))
    done = inet.setopts(sock, [("buffer", 4)])
    peer.send(b"123456")
    return (done, t.messages(1)[0][2])


@case(
    "close-shutdown/after-end/noticed",
    title="Every function when recv has said that the peer has closed",
    means="""On inet the port is there until it is closed: options can be set and read, counters too, and a
    socket that is made active is told its end once more. socket has closed itself: einval from all of them, and
    who owns it can no longer be changed. A process that matches ok there crashes on socket when the peer closes
    at the wrong time.""",
    source="gen_tcp, inet: all functions that take a socket",
)
def every_call_noticed(t: Subject) -> Term:
    sock, peer = t.pair()
    close_peer(peer)
    return (recvs(t, sock, (0, 500)), every_call(t, sock))


@case(
    "close-shutdown/listener/local",
    title="shutdown of a local listener: on socket accept says {invalid, select_sent}",
    means="""A TCP listener says einval then; for a local one the system reports a client where there is none,
    and OTP 29 gives that inconsistency back as it is (OTP 27 says closed). A client that waited before is still
    accepted. inet refuses the shutdown. To stop accepting, close the listener.""",
    source="gen_tcp:shutdown/2; gen_tcp:accept/2",
)
def local_listener_shut(t: Subject) -> Term:
    return [(how, shut_local(t, how)) for how in ("read", "write", "read_write")]


def shut_local(t: Subject, how: str) -> Term:
    listener = ok(gen_tcp.listen(0, t.options(("ifaddr", ("local", t.path(how))))))
    acceptors = [start(t, gen_tcp.accept, listener) for _ in range(2)]
    done = gen_tcp.shutdown(listener, how)
    return (done, [acceptor.outcome(0.3) for acceptor in acceptors], gen_tcp.accept(listener, 50))


@case(
    "recv/end/after-failed-send",
    title="A send has failed, and recv is called again and again: enotconn from the second on, or closed for ever",
    means="""Without the send socket says einval from the second recv on, as if it were a mistake to ask. So a
    reader that ends at closed ends on both; one that tells the end from a mistake by the second answer does
    not.""",
    source="gen_tcp:recv/3; gen_tcp:send/2",
)
def after_failed_send(t: Subject) -> Term:
    return [(sends, reset_and_read(t, sends)) for sends in (0, 1)]


def reset_and_read(t: Subject, sends: int) -> Term:
    sock, peer = t.pair()
    reset_peer(t, sock, peer)
    return [gen_tcp.send(sock, b"a") for _ in range(sends)] + receive_all(t, sock, 3)


@case(
    "active/end/told-twice",
    title="exit_on_close false, tcp_closed, a failed send, active again: on socket tcp_closed comes once more",
    means="""On inet the end is told once, and the socket stays active until it is closed. On socket a send that
    fails is an end of its own, told by who makes the socket active next. A server that counts its connections
    by tcp_closed counts one twice: close the socket at the first.""",
    source="inet:setopts/2, option exit_on_close",
)
def told_twice(t: Subject) -> Term:
    sock, peer = t.pair(("active", True), ("exit_on_close", False))
    reset_peer(t, sock, peer)
    told = t.messages(1)
    sent = gen_tcp.send(sock, b"a")
    return (told, sent, set_active(t, sock, True), t.messages(), active(t, sock))


@case(
    "active/end/show-econnreset",
    title="show_econnreset and a peer that has sent all it will: no reset, but OTP 25's socket says that it is one",
    means="""The owner is told tcp_closed. On OTP 25 with socket tcp_error with econnreset comes before it, so a server
    that counts resets there counts every connection.""",
    source="option show_econnreset",
)
def end_is_no_reset(t: Subject) -> Term:
    _, peer = t.pair(("active", True), ("show_econnreset", True))
    peer.shutdown()
    return t.messages(1)


@case(
    "packet/limit/set-under-half-a-line",
    title="packet_size set on an active socket that has half a line: OTP 27's socket cuts the line there",
    means="""A line that grows beyond the new limit is emsgsize, on inet with tcp_closed behind it. OTP 27's socket
    delivers the first packet_size bytes as if they were a line; a parser takes the rest for another one. Set the
    limit when the socket is made.""",
    source="inet:setopts/2, options packet and packet_size",
)
def set_under_half_a_line(t: Subject) -> Term:
    sock, peer = t.pair(("active", True), ("packet", "line"))
    peer.send(b"abcdef")
    done = inet.setopts(sock, [("packet_size", 10)])
    peer.send(b"ghijklmno")
    return (done, t.messages(1), active(t, sock))


@case(
    "close-shutdown/close/half-read-packets",
    title="recv has read a packet that came in two pieces, with others behind it, then close: a reset on inet",
    means="""inet reads to the end of the packet that recv waits for and leaves the rest in the system, and closing
    over unread data resets the connection. socket has read ahead, and the peer sees an orderly end. Read to the end
    before you close, or shut down for writing first.""",
    source="gen_tcp:close/1; inet:setopts/2, option packet",
)
def half_read_packets(t: Subject) -> Term:
    found: list[Term] = []
    for timeout in (0, 500):
        sock, peer = t.pair(("packet", 1))
        peer.send(b"\0\4ab")
        first = recvs(t, sock, (0, 500))
        peer.send(b"cd\2ef")
        found.append((timeout, first, recvs(t, sock, (0, timeout)), gen_tcp.close(sock), peer.drain(0.3)))
    return found


@case(
    "options/buffer/small-then-no-time",
    title="A buffer smaller than the packets, and recv that has no time to wait",
    means="""A packet that is there is received with timeout 0, however often inet has to ask the system for it. A
    small buffer costs time and nothing else.""",
    source="inet:setopts/2, option buffer; gen_tcp:recv/3",
)
def small_then_no_time(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 2))
    done = inet.setopts(sock, [("buffer", 5)])
    peer.send(b"\0\3abc\0\1d\0\x1e" + payload(30))
    return (done, recvs(t, sock, (0, 500), (0, 500), (0, 0)))
