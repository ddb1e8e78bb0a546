"""Changing a socket's inside, for tests that get in its way and for mutants; looking is `gentcp.engine.inspection`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gentcp
from gentcp.abc import SocketHandle
from gentcp.engine import inspection

from . import seams

Handle = Any
"""What mutants are given: the handle itself."""


def _behind(sock: gentcp.Socket | gentcp.Listener | SocketHandle) -> Any:
    return sock if isinstance(sock, SocketHandle) else sock.handle


def put_system_socket(sock: gentcp.Socket, system: Any, fd: int) -> None:
    """From now on this is what it reads from and writes to, and `fd` is what it polls."""
    handle = _behind(sock)
    handle.sock, handle.fd = system, fd


def put_lock(sock: gentcp.Socket, lock: Any) -> None:
    """From now on this guards it."""
    _behind(sock).lock = lock


def wake_suspended(sock: gentcp.Socket) -> None:
    """Have those that wait for the send queue look again, for nothing."""
    seams.found("those who wait go on", "inet")(_behind(sock))


def write_more(sock: gentcp.Socket) -> None:
    """What the sender does whose turn it is, when the system says that it goes on; on `socket`."""
    _behind(sock).writer.head.attempt()


def set_active(handle: Handle, value: Any) -> None:
    """Without delivering anything."""
    handle.active = value


def put_settings(handle: Handle, settings: Any) -> None:
    handle.settings = settings


def change_setting(handle: Handle, name: str, value: Any) -> None:
    put_settings(handle, inspection.settings(handle).changed(name, value))


def keep_open(operation: Any) -> None:
    """Let a send that times out close nothing, if it is the send that knows."""
    if hasattr(operation, "closes"):
        operation.closes = False


def forget_unread(handle: Handle) -> None:
    """Drop what was read from the system and not received."""
    handle.inbound.clear()


def forget_last_queued(handle: Handle) -> None:
    """Take the last piece out of the send queue."""
    queue = handle.writer.queue
    queue.size -= len(queue._parts.pop())


def forget_monitors(handle: Handle) -> None:
    handle.monitors = None


class _Late:
    """A system socket, before whose next recv something happens."""

    def __init__(self, system: Any, happen: Callable[[], object]) -> None:
        self._system = system
        self._happen: Callable[[], object] | None = happen

    def recv(self, *arguments: Any) -> Any:
        happen, self._happen = self._happen, None
        if happen is not None:
            happen()
        return self._system.recv(*arguments)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._system, name)


def before_system_call(sock: gentcp.Socket, happen: Callable[[], object]) -> None:
    """Let `happen` come just before the next recv(2), in the process that makes it."""
    system = inspection.system_socket(sock)
    put_system_socket(sock, _Late(system, happen), system.fileno())
