"""The asyncio face of gentcp, on asyncio's own loop or on uvloop's."""

from __future__ import annotations

from multiprocessing.connection import Connection
from time import perf_counter

from gentcp import aio

from . import turns
from .asyncio_protocol import run

BACKEND = "socket"
"""What it does for a message is the same on both."""


def echo(channel: Connection, loop: str, _count: int) -> None:
    """A task for each connection."""
    run(loop, _echo(channel))


async def _echo(channel: Connection) -> None:
    async with await aio.listen(0, packet=4, backlog=4096, inet_backend=BACKEND) as listener:
        channel.send(listener.port)
        async for sock in listener:
            await sock.controlling_process(aio.spawn(_serve, sock))


async def _serve(sock: aio.Socket) -> None:
    async for packet in sock:
        await sock.send(packet)


def echo_active(channel: Connection, loop: str, count: int) -> None:
    """One task that owns all connections, and gets their packets as messages."""
    run(loop, _echo_active(channel, count))


async def _echo_active(channel: Connection, count: int) -> None:
    async with await aio.listen(0, packet=4, backlog=4096, active=True, inet_backend=BACKEND) as listener:
        channel.send(listener.port)
        for _ in range(count):
            await listener.accept()
        while True:
            message = await aio.receive()
            if message[0] == "tcp":
                await message[1].send(message[2])


def drive(channel: Connection, loop: str, port: int, seconds: float, size: int) -> None:
    run(loop, _drive(channel, port, seconds, size))


async def _drive(channel: Connection, port: int, seconds: float, size: int) -> None:
    data = turns.payload(size)
    async with await aio.connect("127.0.0.1", port, packet=4, inet_backend=BACKEND) as sock:

        async def turn() -> bytes:
            await sock.send(data)
            return await sock.recv()

        async def for_a_while(seconds: float) -> tuple[int, float]:
            count, start = 0, perf_counter()
            while (spent := perf_counter() - start) < seconds:
                for _ in range(50):
                    await turn()
                count += 50
            return count, spent

        if (reply := await turn()) != data:
            raise ValueError(f"another packet came back: {reply!r}")
        await for_a_while(turns.WARM_UP * seconds)
        turns.begin(channel)
        channel.send(await for_a_while(seconds))
