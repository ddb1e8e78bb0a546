"""The load generator load.c: compiled once, run on a CPU, told when to go on."""

from __future__ import annotations

import atexit
import functools
import os
import select
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Self

from .sides import PATIENCE, SideFailed

_SOURCE = Path(__file__).with_name("load.c")
_COMPILERS = ("cc", "gcc", "clang")


def compiler() -> str | None:
    """A C compiler, without which there is no load."""
    return next(filter(None, map(shutil.which, _COMPILERS)), None)


@functools.cache
def program() -> str:
    found = compiler()
    if found is None:
        raise FileNotFoundError(f"no C compiler ({', '.join(_COMPILERS)})")
    folder = tempfile.mkdtemp(prefix="gentcp-benchmarks-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    binary = Path(folder, "load")
    subprocess.run([found, "-O2", "-o", binary, _SOURCE], check=True)
    return str(binary)


class Load:
    """One run of load.c.

    `ready` waits until it is prepared, `go` lets it go on, `result` is what it printed.
    """

    def __init__(self, cpu: int, *arguments: object) -> None:
        self._process = subprocess.Popen(
            [program(), *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
        )
        os.sched_setaffinity(self._process.pid, {cpu})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ready(self) -> None:
        if (said := self._line()) != "ready":
            raise SideFailed(f"the load generator said {said!r}")

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"go\n")

    def result(self) -> tuple[int, float, int]:
        """Packets (or connections) in the measured time, that time in seconds, and those since `go` in all."""
        count, seconds, total = self._line().split()
        return int(count), float(seconds), int(total)

    def _line(self) -> str:
        stream = self._process.stdout
        assert stream is not None
        if not select.select([stream], [], [], PATIENCE)[0]:
            raise SideFailed(f"no word from the load generator in {PATIENCE:.0f} s")
        line = stream.readline()
        if not line:
            raise SideFailed("the load generator has ended")
        return os.fsdecode(line.strip())
