"""Runs in an interpreter of its own: counts what it is told to, and prints it as JSON."""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Any

import gentcp
from gentcp.engine.inspection import settled

from . import mailboxes, memory, meters, streams
from .kit import Kit
from .paths import FACES, PATHS, Path, offered, through_queue


def no_ticks(tick: str) -> None:
    """The driver's thread is awake for what it is told alone, so that what others do does not depend on time."""
    module, _, name = tick.partition(":")
    vars(importlib.import_module(module))[name] = 3600.0
    settle()


def settle() -> None:
    """Wait until the driver has nothing to do."""
    assert settled(5.0)


def of_paths(backend: str, meter: Callable[[Path, str], Any], faces: Sequence[str] = FACES) -> dict[str, Any]:
    """What the meter says of every path, by face and name; a text is why it failed."""
    found: dict[str, Any] = {}
    for face in faces:
        for name in offered(face):
            with Kit(backend, face) as kit:
                try:
                    path = PATHS[name](kit)
                    settle()
                    found[f"{face} {name}"] = meter(path, f"{face} {name}")
                except Exception:  # noqa: BLE001  the other paths are tests of their own
                    found[f"{face} {name}"] = traceback.format_exc()
            gentcp.current_process().take(lambda _message: True)
    return found


def of_blocks(backend: str) -> dict[str, Any]:
    found = of_paths(backend, meters.blocks_that_stay, FACES[:1])
    if backend == "inet":
        with Kit(backend, "python") as kit:
            found["queue"] = meters.blocks_that_stay(through_queue(kit, settle), "queue")
    return found


def of_streams(backend: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in (streams.to_slow_reader, streams.to_fast_reader, streams.between_threads):
        if part is not streams.to_slow_reader or backend == "inet":  # who sends on socket waits for the reader
            with Kit(backend, "python") as kit:
                found[part.__name__] = part(kit)
    return found


def of_ticks(backend: str) -> dict[str, Any]:
    with Kit(backend, "python") as kit:
        return streams.with_ticks(kit)


def of_memory(backend: str) -> dict[str, int]:
    with Kit(backend, "python") as kit:
        return memory.all_of(kit)


def of_mailboxes(backend: str) -> Any:
    return mailboxes.all_of(backend)


COMMANDS: dict[str, Callable[[str], Any]] = {
    "system-calls": lambda backend: of_paths(backend, meters.system_calls),
    "blocks": of_blocks,
    "streams": of_streams,
    "ticks": of_ticks,
    "memory": of_memory,
    "mailboxes": of_mailboxes,
    "calls": lambda backend: of_paths(backend, meters.calls),
}


def main(command: str, backend: str, tick: str) -> None:
    """`tick` is where the driver has the time between two looks of its own, as "module:name"."""
    if command != "ticks":
        no_ticks(tick)
    json.dump(COMMANDS[command](backend), sys.stdout)
