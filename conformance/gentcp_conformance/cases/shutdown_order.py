"""The order of shutdown, send, close and the peer's end; and every function on a socket that has ended half-way."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import delivery, payload
from ..subject import Subject
from ..term import Term
from ._common import ACTIVE, buffers_full, close_peer, joined, receive_all, start, timed
from .close_after import every_call

SHUTDOWN = "gen_tcp:shutdown/2"
EVERYTHING = "gen_tcp, inet: all functions that take a socket"


@case(
    "close-shutdown/queued/send-after-shutdown",
    title="A send after a postponed shutdown throws the queue away on inet",
    means="""shutdown(write) with data unsent is postponed on inet, and a send after it is refused, as it should be, but
    takes with it what was queued: the peer gets a stream that is cut and looks finished. A second process that does not
    know of the shutdown destroys what the first one had sent. On socket the data is cut by the shutdown itself.""",
    source=SHUTDOWN + "; gen_tcp, notes on inet_backend: async shutdown write",
    contradicts="""That a shutdown with data in the queue is put off until all of it has been sent. Another send before
    then ends the connection without it.""",
)
def send_after_shutdown(t: Subject) -> Term:
    sock, peer = t.stalled()
    sender = t.spawn(gen_tcp.send, sock, payload())
    buffers_full(t, peer)
    done = gen_tcp.shutdown(sock, "write")
    sent = t.catch(gen_tcp.send, sock, b"x")
    got, end = peer.drain(2.0)
    return (done, ("sender", sender.outcome(1.0)), sent, delivery(got, payload())[0], end)


@case(
    "close-shutdown/order/twice",
    title="shutdown twice, and in both directions one after the other",
    means="""A second shutdown of the same direction is ok. As long as the peer has not closed, any order of calls is;
    what is an error is to shut down a connection that is over.""",
    source=SHUTDOWN,
)
def twice(t: Subject) -> Term:
    return [
        shut_down(t, *ways) for ways in (("write", "write"), ("read", "read"), ("write", "read"), ("read", "write"))
    ]


def shut_down(t: Subject, *ways: str) -> Term:
    sock, peer = t.pair()
    results = [t.catch(gen_tcp.shutdown, sock, way) for way in ways]
    return (ways, results, peer.recv(0.2))


@case(
    "close-shutdown/order/goodbye",
    title="The orderly end: shutdown(write), read until closed, close",
    means="""The way to know that the peer has got everything and to get its last words. Each step is ok on both
    backends, and nothing is reset.""",
    source=SHUTDOWN + "; gen_tcp:close/1",
)
def goodbye(t: Subject) -> Term:
    sock, peer = t.pair()
    sent = (gen_tcp.send(sock, b"request"), gen_tcp.shutdown(sock, "write"))
    got = peer.recv_exact(7), peer.recv()
    peer.send(b"answer")
    close_peer(peer)
    return (sent, got, receive_all(t, sock, 2), gen_tcp.close(sock))


@case(
    "close-shutdown/order/after-both-ends",
    title="shutdown when both sides are done: enotconn or closed",
    means="""After our shutdown(write) and the peer's close the connection is over for the system: enotconn. Once recv
    has seen the end socket says closed instead. Who calls shutdown to be sure must live with an error; close never has
    one.""",
    source=SHUTDOWN,
)
def after_both_ends(t: Subject) -> Term:
    sock, peer = t.pair()
    first = gen_tcp.shutdown(sock, "write")
    close_peer(peer)
    unread = t.catch(gen_tcp.shutdown, sock, "write")
    received = receive_all(t, sock, 1)
    return (first, unread, received, t.catch(gen_tcp.shutdown, sock, "write"), gen_tcp.close(sock))


@case(
    "close-shutdown/order/read-then-data",
    title="After shutdown(read) the peer may go on sending, and recv goes on delivering",
    means="""On Linux shutdown(read) refuses nothing: what comes is taken and can be read, and only when there is
    nothing does recv say closed. It does not stop a peer from sending; to do that, close.""",
    source=SHUTDOWN,
)
def read_then_data(t: Subject) -> Term:
    sock, peer = t.pair(("exit_on_close", False))
    done = gen_tcp.shutdown(sock, "read")
    peer.send(b"abc")
    return (done, receive_all(t, sock, 2), gen_tcp.send(sock, b"x"), peer.recv())


@case(
    "close-shutdown/order/active-read",
    title="shutdown(read) on an active socket: tcp_closed at once, and the socket is gone",
    means="""For the owner it is as if the peer had closed. With exit_on_close that ends the sending side, too, so this
    is no way to stop the messages: set active to false. (On OTP 25 nothing of this happened on socket.)""",
    source=SHUTDOWN + "; " + ACTIVE,
)
def active_read(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", True))
    done = gen_tcp.shutdown(sock, "read")
    return (done, t.messages(1), t.catch(gen_tcp.send, sock, b"x"), peer.recv(0.3))


@case(
    "close-shutdown/order/blocked-recv",
    title="shutdown(write) leaves a waiting recv alone; shutdown(read) ends it with closed",
    means="""A process that reads while another finishes sending is not disturbed. To get a reader out of recv without
    closing, shut the reading side down.""",
    source=SHUTDOWN + "; gen_tcp:recv/3",
)
def blocked_recv(t: Subject) -> Term:
    sock, peer = t.pair()
    receiver = start(t, gen_tcp.recv, sock, 0, 5000)
    done = gen_tcp.shutdown(sock, "write")
    seen = receiver.outcome(0.2)
    peer.send(b"abc")
    first = receiver.outcome(5.0)
    second = start(t, gen_tcp.recv, sock, 0, 5000)
    return (done, seen, first, gen_tcp.shutdown(sock, "read"), second.outcome(5.0))


@case(
    "close-shutdown/order/message-then-end",
    title="A message, shutdown(write) and close in a row: the peer gets header and payload, then the end",
    means="""What send has returned ok for, with nothing queued, is in the system and survives shutdown and close
    together, on both backends.""",
    source=SHUTDOWN + "; gen_tcp:close/1; inet:setopts/2, option packet",
)
def message_then_end(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    results = (gen_tcp.send(sock, b"last"), gen_tcp.shutdown(sock, "write"), gen_tcp.close(sock))
    return (results, peer.drain(2.0))


@case(
    "close-shutdown/order/delayed-send",
    title="delay_send and shutdown(write): what was held back is sent first",
    means="""Three sends that wait for their turn are delivered in front of the end, in order. delay_send may be left on
    when the last message has been sent.""",
    source=SHUTDOWN + "; inet:setopts/2, option delay_send",
)
def delayed_send(t: Subject) -> Term:
    sock, peer = t.pair(("delay_send", True))
    results = [gen_tcp.send(sock, data) for data in (b"a", b"b", b"c")]
    return (results, gen_tcp.shutdown(sock, "write"), peer.drain(2.0))


@case(
    "close-shutdown/close/peer-gone",
    title="close when the peer has closed unnoticed is ok and immediate",
    means="""A close that comes second has nothing to wait for, and it is no error that the connection was over already.
    Always close, whatever you know of the peer.""",
    source="gen_tcp:close/1",
)
def peer_gone(t: Subject) -> Term:
    sock, peer = t.pair()
    close_peer(peer)
    return timed(t, (500,), gen_tcp.close, sock)


@case(
    "close-shutdown/close/frees-the-name",
    title="After close the port can be listened on again at once, with connections alive",
    means="""Closing a listener does not close what it has accepted, and what it has accepted does not keep a new
    listener with reuseaddr from the port. That is how a server restarts.""",
    source="gen_tcp:close/1, listen/2; inet:setopts/2, option reuseaddr",
)
def frees_the_name(t: Subject) -> Term:
    listener, sock, peer = t.accepted("binary", ("active", False), ("reuseaddr", True))
    port = t.port(listener)
    gen_tcp.close(listener)
    again = t.listen(("reuseaddr", True), port=port)
    peer.send(b"x")
    return (t.port(again) == port, receive_all(t, sock, 1, 500))


@case(
    "close-shutdown/after-end/half-open",
    title="Every function when the peer has closed and exit_on_close is false",
    means="""The socket is alive in all but recv, and send is ok once, although nobody is there to read it; after that
    even shutdown is an error. On inet unrecv still puts data back, and active once delivers it.""",
    source=EVERYTHING + "; option exit_on_close",
)
def every_call_half_open(t: Subject) -> Term:
    sock, peer = t.pair(("exit_on_close", False))
    close_peer(peer)
    gen_tcp.recv(sock, 0, 500)
    return every_call(t, sock)


@case(
    "close-shutdown/after-end/unnoticed",
    title="Every function when the peer has closed and nobody has noticed",
    means="""Until a recv meets the end all is well: names, options, even send. The recv is what changes the socket's
    state, and the answers behind it are those of a socket that has ended.""",
    source=EVERYTHING,
)
def every_call_unnoticed(t: Subject) -> Term:
    sock, peer = t.pair()
    close_peer(peer)
    return every_call(t, sock)


@case(
    "close-shutdown/after-end/oversized-packet",
    title="Every function after recv has said emsgsize",
    means="""On inet the connection is gone and the functions say so, each in its way; on socket nothing has happened
    except that the packet is gone, and even send works. Treat emsgsize as the end and close.""",
    source=EVERYTHING + "; option packet_size",
)
def every_call_oversized(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4), ("packet_size", 10))
    peer.send((100).to_bytes(4, "big") + bytes(100))
    gen_tcp.recv(sock, 0, 500)
    return every_call(t, sock, pause=0.03)


LATE: dict[str, list[Term]] = {
    "nodelay": [("nodelay", True)],
    "packet": [("packet", 1)],
    "buffer": [("buffer", 2000)],
    "ignored": [("high_watermark", 20000)],
    "active": [("active", "once")],
    "active_and_packet": [("active", True), ("packet", 1)],
    "none": [],
}


@case(
    "close-shutdown/order/setopts-after-refused-send",
    title="setopts after shutdown(write) and a send that was refused: socket says closed, although recv still works",
    means="""The send after shutdown is an error, as it should be; on socket it leaves its mark: setopts says closed
    from then on, or einval with another option next to active. Without the send everything can be set. Set options
    before the shutdown.""",
    source=SHUTDOWN + "; inet:setopts/2",
)
def setopts_after_refused_send(t: Subject) -> Term:
    return [(name, [late(t, options, send) for send in (False, True)]) for name, options in LATE.items()]


def late(t: Subject, options: list[Term], send: bool) -> Term:
    sock, _peer = t.pair()
    gen_tcp.shutdown(sock, "write")
    sent = t.catch(gen_tcp.send, sock, b"x") if send else "none"
    return (sent, t.catch(inet.setopts, sock, options), t.messages(idle=0.02))
