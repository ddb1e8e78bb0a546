"""Loops that are closed, by whomever and with whatever still open: nothing is left, and queued data is delivered.

The fixtures look at descriptors and threads.
"""

from __future__ import annotations

import asyncio
import gc
import json
import warnings
import weakref
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import gentcp
from gentcp import aio
from gentcp.aio._loops import host_of_loop
from gentcp.engine import READ
from gentcp.engine.host import polling

from ...support import Peer, run_python
from .kit import BUFFER, Link, Links, limited, loops, new_loop, turns, until

DATA = bytes(range(256)) * 8000
Main = Callable[[], Coroutine[Any, Any, None]]


@pytest.fixture(autouse=True)
def _clean(nothing_left_behind: None) -> None:
    """As the fixture of loops, which is not used here."""


def with_asyncio_run(name: str, main: Main) -> None:
    with asyncio.Runner(loop_factory=lambda: new_loop(name)) as runner:
        runner.run(limited(main()))


def with_close(name: str, main: Main) -> None:
    loop = new_loop(name)
    loop.run_until_complete(limited(main()))
    loop.close()


def with_shutdown_of_generators_first(name: str, main: Main) -> None:
    loop = new_loop(name)
    loop.run_until_complete(limited(main()))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.run_until_complete(limited(main()))
    loop.close()


CLOSED = pytest.mark.parametrize("use", [with_asyncio_run, with_close, with_shutdown_of_generators_first])
Use = Callable[[str, Main], None]


@pytest.fixture(params=loops())
def loop_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@CLOSED
def test_the_host_goes_with_its_loop(loop_name: str, link: Link, use: Use) -> None:
    seen: list[weakref.ref[asyncio.AbstractEventLoop]] = []

    async def main() -> None:
        seen.append(weakref.ref(asyncio.get_running_loop()))
        async with link() as net:
            one, two = await net.pair(packet=4)
            await one.send(b"data")
            assert await two.recv() == b"data"
        assert len(polling) == len(before) + 1

    before = list(polling)
    use(loop_name, main)
    assert polling == before
    gc.collect()
    assert seen[0]() is None


@CLOSED
@pytest.mark.parametrize("backend", ["inet"])
def test_what_is_queued_is_delivered_when_the_loop_is_gone(
    loop_name: str, backend: str, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    peers: list[Peer] = []
    socks: list[aio.Socket] = []

    async def main() -> None:
        sock, peer = await Links(backend).dial(stalled=True, high_watermark=1 << 30)
        peers.append(peer)
        socks.append(sock)  # else it would be a leak, while its task ends
        await sock.send(DATA)
        await sock.send(b"the end")
        assert (await sock.getstat("send_pend"))["send_pend"] > BUFFER

    use(loop_name, main)
    for peer in peers:
        assert peer.drain() == DATA + b"the end"
        assert peer.ended_by == "fin"
        peer.close()


@CLOSED
def test_what_tasks_had_open_ends_with_them(loop_name: str, link: Link, backend: str, use: Use) -> None:
    peers: list[Peer] = []

    async def main() -> None:
        sock, peer = await Links(backend).dial()
        peers.append(peer)
        await sock.setopts(active=True)

    use(loop_name, main)
    for peer in peers:
        assert peer.drain() == b""
        peer.close()


def test_tasks_that_never_go_on_end_with_the_loop(loop_name: str, backend: str) -> None:
    """Nobody cancels them when a loop is closed by hand."""
    peers: list[Peer] = []
    processes: list[aio.TaskProcess] = []

    async def waits() -> None:
        sock, peer = await Links(backend).dial()
        peers.append(peer)
        await sock.recv()

    async def is_told() -> None:
        peers.append((await Links(backend).dial(active=True))[1])
        await aio.receive(timeout=60.0)

    async def main() -> None:
        processes.extend([aio.spawn(waits), aio.spawn(is_told)])
        await until(lambda: len(peers) == 2)
        await turns()

    with_close(loop_name, main)
    for peer in peers:
        assert peer.drain() == b""
        peer.close()
    assert [process.alive for process in processes] == [False, False]
    assert [process.exit_reason for process in processes] == ["killed", "killed"]
    for process in processes:
        process.post("nobody is there")
        process.kill()
        process.task._log_destroy_pending = False  # type: ignore[attr-defined]


def test_a_loop_is_not_closed_while_it_runs(loop_name: str, backend: str) -> None:
    async def main() -> None:
        async with Links(backend) as net:
            one, two = await net.pair()
            with pytest.raises(RuntimeError):
                asyncio.get_running_loop().close()
            await one.send(b"data")
            assert await two.recv() == b"data"

    with_close(loop_name, main)


def test_a_loop_that_stands_still_closes_nothing_late(loop_name: str, backend: str) -> None:
    """The peer of a socket that a thread closes meanwhile is told at once."""
    loop = new_loop(loop_name)

    async def main() -> tuple[aio.Socket, Peer]:
        sock, peer = await Links(backend).dial()
        peer.send(b"data")
        assert await sock.recv() == b"data"
        await sock.controlling_process(outside)
        return sock, peer

    outside = gentcp.current_process()
    sock, peer = loop.run_until_complete(main())
    sock.blocking.close()
    assert peer.drain() == b""
    peer.close()
    loop.close()


def test_an_exit_out_of_a_task_leaves_the_others_to_be_cancelled(loop_name: str) -> None:
    """What one event has woken goes on, even if the first one ends the program: it has to be there for that."""
    stepped: list[str] = []

    class Exits:
        def step(self) -> None:
            raise SystemExit

    class GoesOn:
        def step(self) -> None:
            stepped.append("went on")

    async def main() -> None:
        host = host_of_loop(asyncio.get_running_loop())

        class Both:
            def on_ready(self, events: int) -> None:
                host.wake(Exits())
                host.wake(GoesOn())

        with pytest.raises(SystemExit):
            host.dispatch(Both(), READ)
        assert stepped == []
        await turns(1)
        assert stepped == ["went on"]

    with_close(loop_name, main)


NO_THREAD = """
import asyncio, json, sys, threading
from gentcp import aio
from gentcp.aio._loops import host_of_loop
from gentcp.engine import READ

async def main():
    for backend in ("inet", "socket"):
        async with await aio.listen(packet=4, active=True, inet_backend=backend) as listener:
            async with await aio.connect("127.0.0.1", listener.port, packet=4, inet_backend=backend) as sock:
                async with await listener.accept() as other:
                    await sock.send(b"data")
                    assert (await aio.receive())[2] == b"data"
                    await other.send(b"x" * 3_000_000)
                    assert len(await sock.recv(timeout=5.0)) == 3_000_000

names = {"asyncio": asyncio}
if sys.argv[1] == "uvloop":
    import uvloop
    names["uvloop"] = uvloop
with asyncio.Runner(loop_factory=names[sys.argv[1]].new_event_loop) as runner:
    runner.run(main())
    print(json.dumps([thread.name for thread in threading.enumerate() if "_0" not in thread.name]))
"""


def test_no_thread_works_for_the_sockets_of_a_loop(loop_name: str) -> None:
    """But for that of the executor, which looks names up."""
    assert json.loads(run_python(NO_THREAD, loop_name)) == ["MainThread"]


def test_development_mode_has_nothing_to_say(loop_name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        program = f"""
import subprocess, sys
code = {NO_THREAD!r}
done = subprocess.run([sys.executable, "-X", "dev", "-c", code, {loop_name!r}], capture_output=True, text=True)
print(done.returncode, [line for line in done.stderr.splitlines() if "seconds" not in line])
"""
        assert run_python(program) == "0 []\n"
