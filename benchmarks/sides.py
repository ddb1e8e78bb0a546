"""The processes of a measurement: each a fresh interpreter, held to one CPU, and looked at from outside."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

PATIENCE = 60.0
"""Seconds after which a side that says nothing is taken for dead."""

_spawn = multiprocessing.get_context("spawn")  # a fresh interpreter: no module and no memory of ours in it


class SideFailed(Exception):
    """A side ended, or was silent, when it should have said something."""


@dataclass(frozen=True)
class Program:
    """`function(channel, *args)` of a module of `benchmarks.peers`, which only the side itself imports.

    `source` is the checkout that its gentcp comes from; None for the one that is installed.
    """

    module: str
    function: str
    args: tuple[Any, ...] = ()
    source: str | None = None

    def __call__(self, channel: Connection, *more: Any) -> None:
        if self.source is not None:
            take_gentcp_from(self.source)
        module = importlib.import_module(f"{__package__}.peers.{self.module}")
        getattr(module, self.function)(channel, *self.args, *more)


def take_gentcp_from(source: str) -> None:
    """For the rest of this process, before it has imported any.  ImportError when another one would win."""
    sys.path[:0] = [source, f"{source}/backends"]
    for name in ("gentcp", "gentcp_inet", "gentcp_socket"):
        found = importlib.util.find_spec(name)
        if found is None or not (found.origin or "").startswith(f"{source}/"):
            raise ImportError(f"{name} should come from {source}, and not from {found and found.origin}")


@dataclass(frozen=True)
class Stand:
    """What a side says first when another process does its work: that one is measured."""

    pid: int


def cpus() -> tuple[int, int]:
    """The CPU of what is measured, and that of its load; the same one where there is no other."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[-1], allowed[0]


class Side:
    """One end of a measurement: a program, started on a CPU, killed at the end."""

    def __init__(self, cpu: int, program: Program, *args: Any) -> None:
        self._channel, theirs = _spawn.Pipe()
        self._name = f"{program.module}.{program.function}"
        self._process = _spawn.Process(target=_main, args=(cpu, theirs, program, args), daemon=True)
        self._process.start()
        self._pid = self._process.pid or 0
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._channel.close()
        if self._pid != self._process.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()

    def tell(self, message: Any) -> None:
        self._channel.send(message)

    def ask(self) -> Any:
        """What the side says next; SideFailed when it has ended or says nothing."""
        if not self._channel.poll(PATIENCE):
            raise SideFailed(f"no word from {self._name} in {PATIENCE:.0f} s")
        try:
            said = self._channel.recv()
        except EOFError:
            raise SideFailed(f"{self._name} has ended") from None
        if not isinstance(said, Stand):
            return said
        self._pid = said.pid
        return self.ask()

    def cpu_seconds(self) -> float:
        """Processor time of the process so far, in all threads, user and system."""
        clock = ~self._pid << 3 | 2  # what clock_getcpuclockid(3) gives on Linux, for which Python has no function
        return time.clock_gettime(clock)

    def resident(self) -> int:
        """Its bytes in memory."""
        return int(Path(f"/proc/{self._pid}/statm").read_text().split()[1]) * resource.getpagesize()

    def descriptors(self) -> int:
        """How many it has open."""
        return sum(1 for _ in Path(f"/proc/{self._pid}/fd").iterdir())


@contextlib.contextmanager
def spent(*sides: Side) -> Generator[list[float]]:
    """Processor seconds of each side within the block; the list is filled at its end."""
    before = [side.cpu_seconds() for side in sides]
    used: list[float] = []
    yield used
    used += [side.cpu_seconds() - start for side, start in zip(sides, before, strict=True)]


def _main(cpu: int, channel: Connection, program: Program, args: tuple[Any, ...]) -> None:
    os.sched_setaffinity(0, {cpu})
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us
    program(channel, *args)
