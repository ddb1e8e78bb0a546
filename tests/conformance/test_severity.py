"""What divergences cost: each has a severity, and no entry is idle."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from itertools import combinations
from typing import Any

import pytest

from gentcp_conformance.case import load, named
from gentcp_conformance.choosing import columns, differs
from gentcp_conformance.record import recordings
from gentcp_conformance.severity import SEVERITIES, rank, severity

IDS = load().ids()
KNOWN = recordings()
DIFFERING = [id for id in IDS if any(differs(KNOWN, id, *pair) for pair in combinations(columns(), 2))]
ENTRIES = tomllib.loads((files("gentcp_conformance") / "severities.toml").read_text(encoding="utf-8"))["severity"]


def test_each_case_that_differs_somewhere_has_one() -> None:
    assert [id for id in DIFFERING if not severity(id)] == []


def test_levels_are_the_known_ones_from_the_worst_on() -> None:
    assert [entry["level"] for entry in ENTRIES] == list(SEVERITIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["level"])
def test_each_pattern_decides_for_some_case(entry: dict[str, Any]) -> None:
    idle = [
        pattern
        for pattern in entry["cases"]
        if not any(named(id, pattern) and severity(id) == entry["level"] for id in DIFFERING)
    ]
    assert idle == []


def test_the_worst_is_first() -> None:
    assert severity("send/timeout/still-delivered") == "data"
    assert rank("send/timeout/still-delivered") < rank("send/non-blocking/first-send") < rank("recv/chunks/default")
