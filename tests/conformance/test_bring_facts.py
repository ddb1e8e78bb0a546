from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gentcp_conformance.bring_facts import bring, main, read_catalogue
from gentcp_conformance.case import load
from gentcp_conformance.record import read, recorded

from .toys import make

EXTRA = Path(__file__).parents[2] / "conformance" / "facts" / "extra.jsonl"

CASE = make(lambda _: "ok", fact="wanted")


def fact(id: str, *, stable: bool = True, **outcomes: str) -> dict[str, Any]:
    found = {"29/inet": "ok", "29/socket": "no"} | {key.replace("_", "/")[1:]: text for key, text in outcomes.items()}
    return {"id": id, "outcomes": found, "stable": stable}


def test_both_columns_of_the_release_are_brought() -> None:
    made = bring([CASE], {"wanted": fact("wanted", _27_inet="old")})
    assert made.expected(CASE.id, "inet") == ("ok",)
    assert made.expected(CASE.id, "socket") == ("no",)


def test_an_unstable_fact_is_the_set_of_what_the_backend_was_seen_to_do() -> None:
    made = bring([CASE], {"wanted": fact("wanted", stable=False, _27_inet="old", _25_inet="ok", _27_socket="no")})
    assert made.expected(CASE.id, "inet") == ("ok", "old")
    assert made.expected(CASE.id, "socket") == ("no",)


def test_a_case_without_its_fact_is_named() -> None:
    with pytest.raises(KeyError, match="area/topic/name: the catalogue has no fact 'wanted'"):
        bring([CASE], {"other": fact("other")})


def row(id: str = "a", *, stable: bool = True, **outcomes: str) -> str:
    return json.dumps({"id": id, "outcomes": outcomes, "stable": stable})


def test_facts_are_json_lines_in_any_number_of_files() -> None:
    facts = read_catalogue(f"{row('a', x='1')}\n\n{row('b', x='2')}\n", row("c", x="3"))
    assert {id: found["outcomes"]["x"] for id, found in facts.items()} == {"a": "1", "b": "2", "c": "3"}


def test_lines_on_one_fact_are_put_together() -> None:
    facts = read_catalogue(row(x="1"), row(y="2", stable=False))
    assert facts == {"a": {"outcomes": {"x": "1", "y": "2"}, "stable": False}}


def test_two_outcomes_for_the_same_are_refused() -> None:
    with pytest.raises(ValueError, match="fact 'a': two outcomes for x"):
        read_catalogue(row(x="1"), row(x="1"))


def test_facts_measured_here_are_all_in_use_and_recorded_as_measured() -> None:
    facts = read_catalogue(EXTRA.read_text(encoding="utf-8"))
    cases = [case for case in load().select() if case.fact in facts]
    assert {case.fact for case in cases} == set(facts)
    made, recording = bring(cases, facts), recorded("29")
    for case, column in made.results:
        assert recording.expected(case, column) == made.expected(case, column)


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    recording = recorded("29")
    facts: dict[str, dict[str, Any]] = {}
    for case in load().select():
        texts = {f"29/{column}": recording.expected(case.id, column)[0] for column in ("inet", "socket")}
        facts[case.fact] = {"id": case.fact, "outcomes": texts, "stable": True}
    catalogue = tmp_path / "catalogue.jsonl"
    catalogue.write_text("".join(json.dumps(each) + "\n" for each in facts.values()))
    for output in ("one", "two"):
        main([str(catalogue), "--output", str(tmp_path / output)])
    assert (tmp_path / "one").read_text() == (tmp_path / "two").read_text()
    assert read((tmp_path / "one").read_text()).expected("send/data/empty", "inet") == recording.expected(
        "send/data/empty", "inet"
    )
