from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gentcp_conformance.bring_facts import bring, main, read_catalogue
from gentcp_conformance.case import load
from gentcp_conformance.record import read, recorded

from .toys import make

if TYPE_CHECKING:
    from pathlib import Path

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


def test_the_catalogue_is_json_lines() -> None:
    assert read_catalogue('{"id": "a"}\n\n{"id": "b"}\n') == {"a": {"id": "a"}, "b": {"id": "b"}}


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
