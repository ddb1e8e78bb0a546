"""Streams of asyncio, on its own loop or on uvloop's."""

from __future__ import annotations

import asyncio
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from time import monotonic, perf_counter

from . import turns
from .asyncio_protocol import run
from .turns import CHUNK

_header = struct.Struct(">I")
_gone = (asyncio.IncompleteReadError, ConnectionError)


async def _recv(reader: StreamReader) -> bytes:
    return await reader.readexactly(_header.unpack(await reader.readexactly(4))[0])


async def _echo(reader: StreamReader, writer: StreamWriter) -> None:
    try:
        while True:
            payload = await _recv(reader)
            writer.write(_header.pack(len(payload)) + payload)
            await writer.drain()
    except _gone:
        writer.close()


async def _serve(channel: Connection, handle: Callable[[StreamReader, StreamWriter], Awaitable[None]]) -> None:
    """Until we are killed."""
    server = await asyncio.start_server(handle, "0.0.0.0", 0, backlog=4096)
    channel.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def echo(channel: Connection, loop: str, _count: int) -> None:
    run(loop, _serve(channel, _echo))


churn = hold = echo


def drive(channel: Connection, loop: str, port: int, seconds: float, size: int) -> None:
    run(loop, _drive(channel, port, seconds, size))


async def _drive(channel: Connection, port: int, seconds: float, size: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    data = turns.payload(size)

    async def turn() -> bytes:
        writer.write(_header.pack(size) + data)
        await writer.drain()
        return await _recv(reader)

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
    writer.close()


def receive(channel: Connection, loop: str, kind: str) -> None:
    async def packets(reader: StreamReader, writer: StreamWriter) -> None:
        count, last = 0, b""
        try:
            while True:
                last = await _recv(reader)
                count += 1
        except _gone:
            writer.close()
            channel.send((count, last, monotonic()))

    async def lines(reader: StreamReader, writer: StreamWriter) -> None:
        count, last = 0, b""
        while line := await reader.readline():
            count += 1
            last = line
        writer.close()
        channel.send((count, last, monotonic()))

    run(loop, _serve(channel, packets if kind == "packet" else lines))


def bulk_receive(channel: Connection, loop: str) -> None:
    async def take(reader: StreamReader, writer: StreamWriter) -> None:
        count = 0
        while data := await reader.read(CHUNK):
            count += len(data)
        writer.close()
        channel.send((count, monotonic()))

    run(loop, _serve(channel, take))


def send(channel: Connection, loop: str, port: int, seconds: float, size: int) -> None:
    data = turns.payload(size)
    run(loop, _send(channel, port, seconds, lambda: _header.pack(size) + data, 1))


def bulk_send(channel: Connection, loop: str, piece: int, port: int, seconds: float) -> None:
    data = bytes(piece)
    run(loop, _send(channel, port, seconds, lambda: data, piece))


async def _send(channel: Connection, port: int, seconds: float, make: Callable[[], bytes], each: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    count, start = 0, turns.begin(channel)
    stop = perf_counter() + seconds
    while perf_counter() < stop:
        for _ in range(10):
            writer.write(make())
            await writer.drain()
        count += 10
    writer.close()
    await writer.wait_closed()
    channel.send((count * each, start))
