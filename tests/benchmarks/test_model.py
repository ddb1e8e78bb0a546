from __future__ import annotations

import pytest

from benchmarks.model import SELDOM, Goal, Options
from benchmarks.sides import SideFailed

from .workload import OPTIONS, Script, contestant, workload


def _say(_text: str) -> None:
    pass


def test_each_round_begins_with_another_one() -> None:
    script = Script(raw=[1] * 3, mine=[1] * 3, theirs=[1] * 3)
    workload(script, contestant("raw"), contestant("mine"), contestant("theirs")).run(OPTIONS, _say)
    assert script.order == ["raw", "mine", "theirs", "mine", "theirs", "raw", "theirs", "raw", "mine"]


def test_some_are_measured_in_every_third_round_only() -> None:
    trial = workload(Script(raw=[1] * 7, theirs=[1] * 3), contestant("raw"), contestant("theirs", every=SELDOM))
    trial.run(Options(rounds=7, seconds=0.0), _say)
    assert list(trial.values("theirs")) == [0, 3, 6]


def test_ratios_hold_when_the_machine_gets_slower() -> None:
    trial = workload(Script(raw=[100, 10, 1], mine=[80, 8, 0.8]), contestant("raw"), contestant("mine"))
    trial.run(OPTIONS, _say)
    assert trial.ratios("mine", "raw") == pytest.approx([0.8, 0.8, 0.8])


def test_the_ratio_by_cpu_is_that_of_all_sides_together() -> None:
    script = Script(raw=[(1, 2.0, 2.0)], mine=[(1, 3.0, 5.0)])
    trial = workload(script, contestant("raw"), contestant("mine"), columns=("messages/s", "server", "client"))
    trial.run(Options(rounds=1, seconds=0.0), _say)
    assert trial.cpu_ratios("mine", "raw") == [0.5]


@pytest.mark.parametrize(
    ("goal", "reached", "met"),
    [
        (Goal(0.5), 0.5, True),
        (Goal(0.6), 0.5, False),
        (Goal(60, None), 50, False),
        (Goal(60, None, at_most=True), 50, True),
        (Goal(1.1, column=1, at_most=True), 1.25, False),
    ],
)
def test_a_goal_is_about_a_ratio_or_about_the_value_itself(goal: Goal, reached: float, met: bool) -> None:
    trial = workload(Script(raw=[(100, 4.0)], mine=[(50, 5.0)]), contestant("raw"), contestant("mine", goal))
    trial.run(Options(rounds=1, seconds=0.0), _say)
    assert [(value, goal.met(value)) for _, goal, value in trial.goals()] == [(reached, met)]
    assert bool(trial.missed()) is not met


def test_what_was_missed_is_said_in_words() -> None:
    trial = workload(Script(raw=[100], mine=[50]), contestant("raw"), contestant("mine", Goal(0.9)))
    trial.run(Options(rounds=1, seconds=0.0), _say)
    assert trial.missed() == ["trial: mine 0.5, not >= 0.9"]


def test_who_fails_is_left_out_from_then_on_and_has_missed_its_goals() -> None:
    script = Script(raw=[1] * 3, mine=[1, SideFailed("it has ended")])
    trial = workload(script, contestant("raw"), contestant("mine", Goal(0.9)))
    trial.run(OPTIONS, _say)
    assert trial.failures == {"mine": "SideFailed: it has ended"}
    assert script.order.count("raw") == 3
    assert trial.missed() == ["trial: mine failed"]


def test_who_is_asked_for_brings_those_along_that_it_is_compared_with() -> None:
    there = [
        contestant("raw"),
        contestant("h11"),
        contestant("gentcp, one", Goal(4.0, "h11")),
        contestant("gentcp, two"),
    ]
    trial = workload(Script(), *there)
    assert [one.name for one in trial.taking_part(["one"])] == ["raw", "h11", "gentcp, one"]
    assert [one.name for one in trial.taking_part(["gentcp"])] == ["raw", "h11", "gentcp, one", "gentcp, two"]
    assert len(trial.taking_part([])) == 4


@pytest.mark.parametrize(
    ("needs", "lacks"),
    [
        (("json",), []),
        (("no_such_module", "json"), ["no_such_module"]),
        (("gentcp:Socket.send",), []),
        (("gentcp:Socket.nothing",), ["gentcp:Socket.nothing"]),
    ],
)
def test_who_needs_what_is_not_here_is_not_measured(needs: tuple[str, ...], lacks: list[str]) -> None:
    one = contestant("mine", needs=needs)
    assert one.lacks() == lacks
    assert workload(Script(), one).taking_part([]) == ([] if lacks else [one])


def test_rounds_go_on_where_they_ended() -> None:
    trial = workload(Script(raw=[1, 2, 3, 4]), contestant("raw"))
    trial.run(Options(rounds=2, seconds=0.0), _say)
    trial.run(Options(rounds=2, seconds=0.0), _say)
    assert trial.values("raw") == {0: 1, 1: 2, 2: 3, 3: 4}
