"""The rules of `gentcp check`: each speaks of some columns, and says of them what is true of neither other."""

from __future__ import annotations

from itertools import permutations

import pytest

pytest.importorskip("tree_sitter_language_pack", reason="the extra `check` is not installed")

from gentcp_conformance.case import load as cases
from gentcp_conformance.check import relevance, rules, speaking
from gentcp_conformance.check.rules import Rule, RulesError
from gentcp_conformance.choosing import ColumnError, columns, recordings_of
from gentcp_conformance.record import recordings

IDS = cases().ids()
RULES = rules.load(IDS)
KNOWN = recordings()
PAIRS = list(permutations(columns(), 2))
LEAST = 75
RULE = """
[[rule]]
id = "a"
severity = "data"
title = "t"
signals = [{ call = "gen_tcp:send/2" }]
cases = ["send/timeout/still-delivered"]
does = { inet = "a", socket = "b" }
advice = "c"
"""


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_speaks_of_some_columns_and_says_what_differs(rule: Rule) -> None:
    spoken = [pair for pair in PAIRS if speaking.changes([rule], *pair, KNOWN)]
    assert spoken, "its cases differ nowhere"
    for before, after in spoken:
        (change,) = speaking.changes([rule], before, after, KNOWN)
        assert change.before
        assert change.after


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_of_its_cases_differs_somewhere(rule: Rule) -> None:
    shown = {case for pair in PAIRS for change in speaking.changes([rule], *pair, KNOWN) for case in change.cases}
    assert set(rule.cases) == shown


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_what_it_is_about_is_looked_at(rule: Rule) -> None:
    for signal in rule.signals:
        for name in signal.names:
            text = name.replace("*", "x").rpartition("/")[0] or name.replace("*", "x")
            call = f"{text.removeprefix('erlang:')}(port, x)"
            written = f"{{{text}, x}}" if signal.what in {"message", "option"} else call
            at = " ".join(signal.at)
            assert relevance.is_about_sockets(f"{written} {at}".encode()), name


def test_there_are_many() -> None:
    assert len(RULES) >= LEAST


def test_unknown_columns_are_told_from_those_that_there_are() -> None:
    with pytest.raises(ColumnError, match="26:inet.*29:socket"):
        recordings_of("29:inet", "26:inet")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("title", "titel", "rule a: 'titel'"),
        ('"data"', '"bad"', "severity 'bad'"),
        ("still-delivered", "nothing", "no case"),
        ("call", "cal", "a signal has one of"),
        ("inet =", "init =", "column 'init'"),
        ('send/2"', 'send/2", value = "{"', "not a pattern"),
    ],
)
def test_what_is_wrong_with_a_rule_is_said(old: str, new: str, says: str) -> None:
    assert len(rules.parse(RULE, IDS)) == 1
    with pytest.raises(RulesError, match=says):
        rules.parse(RULE.replace(old, new, 1), IDS)
