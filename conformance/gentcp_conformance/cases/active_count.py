"""Active modes that count, and those of a listener."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import gen_tcp

from ..case import case
from ..subject import Subject
from ..term import Term
from ._common import ACTIVE, active, joined, receive_all, set_active


@case(
    "active/n/counts-down-to-passive",
    title="active 3 and five packets: three messages, tcp_passive, two left for recv",
    means="""{active, N} is a window of N messages; tcp_passive marks its end, and what comes after stays in the
    socket. Add to the window when tcp_passive arrives, or earlier, and the stream flows without a setopts call per
    message.""",
    source=ACTIVE + ", {active, N}",
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
    stays. A count on the listener limits each connection, not all of them together.""",
    source="gen_tcp:accept/1; " + ACTIVE,
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
)
def once_is_inherited(t: Subject) -> Term:
    listener, first, _ = t.accepted(("active", "once"))
    t.raw_connect(t.port(listener))
    second = gen_tcp.accept(listener, 5000)[1]
    return (active(t, first), active(t, second), active(t, listener))
