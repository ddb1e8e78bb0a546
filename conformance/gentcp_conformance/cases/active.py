"""Active modes: which message comes when, and how many."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp, inet

from ..case import case
from ..data import payload
from ..subject import Subject
from ..term import Term
from ._common import active, joined, last_message, message_sizes, receive_all

ACTIVE = "inet:setopts/2, option active"


def set_active(t: Subject, sock: Term, mode: Term) -> Term:
    return t.catch(inet.setopts, sock, [("active", mode)])


@case(
    "active/default/is-true",
    title="Without the option a socket is active, connected or accepted",
    means="""If you say nothing, every byte the peer sends becomes a message in your mailbox, in list form and without
    flow control. Code that means to call recv must say {active, false}; servers should say it (or once) on the
    listener, from which accepted sockets inherit it.""",
    source=ACTIVE,
    fact="active_default",
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
    fact="active_once",
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
    fact="active_once_fin_only",
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
    fact="active_true_raw_big",
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
    fact="active_true_to_false_recv",
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
    fact="active_true_to_false_partial",
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
    fact="active_set_with_buffered_packets",
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
    "active/n/counts-down-to-passive",
    title="active 3 and five packets: three messages, tcp_passive, two left for recv",
    means="""{active, N} is a window of N messages; tcp_passive marks its end, and what comes after stays in the
    socket. Add to the window when tcp_passive arrives, or earlier, and the stream flows without a setopts call per
    message.""",
    source=ACTIVE + ", {active, N}",
    fact="active_n_sequence",
)
def counts_down_to_passive(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", 3), ("packet", 1))
    peer.send(b"\1a\1b\1c\1d\1e")
    return (t.messages(4), active(t, sock), receive_all(t, sock, 3))


@case(
    "active/n/count-is-visible",
    title="getopts shows how many messages are left",
    means="""The count goes down with each message that is delivered, and getopts tells it. A consumer that tops up
    its window can compute from it how many to add.""",
    source="inet:getopts/2; " + ACTIVE + ", {active, N}",
    fact="active_n_count_down",
)
def count_is_visible(t: Subject) -> Term:
    sock, peer = joined(t, "binary", ("active", 3), ("packet", 1))
    modes: list[Term] = [active(t, sock)]
    messages: list[Term] = []
    for packet in (b"\1a", b"\1b"):
        peer.send(packet)
        messages += t.messages(1)
        modes.append(active(t, sock))
    return (*modes, messages)


@case(
    "active/n/negative-takes-away",
    title="Counts add up: 3 and then -3 or less ends in passive mode, with tcp_passive",
    means="""setopts adds to the count instead of replacing it, so a negative number shrinks the window, and reaching
    zero or below sends tcp_passive just as running out does. A tcp_passive does not prove that N packets have
    come.""",
    source=ACTIVE + ", {active, N}",
    fact="active_n_subtract_to_zero",
)
def negative_takes_away(t: Subject) -> Term:
    sock, _ = t.pair()
    return [take_away(t, sock, number) for number in (-3, -5)]


def take_away(t: Subject, sock: Term, number: int) -> Term:
    set_active(t, sock, 3)
    done = set_active(t, sock, number)
    return (number, done, t.messages(1), active(t, sock))


@case(
    "active/n/negative-from-elsewhere",
    title="A negative count on a passive or an active true socket: tcp_passive and passive",
    means="""With no count to subtract from, -1 is as good as 0: the socket is passive and says so by a message, even
    if it was passive before or had no limit at all. Expect a tcp_passive for every setopts that ends at zero.""",
    source=ACTIVE + ", {active, N}",
    fact="active_n_negative_from_passive",
)
def negative_from_elsewhere(t: Subject) -> Term:
    return [negative_from(t, mode) for mode in (False, True)]


def negative_from(t: Subject, mode: bool) -> Term:
    sock, _ = t.pair()
    set_active(t, sock, mode)
    done = set_active(t, sock, -1)
    return (mode, done, t.messages(1), active(t, sock))


@case(
    "active/n/limits",
    title="The sum must stay within 16 bits; a refused number changes nothing",
    means="""The count is a signed 16 bit number: 32767 and one more is einval and leaves 32767 in place; numbers out
    of range are refused whatever the count. A window that is topped up blindly must look at the result of
    setopts.""",
    source=ACTIVE + ", {active, N}",
    fact="active_n_overflow",
)
def limits(t: Subject) -> Term:
    sock, _ = t.pair()
    numbers = (32767, 1, 32768, -32768, -32769, 100000, 5)
    return ([(number, set_active(t, sock, number), active(t, sock)) for number in numbers], t.messages(1))


@case(
    "active/n/in-connect",
    title="A count in the options of connect: tcp_passive at once for 0 and below, exit out of range",
    means="""connect with {active, 0} gives a passive socket and one tcp_passive message, so the receiver loop of a
    credit scheme can start from its handler of tcp_passive. Numbers out of range make connect exit with badarg
    instead of returning an error.""",
    source="gen_tcp:connect/4; " + ACTIVE + ", {active, N}",
    fact="active_n_connect_option",
)
def in_connect(t: Subject) -> Term:
    port = t.raw_listener(backlog=16).port
    return [connect_active(t, port, mode) for mode in (0, -1, 1, 32768, -32768, -32769, "maybe_")]


def connect_active(t: Subject, port: int, mode: Term) -> Term:
    options = t.options("binary", ("active", mode))
    result = t.catch(gen_tcp.connect, (127, 0, 0, 1), port, options, 5000)
    seen = ("ok", active(t, result[1])) if result[0] == "ok" else result
    return (mode, seen, t.messages())


@case(
    "active/n/replaced-by-false",
    title="{active, 5} then {active, false}: socket says tcp_passive, inet does not",
    means="""Turning a count off by hand is silent on inet; the socket backend sends tcp_passive as if the count had
    run out. A loop that arms the socket again on every tcp_passive undoes the very {active, false} that stopped it:
    keep in your state that you wanted it to stop.""",
    source=ACTIVE + ", {active, N}",
    fact="active_n_to_false",
)
def replaced_by_false(t: Subject) -> Term:
    sock, _ = t.pair()
    set_active(t, sock, 5)
    return (set_active(t, sock, False), t.messages(), active(t, sock))


@case(
    "active/n/replaced-by-true-or-once",
    title="true and once replace a count without a message; a new count starts from zero",
    means="""Going from a count to true or once is silent on both backends, and going back starts a fresh count
    instead of adding to the old one. Only steps between counts add up.""",
    source=ACTIVE + ", {active, N}",
    fact="active_n_to_true_once",
)
def replaced_by_true_or_once(t: Subject) -> Term:
    sock, _ = t.pair()
    modes = (5, True, 3, "once", 2)
    return ([(mode, set_active(t, sock, mode), active(t, sock)) for mode in modes], t.messages())


@case(
    "active/listener/count",
    title="A listener has a count, too, and sends tcp_passive",
    means="""active on a listener is a value for accepted sockets to inherit, yet it counts and reports like a
    connection's own: subtracting to zero sends tcp_passive with the listener in it. A clause for tcp_passive should
    match the socket it is meant for.""",
    source="gen_tcp:listen/2; " + ACTIVE,
    fact="active_listener",
)
def listener_count(t: Subject) -> Term:
    listener = t.listen(("active", 2))
    mode = active(t, listener)
    done, messages = set_active(t, listener, -2), t.messages(1)
    return (mode, done, messages, set_active(t, listener, 0), t.messages(1), active(t, listener))


@case(
    "active/listener/count-is-inherited",
    title="Each accepted socket gets the listener's full count",
    means="""The listener's {active, 2} is a template: the accepted socket counts on its own and the listener's number
    stays. Messages may arrive before accept's result has been looked at, so match on the socket later, not first.""",
    source="gen_tcp:accept/1; " + ACTIVE,
    fact="active_accept_inherits_n",
)
def count_is_inherited(t: Subject) -> Term:
    listener, sock, peer = t.accepted("binary", ("active", 2), ("packet", 1))
    mode = active(t, sock)
    peer.send(b"\1a\1b\1c")
    return (mode, t.messages(3), active(t, listener))


@case(
    "active/listener/once-is-inherited",
    title="active once on a listener is not used up by accepting",
    means="""Every accepted socket starts with active once, not just the first. You get exactly one message per
    connection until you arm it, which makes the option on the listener a safe default for servers.""",
    source="gen_tcp:accept/1; " + ACTIVE,
    fact="active_accept_listener_once",
)
def once_is_inherited(t: Subject) -> Term:
    listener, first, _ = t.accepted(("active", "once"))
    t.raw_connect(t.port(listener))
    second = gen_tcp.accept(listener, 5000)[1]
    return (active(t, first), active(t, second), active(t, listener))


@case(
    "active/owner/set-by-another",
    title="Whoever makes the socket active, the owner gets the message",
    means="""setopts is open to every process, but messages go to the owner. A worker that sets active once and waits
    in receive waits in vain: transfer the socket first (controlling_process), or use recv.""",
    source=ACTIVE + "; gen_tcp:controlling_process/2",
    fact="active_set_by_non_owner",
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
    fact="active_close_by_other",
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
    fact="active_close_self_flushes_tcp_closed",
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
    fact="deliver_port",
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
    fact="mode_switch",
)
def mode_switched(t: Subject) -> Term:
    sock, peer = t.pair(("packet", 1))
    peer.send(b"\1a\1b\1c")
    first = receive_all(t, sock, 1, 500)
    to_list = t.catch(inet.setopts, sock, [("mode", "list")])
    second = receive_all(t, sock, 1, 500)
    to_binary = t.catch(inet.setopts, sock, ["binary"])
    return (first, to_list, second, to_binary, receive_all(t, sock, 1, 500))
