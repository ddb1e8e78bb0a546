"""shutdown and close, with nothing in the queue."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

import gentcp
from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import active, joined, receive_all, reset_peer, timed

SHUTDOWN = "gen_tcp:shutdown/2"
CLOSE = "gen_tcp:close/1"
EXIT_ON_CLOSE = "inet:setopts/2, option exit_on_close"


@case(
    "close-shutdown/shutdown/write",
    title="shutdown(write): the peer sees the end, and we still read",
    means="""A half-close sends what was written, then the end of file, and leaves the reading side alone: the way to
    say "that was the request" and then read the answer. It agrees on both backends as long as nothing is queued; with
    a queue see close-shutdown/queued.""",
    source=SHUTDOWN,
)
def shutdown_write(t: Subject) -> Term:
    sock, peer = t.pair()
    gen_tcp.send(sock, b"a")
    done = gen_tcp.shutdown(sock, "write")
    seen = peer.drain(5.0)
    peer.send(b"b")
    return (done, seen, receive_all(t, sock, 1, 500))


@case(
    "close-shutdown/shutdown/read-write",
    title="shutdown(read_write): both directions end, an active owner gets tcp_closed",
    means="""It ends the connection for both ends while the socket itself is still to be closed by you. Own calls give
    closed, the peer sees the end of file, and an active socket reports tcp_closed and is gone by then. If you are
    done with the socket, close alone will do.""",
    source=SHUTDOWN,
)
def shutdown_read_write(t: Subject) -> Term:
    sock, peer = t.pair()
    done = gen_tcp.shutdown(sock, "read_write")
    passive = (done, receive_all(t, sock, 1, 200), t.catch(gen_tcp.send, sock, b"x"), peer.recv(5.0))
    sock, peer = joined(t, "binary", ("active", True))
    done = gen_tcp.shutdown(sock, "read_write")
    return (passive, (done, t.messages(1), peer.recv(5.0), active(t, sock)))


@case(
    "close-shutdown/shutdown/write-active",
    title="shutdown(write) on an active socket: messages go on until the peer closes",
    means="""No message tells of your own half-close; data of the peer keeps coming, and tcp_closed comes when the
    peer is done. After a half-close wait for tcp_closed before you call close, and nothing of the answer is lost.""",
    source=SHUTDOWN + "; inet:setopts/2, option active",
)
def shutdown_write_active(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", True))
    done, before = gen_tcp.shutdown(sock, "write"), t.messages()
    peer.send(b"b")
    peer.close()
    return (done, before, t.messages(2))


@case(
    "close-shutdown/shutdown/after-reset",
    title="shutdown on a connection that was reset: enotconn",
    means="""shutdown tells the truth about the connection: enotconn if the peer has reset it, although no recv or
    send has noticed yet. The reset is still there for the next recv, as closed. A match of shutdown on ok alone
    crashes for peers that abort.""",
    source=SHUTDOWN,
)
def shutdown_after_reset(t: Subject) -> Term:
    sock, peer = t.pair()
    reset_peer(t, sock, peer)
    return (t.catch(gen_tcp.shutdown, sock, "write"), receive_all(t, sock, 1))


@case(
    "close-shutdown/shutdown/after-close",
    title="shutdown on a closed socket or listener: {error, closed}",
    means="""In contrast to recv and setopts, shutdown gives the same error on both backends once you have closed the
    socket, for each direction and for listeners too.""",
    source=SHUTDOWN,
)
def shutdown_after_close(t: Subject) -> Term:
    sock, _ = t.pair()
    listener = t.listen()
    gen_tcp.close(sock)
    gen_tcp.close(listener)
    results = [t.catch(gen_tcp.shutdown, sock, how) for how in ("read", "write", "read_write")]
    return (results, t.catch(gen_tcp.shutdown, listener, "write"))


@case(
    "close-shutdown/shutdown/not-a-direction",
    title="An unknown direction raises, with different terms",
    means="""A typing error in the second argument is function_clause on inet and {invalid, {how, What}} on socket.
    Both are errors of class error: do not match on the term.""",
    source=SHUTDOWN,
)
def not_a_direction(t: Subject) -> Term:
    sock, _ = t.pair()
    calls = ((sock, "foo"), (sock, 0), ("foo", "write"))
    return [t.catch(gen_tcp.shutdown, *arguments) for arguments in calls]


@case(
    "close-shutdown/close/twice",
    title="close is always ok, twice and from anywhere",
    means="""Closing what is closed is no error, whoever does it. Clean-up code need not know whether somebody was
    faster.""",
    source=CLOSE,
)
def close_twice(t: Subject) -> Term:
    sock, _ = t.pair()
    first, second = gen_tcp.close(sock), t.catch(gen_tcp.close, sock)
    return (first, second, t.spawn(gen_tcp.close, sock).outcome(5.0))


@case(
    "close-shutdown/close/by-another-process",
    title="Any process may close a socket; the owner finds out by error",
    means="""There is no protection against a close from outside. The owner of a passive socket gets no message: its
    next call fails, with closed from send, and from recv with closed on inet or einval on socket.""",
    source=CLOSE,
)
def close_by_another(t: Subject) -> Term:
    sock, peer = t.pair()
    closed = t.spawn(gen_tcp.close, sock).outcome(5.0)
    sent = t.catch(gen_tcp.send, sock, b"a")
    return (closed, sent, receive_all(t, sock, 1), active(t, sock), peer.recv(5.0))


@case(
    "close-shutdown/close/linger-zero",
    title="{linger, {true, 0}} makes close a reset",
    means="""The peer gets econnreset instead of an end of file, at once, and unsent data is dropped. Useful to get
    rid of a client without TIME_WAIT; never for a normal goodbye.""",
    source="inet:setopts/2, option linger",
)
def linger_zero(t: Subject) -> Term:
    sock, peer = t.pair(("linger", (True, 0)))
    return (timed(t, (500,), gen_tcp.close, sock), peer.recv(5.0))


@case(
    "close-shutdown/close/unread-data",
    title="Closing with unread data is a reset for the peer",
    means="""If there is data that you have not read, close tells the peer by a reset, and a reset may make the peer
    lose the last answer you sent. Servers that refuse a request early should read it to the end, or shut down for
    writing and wait, before they close.""",
    source=CLOSE,
    contradicts="""That the peer sees all data that was sent before it sees the close. A close with unread data is a
    reset and can take it away.""",
)
def unread_data(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"abc")
    return (gen_tcp.close(sock), t.messages(), peer.recv(5.0))


@case(
    "close-shutdown/close/no-socket",
    title="close of something that is no socket raises function_clause",
    means="""An atom, a pid or a tuple is a bug and crashes, on both backends; undefined from a record field that was
    never set is the usual one. Guard clean-up code against it.""",
    source=CLOSE,
)
def no_socket(t: Subject) -> Term:
    return [t.catch(gen_tcp.close, wrong) for wrong in ("foo", gentcp.current_process(), ("a", "b"))]


@case(
    "close-shutdown/exit-on-close/false",
    title="exit_on_close false: after the peer's half-close we can still answer",
    means="""recv says closed as often as you ask, and send works until you close. This is the setting for protocols
    whose clients shut down for writing after the request; without it the answer cannot be sent.""",
    source=EXIT_ON_CLOSE,
)
def exit_on_close_false(t: Subject) -> Term:
    sock, peer = t.pair(("exit_on_close", False))
    peer.send(b"a")
    peer.shutdown()
    received = receive_all(t, sock, 4)
    sent = t.catch(gen_tcp.send, sock, b"late")
    answer = ("ok", peer.recv_exact(4))
    named = t.catch(inet.peername, sock) != ("error", "enotconn")
    return (received, sent, answer, active(t, sock), named, gen_tcp.close(sock), peer.recv(5.0))


@case(
    "close-shutdown/exit-on-close/true",
    title="exit_on_close true: once recv has said closed, nothing can be sent",
    means="""By default the recv that reads the end of file closes the whole socket: the peer sees the end, too, and a
    send fails, on inet first with closed and then with enotconn. Send the answer before you read the end, or set
    exit_on_close to false.""",
    source=EXIT_ON_CLOSE,
)
def exit_on_close_true(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.shutdown()
    received = receive_all(t, sock, 1, 500)
    sent = [t.catch(gen_tcp.send, sock, b"late") for _ in range(2)]
    return (received, sent, peer.recv(5.0))


@case(
    "close-shutdown/exit-on-close/unnoticed",
    title="As long as nobody reads the end of file, sending works",
    means="""A passive socket that nobody reads does not notice the peer's half-close, so exit_on_close does not
    strike. A server that reads the request, answers and only then reads on works with the default.""",
    source=EXIT_ON_CLOSE,
)
def exit_on_close_unnoticed(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.shutdown()
    sent = gen_tcp.send(sock, b"x")
    return (sent, ("ok", peer.recv_exact(1)), receive_all(t, sock, 1, 500))


@case(
    "close-shutdown/exit-on-close/active",
    title="An active socket closes itself when the peer half-closes",
    means="""tcp_closed comes without any call of yours and by then the peer has seen the end as well: there is no
    chance to answer. Active sockets for half-closing clients need exit_on_close false.""",
    source=EXIT_ON_CLOSE + "; option active",
)
def exit_on_close_active(t: Subject) -> Term:
    _, peer = joined(t, "binary", ("active", True))
    peer.shutdown()
    return (t.messages(1), peer.recv(5.0))


@case(
    "close-shutdown/exit-on-close/set-in-time",
    title="exit_on_close can be set as late as just before the recv that reads the end",
    means="""The option is looked at when the end of file is read, not when it arrives. A protocol handler may decide
    per request whether it will still have to answer.""",
    source=EXIT_ON_CLOSE,
)
def exit_on_close_in_time(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.shutdown()
    done = inet.setopts(sock, [("exit_on_close", False)])
    received = receive_all(t, sock, 1, 500)
    return (done, received, t.catch(gen_tcp.send, sock, b"x"), ("ok", peer.recv_exact(1)))


@case(
    "close-shutdown/exit-on-close/reset",
    title="exit_on_close false does not help against a reset",
    means="""The option keeps the socket, but a reset has ended both directions: recv and send say closed each time.
    You must still close it; until then it costs a descriptor.""",
    source=EXIT_ON_CLOSE,
)
def exit_on_close_reset(t: Subject) -> Term:
    sock, peer = t.pair(("exit_on_close", False))
    reset_peer(t, sock, peer)
    return (receive_all(t, sock, 2), [t.catch(gen_tcp.send, sock, b"x") for _ in range(2)])
