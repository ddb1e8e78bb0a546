"""Puts itself before the calls of `table` that the library makes, counts them, and lets one of them fail.

A point is the n-th call of its kind in a thread: what other threads do meanwhile does not change its number.
"""

from __future__ import annotations

import asyncio.selector_events
import os
import select
import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any
from unittest import mock

from .table import Failure

_OURS = {"gentcp", "gentcp_inet", "gentcp_socket"}
_THEIRS = {"concurrent.futures.thread"}
"""Whose calls are ours, too: the executor of a loop starts threads for us."""
_SOCKET = {
    "_accept": "accept", "connect": "connect", "bind": "bind", "listen": "listen", "send": "send",
    "sendmsg": "sendmsg", "recv": "recv", "shutdown": "shutdown", "setsockopt": "setsockopt",
    "getsockopt": "getsockopt", "getsockname": "getsockname", "getpeername": "getpeername",
}  # fmt: skip
_OS = {"eventfd": "eventfd", "dup": "dup", "open": "open", "sendfile": "sendfile"}


@dataclass(frozen=True)
class Point:
    """The `number`-th call of a kind in the thread of that name; the first is 1."""

    thread: str
    call: str
    number: int

    def __str__(self) -> str:
        return f"{self.call} #{self.number} in {self.thread}"


class Injector:
    """Counts, and fails at `point`, once."""

    def __init__(self, point: Point | None = None, failure: Failure | None = None) -> None:
        self.point = point
        self.failure = failure
        self.points: list[Point] = []
        self.fired = False
        self._counts: Counter[tuple[str, str]] = Counter()

    def reached(self, call: str) -> None:
        """The library is about to make this call."""
        key = threading.current_thread().name, call
        self._counts[key] += 1
        point = Point(*key, self._counts[key])
        self.points.append(point)
        if point == self.point and not self.fired and self.failure is not None:
            self.fired = True
            raise self.failure.make()


class _Poller:
    """An epoll or a poll, of which each call counts."""

    def __init__(self, original: Any, name: str, injector: Injector) -> None:
        self._original = original
        self._name = name
        self._injector = injector

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._original, method)
        if method in ("register", "modify", "poll"):
            return self._counted(f"{self._name}.{method}", found)
        return found

    def _counted(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self._injector.reached(name)
            return function(*arguments)

        return call


def _is_ours(frame: FrameType) -> bool:
    name: str = frame.f_globals.get("__name__", "")
    return name.partition(".")[0] in _OURS or name in _THEIRS


@contextmanager
def watching(injector: Injector) -> Generator[Injector]:
    """Every call that the library makes meanwhile goes through `injector`."""
    with ExitStack() as stack:
        for where, name, call in _places():
            original = getattr(where, name)
            stack.enter_context(mock.patch.object(where, name, _before(original, call, injector)))
        for name in ("epoll", "poll"):
            stack.enter_context(mock.patch.object(select, name, _poller(getattr(select, name), name, injector)))
        stack.enter_context(mock.patch.object(socket.socket, "__init__", _opening(injector)))
        yield injector


def _places() -> Generator[tuple[Any, str, str]]:
    for name, call in _SOCKET.items():
        yield socket.socket, name, call
    for name, call in _OS.items():
        yield os, name, call
    yield threading.Thread, "start", "thread"
    yield socket, "getaddrinfo", "getaddrinfo"
    for name in ("add_reader", "add_writer"):
        yield asyncio.selector_events.BaseSelectorEventLoop, name, name


def _before(original: Callable[..., Any], call: str, injector: Injector) -> Callable[..., Any]:
    def patched(*arguments: Any, **named: Any) -> Any:
        if _is_ours(sys._getframe(1)):
            injector.reached(call)
        return original(*arguments, **named)

    return patched


def _poller(original: Callable[..., Any], name: str, injector: Injector) -> Callable[..., Any]:
    def patched(*arguments: Any) -> Any:
        if not _is_ours(sys._getframe(1)):
            return original(*arguments)
        injector.reached(name)
        return _Poller(original(*arguments), name, injector)

    return patched


def _opening(injector: Injector) -> Callable[..., None]:
    original = socket.socket.__init__

    def patched(sock: socket.socket, *arguments: Any, **named: Any) -> None:
        if _is_ours(sys._getframe(1)):
            injector.reached("socket of a descriptor" if named.get("fileno") is not None or arguments[3:] else "socket")
        original(sock, *arguments, **named)

    return patched
