from __future__ import annotations

import ast

import pytest

from tests.mutation import elsewhere, listing, operators, survivors
from tests.mutation.harmless import harmless
from tests.mutation.places import ROOT, modules

SOURCE = """\
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    SIZE = 1


def f(x: int | None, y: list[int]) -> int | None:
    if x == 3:
        y.append(1)
    y[0] += 1
    return x
"""

with_cosmic_ray = pytest.mark.skipif(not operators.available(), reason="cosmic-ray is missing")


def found(name: str) -> list[tuple[int, int]]:
    return [place for operator, _, place in operators.positions(SOURCE) if operator == name]


@with_cosmic_ray
def test_the_list_is_always_the_same() -> None:
    some = modules(["gentcp.packet._line"])
    first, second = listing.mutants(some), listing.mutants(some)
    assert first == second
    assert len(first) > 10
    assert len({mutant.id for mutant in first}) == len(first)


@with_cosmic_ray
def test_a_sample_follows_from_its_seed() -> None:
    listed = listing.mutants(modules(["gentcp.packet._line"]))
    assert listing.sample(listed, 5, 1) == listing.sample(listed, 5, 1) != listing.sample(listed, 5, 2)
    assert len(listing.sample(listed, 10**6, 1)) == len(listed)


@with_cosmic_ray
def test_a_mutant_is_code_and_a_diff() -> None:
    for mutant in listing.mutants(modules(["gentcp.packet._line"])):
        ast.parse(mutant.code)
        assert mutant.code != mutant.module.source
        assert [line[0] for line in mutant.diff] in (["-", "+"], ["-", "-", "+", "+"])
        assert " => " in mutant.text


@with_cosmic_ray
def test_a_statement_is_left_out() -> None:
    assert found(operators.REMOVE) == [(9, 8), (10, 4)]
    assert "        pass\n    y[0] += 1" in operators.mutated(SOURCE, operators.REMOVE, 0)
    assert "    pass\n    return x" in operators.mutated(SOURCE, operators.REMOVE, 1)
    with pytest.raises(ValueError, match="no occurrence 2"):
        operators.mutated(SOURCE, operators.REMOVE, 2)


@with_cosmic_ray
def test_what_a_type_checker_reads_is_left_out() -> None:
    nothing = harmless(SOURCE)
    bars = found("core/ReplaceBinaryOperator_BitOr_BitAnd")
    assert len(bars) == 2
    assert all(nothing.has("", place) for place in bars)
    numbers = found("core/NumberReplacer")
    assert [place[0] for place in numbers if not nothing.has("", place)] == [8, 8, 9, 9, 10, 10, 10, 10]


def test_a_comparison_is_negated_once() -> None:
    assert harmless(SOURCE).has("core/AddNot", (8, 7))
    assert not harmless(SOURCE).has("core/ReplaceComparisonOperator_Eq_NotEq", (8, 7))


def test_an_unknown_module_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no module .* 'nothing'"):
        modules(["nothing"])


def test_each_entry_of_elsewhere_is_about_a_part_and_names_tests() -> None:
    entries = elsewhere.load().entries
    known = {name for module in modules() for name, _lines in elsewhere.parts(module)}
    assert {name for entry in entries for name in entry.functions} <= known
    assert all((ROOT / entry.tests).exists() for entry in entries)


@with_cosmic_ray
def test_what_other_tests_hold_is_left_out() -> None:
    assert not listing.mutants(modules(["gentcp.engine.forking"]))
    module = modules(["gentcp.engine.endpoint"])[0]
    (span,) = (lines for name, lines in elsewhere.parts(module) if name.endswith(".recv_many"))
    assert not [mutant for mutant in listing.mutants([module]) if mutant.line in span]


SOME = """\
def f(fd, x):
    if fd < 0 or (type(x) is int or is_int(x)):
        return x / 1000
    try:
        _log.warning("gone")
        return 1
    except MemoryError:
        return 2
"""


@with_cosmic_ray
def test_what_nobody_can_tell_is_left_out() -> None:
    nothing = harmless(SOME)
    left = {
        (name.removeprefix("core/"), place)
        for name, occurrence, place in operators.positions(SOME)
        if not nothing.has(name, place, less=operators.takes_one(name, occurrence))
    }
    numbers = {place for name, place in left if name == "NumberReplacer"}
    assert numbers == {(2, 12), (6, 15)}
    orders = {name for name, place in left if place == (2, 10)}
    assert orders == {"ReplaceComparisonOperator_Lt_GtE"}
    assert [place for name, place in left if name == "ReplaceOrWithAnd"] == [(2, 14)]
    assert not [place for name, place in left if name == operators.REMOVE]
    assert not [place for _name, place in left if place[0] >= 7]


@with_cosmic_ray
def test_each_entry_of_the_survivors_is_about_a_mutant() -> None:
    known = survivors.load()
    entries = known.listed
    names = {entry.module for entry in entries}
    mutants = listing.mutants(modules(names)) if names else []
    texts = {(mutant.module.name, mutant.text) for mutant in mutants if known.reason(mutant)}
    assert {(entry.module, entry.text) for entry in entries} <= texts
