from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

import benchmarks
from benchmarks.model import Goal, Workload
from benchmarks.record import record, summary
from benchmarks.sides import SideFailed
from benchmarks.table import table

from .workload import OPTIONS, Script, contestant, workload

jsonschema: Any = importlib.import_module("jsonschema")  # has no types
SCHEMA = json.loads((Path(benchmarks.__file__).parent / "results.schema.json").read_text())


@pytest.fixture
def trial() -> Workload:
    """One that has reached its goals, one that has not, one that failed, and one that is not here."""
    script = Script(raw=[100, 200, 300], good=[99, 180, 297], bad=[50, 100, 150], broken=[SideFailed("gone")])
    there = workload(
        script,
        contestant("raw"),
        contestant("good", Goal(0.9), Goal(1.1, column=1, at_most=True)),
        contestant("bad", Goal(0.9), Goal(2.0, "good")),
        contestant("broken", Goal(0.9)),
        contestant("absent", needs=("no_such_module",)),
    )
    there.run(OPTIONS, lambda _: None)
    return there


def _written(run: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(json.dumps(run)))


def test_a_record_is_what_its_schema_says(trial: Workload) -> None:
    skipped = workload(Script(), contestant("raw"), impossible=lambda: "too many descriptors")
    for finished in ("2026-01-01T00:10:00+00:00", None):
        run = record([trial, skipped], OPTIONS, "2026-01-01T00:00:00+00:00", finished)
        jsonschema.validate(_written(run), SCHEMA)


def test_the_schema_refuses_a_sample_without_its_round(trial: Workload) -> None:
    run = _written(record([trial], OPTIONS, "2026-01-01T00:00:00+00:00", None))
    del run["workloads"][0]["contestants"][0]["samples"][0]["round"]
    with pytest.raises(jsonschema.ValidationError, match="'round' is a required property"):
        jsonschema.validate(run, SCHEMA)


def test_a_record_has_all_samples_and_what_they_come_to(trial: Workload) -> None:
    found = {one["name"]: one for one in summary(trial)["contestants"]}
    good = found["good"]
    assert [(sample["round"], sample["values"][0]) for sample in good["samples"]] == [(0, 99), (1, 180), (2, 297)]
    assert good["columns"][0]["median"] == 180
    assert good["ratio"]["median"] == pytest.approx(0.99)
    assert [goal["met"] for goal in good["goals"]] == [True, True]
    assert [goal["met"] for goal in found["bad"]["goals"]] == [False, False]
    assert [goal["met"] for goal in found["broken"]["goals"]] == [None]
    assert found["absent"]["lacks"] == ["no_such_module"]


def test_a_table_says_who_reached_what_and_who_is_missing(trial: Workload) -> None:
    lines = table(summary(trial)).splitlines()
    good, bad = (next(line for line in lines if line.startswith(name)) for name in ("good", "bad"))
    assert good.split()[:4] == ["good", "180", "140-238", "55%"]
    assert good.endswith(">= 0.9 ok; CPU us/msg <= 1.1 ok")
    assert bad.endswith(">= 0.9 MISSED; to good >= 2 MISSED")
    assert lines[-2:] == ["skipped, no_such_module is not here: absent", "failed: broken: SideFailed: gone"]


def test_a_workload_that_is_not_possible_here_says_why() -> None:
    skipped = workload(Script(), contestant("raw"), impossible=lambda: "too many descriptors")
    assert table(summary(skipped)) == "trial: A trial\nskipped: too many descriptors"


def test_a_page_needs_nothing_else(trial: Workload) -> None:
    pytest.importorskip("matplotlib")
    from benchmarks.page import page

    text = page(_written(record([trial], OPTIONS, "2026-01-01T00:00:00+00:00", None)))
    assert "This run was interrupted." in text
    assert text.count("<svg") == 1
    assert "var(--gentcp)" in text
    assert "#0101" not in text  # the colours that stand for variables
    assert not [word for word in ("<script", "<link", "<img", "@import", 'href="http') if word in text]
