"""Packet type line."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import PACKET, chunk_sizes, close_peer, joined, message_sizes, receive_all

LINE = "inet:setopts/2, option packet (line)"
LONG_LINE = b"a" * 249 + b"\n"


@case(
    "packet/line/keeps-line-ends",
    title="line keeps CR and LF and delivers empty lines",
    means="""A line comes with its newline, and a carriage return in front of it stays. Strip them yourself, and match
    the empty line as <<"\\r\\n">> or <<"\\n">>, not as <<>>. A last line without newline is not delivered before it
    is complete.""",
    source=LINE,
)
def keeps_line_ends(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"))
    peer.send(b"a\r\n\n\r\nb")
    return receive_all(t, sock, 4)


@case(
    "packet/line/longer-than-buffer",
    title="A line of 20000 bytes: cut into pieces on inet, whole on socket",
    means="""inet cuts a line that is longer than its buffer (9216 bytes by default), and the pieces are ordinary
    results: only the last one ends in a newline. A line parser that trusts one recv to be one line misreads long
    lines on inet. Check for the newline, or set buffer above the longest line.""",
    source=LINE + ", lines longer than the receive buffer",
    contradicts="""That lines longer than the receive buffer are truncated. On inet they come in pieces with nothing
    missing, and on socket whole.""",
)
def longer_than_buffer(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"))
    peer.send(b"a" * 19999 + b"\n")
    return chunk_sizes(t, sock)


def sizes_of_long_line(t: Subject, *options: Term) -> Term:
    sock, peer = t.pair(("packet", "line"), *options)
    peer.send(LONG_LINE + b"next\n")
    return chunk_sizes(t, sock)


@case(
    "packet/line/buffer-100",
    title="{buffer, 100} and a line of 250 bytes: 100 + 100 + 50 on inet",
    means="""The cut follows the option buffer, and the next line is not affected. On socket buffer has no say in what
    a line is. A small buffer chosen to save memory thus changes the meaning of the data on inet.""",
    source=LINE + "; option buffer",
    contradicts="""That lines longer than the receive buffer are truncated. On inet they come in pieces with nothing
    missing, and on socket whole.""",
)
def line_buffer_100(t: Subject) -> Term:
    return sizes_of_long_line(t, ("buffer", 100))


@case(
    "packet/line/buffer-below-packet-size",
    title="A larger packet_size does not stop inet from cutting",
    means="""packet_size says how long a line may be, but on inet the buffer decides first: a line of 250 bytes is cut
    at 100 although 1000 are allowed. Raise buffer together with packet_size.""",
    source=LINE + "; options buffer and packet_size",
    contradicts="""That packet_size guarantees lines up to its length whatever the internal buffers. On inet buffer cuts
    them.""",
)
def buffer_below_packet_size(t: Subject) -> Term:
    return sizes_of_long_line(t, ("buffer", 100), ("packet_size", 1000))


@case(
    "packet/line/over-packet-size",
    title="A line over packet_size is emsgsize; then enotconn on inet, silence on socket",
    means="""This is how to refuse long lines on both backends. After it inet has closed the connection; on socket it
    is open, the line has been thrown away with everything read so far, and a reader that tries again just waits.
    Close it in both cases.""",
    source=LINE + "; option packet_size",
)
def over_packet_size(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"), ("packet_size", 100))
    peer.send(LONG_LINE + b"next\n")
    return (chunk_sizes(t, sock), receive_all(t, sock, 1))


@case(
    "packet/line/over-packet-size-unfinished",
    title="emsgsize does not wait for the newline",
    means="""A peer that sends a line without end is refused as soon as the limit is passed, so packet_size bounds the
    memory a line can cost. Without it such a peer can make the socket backend collect up to 64 MB.""",
    source=LINE + "; option packet_size",
)
def over_packet_size_unfinished(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"), ("packet_size", 100))
    peer.send(b"a" * 250)
    return chunk_sizes(t, sock)


@case(
    "packet/line/cut-in-active-mode",
    title="Long lines are cut into several messages in active mode, too",
    means="""Each piece is a message of its own and counts for active N. As in passive mode only inet cuts, so the
    newline at the end of the data is the only sign of a complete line.""",
    source=LINE + "; options active and buffer",
    contradicts="""That lines longer than the receive buffer are truncated. On inet they come in pieces with nothing
    missing, and on socket whole.""",
)
def cut_in_active_mode(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"), ("buffer", 100))
    peer.send(LONG_LINE + b"next\n")
    inet.setopts(sock, [("active", True)])
    return message_sizes(t.messages(2))


@case(
    "packet/line/end-without-newline",
    title="A last line without newline is dropped at the end of file",
    means="""Text that ends without a newline loses its last line: closed comes instead. If your peers are careless
    about that (files piped through netcat), read in raw mode and split yourself.""",
    source=LINE,
)
def end_without_newline(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"))
    peer.send(b"x\nabc")
    close_peer(peer)
    return receive_all(t, sock, 3)


@case(
    "packet/line/end-without-newline-active",
    title="The same in active mode: the line, then tcp_closed",
    means="""No message carries the incomplete line and none says that there was one. Whatever must not be lost needs
    its newline.""",
    source=LINE + "; option active",
)
def end_without_newline_active(t: Subject) -> Term:
    _, peer = joined(t, "binary", ("active", True), ("packet", "line"))
    peer.send(b"x\nabc")
    peer.close()
    return t.messages(2)


@case(
    "packet/line/half-line-then-raw",
    title="Half a line can be fetched in raw mode",
    means="""A prompt has no newline: recv in line mode times out on "login: ". Turn to raw and read it; nothing is
    lost by the timeout.""",
    source=PACKET,
)
def half_line_then_raw(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"))
    peer.send(b"abc")
    first = gen_tcp.recv(sock, 0, 100)
    done = inet.setopts(sock, [("packet", "raw")])
    return (first, done, receive_all(t, sock, 1, 500))


@case(
    "packet/line/delimiter",
    title="line_delimiter works on both, but inet cannot read it back",
    means="""Any byte can end a "line", a semicolon here, and a newline inside is then data. getopts returns the
    option on socket and fails with einval on inet; asked together with other options it makes the whole call fail
    there.""",
    source="inet:setopts/2, option line_delimiter",
    contradicts="""That getopts gives an error tuple only when the socket is closed, and leaves out what it cannot get.
    On inet line_delimiter makes it fail.""",
)
def delimiter(t: Subject) -> Term:
    sock, peer = t.pair(("packet", "line"), ("line_delimiter", ord(";")))
    peer.send(b"a;b\nc;")
    return (receive_all(t, sock, 2, 500), t.catch(inet.getopts, sock, ["line_delimiter"]))


@case(
    "packet/line/delimiter-inherited",
    title="A delimiter set on the listener: inherited on socket, not on inet",
    means="""Accepted sockets on inet split at newlines whatever the listener says; on socket they take over the
    listener's delimiter. Set it on each accepted socket, before it becomes active.""",
    source="inet:setopts/2, option line_delimiter; gen_tcp:accept/1",
)
def delimiter_inherited(t: Subject) -> Term:
    listener = t.listen("binary", ("active", False), ("packet", "line"))
    done = t.catch(inet.setopts, listener, [("line_delimiter", ord(";"))])
    peer = t.raw_connect(t.port(listener))
    sock = gen_tcp.accept(listener, 5000)[1]
    peer.send(b"a;b\n")
    return (done, receive_all(t, sock, 1, 500))
