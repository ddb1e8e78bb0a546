"""connect and listen of the asyncio face."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, Literal, Unpack, overload

from gentcp import _api as api
from gentcp._failures import outcome
from gentcp._keywords import (
    BytesPacket,
    ConnectOptions,
    ConnectStreamOptions,
    Host,
    ListenOptions,
    ListenStreamOptions,
    Mode,
    Parsed,
    ParsedPacket,
)
from gentcp.abc import Backend
from gentcp.engine import SteppingBackend
from gentcp.errors import ErlangError, OptionError

from ._listener import Listener
from ._process import TaskProcess, call, caller, current_process, on_behalf_of
from ._socket import Socket
from ._waiting import run


@overload
def connect(
    host: Host,
    port: int | None = None,
    *,
    timeout: float | None = None,
    inet_backend: str | None = None,
    packet: BytesPacket = "raw",
    mode: Literal["binary"] = "binary",
    **options: Unpack[ConnectStreamOptions],
) -> Coroutine[Any, Any, Socket]: ...
@overload
def connect(
    host: Host,
    port: int | None = None,
    *,
    timeout: float | None = None,
    inet_backend: str | None = None,
    packet: ParsedPacket,
    mode: Mode = "binary",
    **options: Unpack[ConnectStreamOptions],
) -> Coroutine[Any, Any, Socket[Parsed]]: ...
@overload
def connect(
    host: Host,
    port: int | None = None,
    *,
    timeout: float | None = None,
    inet_backend: str | None = None,
    mode: Literal["list"],
    packet: BytesPacket = "raw",
    **options: Unpack[ConnectStreamOptions],
) -> Coroutine[Any, Any, Socket[list[int]]]: ...
@overload
def connect(
    host: Host,
    port: int | None = None,
    *,
    timeout: float | None = None,
    inet_backend: str | None = None,
    **options: Unpack[ConnectOptions],
) -> Coroutine[Any, Any, Socket[Any]]: ...
@call
def connect(
    host: Host,
    port: int | None = None,
    *,
    timeout: float | None = None,
    inet_backend: str | None = None,
    **options: Unpack[ConnectOptions],
) -> Coroutine[Any, Any, Socket[Any]]:
    """Connect to `host`; the running task is the owner of the socket.  `gen_tcp:connect/4`.

    See `gentcp.connect`.  Names are looked up on a thread of the loop's executor.  A call that is cancelled leaves no
    connection.
    """
    return _connect(caller(), host, port, timeout, inet_backend, options)


async def _connect(
    process: TaskProcess | None,
    host: Host,
    port: int | None,
    timeout: float | None,
    inet_backend: str | None,
    options: ConnectOptions,
) -> Socket[Any]:
    opening = api.connecting(host, port, timeout, inet_backend, options)
    process = on_behalf_of(process)
    backend = _stepping(opening.backend)
    try:
        result = await run(backend.connect_steps(process, *opening.arguments), process.host)
    except ErlangError as error:
        raise opening.failure(error.term) from None
    if result[0] != "ok":
        raise opening.failure(result[1])
    sock = result[1].term
    assert isinstance(sock, Socket)
    return sock


@overload
async def listen(
    port: int = 0,
    *,
    inet_backend: str | None = None,
    packet: BytesPacket = "raw",
    mode: Literal["binary"] = "binary",
    **options: Unpack[ListenStreamOptions],
) -> Listener: ...
@overload
async def listen(
    port: int = 0,
    *,
    inet_backend: str | None = None,
    packet: ParsedPacket,
    mode: Mode = "binary",
    **options: Unpack[ListenStreamOptions],
) -> Listener[Parsed]: ...
@overload
async def listen(
    port: int = 0,
    *,
    inet_backend: str | None = None,
    mode: Literal["list"],
    packet: BytesPacket = "raw",
    **options: Unpack[ListenStreamOptions],
) -> Listener[list[int]]: ...
@overload
async def listen(
    port: int = 0,
    *,
    inet_backend: str | None = None,
    **options: Unpack[ListenOptions],
) -> Listener[Any]: ...
async def listen(port: int = 0, *, inet_backend: str | None = None, **options: Unpack[ListenOptions]) -> Listener[Any]:
    """Listen on `port`, 0 for a free one; the running task is the owner.  `gen_tcp:listen/2`.  See `gentcp.listen`."""
    opening = api.listening(port, inet_backend, options)
    process = current_process()
    backend = _stepping(opening.backend)
    done, result = outcome(backend.listen_for, process, *opening.arguments)
    if not done:
        raise opening.failure(result)
    listener = result.term
    assert isinstance(listener, Listener)
    return listener


def _stepping(backend: Backend) -> SteppingBackend:
    if isinstance(backend, SteppingBackend):
        return backend
    raise OptionError("inet_backend", f"{backend.name!r} does not work with gentcp.aio: it blocks threads")
