"""What must hold of every history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from gentcp.engine import inspection

from .actors import PENDING, Call, End, Run
from .history import framed
from .kernel import IN, OUT, Stream
from .streams import Sent, explained, flat, merges, out_of_order, packets
from .world import Places, drivers

_SLACK = 1e-6
_SENT = (None,)
"""Results of a send that sent nothing."""


def _gentcp_ends(run: Run) -> Iterator[tuple[str, int, End]]:
    for (side, at), end in run.ends.items():
        if end.sock is not None and hasattr(end.sock, "handle"):
            yield side, at, end


def pending(run: Run) -> list[Call]:
    """The calls that have not returned."""
    return [call for call in run.calls if call.result is PENDING and call.step[0] != "drain"]


# ---- nobody waits for what has happened


def at_rest(run: Run) -> Iterator[str]:
    """Nothing will ever happen any more of itself: who still waits?"""
    waiting = pending(run)
    for call in waiting:
        yield from _waits_in_vain(run, call, waiting)
    for side, at, end in _gentcp_ends(run):
        yield from _neglected(run, f"{side} of connection {at}", end)


def _waits_in_vain(run: Run, call: Call, waiting: list[Call]) -> Iterator[str]:
    if run.kinds[call.actor] != "gentcp":
        return
    process = run.processes[call.actor]
    name, *arguments = call.step
    if not process.alive:
        yield f"killed, and still waits: {call}"
    elif name in ("close", "shutdown", "active", "option", "hand_over", "kill", "getstat", "post", "listen", "sleep"):
        yield f"never returns: {call}"
    elif name in ("recv", "recv_many", "accept", "connect", "receive") and arguments[-1] is not None:
        if name == "receive" or not _behind_another(call, waiting):
            yield f"its time never ends: {call}"
    elif name == "receive" and process._inbox:
        yield f"a message is there: {call}"
    elif name == "send" and _limited(run, call):
        yield f"its time never ends: {call}"
    operation: Any = process.waits_in
    if operation is not None and operation.result is not None:
        yield f"has its answer, and waits: {call}"
    elif operation is not None and operation.deadline is not None:
        yield f"its deadline is over: {call}"
    if call.stream is not None and call.stream.references:
        mask = call.stream.mask()
        if name == "recv" and mask & IN and arguments[1] == 0 and not _deaf(run, call):
            yield f"there is something to read: {call}"
        if name == "send" and mask & OUT:
            yield f"there is room: {call}"


def _deaf(run: Run, call: Call) -> bool:
    """As in OTP, a recv on a port that was made active and stays open at the end of the stream hears nothing of it."""
    side = next(plan.side for plan in run.history.plans if plan.name == call.actor)
    return bool(getattr(run.ends[side, call.step[1]].sock.handle, "deaf", False))


def _behind_another(call: Call, waiting: list[Call]) -> bool:
    return any(
        other is not call
        and other.stream is call.stream is not None
        and other.step[0] == "recv"
        and other.step[-1] is None
        for other in waiting
    )


def _limited(run: Run, call: Call) -> bool:
    plan = next(plan for plan in run.history.plans if plan.name == call.actor)
    return any(name == "send_timeout" for name, _ in run.history.setting.options[plan.side])


def _neglected(run: Run, who: str, end: End) -> Iterator[str]:
    sock, stream = end.sock, end.stream
    assert stream is not None
    handle = sock.handle
    if inspection.descriptor(sock) < 0 or not stream.references:
        return
    if run.history.setting.backend == "inet":
        if inspection.queued(sock) and stream.mask() & OUT:
            yield f"{who}: the queue could be written"
        if inspection.busy(sock) and inspection.queued(sock) <= inspection.settings(sock)["low_watermark"]:
            yield f"{who}: busy, with {inspection.queued(sock)} bytes queued"
        if not inspection.busy(sock) and handle.writer.suspended and handle.state.flows:
            yield f"{who}: somebody is suspended in front of a port that is not busy"
    reads = handle.state.flows and inspection.active(sock) is not False and not getattr(handle, "deaf", False)
    if reads and inspection.owner(sock).alive and stream.inp:
        yield f"{who}: active, and {len(stream.inp)} bytes are not read"


# ---- bytes


def streams(run: Run) -> Iterator[str]:
    """No byte lost, doubled, invented or out of order."""
    for side, at, end in _gentcp_ends(run):
        who = f"{side} of connection {at}"
        stream = end.stream
        assert stream is not None
        yield from _written(run, who, side, stream)
        yield from _delivered(run, who, side, end, stream)


def _written(run: Run, who: str, side: str, stream: Stream) -> Iterator[str]:
    lines: dict[str, list[Sent]] = {}
    inet = run.history.setting.backend == "inet"
    optional = inet and not _must_drain(run, side, stream)
    for call in run.calls:
        if call.stream is stream and call.frame and call.step[0] == "send" and run.kinds[call.actor] == "gentcp":
            lines.setdefault(call.actor, []).append(_sent(call, inet=inet, optional=optional))
    # A blocked sender does not survive the end of the stream, nor does what is queued; yet the socket may go on.
    cuts = not inet or _survives(run, side)
    if not explained(bytes(stream.wire), list(lines.values()), cuts=cuts):
        yield f"{who}: what was written is not what was sent"


def _survives(run: Run, side: str) -> bool:
    """Whether a socket may go on behind the end of what it reads."""
    return "exit_on_close" in dict(run.history.setting.options[side]) or any(
        call.step[0] == "option" and call.step[2] == "exit_on_close" for call in run.calls
    )


def _sent(call: Call, *, inet: bool, optional: bool) -> Sent:
    size, result = len(call.frame), call.result
    if result == "ok" or (inet and result == ("error", "timeout")):
        return Sent(call.frame, 0 if optional or result != "ok" else size, size)
    if result is None or (isinstance(result, tuple) and result[0] == "raised"):
        return Sent(call.frame, 0, 0)
    if isinstance(result, tuple) and isinstance(result[1], tuple) and result[1][0] == "timeout":
        rest = flat(result[1][1])
        written = size - len(rest)
        if call.frame[written:] != rest:
            return Sent(call.frame, size + 1, size)
        return Sent(call.frame, written, written)
    return Sent(call.frame, 0, size)


def _must_drain(run: Run, side: str, stream: Stream) -> bool:
    """Whether everything that was queued has to be on the wire by the end."""
    options = dict(run.history.setting.options[side])
    if stream.was_reset or stream.fin_in or "send_timeout_close" in options or "linger" in options:
        return False
    return not any(call.step[0] == "option" and call.step[2] == "linger" for call in run.calls)


def _delivered(run: Run, who: str, side: str, end: End, stream: Stream) -> Iterator[str]:
    peer = stream.peer
    if peer is None:
        return
    came = bytes(peer.wire[: stream.received])
    lines = list(_pieces(run, side, end))
    packet = run.history.setting.packet
    killed = sum(not run.processes[plan.name].alive for plan in run.history.plans if plan.side == side)
    losses = killed + sum(_about(message, end.sock) for message in run.dropped)
    if _torn(run, side, stream):
        return
    if isinstance(packet, int) and packet:
        wrong = out_of_order(packets(came, packet), lines, losses)
        if wrong:
            yield f"{who}: packets are {wrong}"
    elif not merges(came, lines, losses):
        yield f"{who}: what came is not what the peer sent"


def _about(message: Any, sock: Any) -> bool:
    return isinstance(message, tuple) and len(message) > 2 and message[1] is sock


def _torn(run: Run, side: str, stream: Stream) -> bool:
    """Whether a packet was left in the middle, and its rest is taken for the next ones.

    On `socket` the peer has done that; on `inet` a read end was shut here: what was half there is dropped, and what
    comes later is read if the port stays open and is made active.
    """
    if run.history.setting.backend == "socket":
        return any(call.stream is stream.peer and call.frame and call.result not in ("ok", None) for call in run.calls)
    return _survives(run, side) and any(
        call.stream is stream and call.step[0] == "shutdown" and call.step[2] != "write" and call.result == "ok"
        for call in run.calls
    )


def _pieces(run: Run, side: str, end: End) -> Iterator[list[bytes]]:
    """What each process of a side has got, by recv and as messages.

    Whoever hands the socket over forwards the answers that he has: behind those that the new owner has already.
    """
    forwarded = any(call.stream is end.stream and call.step[0] == "hand_over" for call in run.calls)
    for plan in run.history.plans:
        if plan.side != side or plan.kind != "gentcp":
            continue
        received: list[bytes] = []
        told: list[bytes] = []
        answered: list[tuple[int, bytes]] = []
        for call in run.calls:
            if call.actor == plan.name:
                received += _received(call, end.stream)
        for message in messages(run, plan.name):
            if message[0] == "tcp" and message[1] is end.sock:
                told.append(message[2])
            elif message[0] == "inet_async" and message[1] is end.sock and message[3][0] == "ok":
                answered.append((message[2], message[3][1]))
        yield received
        yield told
        yield [data for _, data in (sorted(answered) if forwarded else answered)]


def _received(call: Call, stream: Stream | None) -> list[bytes]:
    if call.stream is not stream or not isinstance(call.result, tuple) or call.result[0] != "ok":
        return []
    if call.step[0] == "recv":
        return [call.result[1]]
    return list(call.result[1]) if call.step[0] == "recv_many" else []


def messages(run: Run, name: str) -> list[tuple[Any, ...]]:
    """All that a process was told, received or not."""
    process = run.processes[name]
    got = [call.result for call in run.calls if call.actor == name and call.step[0] == "receive"]
    left = [*process._saved, *process._inbox]
    return [message for message in [*got, *left] if isinstance(message, tuple) and message and message is not PENDING]


def accounted(run: Run) -> Iterator[str]:
    """Before anybody is killed for good: every byte that came is received, kept or with the system."""
    for name, process in run.processes.items():
        if any(getattr(thing, "ended", False) for thing in process.owned):
            yield f"{name} owns a socket that has ended"
    for side, at, end in _gentcp_ends(run):
        stream, sock = end.stream, end.sock
        assert stream is not None
        if not sock.handle.state.flows or not stream.references or _torn(run, side, stream):
            continue
        over = (stream.fin_in or stream.was_reset) and _survives(run, side)
        if over or getattr(sock.handle, "deaf", False):  # what is no whole packet at the end of the stream is dropped
            continue
        if any(not run.processes[plan.name].alive and _ended_by_kill(run, plan.name) for plan in run.history.plans
               if plan.side == side):  # fmt: skip
            continue
        packet = run.history.setting.packet
        got = sum(len(framed(piece, packet)) for line in _pieces(run, side, end) for piece in line)
        kept = inspection.unread_bytes(sock) + len(stream.inp)
        if got + kept != stream.received:
            yield f"{side} of connection {at}: {stream.received} bytes came, {got} were received and {kept} are kept"


def _ended_by_kill(run: Run, name: str) -> bool:
    return bool(run.processes[name].exit_reason == "killed")


def only_when_told(run: Run) -> Iterator[str]:
    """A sender that waits writes again only when the system says that there is room."""
    for call in run.calls:
        if call.untold and run.kinds[call.actor] == "gentcp" and run.history.setting.backend == "socket":
            yield f"written without being told: {call}"


# ---- messages


def told(run: Run) -> Iterator[str]:
    """Messages of one sender come in order, none of them twice; and the end of a connection is told once."""
    closed: Counter[int] = Counter()
    for name in run.processes:
        for message in messages(run, name):
            if message[0] == "tcp_closed":
                closed[id(message[1])] += 1
        for sender, got in _of_others(run, name).items():
            if got != list(range(1, len(got) + 1)):
                yield f"{name} has got the messages {got} of {sender}"
    again = sum(call.step[0] == "active" and call.result == "ok" for call in run.calls)
    most = 1 if run.history.setting.backend == "inet" else 1 + again
    if any(count > most for count in closed.values()):
        yield "an end was told twice"


def _of_others(run: Run, name: str) -> dict[str, list[int]]:
    """The numbers of the messages that others have posted, by sender."""
    found: dict[str, list[int]] = {}
    for message in messages(run, name):
        if message[0] == "user":
            found.setdefault(message[1], []).append(message[2])
    return found


def posted(run: Run) -> Iterator[str]:
    """Before anybody is killed for good: those who live have got every message."""
    for (sender, receiver), count in run.posted.items():
        got = len(_of_others(run, receiver).get(sender, ()))
        if run.processes[receiver].alive and got != count:
            yield f"{receiver} has got {got} of {count} messages of {sender}"


# ---- time


def in_time(run: Run) -> Iterator[str]:
    """Timers fire, and not before their time."""
    exact = not run.history.setting.haste
    for call in run.calls:
        name, *arguments = call.step
        if name not in ("recv", "accept", "connect", "receive") or run.kinds[call.actor] != "gentcp":
            continue
        wait = arguments[-1]
        if wait is None or call.result is PENDING or call.result is None:
            continue
        took, timeout = call.ended - call.began, wait / 1000
        if call.result in (("error", "timeout"), "nothing") and took < timeout - _SLACK:
            yield f"too early: {call}"
        if not exact or took <= timeout + _SLACK:
            continue
        alone = name == "recv" and run.history.setting.backend == "inet" and not _waited_for_connection(run, call)
        if alone or name in ("accept", "receive"):
            yield f"too late: {call}"


def _waited_for_connection(run: Run, call: Call) -> bool:
    """It began before there was a connection."""
    plan = next(plan for plan in run.history.plans if plan.name == call.actor)
    return any(
        other.step[0] in ("connect", "accept") and other.step[1] == call.step[1] and other.ended > call.began
        for other in run.calls
        if run.kinds[other.actor] != "network" and other.actor[0] == plan.side
    )


# ---- the end


def nothing_left(run: Run, places: Places) -> Iterator[str]:
    """Everybody has ended, and the peers are gone."""
    world, kernel = run.world, run.kernel
    for task in world.tasks:
        if task.name != "gentcp-driver" and run.kinds.get(task.name) != "raw":
            yield f"{task.name} has not ended"
    own = set()
    driver = drivers._driver
    if driver is not None:
        own = {driver._poller.fileno(), driver._waker.fd}
    left = [f"{fd} ({type(file).__name__.lower()})" for fd, file in kernel.files.items() if fd not in own]
    if left:
        yield f"descriptors are left: {', '.join(left)}"
    for where, name, _ in places.locks:
        if where[name].locked():
            yield f"{where['__name__']}.{name} is held"
    for side, at, end in _gentcp_ends(run):
        if end.sock.handle.lock.locked():
            yield f"the lock of {side} of connection {at} is held"
        if inspection.descriptor(end.sock) >= 0:
            yield f"{side} of connection {at} has its descriptor"
        if inspection.receivers(end.sock) or inspection.senders(end.sock):
            yield f"{side} of connection {at} has operations"
    for sock in [*run.listeners, *(end.sock for _, _, end in _gentcp_ends(run))]:
        if hasattr(sock, "handle") and not sock.handle.ended:
            yield "a closed socket is kept alive"
    for name, process in run.processes.items():
        if process.turn.locked():
            yield f"the turn of {name} is held"
        if process.owned:
            yield f"{name} owns something"
    if driver is not None:
        yield from _left_in(driver)


def _left_in(driver: Any) -> Iterator[str]:
    for name in ("_writers", "_elsewhere", "_soon", "_watched", "_adopted", "_resting", "_known"):
        if getattr(driver, name, None):
            yield f"the driver has {name}"
    if driver._timers.next_at() is not None:
        yield "the driver has timers"
    if driver._lock.locked():
        yield "the driver's lock is held"
