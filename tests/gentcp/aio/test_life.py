"""Sockets of the asyncio face that nobody closes, and how they show themselves."""

from __future__ import annotations

import asyncio
import gc
import warnings

import pytest

import gentcp
from gentcp import aio

from .kit import Link, Run, turns


def test_a_socket_says_where_its_class_is(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            listener = await net.listen()
            sock, _ = await net.dial(packet=4)
            begin = f"gentcp.aio.Socket {net.backend} fd={sock.fileno()} "
            assert repr(sock).startswith(f"<{begin}")
            assert repr(aio.awaitable(sock.blocking)).startswith(f"<{begin}")
            assert repr(sock.blocking).startswith(f"<{begin.replace('.aio', '')}")
            assert repr(listener).startswith(f"<gentcp.aio.Listener {net.backend} ")
            assert repr(listener.blocking).startswith(f"<gentcp.Listener {net.backend} ")

    run(test())


def test_a_socket_that_nobody_has_is_closed_with_a_warning(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            listener = await net.listen()
            sock = await aio.connect("127.0.0.1", listener.port, inet_backend=net.backend)
            accepted = await listener.accept()
            fd = sock.fileno()
            with warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                del sock
                gc.collect()
            assert [str(each.message) for each in warned] == [f"unclosed <gentcp.aio.Socket {net.backend} fd={fd}>"]
            with pytest.raises(gentcp.Closed):
                await accepted.recv()
            await accepted.close()

    run(test())


def test_another_face_of_a_socket_does_not_close_it(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            one, two = await net.pair()
            blocking = one.blocking
            again = aio.awaitable(blocking)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                del blocking, again
                gc.collect()
                await turns()
            await one.send(b"still there")
            assert await two.recv() == b"still there"

    run(test())


def test_an_exception_that_nobody_asks_for_is_reported(run: Run, runner: asyncio.Runner) -> None:
    """By asyncio, as with any task; the death of a killed task is no surprise."""
    reported: list[object] = []
    runner.get_loop().set_exception_handler(lambda _loop, context: reported.append(context.get("exception")))
    error = ZeroDivisionError("as intended")

    async def fail() -> None:
        aio.current_process()
        raise error

    async def test() -> None:
        process = aio.spawn(fail)
        await process
        await turns(2)
        assert process.exit_reason is error
        killed = aio.spawn(aio.receive)
        await turns(2)
        killed.kill()
        await killed
        await turns(2)
        assert killed.exit_reason == "killed"

    run(test())
    error.__traceback__ = None
    gc.collect()
    assert reported == [error]
