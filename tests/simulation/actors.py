"""Carrying out a history: each plan is a process, or a thread with plain system calls."""

from __future__ import annotations

import errno
import logging
import socket as real_socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from greenlet import getcurrent

import gentcp
from gentcp.erl import erlang, gen_tcp, inet, prim_inet
from gentcp.errors import ErlangError, ProcessKilled
from gentcp.process import Process

from .history import History, Plan, Step, framed, payload
from .kernel import Kernel, Link, Stream
from .scheduler import START, Event, World
from .sockets import Socket

PENDING: Any = ("pending",)
PORT = 5000
_PATIENCE = 4.0
"""Virtual seconds that a process waits for a connection that it did not make itself."""


@dataclass(slots=True)
class Call:
    """A call, and what came of it."""

    actor: str
    step: Step
    began: float
    ended: float = 0.0
    result: Any = PENDING
    frame: bytes = b""
    """What it sends."""
    stream: Stream | None = None
    writes: int = 0
    """System calls that have written, and"""
    untold: bool = False
    """whether one of them was another try that the system had not asked for."""

    def __str__(self) -> str:
        name, *arguments = self.step
        result = "..." if self.result is PENDING else _short(self.result)
        took = "" if self.result is PENDING or self.ended == self.began else f"  after {self.ended - self.began:.4f} s"
        return (
            f"{self.began - START:10.4f} {self.actor:8} {name}({', '.join(map(_short, arguments))}) -> {result}{took}"
        )


def _short(term: Any) -> str:
    if isinstance(term, bytes):
        return f"<{len(term)}:{term[:6].hex()}>"
    if isinstance(term, tuple):
        return f"({', '.join(map(_short, term))})"
    if isinstance(term, list):
        return f"[{', '.join(map(_short, term))}]"
    return str(term) if isinstance(term, (str, int, float, type(None))) else type(term).__name__.lower()


class End:
    """A side of a connection."""

    def __init__(self) -> None:
        self.made = Event()
        self.sock: Any = None
        """A socket of gentcp, or a plain one."""
        self.stream: Stream | None = None
        self.failed = False


class Run:
    """A history under way."""

    def __init__(self, history: History, world: World, kernel: Kernel) -> None:
        self.history = history
        self.world = world
        self.kernel = kernel
        self.calls: list[Call] = []
        self.processes: dict[str, Process] = {}
        self.ends = {(side, at): End() for side in ("a", "b") for at in range(history.setting.connections)}
        self.listening = [Event() for _ in range(history.setting.connections)]
        self.listeners: list[Any] = []
        self.sent = 0
        self.posted: dict[tuple[str, str], int] = {}
        self.kinds = {plan.name: plan.kind for plan in history.plans}
        self.lost: set[int] = set()
        self.dropped: Sequence[Any] = ()
        """Messages that were for processes which had ended."""
        self.sending: dict[Any, Call] = {}
        """By task, the send that it is in, or was."""
        self._all_here = Event()
        kernel.on_write = self._writes

    def begin(self) -> None:
        """Start everybody."""
        for plan in self.history.plans:
            if plan.kind == "gentcp":
                process = gentcp.spawn(partial(self._act, plan, _GENTCP), name=plan.name)
                self.processes[plan.name] = process
            else:
                table = _RAW if plan.kind == "raw" else _NETWORK
                self.world.start(plan.name, partial(self._act, plan, table))
        self._all_here.set()

    def _act(self, plan: Plan, table: dict[str, Callable[..., Any]]) -> None:
        self._all_here.wait()
        for step in plan.steps:
            call = Call(plan.name, step, self.world.now)
            self.calls.append(call)
            if step[0] == "send":
                self.sending[getcurrent()] = call
            try:
                call.result = table[step[0]](self, plan, call, *step[1:])
            except ErlangError as error:
                call.result = ("raised", error.term)
            except ProcessKilled:
                call.result = "killed"
                raise
            except OSError as error:
                call.result = ("raised", errno.errorcode.get(error.errno or 0, str(error)))
            finally:
                call.ended = self.world.now

    def forget(self) -> None:
        """So that there is less for the garbage collector to find."""
        self.kernel.forget()
        for end in self.ends.values():
            end.sock = end.stream = None
        for mine in (self.calls, self.processes, self.ends, self.listeners, self.sending):
            mine.clear()

    def _writes(self, stream: Stream, *, told: bool) -> None:
        call = self.sending.get(getcurrent())
        if call is not None and call.result is PENDING and call.stream is stream:
            call.writes += 1
            if call.writes > 1 and not told:
                call.untold = True

    def end(self, side: str, at: int) -> End:
        """When it is there."""
        found = self.ends[side, at]
        if not found.made.is_set():
            found.made.wait(_PATIENCE)
        return found

    def next_frame(self, call: Call, size: int) -> bytes:
        """The payload of the next send."""
        self.sent += 1
        packet = self.history.setting.packet
        data = payload(self.sent, size, packet)
        call.frame = framed(data, packet)
        return data


def new_link(history: History, world: World) -> Link:
    """As the setting has it."""
    setting, random = history.setting, world.random
    delay = (lambda: random.random() * setting.delay) if setting.delay else None
    piece = (lambda: 1 + int(random.random() * setting.piece)) if setting.piece else None
    return Link(delay, piece)


# ---- gentcp


def _options(run: Run, side: str) -> list[Any]:
    setting = run.history.setting
    packet = [("packet", setting.packet)] if setting.packet else []
    return [("inet_backend", setting.backend), "binary", *packet, *setting.options[side]]


def _sock(run: Run, plan: Plan, call: Call, at: int) -> Any:
    end = run.end(plan.side, at)
    call.stream = end.stream
    return end.sock


def _stream_of(sock: Any) -> Stream:
    stream = sock.handle.sock._stream
    assert isinstance(stream, Stream)
    return stream


def _listen(run: Run, plan: Plan, call: Call, at: int) -> Any:
    result = gen_tcp.listen(PORT + at, _options(run, plan.side))
    run.listeners.append(result[1])
    run.listening[at].set()
    return result


def _accept(run: Run, plan: Plan, call: Call, at: int, timeout: int | None) -> Any:
    return _made(run, plan, at, gen_tcp.accept(run.listeners[at], "infinity" if timeout is None else timeout))


def _connect(run: Run, plan: Plan, call: Call, at: int, timeout: int | None) -> Any:
    run.listening[at].wait(_PATIENCE)
    wait = "infinity" if timeout is None else timeout
    return _made(run, plan, at, gen_tcp.connect((127, 0, 0, 1), PORT + at, _options(run, plan.side), wait))


def _made(run: Run, plan: Plan, at: int, result: Any) -> Any:
    end = run.ends[plan.side, at]
    if result[0] == "ok":
        end.sock, end.stream = result[1], _stream_of(result[1])
    else:
        end.failed = True
    end.made.set()
    return result


def _send(run: Run, plan: Plan, call: Call, at: int, size: int) -> Any:
    sock = _sock(run, plan, call, at)
    return None if sock is None else gen_tcp.send(sock, run.next_frame(call, size))


def _recv(run: Run, plan: Plan, call: Call, at: int, length: int, timeout: int | None) -> Any:
    sock = _sock(run, plan, call, at)
    return None if sock is None else gen_tcp.recv(sock, length, "infinity" if timeout is None else timeout)


def _recv_many(run: Run, plan: Plan, call: Call, at: int, most: int, timeout: int) -> Any:
    sock = _sock(run, plan, call, at)
    return None if sock is None else sock.handle.recv_many(most, timeout)


def _receive(run: Run, plan: Plan, call: Call, timeout: int | None) -> Any:
    try:
        return gentcp.receive(timeout=None if timeout is None else timeout / 1000)
    except TimeoutError:
        return "nothing"


def _active(run: Run, plan: Plan, call: Call, at: int, value: Any) -> Any:
    sock = _sock(run, plan, call, at)
    return None if sock is None else inet.setopts(sock, [("active", value)])


def _option(run: Run, plan: Plan, call: Call, at: int, name: str, value: Any) -> Any:
    sock = _sock(run, plan, call, at)
    return None if sock is None else inet.setopts(sock, [(name, value)])


def _hand_over(run: Run, plan: Plan, call: Call, at: int, who: str) -> Any:
    sock = _sock(run, plan, call, at)
    return None if sock is None else gen_tcp.controlling_process(sock, run.processes[who])


def _kill(run: Run, plan: Plan, call: Call, who: str) -> Any:
    run.processes[who].kill()
    return "ok"


def _close(run: Run, plan: Plan, call: Call, at: int) -> Any:
    sock = _sock(run, plan, call, at)
    return None if sock is None else gen_tcp.close(sock)


def _shutdown(run: Run, plan: Plan, call: Call, at: int, how: str) -> Any:
    sock = _sock(run, plan, call, at)
    return None if sock is None else gen_tcp.shutdown(sock, how)


def _sleep(run: Run, plan: Plan, call: Call, seconds: float) -> Any:
    run.world.sleep(seconds)
    return "ok"


def _post(run: Run, plan: Plan, call: Call, who: str) -> Any:
    number = run.posted[plan.name, who] = run.posted.get((plan.name, who), 0) + 1
    run.processes[who].post(("user", plan.name, number))
    return "ok"


def _getstat(run: Run, plan: Plan, call: Call, at: int) -> Any:
    sock = _sock(run, plan, call, at)
    return None if sock is None else inet.getstat(sock)


def _async_recv(run: Run, plan: Plan, call: Call, at: int, length: int, timeout: int) -> Any:
    sock = _sock(run, plan, call, at)
    if sock is None or not erlang.is_port(sock):
        return None
    return prim_inet.async_recv(sock, length, timeout)


def _drain(run: Run, plan: Plan, call: Call, at: int) -> Any:
    """Take what comes, until the end."""
    sock = _sock(run, plan, call, at)
    if sock is None:
        return None
    while True:
        one = Call(plan.name, ("recv", at, 0, 500), run.world.now, stream=call.stream)
        run.calls.append(one)
        try:
            one.result = result = gen_tcp.recv(sock, 0, 500)
        except ErlangError as error:
            one.result = result = ("error", error.term)
        except ProcessKilled:
            one.result = "killed"
            raise
        finally:
            one.ended = run.world.now
        if result[0] == "ok":
            continue
        other = Call(plan.name, ("receive", 700), run.world.now)
        run.calls.append(other)
        try:
            other.result = _receive(run, plan, other, 700)
        except ProcessKilled:
            other.result = "killed"
            raise
        finally:
            other.ended = run.world.now
        if other.result == "nothing":
            return result


_GENTCP: dict[str, Callable[..., Any]] = {
    "listen": _listen, "accept": _accept, "connect": _connect, "send": _send, "recv": _recv, "recv_many": _recv_many,
    "receive": _receive, "active": _active, "option": _option, "hand_over": _hand_over, "kill": _kill,
    "close": _close, "shutdown": _shutdown, "sleep": _sleep, "post": _post, "getstat": _getstat,
    "async_recv": _async_recv, "drain": _drain,
}  # fmt: skip


# ---- plain system calls


def _raw_listen(run: Run, plan: Plan, call: Call, at: int) -> Any:
    listener = Socket()
    listener.bind(("127.0.0.1", PORT + at))
    listener.listen(5)
    run.listeners.append(listener)
    run.listening[at].set()
    return "ok"


def _raw_accept(run: Run, plan: Plan, call: Call, at: int, timeout: int | None) -> Any:
    sock, _ = run.listeners[at].accept()
    return _raw_made(run, plan, at, sock)


def _raw_made(run: Run, plan: Plan, at: int, sock: Socket) -> Any:
    end = run.ends[plan.side, at]
    end.sock, end.stream = sock, sock._stream
    end.made.set()
    return "ok"


def _raw_send(run: Run, plan: Plan, call: Call, at: int, size: int) -> Any:
    sock = _sock(run, plan, call, at)
    if sock is None:
        return None
    run.next_frame(call, size)
    written = 0
    while written < len(call.frame):  # not for ever, or both sides might wait for the other
        try:
            written += sock.send(call.frame[written:], real_socket.MSG_DONTWAIT)
        except BlockingIOError:
            run.world.sleep(0.5)
            if run.world.now - call.began > 30:
                sock.setsockopt(real_socket.SOL_SOCKET, real_socket.SO_LINGER, bytes((1, 0, 0, 0, 0, 0, 0, 0)))
                sock.close()
                return ("error", "timeout")
    return "ok"


def _raw_read(run: Run, plan: Plan, call: Call, at: int, size: int) -> Any:
    sock = _sock(run, plan, call, at)
    if sock is None:
        return None
    try:
        return ("ok", sock.recv(size, real_socket.MSG_DONTWAIT))
    except BlockingIOError:
        return "nothing"


def _raw_drain(run: Run, plan: Plan, call: Call, at: int) -> Any:
    sock = _sock(run, plan, call, at)
    if sock is None:
        return None
    while True:
        one = Call(plan.name, ("read", at, 1000), run.world.now, stream=call.stream)
        try:
            data = sock.recv(1000, real_socket.MSG_DONTWAIT)
        except BlockingIOError:
            return "nothing"
        run.calls.append(one)
        one.result, one.ended = ("ok", data), run.world.now
        if not data:
            return "ok"


def _raw_shutdown(run: Run, plan: Plan, call: Call, at: int, how: int) -> Any:
    sock = _sock(run, plan, call, at)
    return None if sock is None else sock.shutdown(how) or "ok"


def _raw_close(run: Run, plan: Plan, call: Call, at: int) -> Any:
    sock = _sock(run, plan, call, at)
    return None if sock is None else sock.close() or "ok"


def _raw_reset(run: Run, plan: Plan, call: Call, at: int) -> Any:
    sock = _sock(run, plan, call, at)
    if sock is None or sock.fileno() < 0:
        return None
    sock.setsockopt(real_socket.SOL_SOCKET, real_socket.SO_LINGER, bytes((1, 0, 0, 0, 0, 0, 0, 0)))
    sock.close()
    return "ok"


_RAW: dict[str, Callable[..., Any]] = {
    "listen": _raw_listen, "accept": _raw_accept, "send": _raw_send, "read": _raw_read, "drain": _raw_drain,
    "sleep": _sleep, "shutdown": _raw_shutdown, "close": _raw_close, "reset": _raw_reset,
}  # fmt: skip


# ---- the network


def _lose(run: Run, plan: Plan, call: Call, at: int) -> Any:
    stream = run.end("a", at).stream
    if stream is None or stream.link is None:
        return None
    run.lost.add(at)
    stream.link.lost = True
    return "ok"


def mend(run: Run, at: int) -> None:
    """What was lost is sent again."""
    stream = run.ends["a", at].stream
    if stream is not None and stream.link is not None and stream.link.lost:
        stream.link.lost = False
        stream.send_away()
        if stream.peer is not None:
            stream.peer.send_away()


def _mend(run: Run, plan: Plan, call: Call, at: int) -> Any:
    mend(run, at)
    return "ok"


_NETWORK: dict[str, Callable[..., Any]] = {"sleep": _sleep, "lose": _lose, "mend": _mend}


class Complaints(logging.Handler):
    """What the engine logs as errors."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(logging.Formatter().format(record))
