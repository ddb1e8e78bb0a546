"""Protocols of asyncio, on its own loop or on uvloop's."""

from __future__ import annotations

import asyncio
import importlib
import struct
from collections.abc import Coroutine
from multiprocessing.connection import Connection
from time import monotonic, perf_counter
from typing import Any

from . import turns

_header = struct.Struct(">I")


def run(loop: str, main: Coroutine[Any, Any, object]) -> None:
    """By the loop of the module of that name."""
    factory = asyncio.new_event_loop if loop == "asyncio" else importlib.import_module(loop).new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(main)


class Packets(asyncio.Protocol):
    """Calls `packet` with each payload."""

    def __init__(self) -> None:
        self.rest = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.write = transport.write

    def data_received(self, data: bytes) -> None:
        if self.rest:
            data = self.rest + data
        size, position = len(data), 0
        while size >= position + 4:
            end = position + 4 + _header.unpack_from(data, position)[0]
            if size < end:
                break
            self.packet(data[position + 4 : end])
            position = end
        self.rest = data[position:]

    def packet(self, payload: bytes) -> None:
        raise NotImplementedError


class Lines(asyncio.Protocol):
    """Calls `packet` with each line."""

    def __init__(self) -> None:
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        if self.rest:
            data = self.rest + data
        lines = data.split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            self.packet(line)

    def packet(self, payload: bytes) -> None:
        raise NotImplementedError


class Echo(Packets):
    def packet(self, payload: bytes) -> None:
        self.write(_header.pack(len(payload)) + payload)


async def _serve(channel: Connection, protocol: Any) -> None:
    """Until we are killed."""
    server = await asyncio.get_running_loop().create_server(protocol, "0.0.0.0", 0, backlog=4096)
    channel.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def echo(channel: Connection, loop: str, _count: int) -> None:
    run(loop, _serve(channel, Echo))


churn = hold = echo


class Driver(Packets):
    """Each reply sends the next packet."""

    def __init__(self, channel: Connection, seconds: float, size: int) -> None:
        super().__init__()
        self.data = turns.payload(size)
        self.channel, self.seconds = channel, seconds
        self.count, self.warm = 0, False
        self.start, self.stop = perf_counter(), perf_counter() + turns.WARM_UP * seconds
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.next()

    def next(self) -> None:
        self.write(_header.pack(len(self.data)) + self.data)

    def packet(self, payload: bytes) -> None:
        if not self.count and payload != self.data:
            raise ValueError(f"another packet came back: {payload!r}")
        self.count += 1
        if self.count % 50 == 0 and (now := perf_counter()) >= self.stop:
            if self.warm:
                self.channel.send((self.count, now - self.start))
                self.done.set_result(None)
                return
            turns.begin(self.channel)
            self.warm, self.count, self.start = True, 0, perf_counter()
            self.stop = self.start + self.seconds
            self.count = 0
        self.next()


def drive(channel: Connection, loop: str, port: int, seconds: float, size: int) -> None:
    async def main() -> None:
        _, driver = await asyncio.get_running_loop().create_connection(
            lambda: Driver(channel, seconds, size), "127.0.0.1", port
        )
        await driver.done

    run(loop, main())


class _Counting:
    """Counts messages until the end, and says how many."""

    channel: Connection
    count, last = 0, b""

    def packet(self, payload: bytes) -> None:
        self.count += 1
        self.last = payload

    def connection_lost(self, exc: Exception | None) -> None:
        self.channel.send((self.count, self.last, monotonic()))


class CountPackets(_Counting, Packets):
    """Of `packet` 4."""


class CountLines(_Counting, Lines):
    """Of `packet` line."""


class CountBytes(asyncio.Protocol):
    def __init__(self) -> None:
        self.count = 0

    def data_received(self, data: bytes) -> None:
        self.count += len(data)

    def connection_lost(self, exc: Exception | None) -> None:
        _Counting.channel.send((self.count, monotonic()))


def receive(channel: Connection, loop: str, kind: str) -> None:
    _Counting.channel = channel
    run(loop, _serve(channel, CountPackets if kind == "packet" else CountLines))


def bulk_receive(channel: Connection, loop: str) -> None:
    _Counting.channel = channel
    run(loop, _serve(channel, CountBytes))


class Sender(asyncio.Protocol):
    """Says when to wait, and when the connection is closed."""

    def __init__(self) -> None:
        self.room, self.closed = asyncio.Event(), asyncio.Event()
        self.room.set()

    def pause_writing(self) -> None:
        self.room.clear()

    def resume_writing(self) -> None:
        self.room.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()


def send(channel: Connection, loop: str, port: int, seconds: float, size: int) -> None:
    data = turns.payload(size)
    run(loop, _send(channel, port, seconds, lambda: _header.pack(size) + data, 1))


def bulk_send(channel: Connection, loop: str, piece: int, port: int, seconds: float) -> None:
    data = bytes(piece)
    run(loop, _send(channel, port, seconds, lambda: data, piece))


async def _send(channel: Connection, port: int, seconds: float, make: Any, each: int) -> None:
    transport, sender = await asyncio.get_running_loop().create_connection(Sender, "127.0.0.1", port)
    count, start = 0, turns.begin(channel)
    stop = perf_counter() + seconds
    while perf_counter() < stop:
        for _ in range(10):
            transport.write(make())
            if not sender.room.is_set():
                await sender.room.wait()
        count += 10
    transport.close()
    await sender.closed.wait()
    channel.send((count * each, start))
