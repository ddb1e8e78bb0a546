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
    for level, patterns in _entries():
        if any(named(case, pattern) for pattern in patterns):
            return level
    return ""


def rank(case: str) -> int:
    """The worst is 0."""
    levels = [*SEVERITIES, ""]
    return levels.index(severity(case))
