"""What becomes of those whom a busy port has suspended: they go on in order, or not at all."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from gentcp.erl import erlang, gen_tcp, inet

from ..case import case
from ..data import payload
from ..subject import Subject, Task
from ..term import Term
from ._common import start
from ._ports import is_port, unlink
from .ports_busy import busy

SOURCE = "erlang:port_command/2"


@case(
    "ports/suspended/command",
    title="A suspended command goes in when the port is not busy any more",
    means="""port_command waits in front of the port as a send does. When there is room the command is obeyed, its data
    go out behind what was queued before.""",
    source=SOURCE,
)
def suspended_command(t: Subject) -> Term:
    sock, peer, first = busy(t)
    if not is_port(t, sock):
        return "no port"
    second = start(t, erlang.port_command, sock, b"\0\0" + b"2")
    before = second.outcome(0.0)
    got, _ = peer.take(len(payload()) + 2)
    return (before, [task.outcome(5.0) for task in (first, second)], got[-2:])


@case(
    "ports/suspended/killed",
    title="A process that is killed while it is suspended has sent nothing; those behind it do not notice",
    means="""Suspended means that the data are still the sender's: they are not in the queue, and are lost with it.
    The one that was let in and waits for an answer is another matter, as its data are queued.""",
    source="gen_tcp:send/2; erlang:exit/2",
)
def killed(t: Subject) -> Term:
    sock, peer, first = busy(t)
    second, third = (start(t, gen_tcp.send, sock, data) for data in (b"2", b"3"))
    before = [task.outcome(0.0) for task in (second, third)]
    second.kill()
    got, _ = peer.take(len(payload()) + 2, 5.0)
    after = [task.outcome(5.0) for task in (first, third)]
    return (before, after, got[len(payload()) :])


@case(
    "ports/suspended/port-closed",
    title="port_close while others are suspended: their sends are refused, what was queued still arrives",
    means="""Whoever waits in front of a port that is closed gets an error, the one whose data are queued too, although
    they are delivered. A command that was suspended is lost without a word.""",
    source="erlang:port_close/1",
)
def port_closed(t: Subject) -> Term:
    sock, peer, first = busy(t)
    if not is_port(t, sock):
        return "no port"
    unlink(t, sock)
    second = start(t, gen_tcp.send, sock, b"2")
    third = start(t, erlang.port_command, sock, b"\0\0" + b"3")
    closed = t.catch(erlang.port_close, sock)
    results = [_outcome(task) for task in (first, second, third)]
    got, end = peer.drain(1.0)
    return (closed, results, len(got) - len(payload()), end)


def _outcome(task: Task) -> Term:
    return task.outcome(5.0)


@case(
    "ports/close/linger",
    title="port_close writes what is queued first, unless linger is {true, 0}: that resets",
    means="""A port that is closed below gen_tcp is flushed in the background like that of an owner that ends. With
    {linger, {true, 0}} the queue is dropped, and the peer has a reset instead of an end. A linger that is off does not
    count, whatever its time says.""",
    source="erlang:port_close/1; inet:setopts/2, option linger",
)
def port_close_linger(t: Subject) -> Term:
    return [(value, _port_closed_with(t, value)) for value in ((False, 0), (False, 5), (True, 0))]


def _port_closed_with(t: Subject, linger: Term) -> Term:
    sock, peer = t.stalled(("linger", linger))
    if not is_port(t, sock):
        return "no port"
    unlink(t, sock)
    sent = gen_tcp.send(sock, payload())
    told = inet.getopts(sock, ["linger"])
    closed = t.catch(erlang.port_close, sock)
    got, end = peer.drain(1.0)
    return (sent, told, closed, ("complete", len(got) == len(payload())), end)


@case(
    "close-shutdown/linger/what-the-system-has",
    title="close waits for what the system has, as long as linger says; a recv of another process hears of it then",
    means="""Nothing is queued in the driver, and still close takes its time: close(2) itself lingers. After that the
    recv that waited says closed, and the rest is the system's, which delivers it to a peer that reads at last.""",
    source="gen_tcp:close/1; inet:setopts/2, option linger",
    alone=True,
)
def what_the_system_has(t: Subject) -> Term:
    sock, peer = t.stalled(("linger", (True, 1)))
    sent = gen_tcp.send(sock, payload(150_000))
    reader = start(t, gen_tcp.recv, sock, 0)
    waited = t.timed(gen_tcp.close, sock)
    told = reader.outcome(5.0)
    got, end = peer.drain(1.0)
    return (sent, waited, told, ("complete", len(got) == 150_000), end, t.catch(gen_tcp.send, sock, b"x"))
