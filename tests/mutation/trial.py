"""A child of `running`: runs cases on the packages that it finds, until one does not come out as expected.

It reads a JSON document from stdin, `{"module": NAME, "path": FILE, "trials": [[CASE, BACKEND, SECONDS], ...]}`, and
prints one line when everything is imported and one with what it found.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

_MEMORY = 3 << 30
_AT_A_TIME = 16
_LARGEST = 128
_AGAIN = 2
"""How often what is not as expected is run alone, before that counts."""


def main() -> None:
    """Run what stdin says."""
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    wanted = json.load(sys.stdin)
    for name in ("gentcp.erl", "gentcp_inet", "gentcp_socket"):
        importlib.import_module(name)
    found = importlib.import_module(wanted["module"])
    if found.__file__ != wanted["path"]:
        raise RuntimeError(f"{wanted['module']} came from {found.__file__}")
    _print({"imported": wanted["module"]})
    _print({"caught": next(_caught(wanted["trials"]), None)})
    # Whatever the mutant has left running.
    os._exit(0)


def _caught(trials: list[tuple[str, str, float]]) -> Iterator[dict[str, str]]:
    from gentcp_conformance.case import load
    from gentcp_conformance.run import Quiet, run_trial, run_trials

    from .judging import as_expected

    registry = load()
    for batch in batches(trials):
        listed = [(_limited(registry.get(case), seconds), backend) for case, backend, seconds in batch]
        results = run_trials(listed, Quiet(), _AT_A_TIME)
        for trial, result in zip(listed, results, strict=True):
            if as_expected(result) or any(as_expected(run_trial(trial, Quiet())) for _ in range(_AGAIN)):
                continue
            yield {"case": result.case, "backend": result.subject, "outcome": result.outcomes[0][0].shown}


def batches(trials: list[Any]) -> Iterator[list[Any]]:
    """Small ones first, since most mutants are caught at once."""
    size = _AT_A_TIME
    while trials:
        yield trials[:size]
        trials, size = trials[size:], min(2 * size, _LARGEST)


def _limited(case: Any, seconds: float) -> Any:
    return replace(case, limit=min(case.limit, 4 + 4 * seconds))


def _print(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
