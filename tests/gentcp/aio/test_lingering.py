"""A close(2) that lingers, on an event loop: calls wait for it as a thread's do, and the loop goes on."""

from __future__ import annotations

import asyncio

import pytest

import gentcp
from gentcp import aio

from ...support import Peer, inspection
from .kit import Link, Links, Run, until

pytestmark = pytest.mark.parametrize("backend", ["socket"])
PART = bytes(range(256)) * 350
"""More than the buffer of a stalled peer holds; the rest is in the kernel's."""


async def closing(net: Links) -> tuple[aio.Socket, Peer, asyncio.Task[None]]:
    """A socket in a close(2) that lingers, and the task that waits for it."""
    sock, peer = await net.dial(stalled=True, linger=60)
    await sock.send(PART)
    task = asyncio.create_task(sock.close())
    await until(lambda: sock.handle.closing)
    return sock, peer, task


async def outcome(task: asyncio.Task[object]) -> object:
    try:
        return await task
    except gentcp.Error as error:
        return error.reason


def test_calls_wait_and_the_loop_does_not(run: Run, link: Link, backend: str) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer, closer = await closing(net)
            calls = [
                sock.setopts(nodelay=True), sock.setopts(active=False), sock.getopts("active"), sock.recv(),
                sock.controlling_process(aio.current_process()), sock.close(),  # the owner is that already
            ]  # fmt: skip
            tasks: list[asyncio.Task[object]] = [asyncio.create_task(call) for call in calls]
            await until(lambda: inspection.waiting_for_close(sock) == 1 + len(tasks))
            peer.reset()
            assert [await outcome(task) for task in tasks] == ["closed", None, "einval", "closed", None, None]
            await closer

    run(test())


def test_a_call_that_is_cancelled_leaves_the_close_alone(run: Run, link: Link, backend: str) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer, closer = await closing(net)
            task = asyncio.create_task(sock.getopts("active"))
            await until(lambda: inspection.waiting_for_close(sock) == 2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(peer.drain) == PART
            await closer

    run(test())


def test_a_task_that_ends_does_not_wait_for_its_socket(run: Run, link: Link, backend: str) -> None:
    async def test() -> None:
        async with link() as net:

            async def owner() -> tuple[aio.Socket, Peer]:
                sock, peer = await net.dial(stalled=True, linger=60)
                await sock.send(PART)
                return sock, peer

            process = aio.spawn(owner)
            sock, peer = await process.task
            await until(lambda: sock.handle.closing)
            assert await asyncio.to_thread(peer.drain) == PART
            await until(lambda: not sock.handle.closing)

    run(test())
