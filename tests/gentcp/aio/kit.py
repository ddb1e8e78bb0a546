"""Connections of the asyncio face, and turns of the loop, for tests that run on each loop and backend."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import socket
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, Self, TypeVar

import pytest

import gentcp
from gentcp import aio

from ...support import Peer

PATIENCE = 20.0
BUFFER = 65536
"""Both buffers of a stalled pair."""
T = TypeVar("T")
NewLoop = Callable[[], asyncio.AbstractEventLoop]


def loops() -> list[Any]:
    """The loops to test on, as parameters."""
    try:
        importlib.import_module("uvloop")
    except ImportError:
        missing = [pytest.mark.skip(reason="uvloop is not installed")]
    else:
        missing = []
        new_loop("uvloop").close()  # the first one opens what lasts
    return [pytest.param("asyncio"), pytest.param("uvloop", marks=missing)]


def new_loop(name: str) -> asyncio.AbstractEventLoop:
    """A loop of that kind."""
    made: asyncio.AbstractEventLoop = importlib.import_module(name).new_event_loop()
    return made


class Run(Protocol):
    """Runs a test's coroutine to its end on the loop of the test, for PATIENCE at most."""

    def __call__(self, coroutine: Coroutine[Any, Any, T], /) -> T: ...


async def limited(coroutine: Coroutine[Any, Any, T]) -> T:
    """What `coroutine` returns; a test that hangs fails."""
    async with asyncio.timeout(PATIENCE):
        return await coroutine


async def turns(count: int = 5) -> None:
    """So many turns of the loop."""
    for _ in range(count):
        await asyncio.sleep(0)


async def until(probe: Callable[[], T]) -> T:
    """The first true value that `probe` gives; the time limit is that of the test."""
    found = probe()
    while not found:
        await asyncio.sleep(0)
        found = probe()
    return found


class Links:
    """Makes connections for one test, and closes them on the way out."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self._made = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._made.aclose()

    async def listen(self, **options: Any) -> aio.Listener:
        options.setdefault("ip", "loopback")
        return await self._made.enter_async_context(await aio.listen(inet_backend=self.backend, **options))

    async def connect(self, port: int, **options: Any) -> aio.Socket:
        sock: aio.Socket = await aio.connect("127.0.0.1", port, inet_backend=self.backend, **options)
        self._made.push_async_callback(end, sock)
        return sock

    async def pair(self, **options: Any) -> tuple[aio.Socket, aio.Socket]:
        """Connected, and accepted by a listener with the same options."""
        async with await aio.listen(ip="loopback", inet_backend=self.backend, **options) as listener:
            sock = await self.connect(listener.port, **options)
            accepted = await listener.accept()
            self._made.push_async_callback(end, accepted)
            return sock, accepted

    async def dial(self, *, stalled: bool = False, **options: Any) -> tuple[aio.Socket, Peer]:
        """A socket and its raw peer; `stalled`, with buffers that a megabyte does not fit."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            if stalled:
                server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
                options["sndbuf"] = BUFFER
            sock = await self.connect(server.getsockname()[1], **options)
            peer = Peer(server.accept()[0])
            self._made.callback(peer.close)  # before the socket, whose close would wait for a peer that does not read
            return sock, peer


async def end(sock: aio.Socket) -> None:
    """Close without waiting for a peer."""
    if sock.fileno() >= 0:
        with contextlib.suppress(gentcp.Error):
            await sock.setopts(linger=0)
        await sock.close()


Link = Callable[[], Links]
