"""The kit proves itself: it sees each of these faults, and it is the fault that it sees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gentcp_conformance.outcome import Kind, Outcome, Result

from ..support import seams
from . import mutants, toys
from .mutants import Mutant, alive, cases_of, caught, everything, only_crashed, table

MUTANTS = everything()
ONE = next(each for each in MUTANTS if each.id == "rest off by one-socket")


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.id)
def test_the_suite_catches(mutant: Mutant) -> None:
    cases = cases_of(mutant)
    assert not caught(mutant, cases, reruns=2), "the cases have to be SAME without the fault"
    with alive(mutant) as calls:
        found = caught(mutant, cases)
    assert calls, "what was changed was not called"
    assert found, "nothing saw the fault"
    assert not all(map(only_crashed, found)), found


def test_there_are_faults_enough_in_either_backend() -> None:
    names = {backend: [each.name for each in MUTANTS if each.backend == backend] for backend in ("inet", "socket")}
    assert all(len(found) == len(set(found)) >= 16 for found in names.values())


def test_what_changes_nothing_is_called_and_not_caught() -> None:
    def nothing(original: Any, *arguments: Any) -> Any:
        return original(*arguments)

    harmless = replace(ONE, change=nothing)
    with alive(harmless) as calls:
        assert not caught(harmless, cases_of(harmless), reruns=2)
    assert calls


def test_a_fault_where_nobody_comes_is_noticed() -> None:
    elsewhere = replace(ONE, seam=seams.place("close", "inet"))
    with alive(elsewhere) as calls:
        caught(elsewhere, cases_of(elsewhere))
    assert not calls


def test_a_fault_ends() -> None:
    with alive(ONE):
        pass
    assert not caught(ONE, cases_of(ONE), reruns=2)


def test_a_crash_alone_does_not_count() -> None:
    crash, term = Outcome(Kind.CRASH, "KeyError"), Outcome(Kind.TERM, "ok")
    assert only_crashed(Result("a/b", "inet", ((crash, 2),)))
    assert not only_crashed(Result("a/b", "inet", ((crash, 1), (term, 1))))
    assert not only_crashed(toys.result("a/b", "inet", "ok"))


def test_the_table_names_what_caught_it() -> None:
    lines = list(table([(ONE, [toys.result("send/one", "socket", "x")]), (ONE, [])]))
    assert lines[2] == "| rest off by one | the rest data of a timeout lacks a byte | socket | `send/one` |"
    assert lines[3].endswith("| socket | **nothing** |")


def test_a_command_prints_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(mutants, "everything", lambda: [ONE])
    mutants.main([])
    header, _, row = capsys.readouterr().out.splitlines()
    assert header == "| mutant | what it breaks | backend | caught by |"
    assert row.endswith("| `send/rest-data/packet-4-nothing-written` |")
