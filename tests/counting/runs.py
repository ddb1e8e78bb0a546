"""Start `child`, and read what it printed."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from ..support import PATIENCE, run_python, seams
from . import strace

_FOLDER = str(Path(__file__).parents[1])
# At the end of the path: gentcp is the one under test, which may be installed.
_START = "import sys; sys.path.append(sys.argv.pop(1)); from counting.child import main; main(*sys.argv[1:])"
_LIMIT = 5 * PATIENCE
_TICK = seams.place("tick", "inet")
_FAILURES = (AssertionError, subprocess.TimeoutExpired)


def counted(command: str, backend: str) -> Any:
    """What the child has to say; it runs once for all tests, also when it fails."""
    return _given(_counted(command, backend))


def of_path(command: str, backend: str, face: str, name: str) -> Any:
    """What `counted` has on a path; AssertionError when the path failed."""
    found = counted(command, backend)[f"{face} {name}"]
    assert not isinstance(found, str), found
    return found


def traced(command: str, backend: str) -> tuple[Any, dict[str, list[strace.Section]]]:
    """The same under strace, and what was called between its marks."""
    strace.need()
    found: tuple[Any, dict[str, list[strace.Section]]] = _given(_traced(command, backend))
    return found


def _given(found: Any) -> Any:
    if isinstance(found, Exception):
        raise found
    return found


@cache
def _counted(command: str, backend: str) -> Any:
    try:
        return json.loads(run_python(_START, _FOLDER, command, backend, _TICK, patience=_LIMIT))
    except _FAILURES as error:
        return error


@cache
def _traced(command: str, backend: str) -> Any:
    program = [sys.executable, "-W", "error", "-c", _START, _FOLDER, command, backend, _TICK]
    try:
        printed, sections = strace.trace(program, _LIMIT)
    except _FAILURES as error:
        return error
    return json.loads(printed), sections
