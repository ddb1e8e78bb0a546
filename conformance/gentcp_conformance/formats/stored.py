"""A `results.json` that was written earlier, read again: to be shown, or compared with another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gentcp_conformance.matrix import Column
from gentcp_conformance.outcome import Kind, Outcome, Result
from gentcp_conformance.record import Record, index
from gentcp_conformance.verdict import Judgement

from .results import schema


class StoredError(ValueError):
    """The file is no results.json; says why."""


@dataclass(frozen=True)
class Cell:
    """What one case came to in one column."""

    judgement: Judgement
    outcomes: frozenset[str]
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Stored:
    """A document.  `cells` are by column key and case; `columns` are those that were run, `record` is what they did."""

    name: str
    release: str
    columns: tuple[Column, ...]
    cells: Mapping[str, Mapping[str, Cell]]
    titles: Mapping[str, str]
    record: Record


def load(path: Path) -> Stored:
    """Read a file.  Raises StoredError, and OSError."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise StoredError(f"{path}: {error}") from None
    if not isinstance(document, dict) or document.get("schema") != schema()["$id"]:
        raise StoredError(f"{path}: not what `gentcp compare --json` writes ({schema()['$id']})")
    try:
        return _stored(path.name, document)
    except (KeyError, TypeError, ValueError) as error:
        raise StoredError(f"{path}: malformed ({error!r})") from None


def _stored(name: str, document: Mapping[str, Any]) -> Stored:
    keys = {each["key"]: _column(each) for each in document["columns"]}
    cases = document["cases"]
    run = {key: column for key, column in keys.items() if not column.recorded}
    results = [_result(case, key, column) for key, column in run.items() for case in cases if key in case["cells"]]
    described = tuple(
        {"name": each["subject"], **each["about"]} for each in document["columns"] if not each["recorded"]
    )
    return Stored(
        name, document["release"], tuple(run.values()), {key: _cells(cases, key) for key in keys},
        {case["id"]: case["title"] for case in cases}, Record(described, document["about"], index(results)),
    )  # fmt: skip


def _column(raw: Mapping[str, Any]) -> Column:
    return Column(raw["subject"], raw["follows"], raw["release"], recorded=raw["recorded"])


def _result(case: Mapping[str, Any], key: str, column: Column) -> Result:
    cell = case["cells"][key]
    outcomes = tuple((Outcome(Kind(each["kind"]), each["text"]), each["count"]) for each in cell["outcomes"])
    return Result(case["id"], column.subject, outcomes, cell["seconds"])


def _cells(cases: Sequence[Mapping[str, Any]], key: str) -> dict[str, Cell]:
    found: dict[str, Cell] = {}
    for case in cases:
        if key in case["cells"]:
            raw = case["cells"][key]
            shown = (Outcome(Kind(each["kind"]), each["text"]).shown for each in raw["outcomes"])
            found[case["id"]] = Cell(Judgement(raw["verdict"]), frozenset(shown), tuple(raw["expected"]))
    return found
