"""Streams of trio, a task for each connection."""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from multiprocessing.connection import Connection
from time import monotonic, perf_counter

import trio

from . import turns
from .turns import CHUNK

_header = struct.Struct(">I")


async def _packets(stream: trio.SocketStream) -> AsyncIterator[bytes]:
    rest = b""
    while data := await stream.receive_some(CHUNK):
        data, position = rest + data, 0
        while len(data) >= position + 4:
            end = position + 4 + _header.unpack_from(data, position)[0]
            if len(data) < end:
                break
            yield data[position + 4 : end]
            position = end
        rest = data[position:]


async def _lines(stream: trio.SocketStream) -> AsyncIterator[bytes]:
    rest = b""
    while data := await stream.receive_some(CHUNK):
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            yield line


def _serve(channel: Connection, handle: Callable[[trio.SocketStream], Awaitable[None]]) -> None:
    """Until we are killed."""

    async def main() -> None:
        listeners = await trio.open_tcp_listeners(0, host="0.0.0.0", backlog=4096)
        channel.send(listeners[0].socket.getsockname()[1])
        await trio.serve_listeners(handle, listeners)

    trio.run(main)


def echo(channel: Connection, _count: int) -> None:
    async def handle(stream: trio.SocketStream) -> None:
        async with stream:
            async for payload in _packets(stream):
                await stream.send_all(_header.pack(len(payload)) + payload)

    _serve(channel, handle)


churn = hold = echo


def receive(channel: Connection, kind: str) -> None:
    async def handle(stream: trio.SocketStream) -> None:
        count, last = 0, b""
        async for payload in _packets(stream) if kind == "packet" else _lines(stream):
            count += 1
            last = payload
        await stream.aclose()
        channel.send((count, last, monotonic()))

    _serve(channel, handle)


def bulk_receive(channel: Connection) -> None:
    async def handle(stream: trio.SocketStream) -> None:
        count = 0
        while data := await stream.receive_some(CHUNK):
            count += len(data)
        channel.send((count, monotonic()))

    _serve(channel, handle)


def send(channel: Connection, port: int, seconds: float, size: int) -> None:
    data = turns.payload(size)
    trio.run(_send, channel, port, seconds, lambda: _header.pack(size) + data, 1)


def bulk_send(channel: Connection, piece: int, port: int, seconds: float) -> None:
    data = bytes(piece)
    trio.run(_send, channel, port, seconds, lambda: data, piece)


async def _send(channel: Connection, port: int, seconds: float, make: Callable[[], bytes], each: int) -> None:
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    count, start = 0, turns.begin(channel)
    stop = perf_counter() + seconds
    while perf_counter() < stop:
        for _ in range(10):
            await stream.send_all(make())
        count += 10
    await stream.aclose()
    channel.send((count * each, start))
