"""How much it can cost that columns differ in a case: `severities.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from .case import named

SEVERITIES: Mapping[str, str] = {
    "data": "data lost or doubled",
    "hang": "waits for ever, or blocks",
    "crash": "crashes",
    "messages": "messages that come or do not",
    "reasons": "results that are matched on",
    "sizes": "sizes and times",
}
"""From the worst to the least, with what each is called."""


@cache
def _entries() -> Sequence[tuple[str, Sequence[str]]]:
    content = tomllib.loads((files("gentcp_conformance") / "severities.toml").read_text(encoding="utf-8"))
    return [(entry["level"], entry["cases"]) for entry in content["severity"]]


def severity(case: str) -> str:
    """That of a case, were its columns to differ; empty for one that nothing is said of."""
    return [*SEVERITIES, ""][rank(case)[0]]


@cache
def rank(case: str) -> tuple[int, int]:
    """The worst is the least: by severity, and by the order of the patterns in the file."""
    for level, patterns in _entries():
        for place, pattern in enumerate(patterns):
            if named(case, pattern):
                return list(SEVERITIES).index(level), place
    return len(SEVERITIES), 0
