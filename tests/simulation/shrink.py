"""From a history that fails to a short one that fails in the same way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from time import monotonic

from .history import History, Plan, Step
from .run import Outcome

Run = Callable[[History], Outcome]
_SCHEDULES = 6
"""Others that are tried for each shorter history: with a step less everybody meets at other moments."""
_PLAIN: tuple[tuple[str, object], ...] = (
    ("delay", 0.0), ("piece", 0), ("overshoot", 0), ("haste", 0.0), ("fine", False), ("connections", 1),
    ("pace", 0), ("pace", 4),
    ("send_room", 1000), ("receive_room", 1000),
)  # fmt: skip


def kind(violation: str) -> str:
    """What is the same about two violations."""
    return re.sub(r"[0-9.]+", "N", violation.partition(":")[0])


def shrink(outcome: Outcome, run: Run, seconds: float = 20.0) -> Outcome:
    """The shortest that is found in time; `run` carries one out."""
    wanted = kind(outcome.violations[0])
    until = monotonic() + seconds
    best = outcome

    def fails(history: History) -> bool:
        nonlocal best
        for schedule in range(_SCHEDULES):
            tried = history if not schedule else history.with_setting(schedule=schedule)
            found = run(tried)
            if found.violations and kind(found.violations[0]) == wanted:
                best = found
                return True
        return False

    progress = True
    while progress and monotonic() < until:
        progress = False
        for candidate in _shorter(best.history):
            if monotonic() > until:
                break
            if fails(candidate):
                progress = True
                break
    return best


def _shorter(history: History) -> Iterator[History]:
    """Simpler ones, the boldest first."""
    plans = history.plans
    for index in range(len(plans)):
        yield history.with_plans(plans[:index] + plans[index + 1 :])
    for index, plan in enumerate(plans):
        for steps in _fewer(plan):
            yield history.with_plans((*plans[:index], replace(plan, steps=steps), *plans[index + 1 :]))
    setting = history.setting
    for name, value in _PLAIN:
        if getattr(setting, name) != value and (name != "pace" or setting.pace not in (0, 4, 20, 80)):
            yield history.with_setting(**{name: value})
    for side, options in setting.options.items():
        for index in range(len(options)):
            yield history.with_setting(options={**setting.options, side: options[:index] + options[index + 1 :]})
    for index, plan in enumerate(plans):
        for at, step in enumerate(plan.steps):
            if step[0] == "send" and step[2] > 10:
                smaller = (*plan.steps[:at], ("send", step[1], step[2] // 4), *plan.steps[at + 1 :])
                yield history.with_plans((*plans[:index], replace(plan, steps=smaller), *plans[index + 1 :]))


def _fewer(plan: Plan) -> Iterator[tuple[Step, ...]]:
    steps = plan.steps
    size = len(steps) // 2
    while size:
        for start in range(len(steps) - size, -1, -size):
            yield steps[:start] + steps[start + size :]
        size //= 2
