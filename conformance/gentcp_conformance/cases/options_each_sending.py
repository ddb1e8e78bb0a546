"""Each option about sending: defaults, set and read back, inheritance, wrong values."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from ..case import case
from ..subject import Subject
from ..term import Term
from ._each import all_about


@case(
    "options/each/delay-send",
    title="delay_send: kept by both, of effect on inet alone",
    means="""The default is false. socket takes and reads back the option; there is no queue that it could be about.""",
    source="inet:setopts/2, option delay_send; gen_tcp:connect/4, listen/2",
)
def delay_send(t: Subject) -> Term:
    return all_about(t, "delay_send", (True, False), (1, "yes"))


@case(
    "options/each/high-watermark",
    title="high_watermark: 8192 on inet; socket has no such thing and says ok",
    means="""On socket setopts, connect and listen take it and getopts leaves it out, since there is no queue in user
    space. Accepted sockets of inet have their listener's.""",
    source="inet:setopts/2, option high_watermark; gen_tcp:connect/4, listen/2",
)
def high_watermark(t: Subject) -> Term:
    return all_about(t, "high_watermark", (100000, 100), ("foo", -1, 1 << 32))


@case(
    "options/each/low-watermark",
    title="low_watermark: 4096 on inet; socket has no such thing and says ok",
    means="""As high_watermark: a number of inet's queue, and taken and ignored by socket. A server that tunes it
    has nothing to tune after the switch to socket.""",
    source="inet:setopts/2, option low_watermark; gen_tcp:connect/4, listen/2",
)
def low_watermark(t: Subject) -> Term:
    return all_about(t, "low_watermark", (100, 100000), ("foo", -1, 1 << 32))


@case(
    "options/each/high-msgq-watermark",
    title="high_msgq_watermark: a limit of the VM's own queues, in bytes, at least 1",
    means="""inet counts calls that wait for the port; socket ignores it. Zero and -1 are refused by inet, other
    negative numbers count as very large ones.""",
    source="inet:setopts/2, option high_msgq_watermark; gen_tcp:connect/4, listen/2",
)
def high_msgq_watermark(t: Subject) -> Term:
    return all_about(t, "high_msgq_watermark", (100000, 100), (0, -1, -2, "foo", 1 << 32))


@case(
    "options/each/low-msgq-watermark",
    title="low_msgq_watermark: a limit of the VM's own queues, in bytes, at least 1",
    means="""See high_msgq_watermark; each pulls the other along when they would cross. Set the high one first
    when you raise both, and the low one when you lower them.""",
    source="inet:setopts/2, option low_msgq_watermark; gen_tcp:connect/4, listen/2",
)
def low_msgq_watermark(t: Subject) -> Term:
    return all_about(t, "low_msgq_watermark", (100, 100000), (0, -1, -2, "foo", 1 << 32))


@case(
    "options/each/send-timeout",
    title="send_timeout: infinity by default, inherited",
    means="""Milliseconds. inet cuts them to 32 bits, so 4294967295 is infinity again; socket keeps what it is given,
    by setopts even what is no time.""",
    source="inet:setopts/2, option send_timeout; gen_tcp:connect/4, listen/2",
)
def send_timeout(t: Subject) -> Term:
    return all_about(t, "send_timeout", (1000, 0, "infinity"), (-1, "foo", 1 << 32, (1 << 32) - 1))


@case(
    "options/each/send-timeout-close",
    title="send_timeout_close: false by default, inherited",
    means="""Whether a send that times out closes the socket. Set it with send_timeout in listen and every accepted
    socket has both.""",
    source="inet:setopts/2, option send_timeout_close; gen_tcp:connect/4, listen/2",
)
def send_timeout_close(t: Subject) -> Term:
    return all_about(t, "send_timeout_close", (True, False), (1, "yes"))


@case(
    "options/each/debug",
    title="debug: a boolean; the values say nothing about tracing",
    means="""A switch for the tracing of the VM's own code. It is read back as false unless set; setting it true
    makes a VM write to its terminal, which is not tried here. connect and listen of socket do not look
    at the value.""",
    source="inet:setopts/2, option debug; gen_tcp:connect/4, listen/2",
)
def debug(t: Subject) -> Term:
    return all_about(t, "debug", (False,), (1, "foo"))


@case(
    "options/each/linger",
    title="linger: off by default, inherited, negative times refused by socket",
    means="""The pair of a boolean and seconds goes to the system as it is. Accepted sockets get it even when it was
    set while they were waiting.""",
    source="inet:setopts/2, option linger; gen_tcp:connect/4, listen/2",
)
def linger(t: Subject) -> Term:
    return all_about(t, "linger", ((True, 5), (True, 0), (False, 0)), (5, (1, 5), (True, "x"), (True, -1), (False, -1)))


@case(
    "options/each/nodelay",
    title="nodelay: false by default, inherited",
    means="""Small packets leave at once. Both backends check it. An accepted socket has its listener's, also when it
    was set while the connection was waiting, where the system alone would not have copied it.""",
    source="inet:setopts/2, option nodelay; gen_tcp:connect/4, listen/2",
)
def nodelay(t: Subject) -> Term:
    return all_about(t, "nodelay", (True, False), (1, "yes"))
