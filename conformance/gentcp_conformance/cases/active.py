"""Active modes: which message comes when, and how many."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import payload
from ..subject import Subject
from ..term import Term
from ._common import ACTIVE, active, joined, last_message, message_sizes, receive_all, set_active


@case(
    "active/default/is-true",
    title="Without the option a socket is active, connected or accepted",
    means="""If you say nothing, every byte the peer sends becomes a message in your mailbox, in list form and without
    flow control. Code that means to call recv must say {active, false}; servers should say it (or once) on the
    listener, from which accepted sockets inherit it.""",
    source=ACTIVE,
)
def default_is_true(t: Subject) -> Term:
    connected, peer = joined(t)
    _, accepted, other = t.accepted()
    modes = (active(t, connected), active(t, accepted))
    peer.send(b"a")
    other.send(b"b")
    return (modes, sorted(message[2] for message in t.messages(2)))


@case(
    "active/once/one-message",
    title="active once: one message, then passive, the rest stays readable",
    means="""active once is flow control by message: after one packet the socket is passive and a second packet, even
    from the same segment, waits until you arm the socket again or call recv. It is the mode for servers that must not
    be flooded.""",
    source=ACTIVE,
)
def once(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", "once"), ("packet", 1))
    peer.send(b"\1a\1b")
    return (t.messages(1), active(t, sock), receive_all(t, sock, 1), t.messages(idle=0.05))


@case(
    "active/once/then-end",
    title="End of file with active once: tcp_closed, and errors by backend afterwards",
    means="""tcp_closed tells that the socket is gone, also for once; getopts gives einval and send closed on both.
    Only recv still differs (closed on inet, einval on socket). After tcp_closed call close, nothing else.""",
    source=ACTIVE,
)
def once_then_end(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", "once"))
    peer.close()
    messages = t.messages(1)
    mode, sent = active(t, sock), t.catch(gen_tcp.send, sock, b"a")
    return (messages, mode, sent, receive_all(t, sock, 1), t.catch(gen_tcp.close, sock))


@case(
    "active/true/message-sizes",
    title="Raw data in active mode: messages of at most a buffer, 9216 or 8192 bytes",
    means="""A message of an active raw socket carries what one read gave, at most buffer bytes, and the default
    buffers differ. Where one write of the peer gave one message in your tests, another backend or a larger write
    gives two: frame your data.""",
    source=ACTIVE + "; option buffer",
)
def message_sizes_raw(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(payload(10000))
    set_active(t, sock, True)
    return message_sizes(t.messages(2))


@case(
    "active/true/back-to-passive",
    title="true to false: data that comes later is for recv",
    means="""Once setopts has returned, no more data messages are made; what arrives then waits for recv. Messages
    that were in the mailbox before stay there, so drain it when you switch a socket that was flowing.""",
    source=ACTIVE,
)
def back_to_passive(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", True))
    done = set_active(t, sock, False)
    peer.send(b"abc")
    return (done, t.messages(), receive_all(t, sock, 1, 500))


@case(
    "active/true/back-to-passive-mid-packet",
    title="true to false in the middle of a packet: recv gets it whole",
    means="""Half a packet that had been read in active mode is not lost by the change to passive; the next recv
    returns the complete packet. The mode says how packets are handed over, not where they start.""",
    source=ACTIVE + "; option packet",
)
def back_to_passive_mid_packet(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", True), ("packet", 4))
    peer.send(b"\0\0\0\6abc")
    done = set_active(t, sock, False)
    peer.send(b"def")
    return (done, t.messages(), receive_all(t, sock, 1, 500))


@case(
    "active/true/packets-read-ahead",
    title="Packets read ahead in passive mode become messages",
    means="""recv of one packet may have read the next ones as well. They are the first messages when the socket is
    made active: one for once, the others for true. Mixing recv and active mode loses nothing and keeps the order.""",
    source=ACTIVE,
)
def packets_read_ahead(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1))
    peer.send(b"\1a\1b\1c")
    first = receive_all(t, sock, 1, 500)
    set_active(t, sock, "once")
    second = t.messages(1)
    set_active(t, sock, True)
    return (first, second, t.messages(1))


@case(
    "active/owner/set-by-another",
    title="Whoever makes the socket active, the owner gets the message",
    means="""setopts is open to every process, but messages go to the owner. A worker that sets active once and waits
    in receive waits in vain: transfer the socket first (controlling_process), or use recv.""",
    source=ACTIVE + "; gen_tcp:controlling_process/2",
)
def set_by_another(t: Subject) -> Term:
    sock, peer = t.pair()
    other = t.spawn(set_active, t, sock, "once")
    done = other.outcome(5.0)
    peer.send(b"abc")
    owner = t.messages(1)
    return (("p1", (done, other.call(t.messages) or "none")), ("owner", owner))


@case(
    "active/close/by-another-process",
    title="Another process closes the socket: only socket tells the owner",
    means="""On inet a close from elsewhere is silent for the owner (apart from an exit signal if it traps exits); on
    the socket backend an active owner gets tcp_closed. A connection process that must know should monitor the socket,
    or be asked to close it itself.""",
    source="gen_tcp:close/1; " + ACTIVE,
)
def close_by_another(t: Subject) -> Term:
    return [closed_by_another(t, mode) for mode in (True, "once", 3, False)]


def closed_by_another(t: Subject, mode: Term) -> Term:
    sock, _ = joined(t, "binary", ("active", mode))
    return (mode, t.spawn(gen_tcp.close, sock).outcome(5.0), t.messages())


@case(
    "active/close/takes-back-tcp-closed",
    title="close removes a tcp_closed that waits in the mailbox, on inet only",
    means="""The peer has closed, tcp_closed is in the mailbox, and you call close: inet takes the message out again,
    socket leaves it. A process that goes on to serve another connection may meet a tcp_closed of the old one on the
    socket backend; match on the socket and drop what is not yours.""",
    source="gen_tcp:close/1",
)
def takes_back_tcp_closed(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", True))
    peer.close()
    last_message("tcp_closed")
    return (gen_tcp.close(sock), t.messages())


@case(
    "active/deliver/port",
    title="{deliver, port}: data comes as {Socket, {data, Data}}, the end as tcp_closed",
    means="""The old port format wraps data messages only; tcp_closed keeps its form. Code written for ports can use
    it, with a second pattern for the end.""",
    source="inet:setopts/2, option deliver",
)
def deliver_port(t: Subject) -> Term:
    _, peer = joined(t, "binary", ("active", True), ("deliver", "port"))
    peer.send(b"abc")
    peer.close()
    return t.messages(2)


@case(
    "active/mode/switched-between-packets",
    title="mode can change between packets that are already read",
    means="""list or binary is decided when a packet is handed over, not when it arrives. A protocol with a textual
    greeting and a binary body may switch in between, whatever has been read ahead.""",
    source="inet:setopts/2, option mode",
)
def mode_switched(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1))
    peer.send(b"\1a\1b\1c")
    first = receive_all(t, sock, 1, 500)
    to_list = t.catch(inet.setopts, sock, [("mode", "list")])
    second = receive_all(t, sock, 1, 500)
    to_binary = t.catch(inet.setopts, sock, ["binary"])
    return (first, to_list, second, to_binary, receive_all(t, sock, 1, 500))
