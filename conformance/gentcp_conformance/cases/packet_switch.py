"""Changing the packet type while data is in the buffer."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import PACKET, close_peer, joined, receive_all, recvs, set_active


def switch(sock: Term, *options: Term) -> Term:
    """Result of setting these options in one call."""
    return inet.setopts(sock, list(options))


@case(
    "packet/switch/line-to-packet-2",
    title="A line of greeting, then packet 2, all in one segment",
    means="""The type is looked at when a packet is taken out and not when bytes come in, so what was read ahead with
    the line is cut by the new rule. A handshake in text in front of a binary protocol needs no pause between the two.
    (On OTP 25 what socket had read ahead was not found any more, and recv waited for ever.)""",
    source=PACKET,
)
def line_to_packet_2(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"))
    peer.send(b"HELLO 2\n\0\2hi\0\0\0\3abc")
    greeting = receive_all(t, sock, 1)
    return (greeting, switch(sock, ("packet", 2)), receive_all(t, sock, 4))


@case(
    "packet/switch/wider-header",
    title="From packet 1 to packet 4 in the middle of a stream",
    means="""Even a change from one header to another works without a gap. What decides is the order of your calls: set
    the new type before the recv that should use it.""",
    source=PACKET,
)
def wider_header(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1))
    peer.send(b"\2hi\0\0\0\3abc\1x")
    first = receive_all(t, sock, 1)
    done = switch(sock, ("packet", 4))
    second = receive_all(t, sock, 1)
    return (first, done, second, switch(sock, ("packet", 1)), receive_all(t, sock, 2))


@case(
    "packet/switch/unfinished-in-another-type",
    title="Half a packet read in another type",
    means="""Three bytes that were half a packet 4 are a whole packet 1. A socket whose type is wrong reads on happily
    as long as the bytes make sense in it: a mistake shows late, if at all.""",
    source=PACKET,
)
def unfinished_in_another_type(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    peer.send(b"\2hi")
    first = receive_all(t, sock, 1)
    return (first, switch(sock, ("packet", 1)), receive_all(t, sock, 2))


@case(
    "packet/switch/waiting-data-is-invalid",
    title="What was good in raw is emsgsize under a new type with a limit",
    means="""Setting packet 4 and packet_size on data that already waits refuses it at the next recv, not in setopts,
    which says ok. After that the connection is gone on inet, and on socket every recv says emsgsize again, at once: a
    loop that goes on after errors spins.""",
    source=PACKET + " and packet_size",
)
def waiting_data_is_invalid(t: Subject) -> Term:
    sock, peer = t.pair()
    peer.send(b"aGET / HTTP/1.0\r\n\r\n")
    first = recvs(t, sock, (1, 500))
    done = switch(sock, ("packet", 4), ("packet_size", 1000))
    return (first, done, receive_all(t, sock, 2))


@case(
    "packet/switch/send-side-at-once",
    title="The type counts for sending from the very next send",
    means="""One option governs both directions. A server that turns its socket to raw in order to read a body sends its
    next reply without a header; put the type back before you answer.""",
    source=PACKET + "; gen_tcp:send/2",
)
def send_side_at_once(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 2))
    for kind in (2, "raw", 4, "line", 1):
        switch(sock, ("packet", kind))
        gen_tcp.send(sock, b"x")
    return peer.recv_exact(11)


@case(
    "packet/switch/active-packets-waiting",
    title="Active once: the second packet is cut by the type that counts when it is asked for",
    means="""With active once there is time to set the type between two messages, also if both packets had come
    together. With active true there is not: the message was made before your setopts. (On OTP 25 socket delivered "bc"
    here: the framing was lost together with a byte.)""",
    source=PACKET + "; option active",
)
def active_packets_waiting(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", "once"), ("packet", "line"))
    peer.send(b"head\n\3abc")
    head = t.messages(1)
    done = switch(sock, ("packet", 1), ("active", "once"))
    return (head, done, t.messages(1))


@case(
    "packet/switch/type-and-active-in-one-call",
    title="active in front of packet in one setopts: which type the waiting data is cut by",
    means="""Both options in one list, active first. The whole list is in force before anything is delivered, on both
    backends, so the order in the list does not matter here; with two calls it would.""",
    source="inet:setopts/2, options active and packet",
)
def type_and_active_in_one_call(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"))
    peer.send(b"head\n\3abc")
    head = receive_all(t, sock, 1)
    done = switch(sock, ("active", "once"), ("packet", 1))
    return (head, done, t.messages(1))


@case(
    "packet/switch/mode-mid-packet",
    title="mode set while a packet is half there counts for the whole packet",
    means="""A packet is made into a list or a binary when it is handed out, so there is never one that is half of each.
    The mode can be changed at any time without looking at what is under way.""",
    source=PACKET + "; option mode",
)
def mode_mid_packet(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    peer.send(b"\0\0\0\6abc")
    first = receive_all(t, sock, 1)
    done = switch(sock, "list")
    peer.send(b"def")
    return (first, done, receive_all(t, sock, 1, 500))


@case(
    "packet/switch/to-raw-after-end",
    title="Half a packet, the end of file, then raw: the half can be read if nobody saw the end",
    means="""The timeout of recv left the half in the buffer, the peer has closed meanwhile. As long as no recv in
    packet mode has met the end, raw mode still gives the fragment, then closed. To log what a client sent before it
    hung up in the middle, switch before you read on.""",
    source=PACKET + "; gen_tcp:recv/3",
)
def to_raw_after_end(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    peer.send(b"\0\0\0\6abc")
    first = receive_all(t, sock, 1)
    close_peer(peer)
    return (first, switch(sock, ("packet", "raw")), receive_all(t, sock, 2))


@case(
    "packet/switch/half-then-length",
    title="Half a packet, then raw and a length that the rest completes",
    means="""Turned to raw the header bytes are data, and recv(S, 10) waits for the ten bytes of header and body
    together. A framing of your own can take over in the middle of a packet.""",
    source=PACKET + "; gen_tcp:recv/3",
)
def half_then_length(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 4))
    peer.send(b"\0\0\0\6abc")
    first = receive_all(t, sock, 1)
    done = switch(sock, ("packet", "raw"))
    peer.send(b"def")
    return (first, done, recvs(t, sock, (10, 500), (0, 50)))


@case(
    "packet/switch/active-made-whole",
    title="A type that makes the waiting bytes a packet: told at once on inet, with the next data on socket",
    means="""Three bytes that were half a packet 4 are a whole packet 1. inet looks at them in setopts and sends the
    message; socket waits until something else arrives. If the peer is waiting for an answer to just that packet, both
    wait for ever on socket.""",
    source=PACKET + "; option active",
)
def active_half_packet(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", True), ("packet", 4))
    peer.send(b"\2hi\1")
    before = t.messages()
    done = switch(sock, ("packet", 1))
    switched = t.messages()
    peer.send(b"x")
    return (before, done, switched, t.messages(1))


@case(
    "packet/switch/active-off-and-on",
    title="{active, true} again does not wake socket; false and true does",
    means="""To make socket look at what waits after a change of type, the mode must change: set active to false and to
    true again. true on top of true is no change and does nothing. On inet the first setopts has delivered already, and
    the others do no harm.""",
    source=PACKET + "; option active",
)
def active_set_again(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", True), ("packet", 4))
    peer.send(b"\2hi\1")
    before = t.messages()
    again = (switch(sock, ("packet", 1), ("active", True)), t.messages())
    off = (set_active(t, sock, False), t.messages())
    return (before, again, off, set_active(t, sock, True), t.messages())
