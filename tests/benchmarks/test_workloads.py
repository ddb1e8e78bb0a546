"""That the workloads hang together, and that those of raw sockets run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import benchmarks
from benchmarks.load import compiler
from benchmarks.model import Contestant, Options, Sample, Workload
from benchmarks.sides import Program, Side, SideFailed
from benchmarks.workloads import WORKLOADS

_PEERS = Path(benchmarks.__file__).parent / "peers"
_SHORT = Options(rounds=1, seconds=0.02, quick=True)
_all = pytest.mark.parametrize("workload", WORKLOADS.values(), ids=list(WORKLOADS))


def _programs(one: Contestant) -> Iterator[Program]:
    return (argument for argument in one.args if isinstance(argument, Program))


def _functions(module: str) -> set[str]:
    """What a module has at its top, without importing it: what it needs may not be here."""
    body = ast.parse((_PEERS / f"{module}.py").read_text()).body
    defined = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    given = {target.id for node in body if isinstance(node, ast.Assign)
             for target in node.targets if isinstance(target, ast.Name)}  # fmt: skip
    return defined | given


@_all
def test_names_are_unique_and_ratios_are_to_somebody(workload: Workload) -> None:
    names = [one.name for one in workload.contestants]
    assert len(set(names)) == len(names)
    for one in workload.contestants:
        assert {one.base, *(goal.base for goal in one.goals)} - {None} <= set(names)
        assert all(goal.column < len(workload.columns) <= len(workload.digits) for goal in one.goals)


@_all
def test_every_contestant_has_the_role_that_it_plays(workload: Workload) -> None:
    for one in workload.contestants:
        assert [p for p in _programs(one) if p.function not in _functions(p.module)] == []


@_all
def test_gentcp_has_goals_and_others_do_not(workload: Workload) -> None:
    assert {one.name for one in workload.contestants if one.goals and not one.name.startswith("gentcp")} == set()
    assert any(one.goals for one in workload.contestants)


@pytest.mark.parametrize("name", ["pingpong", "stream", "bulk-send", "bulk-receive", "http"])
def test_the_limit_is_measured_on_two_sides(name: str) -> None:
    sample = _raw(name)
    assert len(sample) == len(WORKLOADS[name].columns)
    assert all(value > 0 for value in sample)


@pytest.mark.skipif(compiler() is None, reason="no C compiler for the load generator")
@pytest.mark.parametrize("name", ["receiver-packet", "receiver-line", "echo-100", "churn"])
def test_the_limit_is_measured_under_load(name: str) -> None:
    assert all(value > 0 for value in _raw(name))


def _raw(name: str) -> tuple[float, ...]:
    workload = WORKLOADS[name]
    sample: Sample = workload.measure(*workload.contestants[0].args, _SHORT)
    return sample.values


def test_a_side_that_ends_early_is_noticed(capfd: pytest.CaptureFixture[str]) -> None:
    with Side(0, Program("raw_blocking", "no_such_role")) as side, pytest.raises(SideFailed, match="has ended"):
        side.ask()
    assert "no_such_role" in capfd.readouterr().err


def test_a_side_is_looked_at_from_outside() -> None:
    with Side(0, Program("raw_epoll", "echo"), 1) as side:
        side.ask()
        assert side.cpu_seconds() > 0
        assert side.resident() > 1_000_000
        assert side.descriptors() > 3
