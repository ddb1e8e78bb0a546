"""Sockets that go from threads to tasks and back, and from one loop to another."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

import gentcp
from gentcp import aio
from gentcp.engine import driver
from gentcp.erl import gen_tcp, inet

from ...support import Task, inspection
from .kit import BUFFER, Link, Links, Run, limited, new_loop, turns, until

DATA = bytes(range(256)) * 8000


async def outside(function: Callable[..., Any], *args: Any) -> Any:
    """What a process on a thread returns, which ends then."""
    task = Task(function, *args)
    return await asyncio.get_running_loop().run_in_executor(None, task.result)


def test_a_thread_hands_a_socket_to_a_task(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            listener, me = await net.listen(packet=4), aio.current_process()

            def dial(port: int, backend: str) -> None:
                sock = gentcp.connect("127.0.0.1", port, packet=4, inet_backend=backend)
                sock.controlling_process(me)
                me.post(sock)

            await outside(dial, listener.port, net.backend)
            given = await aio.receive()
            assert isinstance(given, gentcp.Socket)
            async with aio.awaitable(given) as sock, await listener.accept() as other:
                assert inspection.owner(sock) is me
                await other.send(b"data")
                assert await sock.recv() == b"data"
                await sock.setopts(active=True)
                await other.send(b"as a message")
                assert await aio.receive() == ("tcp", given, b"as a message")

    run(test())


@pytest.mark.parametrize("active", [False, True])
def test_a_task_hands_a_socket_to_a_thread(run: Run, link: Link, active: bool) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(packet="line")
            peer.send(b"for the task\n")
            assert await sock.recv() == b"for the task\n"

            def work() -> bytes:
                with gentcp.receive(timeout=20.0) as given:
                    assert isinstance(given, gentcp.Socket)
                    given.send(b"thanks\n")
                    if active:
                        given.setopts(active="once")
                        data: bytes = gentcp.receive(timeout=20.0)[2]
                        return data
                    received: bytes = given.recv(timeout=20.0)
                    return received

            task = Task(work)
            await sock.controlling_process(task.process)
            task.process.post(sock.blocking)
            assert await asyncio.to_thread(peer.recv_exact, 7) == b"thanks\n"
            peer.send(b"for the thread\n")
            assert await asyncio.get_running_loop().run_in_executor(None, task.result) == b"for the thread\n"
            assert sock.fileno() == -1

    run(test())


def test_the_erlang_face_takes_a_socket_of_a_task(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            one, two = await net.pair(packet=4)

            def work() -> None:
                assert gen_tcp.send(one, b"data") == "ok"
                assert inet.getopts(one, ["packet"]) == ("ok", [("packet", 4)])
                assert gen_tcp.recv(one, 0, 20_000) == ("ok", b"back")
                assert gen_tcp.close(one) == "ok"

            working = asyncio.create_task(outside(work))
            assert await two.recv() == b"data"
            await two.send(b"back")
            await working
            with pytest.raises(gentcp.Closed):
                await two.recv()

    run(test())


def test_a_thread_and_a_task_receive_in_turn(run: Run, link: Link) -> None:
    """On `inet` the second is told that somebody is in recv."""

    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(packet="line")
            thread = Task(sock.blocking.recv)
            await until(lambda: inspection.receivers(sock) == 1)
            task = asyncio.create_task(sock.recv())
            await turns(3)
            peer.send(b"one\ntwo\n")
            result = asyncio.get_running_loop().run_in_executor(None, thread.result)
            assert await result == b"one\n"
            try:
                assert await task == b"two\n"
                assert net.backend == "socket"
            except gentcp.Busy:
                assert await sock.recv() == b"two\n"

    run(test())


@pytest.mark.parametrize("backend", ["inet"])
@pytest.mark.parametrize("back", [False, True])
def test_a_queue_goes_along_to_the_host_of_the_new_owner(run: Run, link: Link, backend: str, back: bool) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(stalled=True, high_watermark=1 << 30)
            await sock.send(DATA)
            assert inspection.queued(sock) > BUFFER
            me, host = aio.current_process(), aio.current_process().host

            def work() -> None:
                gentcp.receive(timeout=20.0)
                if back:
                    sock.blocking.controlling_process(me)
                gentcp.receive(timeout=20.0)

            task = Task(work)
            await sock.controlling_process(task.process)
            assert (host._descriptors[sock.fileno()].writer is None, sock.fileno() in driver()._writers) == (True, True)
            task.process.post("go on")
            if back:
                await until(lambda: inspection.owner(sock) is me and sock.fileno() not in driver()._writers)
            assert await asyncio.to_thread(peer.recv_exact, len(DATA)) == DATA
            await until(lambda: not inspection.queued(sock))
            await turns(3)
            assert (host._descriptors[sock.fileno()].polled & 4, sock.fileno() in driver()._writers) == (0, False)
            task.process.post("end")
            await asyncio.get_running_loop().run_in_executor(None, task.result)

    run(test())


# ---- loops


class Loop:
    """A loop of its own on a thread of its own, until the end of the test."""

    def __init__(self, name: str) -> None:
        self.loop = new_loop(name)
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    async def call(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        """What a coroutine returns in a task of that loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(limited(coroutine), self.loop))

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()


@pytest.fixture
def other(loop_name: str, nothing_left_behind: None) -> Any:
    made = Loop(loop_name)
    yield made
    made.close()


def test_a_task_of_another_loop_uses_a_socket(run: Run, link: Link, other: Loop) -> None:
    async def test() -> None:
        async with link() as net:
            one, two = await net.pair(packet=4)
            for number in range(50):
                await two.send(b"%d" % number)
                assert await (other.call(one.recv()) if number % 2 else one.recv()) == b"%d" % number
            there = asyncio.create_task(other.call(one.recv(timeout=20.0)))
            await until(lambda: inspection.receivers(one) == 1)
            await two.send(b"for the other")
            assert await there == b"for the other"
            await other.call(one.close())
            with pytest.raises(gentcp.Closed):
                await two.recv()

    run(test())


def test_a_socket_is_handed_to_a_task_of_another_loop(run: Run, link: Link, other: Loop) -> None:
    async def test() -> None:
        async with link() as net:
            one, two = await net.pair(packet=4, active=True)
            ready: asyncio.Future[aio.TaskProcess] = asyncio.get_running_loop().create_future()
            loop = asyncio.get_running_loop()

            async def owner() -> list[bytes]:
                loop.call_soon_threadsafe(ready.set_result, aio.current_process())
                data = [(await aio.receive())[2] for _ in range(2)]
                await one.send(b"thanks")
                return data

            there = asyncio.create_task(other.call(owner()))
            await two.send(b"one")
            await until(lambda: aio.current_process()._inbox)
            await one.controlling_process(await ready)
            await two.send(b"two")
            assert await there == [b"one", b"two"]
            assert (await aio.receive())[2] == b"thanks"
            assert await aio.receive() == ("tcp_closed", two)

    run(test())


@pytest.mark.parametrize("seed", range(3))
def test_descriptors_are_used_again_while_loops_and_threads_close_them(
    run: Run, link: Link, other: Loop, seed: int
) -> None:
    """A loop that has polled a descriptor lets go of it before another connection has its number."""

    async def test() -> None:
        dice = random.Random(seed)
        async with link() as net:
            listener = await net.listen(packet=4)
            for number in range(60):
                one, two = await pair(net, listener)
                for sock, peer in ((one, two), (two, one)):
                    await sock.send(b"%d" % number)
                    here = dice.random() < 0.5
                    assert await (peer.recv() if here else other.call(peer.recv())) == b"%d" % number
                for sock in (one, two):
                    match dice.randrange(3):
                        case 0:
                            await sock.close()
                        case 1:
                            await other.call(sock.close())
                        case _:
                            await asyncio.to_thread(sock.blocking.close)

    run(test())


async def pair(net: Links, listener: aio.Listener) -> tuple[aio.Socket, aio.Socket]:
    sock = await aio.connect("127.0.0.1", listener.port, packet=4, inet_backend=net.backend)
    return sock, await listener.accept()
