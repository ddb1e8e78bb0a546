"""Ports whose queue is full: nosuspend, force, and who is told that a process is suspended."""

# ruff: noqa: D103 - what a case is about stands in its decorator

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gentcp
from gentcp.erl import erlang, gen_tcp, inet_tcp, prim_inet

from ..case import case
from ..data import payload
from ..subject import Peer, Subject, Task
from ..term import Term
from ._common import blocked_sender, start, underway
from ._ports import apply, is_port, label, system_monitored

SOURCE = "erlang:port_command/3"
MONITOR = "erlang:system_monitor/2, busy_port"


def busy(t: Subject, *options: Term) -> tuple[Term, Peer, Task]:
    """A stalled pair, and a process that is blocked sending on it."""
    sock, peer = t.stalled(*options)
    return sock, peer, blocked_sender(t, sock, peer)


@case(
    "ports/busy/send-options",
    title="send with nosuspend says busy where it would wait; force waits in the driver",
    means="""inet_tcp:send(Socket, Data, [nosuspend]) is {error, busy} when somebody is blocked by the full queue, and
    ok otherwise. With force the data are queued all the same, and the caller waits for room as the first one does.""",
    source=f"{SOURCE}; inet_tcp:send/3 (undocumented)",
)
def send_options(t: Subject) -> Term:
    sock, _ = t.pair()
    variants: list[list[Term]] = [[], ["nosuspend"], ["force"], ["nosuspend", "force"], ["foo"]]
    idle = [t.catch(inet_tcp.send, sock, b"a", options) for options in variants]
    sock, _, _ = busy(t)
    calls = [start(t, inet_tcp.send, sock, b"b", options) for options in (["nosuspend"], ["force"], [])]
    full = [call.outcome(0.2) if _returns(call) else "raised" for call in calls] if is_port(t, sock) else "no port"
    return (idle, full, t.catch(prim_inet.send, sock, b"b", ["nosuspend"]))


def _returns(call: Task) -> bool:
    call.outcome(0.2)
    return True


@case(
    "ports/busy/command",
    title="port_command with nosuspend is false on a busy port, with force it is queued",
    means="""Without an option the caller is suspended until the port is not busy. With nosuspend the answer is false,
    and nothing is sent: what a broker needs to drop a slow subscriber. With force the command goes in.""",
    source=SOURCE,
)
def command(t: Subject) -> Term:
    sock, _, _ = busy(t)
    if not is_port(t, sock):
        return t.catch(erlang.port_command, sock, b"\0\0x", ["nosuspend"])
    before = dict([erlang.port_info(sock, "queue_size")])["queue_size"]
    suspended = start(t, erlang.port_command, sock, b"\0\0x")
    done = [
        erlang.port_command(sock, b"\0\0x", options) for options in (["nosuspend"], ["force"], ["nosuspend", "force"])
    ]
    after = dict([erlang.port_info(sock, "queue_size")])["queue_size"]
    return (done, ("grown", after > before), suspended.outcome(0.1))


@case(
    "ports/busy/not-busy-yet",
    title="A queue is not what makes a port busy: it takes a sender that waits",
    means="""After one large send the queue is far over high_watermark, but nobody waits yet: nosuspend still queues,
    and the caller then waits for room. Only the one after that is told busy.""",
    source=SOURCE,
)
def not_busy_yet(t: Subject) -> Term:
    sock, peer = t.stalled()
    if not is_port(t, sock):
        return t.catch(prim_inet.send, sock, b"a", ["nosuspend"])
    sent = gen_tcp.send(sock, payload())
    first = start(t, prim_inet.send, sock, b"x", ["nosuspend"])
    seen = first.outcome(0.1)
    second = prim_inet.send(sock, b"y", ["nosuspend"])
    got, _ = peer.take(len(payload()) + 1)
    return (sent, seen, second, first.outcome(5.0), len(got) == len(payload()) + 1)


@case(
    "ports/busy/forced-and-waiting",
    title="OTP answers only the last of those who wait in the driver",
    means="""A forced send makes its sender the one who is told when there is room. On the VM the sender that waited
    before is forgotten, and waits for ever; so are the replies of commands that were forced before. gentcp answers all
    of them. Use force where nobody else sends.""",
    source=SOURCE,
)
def forced_and_waiting(t: Subject) -> Term:
    sock, peer, first = busy(t)
    if not is_port(t, sock):
        return "no port"
    forced = start(t, inet_tcp.send, sock, b"b", ["force"])
    got, _ = peer.take(len(payload()) + 2)
    return (len(got) == len(payload()) + 2, first.outcome(1.0), forced.outcome(1.0))


@case(
    "ports/busy/reply-later",
    title="The reply to a command comes when there is room, or says timeout",
    means="""A command that makes the port busy returns true at once, and {inet_reply, Socket, ok, Ref} comes when the
    queue is down to low_watermark; with send_timeout {error, timeout}, and the data stay queued.""",
    source=f"{SOURCE}; inet:setopts/2, option send_timeout",
)
def reply_later(t: Subject) -> Term:
    def sent(*options: Term) -> Term:
        sock, peer = t.stalled(*options)
        if not is_port(t, sock):
            return "no port"
        gen_tcp.send(sock, payload())
        ref, head = label(t, sock)
        done = t.timed(erlang.port_command, sock, [head, b"x"])
        early = t.messages(1 if options else 0)
        got, _ = peer.take(len(payload()) + 1)
        told = [tuple("same_ref" if part == ref else part for part in m) for m in early + t.messages(0 if early else 1)]
        return (done, ("early", len(early)), told, len(got) == len(payload()) + 1)

    return [sent(), sent(("send_timeout", 100))]


@case(
    "ports/busy/monitor",
    title="The system monitor hears of a process that a busy port suspends",
    means="""{monitor, Pid, busy_port, Port} comes for each process that is suspended in front of the port, not for the
    first one, which waits in the driver for its answer. It is how a VM shows slow consumers. On the socket backend
    there is no such thing.""",
    source=MONITOR,
    alone=True,
)
def monitor(t: Subject) -> Term:
    watcher = t.spawn(lambda: "ready")
    with system_monitored(t, watcher.process):
        sock, _, first = busy(t)
        early = watcher.call(t.messages)
        second = start(t, gen_tcp.send, sock, b"x")
        names = {first.process: "first", second.process: "second"}
        told = [_named(message, names, sock) for message in watcher.call(t.messages)]
    return (("early", early), told)


def _named(message: Term, names: dict[gentcp.Process, str], sock: Term) -> Term:
    match message:
        case ("monitor", process, "busy_port", port):
            return ("monitor", names.get(process, "unknown"), "busy_port", ("this_socket", port is sock))
        case _:
            return message


@case(
    "ports/busy/monitor-and-options",
    title="nosuspend and force suspend nobody; who is the monitor hears nothing of itself",
    means="""There is no message for a send that is refused or forced, nor for the monitor's own: what a monitor
    counts is a lower bound of how often the port was busy.""",
    source=MONITOR,
    alone=True,
)
def monitor_and_options(t: Subject) -> Term:
    sock, _, _ = busy(t)
    if not is_port(t, sock):
        return "no port"
    watcher, itself = t.spawn(lambda: "ready"), t.spawn(lambda: "ready")
    with system_monitored(t, watcher.process):
        for options in (["nosuspend"], ["force"]):
            start(t, inet_tcp.send, sock, b"x", options)
        told = watcher.call(t.messages)
    with system_monitored(t, itself.process):
        own = underway(itself.start(gen_tcp.send, sock, b"y")).outcome(0.1)
    return (told, own)


@case(
    "ports/busy/monitor-setting",
    title="There is one system monitor; setting it gives what was set",
    means="""system_monitor/0 tells, /2 sets and gives the old one, undefined or an empty list ends it. What is no
    option, no process, or a process that has ended, is badarg. The monitor's end ends it too.""",
    source="erlang:system_monitor/0,1,2",
    alone=True,
)
def monitor_setting(t: Subject) -> Term:
    def system_monitor(*arguments: Any) -> Term:
        return t.catch(apply, t, "erlang", "system_monitor", *arguments)

    with system_monitored(t, gentcp.current_process()):
        system_monitor("undefined")
        return _settings(t, system_monitor)


def _settings(t: Subject, system_monitor: Callable[..., Term]) -> Term:
    one, dead = t.spawn(lambda: "ready"), t.spawn(lambda: "ready", stay=False)
    dead.process.join(5)
    pid = one.process
    log = [
        system_monitor(), system_monitor(pid, ["busy_port"]), system_monitor(),
        system_monitor((pid, ["busy_dist_port", "busy_port"])), system_monitor(pid, []), system_monitor(),
        system_monitor(pid, ["foo"]), system_monitor("foo", ["busy_port"]), system_monitor(pid, "busy_port"),
        system_monitor("foo"), system_monitor(dead.process, ["busy_port"]), system_monitor(),
        system_monitor(pid, [("large_heap", 100_000_000), ("long_gc", 500), "busy_port", ("long_schedule", 600)]),
        system_monitor(), system_monitor("undefined"),
        system_monitor(pid, ["busy_port"]), system_monitor("undefined", ["busy_port"]), system_monitor(),
        system_monitor(pid, ["busy_port"]),
    ]  # fmt: skip
    one.end()
    return (log, system_monitor())
