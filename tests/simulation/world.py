"""The engine in a simulated world: what its modules know of threads, clocks and descriptors is replaced by name.

What a module of gentcp has in its globals of `threading`, `select`, `socket`, `os` and `time.monotonic` (the module, or
something out of it) is the simulation's while `simulated()` lasts, and so are its locks.  The code is not touched.
"""

from __future__ import annotations

import gc
import importlib
import itertools
import os
import select
import socket
import sys
import threading
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any
from unittest import mock

from gentcp import process as processes
from gentcp.engine.descriptor import holders
from gentcp.mailbox import Mailbox

from . import scheduler, sockets
from .fine import Fine
from .kernel import Kernel
from .scheduler import World

drivers: Any = importlib.import_module("gentcp.engine.driver")
PACKAGES = ("gentcp", "gentcp_inet", "gentcp_socket")
_PATIENCE = 20.0
_NOT = ("gentcp.aio", "gentcp._blocking")
FINE = frozenset({
    "gentcp._watching", "gentcp.mailbox", "gentcp.process", "gentcp.abc", "gentcp._platform",
    *(f"gentcp.engine.{name}" for name in (
        "acceptors", "blocking", "connecting", "delivering", "descriptor", "driver", "endpoint", "following", "inbound",
        "many", "monitors", "operation", "reader", "receivers", "shutting", "timers", "waiting")),
    *(f"gentcp_inet.{name}" for name in (
        "_accepting", "_async", "_backend", "_commands", "_operations", "_owning", "_port", "_queue", "_sending",
        "_shutting", "_suspending", "_writer")),
    *(f"gentcp_socket.{name}" for name in (
        "_backend", "_handle", "_operations", "_sending", "_shutting", "_writer")),
})  # fmt: skip
"""The modules whose functions can have a point between any two statements; those that are about no thread need none."""
_LOCKS: tuple[tuple[type, type], ...] = (
    (type(threading.Lock()), scheduler.Lock),
    (type(threading.RLock()), scheduler.RLock),
)


class _Threading:
    """The module `threading`."""

    Lock = scheduler.Lock
    RLock = scheduler.RLock
    Event = scheduler.Event
    Thread = scheduler.Thread
    local = scheduler.Local

    def __getattr__(self, name: str) -> Any:
        return getattr(threading, name)


def _replacements() -> dict[int, Any]:
    module = _Threading()
    found: list[tuple[Any, Any]] = [
        (threading, module),
        (select, sockets.SelectModule()),
        (socket, sockets.SocketModule()),
        (os, sockets.OsModule()),
        (time.monotonic, scheduler.monotonic),
        (processes.local, scheduler.Local()),
        (type(threading.RLock()), scheduler.RLock),
        *((getattr(threading, name), getattr(module, name)) for name in ("Lock", "RLock", "Event", "Thread")),
    ]
    return {id(real): simulated for real, simulated in found}


def _modules() -> list[Any]:
    for package in PACKAGES[1:]:  # else they would be loaded later, by name, and know the real ones
        importlib.import_module(package)
    return [
        module
        for name, module in sys.modules.items()
        if name.partition(".")[0] in PACKAGES and not name.startswith(_NOT)
    ]


class Places:
    """What is replaced where."""

    def __init__(self) -> None:
        self._saved: list[tuple[dict[str, Any], str, Any]] = []
        self.locks: list[tuple[dict[str, Any], str, type]] = []
        """Locks of modules; each world has new ones."""
        self.dropped: list[Any] = []
        """Messages that were for processes which had ended."""
        self.fine = Fine([module for module in _modules() if module.__name__ in FINE], scheduler.point)
        self._watch_posts()
        by_id = _replacements()
        for module in _modules():
            for name, value in tuple(vars(module).items()):
                if id(value) in by_id:
                    self._put(vars(module), name, by_id[id(value)])
                for real, simulated in _LOCKS:
                    if type(value) is real:
                        self._put(vars(module), name, simulated())
                        self.locks.append((vars(module), name, simulated))

    def _put(self, where: dict[str, Any], name: str, value: Any) -> None:
        self._saved.append((where, name, where[name]))
        where[name] = value

    def _watch_posts(self) -> None:
        post, post_all, dropped = Mailbox.post, Mailbox.post_all, self.dropped

        def looked_at(mailbox: Mailbox, messages: Iterable[Any]) -> None:
            if mailbox._ended:
                there = {id(message) for message in mailbox._inbox}
                dropped.extend(message for message in messages if id(message) not in there)

        def watched(mailbox: Mailbox, message: Any) -> None:
            post(mailbox, message)
            looked_at(mailbox, (message,))

        def all_watched(mailbox: Mailbox, messages: Iterable[Any]) -> None:
            kept = list(messages)
            post_all(mailbox, kept)
            looked_at(mailbox, kept)

        self._posts = {"post": post, "post_all": post_all}
        setattr(Mailbox, "post", watched)  # noqa: B010  mypy lets nobody assign to a method
        setattr(Mailbox, "post_all", all_watched)  # noqa: B010

    def restore(self) -> None:
        self.fine.use(False)
        for name, method in self._posts.items():
            setattr(Mailbox, name, method)
        for where, name, value in self._saved:
            where[name] = value

    def renew(self) -> None:
        """As if the program had just started."""
        self.dropped.clear()
        for where, name, kind in self.locks:
            where[name] = kind()
        drivers._driver = None
        holders.clear()
        processes._all.clear()
        processes._monitored.clear()
        processes._numbers = itertools.count(1)


def _retire_drivers() -> None:
    """Those with real threads: a world would count what such a thread does."""
    for each in gc.get_objects():
        thread = each._thread if type(each) is drivers.Driver else None
        if isinstance(thread, threading.Thread) and thread.is_alive():
            with mock.patch("threading.excepthook"):  # pytest's complains of an exit, too
                each.call_soon(sys.exit)
                thread.join(_PATIENCE)
            assert not thread.is_alive(), "the thread of a driver does not end"
    drivers._driver = None


@contextmanager
def simulated() -> Generator[Places]:
    """For as many worlds as one likes, one after the other."""
    _retire_drivers()
    saved: list[tuple[dict[int, Any], dict[int, Any]]]
    saved = [(kept, dict(kept)) for kept in (processes._all, holders)]
    places = Places()
    try:
        places.renew()
        yield places
    finally:
        places.restore()
        drivers._driver = None
        for kept, before in saved:
            kept.clear()
            kept.update(before)


def new_world(places: Places, seed: int | str, *, fine: bool = False, **options: Any) -> tuple[World, Kernel]:
    """A world, and the kernel in it; the engine is as it was when the program started."""
    places.renew()
    places.fine.use(fine)
    world = World(seed, **options)
    kernel = Kernel(world)
    sockets.install(kernel)
    return world, kernel
