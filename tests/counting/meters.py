"""How a path is counted.  Each meter runs all its rounds and gives a value for JSON."""

from __future__ import annotations

import gc
import os
import sys
import tracemalloc
from array import array
from collections.abc import Callable
from itertools import pairwise
from types import FrameType
from typing import Any

from .paths import Path


def mark(text: str) -> None:
    """A system call that strace shows and that does nothing."""
    os.access(f"mark:{text}", os.F_OK)


def _run(path: Path) -> None:
    for _ in range(path.rounds):
        path.before()
        path.step()
        path.after()


def system_calls(path: Path, name: str) -> int:
    """Marks each step; the number of rounds."""
    _run(path)
    for _ in range(path.rounds):
        path.before()
        mark(f"begin:{name}")
        path.step()
        mark("end")
        path.after()
    return path.rounds


def blocks_that_stay(path: Path, _name: str) -> dict[str, int]:
    """How many blocks of memory there are more after all rounds than before, and bytes after three times all rounds.

    Of the blocks the least of three times: once it may be anything, what stays of messages stays each time.
    """
    seen = array("q", [0] * 4)  # numbers in an array take no blocks

    def run(look: Callable[[], int]) -> None:
        for index in range(len(seen)):
            _run(path)
            gc.collect()
            seen[index] = look()

    run(sys.getallocatedblocks)
    blocks = min(after - before for before, after in pairwise(seen))
    tracemalloc.start()
    run(lambda: tracemalloc.get_traced_memory()[0])
    tracemalloc.stop()
    return {"blocks": blocks, "bytes": seen[-1] - seen[0]}


def bytes_at_a_time(step: Callable[[], object]) -> int:
    """The most memory that is taken at once during a step, over what there was before."""
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        step()
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def calls(path: Path, _name: str) -> int:
    """Calls of Python and C functions in a step; the step itself is one of them and does not count."""
    _run(path)
    counted = 0

    def look(_frame: FrameType, event: str, argument: Any) -> None:
        nonlocal counted
        # of `with lock` 3.14 tells both calls, the others __exit__ alone: the first does not count
        counted += event == "call" or (event == "c_call" and argument.__name__ != "__enter__")

    most = 0
    gc.disable()
    for _ in range(path.rounds):
        path.before()
        counted = -2  # step, and setprofile
        sys.setprofile(look)
        path.step()
        sys.setprofile(None)
        most = max(most, counted)
        path.after()
    gc.enable()
    return most


def instructions(step: Callable[[], object]) -> int:
    """What the interpreter does in a step: lines, calls, and instructions, of which 3.13 does not tell all."""
    counted = 0

    def look(frame: FrameType, _event: str, _argument: Any) -> Any:
        nonlocal counted
        frame.f_trace_opcodes = True
        counted += 1
        return look

    gc.disable()
    frame = sys._getframe()
    frame.f_trace_opcodes = True  # before settrace, which on 3.12 and 3.13 looks whether anybody wants them
    sys.settrace(look)
    step()
    sys.settrace(None)
    gc.enable()
    return counted
