"""Scenarios on the Python face, for threads, and on `gentcp.aio`, for tasks."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from time import monotonic
from typing import Any

import gentcp
from gentcp import aio

from .injector import Injector
from .run import BUFFER, LIMIT, LOCALHOST, Over, Reading, Run, Stream, Violation

_SECONDS = LIMIT / 1000
_SHORT = 0.01
_BIG = bytes(range(256)) * 2048
Calls = Callable[["Tasks"], Coroutine[Any, Any, None]]
THREADS: dict[str, Callable[[Run], None]] = {}
TASKS: dict[str, Calls] = {}


class Tasks(Run):
    """What a scenario of tasks is given: the calls of `Run`, awaitable."""

    def __init__(self, backend: str, injector: Injector) -> None:
        super().__init__(backend, injector)
        self.queues = backend == "inet"

    async def task_call(self, make: Callable[[], Awaitable[Any]]) -> Any:
        """As `call`; the result in Erlang's words."""
        before = self.injector.fired
        result = await self.task_once(make)
        if self.refused(result, before=before):
            result = await self.task_once(make)
        return result

    async def task_once(self, make: Callable[[], Awaitable[Any]]) -> Any:
        """As `once`."""
        try:
            return ("ok", await make())
        except gentcp.Error as error:
            return ("error", error.reason)
        except TimeoutError:
            return ("error", "timeout")
        except MemoryError:
            return self.no_memory()

    async def task_pair(self, room: int = 0, **options: Any) -> tuple[Any, socket.socket]:
        """A socket and its raw peer."""
        with self.server(room) as server:
            if room:
                options["sndbuf"] = room
            connect = partial(
                aio.connect, LOCALHOST, server.getsockname()[1], inet_backend=self.backend, timeout=_SECONDS, **options
            )
            sock = self.known(self.value(await self.task_call(connect)))
            return sock, self.peer_of(sock, server)

    async def task_send(self, sock: Any, data: bytes) -> None:
        """As `send`, of raw data."""
        self.account(sock, await self.task_call(lambda: sock.send(data)), data)

    async def task_recv(self, sock: Any, wanted: bytes, **how: Any) -> None:
        """As `recv`."""
        result = self.must(await self.task_call(lambda: sock.recv(**how)), sock)
        if result != ("ok", wanted):
            raise Violation(f"recv: {result}, not {wanted!r}")

    async def task_arrives(self, sock: Any, peer: socket.socket) -> None:
        """As `arrives`."""
        reading = self.reading(peer)
        closed = await self.task_call(sock.close)
        if closed[0] != "ok":
            raise Violation(f"close: {closed}")
        self.compare(self.streams[sock], await finished(reading))


def threads(name: str) -> Callable[[Callable[[Run], None]], None]:
    def add(function: Callable[[Run], None]) -> None:
        THREADS[f"python, {name}"] = function

    return add


def tasks(name: str) -> Callable[[Calls], None]:
    def add(function: Calls) -> None:
        TASKS[f"tasks, {name}"] = function

    return add


async def until(condition: Callable[[], bool]) -> None:
    """Wait without another thread, whose start would be a point."""
    deadline = monotonic() + _SECONDS
    while not condition():
        if monotonic() > deadline:
            raise Violation("still not so")
        await asyncio.sleep(0.001)


async def finished(reading: Reading) -> bytes:
    """What a peer has read to the end."""
    await until(lambda: reading.done)
    return reading.result()


async def whole(scenario: Calls, run: Tasks) -> None:
    """The scenario, and the end of what it has made."""
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    try:
        await scenario(run)
    except Over:
        pass
    for sock in run.streams:
        await run.task_call(sock.close)


# ---- threads


def _connected(run: Run, **options: Any) -> tuple[Any, socket.socket]:
    with run.server(options.get("sndbuf", 0)) as server:
        port = server.getsockname()[1]
        connect = partial(gentcp.connect, LOCALHOST, port, inet_backend=run.backend, timeout=_SECONDS, **options)
        sock = run.known(run.value(run.call(run.terms, connect)))
        return sock, run.peer_of(sock, server)


@threads("connect, send and recv")
def _talk(run: Run) -> None:
    sock, peer = _connected(run, packet="line")
    run.account(sock, run.call(run.terms, lambda: sock.send(b"hello\n")), b"hello\n")
    peer.sendall(b"one\ntwo\nthree\n")
    for line in (b"one\n", b"two\n"):
        if run.must(run.call(run.terms, lambda: sock.recv(timeout=_SECONDS)), sock) != ("ok", line):
            raise Violation(line)
    run.must(run.call(run.terms, sock.recv_many), sock)
    run.call(run.terms, sock.close)
    run.compare(run.streams[sock], run.reading(peer).result())


@threads("listen, accept and iterate")
def _serve(run: Run) -> None:
    options: Any = {"inet_backend": run.backend, "ip": LOCALHOST}
    with run.value(run.call(run.terms, partial(gentcp.listen, 0, **options))) as listener:
        peer = run.peer(socket.create_connection(("127.0.0.1", run.value(run.call(run.terms, lambda: listener.port)))))
        sock = run.known(run.value(run.call(run.terms, lambda: listener.accept(timeout=_SECONDS))))
    peer.sendall(b"hello")
    run.finishes(peer)
    got: list[bytes] = []
    run.must(run.call(run.terms, lambda: got.extend(sock)), sock)
    if b"".join(got) != b"hello" and not run.may_end:
        raise Violation(got)


@threads("send, timeout")
def _send_timeout(run: Run) -> None:
    sock, peer = _connected(run, sndbuf=BUFFER, send_timeout=_SHORT)
    for _ in range(3):
        result = run.call(run.terms, lambda: sock.send(_BIG))
        run.account(sock, result, _BIG)
        if result[0] != "ok":
            break
    reading = run.reading(peer)
    run.call(run.terms, sock.close)
    run.compare(run.streams[sock], reading.result())


@threads("a process for each connection")
def _processes(run: Run) -> None:
    sock, peer = _connected(run, active=True)
    got: list[Any] = []
    process = run.spawned(lambda: got.append(run.call(run.terms, partial(gentcp.receive, timeout=_SECONDS))))
    ref = run.call(run.terms, partial(gentcp.monitor, process))[1]
    run.must(run.call(run.terms, partial(sock.controlling_process, process)), sock)
    peer.sendall(b"hello")
    down = run.call(run.terms, partial(gentcp.receive, timeout=_SECONDS))
    if down[1][:2] != ("DOWN", ref):
        raise Violation(down)
    run.ended(peer)


# ---- tasks


@tasks("connect and send")
async def _task_send(run: Tasks) -> None:
    sock, peer = await run.task_pair()
    await run.task_send(sock, b"hello")
    await run.task_arrives(sock, peer)


@tasks("recv, one after the other")
async def _task_recv(run: Tasks) -> None:
    sock, peer = await run.task_pair(packet="line")
    for line in (b"one\n", b"two\n", b"three\n"):
        later(partial(peer.sendall, line))
        await run.task_recv(sock, line)


def later(function: Callable[[], object]) -> None:
    """In another thread."""
    threading.Thread(target=function, name="later", daemon=True).start()


@tasks("recv, timeout")
async def _task_recv_timeout(run: Tasks) -> None:
    sock, peer = await run.task_pair()
    result = await run.task_call(lambda: sock.recv(timeout=_SHORT))
    if result != ("error", "timeout"):
        run.must(result, sock)
    peer.sendall(b"hello")
    await run.task_recv(sock, b"hello", length=5, timeout=_SECONDS)


@tasks("recv, cancelled")
async def _task_cancelled(run: Tasks) -> None:
    sock, peer = await run.task_pair()
    await run.task_call(lambda: asyncio.wait_for(sock.recv(), _SHORT))
    peer.sendall(b"hello")
    await run.task_recv(sock, b"hello")


@tasks("active")
async def _task_active(run: Tasks) -> None:
    sock, peer = await run.task_pair(active=True)
    peer.sendall(b"hello")
    got = await run.task_call(lambda: aio.receive(timeout=_SECONDS))
    if got != ("ok", ("tcp", sock, b"hello")) and not run.may_end:
        raise Violation(got)


@tasks("listen and accept")
async def _task_accept(run: Tasks) -> None:
    listen = partial(aio.listen, 0, inet_backend=run.backend, ip=LOCALHOST, packet=2)
    listener = run.value(await run.task_call(listen))
    try:
        peer = run.peer(socket.create_connection(("127.0.0.1", run.value(run.call(run.terms, lambda: listener.port)))))
        sock = run.known(run.value(await run.task_call(lambda: listener.accept(timeout=_SECONDS))))
    finally:
        await run.task_call(listener.close)
    peer.sendall(b"\0\5hello")
    await run.task_recv(sock, b"hello")


@tasks("send, more than the system takes")
async def _task_send_much(run: Tasks) -> None:
    sock, peer = await run.task_pair(BUFFER)
    if run.queues:
        await run.task_send(sock, _BIG)
        await run.task_arrives(sock, peer)
        return
    reading = run.reading(peer)
    await run.task_send(sock, _BIG)
    await run.task_call(sock.close)
    run.compare(run.streams[sock], await finished(reading))


@tasks("send, timeout")
async def _task_send_timeout(run: Tasks) -> None:
    sock, peer = await run.task_pair(BUFFER, send_timeout=_SHORT)
    for _ in range(2):
        await run.task_send(sock, _BIG)
        if not run.queues:
            break
    await run.task_arrives(sock, peer)


@tasks("hand over to a thread")
async def _task_hand_over(run: Tasks) -> None:
    sock, peer = await run.task_pair(active=True)
    got: list[Any] = []
    process = run.spawned(lambda: got.append(run.call(run.terms, partial(gentcp.receive, timeout=_SECONDS))))
    run.must(await run.task_call(lambda: sock.controlling_process(process)), sock)
    peer.sendall(b"hello")
    await until(lambda: process.join(0.0))
    if got != [("ok", ("tcp", sock, b"hello"))] and not run.may_end:
        raise Violation(got)


@tasks("sendfile")
async def _task_sendfile(run: Tasks) -> None:
    sock, peer = await run.task_pair(BUFFER)
    reading = run.reading(peer)
    with tempfile.TemporaryFile() as opened:
        opened.write(_BIG)
        opened.flush()
        result = await run.task_once(lambda: sock.sendfile(opened))
        if result[0] != "ok" and not run.may_end:
            result = await run.task_once(lambda: sock.sendfile(opened))
    stream: Stream = run.streams[sock]
    if result[0] == "ok":
        stream.acknowledged += _BIG
    elif isinstance(result[1], tuple):
        stream.acknowledged += _BIG[: result[1][1]]
    else:
        stream.over, stream.doubtful = True, _BIG
    await run.task_call(sock.close)
    run.compare(stream, await finished(reading))


@tasks("spawn and monitor")
async def _task_spawn(run: Tasks) -> None:
    sock, peer = await run.task_pair()

    async def owner() -> None:
        await run.task_call(lambda: aio.receive(timeout=_SECONDS))

    process = aio.spawn(owner)
    run.must(await run.task_call(lambda: sock.controlling_process(process)), sock)
    process.post("end")
    await process
    if await finished(run.reading(peer)):
        raise Violation("data")
