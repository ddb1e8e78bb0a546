"""A child of `index`: runs a share of all cases one by one under a tracer and prints which lines of what they ran.

`python -m tests.mutation.tracing SHARE OF BACKEND...` prints one JSON document with what runs once in a process, as the
packages are imported, the first socket is made and the driver's thread is started, and one for each trial.
"""

from __future__ import annotations

import importlib
import json
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from .places import PACKAGES, modules

_AGAIN = 2
"""How often a case is run again that does not come out as expected: the tracer makes everything slow."""

_Tracer = Callable[[FrameType, str, Any], Any]


class Lines:
    """The lines that any thread has run, by module; forgotten by `taken`."""

    def __init__(self, names: dict[str, str]) -> None:
        self._names = names
        self._seen: set[tuple[str, int]] = set()

    def start(self) -> None:
        """Trace this thread and those to come."""
        threading.settrace(self._enter)
        sys.settrace(self._enter)

    def taken(self) -> dict[str, list[int]]:
        """What has been run since the last time."""
        seen, self._seen = self._seen, set()
        by_module: dict[str, list[int]] = {}
        for name, line in sorted(seen):
            by_module.setdefault(name, []).append(line)
        return by_module

    def _enter(self, frame: FrameType, event: str, argument: Any) -> _Tracer | None:
        name = self._names.get(frame.f_code.co_filename)
        if name is None:
            return None

        def run(frame: FrameType, event: str, argument: Any) -> _Tracer:
            self._seen.add((name, frame.f_lineno))
            return run

        return run(frame, event, argument)


def main(share: int, of: int, backends: list[str]) -> None:
    """Print what the trials of a share run."""
    lines = Lines({str(module.path): module.name for module in modules()})
    lines.start()
    for package in PACKAGES:
        importlib.import_module(package.name)
    engine = importlib.import_module("gentcp.engine")
    engine.open_socket(socket.AF_INET, engine.Opening()).close()
    engine.driver().ready()
    _print({"imported": lines.taken()})
    # The kit imports those packages, which is what has just been looked at.
    from gentcp_conformance.case import load
    from gentcp_conformance.run import Quiet, run_trial

    from .judging import as_expected

    trials = [(case, backend) for case in load().select() for backend in backends]
    for case, backend in trials[share::of]:
        lines.taken()
        result = run_trial((case, backend), Quiet())
        for _ in range(_AGAIN):
            if not as_expected(result):
                result = run_trial((case, backend), Quiet())
        found = {
            "case": case.id,
            "backend": backend,
            "seconds": round(result.seconds, 3),
            "as_expected": as_expected(result),
            "lines": lines.taken(),
        }
        _print(found)


def _print(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
