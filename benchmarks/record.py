"""Results as data: what is printed, plotted and written to a file is made of this and of nothing else.

`results.schema.json` describes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .environment import environment
from .figures import noise, quartiles
from .model import Contestant, Goal, Options, Workload

FORMAT = 1
Data = dict[str, Any]


def record(workloads: Iterable[Workload], options: Options, started: str, finished: str | None) -> Data:
    """The whole of a run; `finished` is None for one that was interrupted."""
    return {
        "format": FORMAT,
        "started": started,
        "finished": finished,
        "environment": environment(),
        "options": {
            "rounds": options.rounds,
            "seconds": options.seconds,
            "quick": options.quick,
            "contestants": list(options.contestants),
            "against": options.against,
        },
        "workloads": [summary(workload) for workload in workloads],
    }


def summary(workload: Workload) -> Data:
    return {
        "name": workload.name,
        "title": workload.title,
        "columns": list(workload.columns),
        "digits": list(workload.digits[: len(workload.columns)]),
        "less_is_better": workload.less_is_better,
        "skipped": workload.impossible(),
        "against": workload.against,
        "contestants": [_contestant(workload, one) for one in workload.contestants],
    }


def _contestant(workload: Workload, one: Contestant) -> Data:
    measured = workload.samples.get(one.name, {})
    columns = range(len(workload.columns)) if measured else ()
    return {
        "name": one.name,
        "base": one.base,
        "lacks": one.lacks(),
        "failure": workload.failures.get(one.name),
        "samples": [{"round": number, "values": list(sample.values)} for number, sample in measured.items()],
        "columns": [_spread(list(workload.values(one.name, column).values())) for column in columns],
        **_ratios(workload, one.name, one.base),
        "against": _ratios(workload, one.name, one.against) if one.against else None,
        "goals": [_goal(workload, one, goal) for goal in one.goals],
    }


def _ratios(workload: Workload, name: str, base: str) -> Data:
    return {
        "ratio": _spread(workload.ratios(name, base)),
        "cpu_ratio": _spread(workload.cpu_ratios(name, base)),
    }


def _spread(values: Sequence[float]) -> Data | None:
    """None where there are no values."""
    if not values:
        return None
    low, median, high = quartiles(values)
    return {"low": low, "median": median, "high": high, "noise": noise(values)}


def _goal(workload: Workload, one: Contestant, goal: Goal) -> Data:
    reached = workload.reached(one, goal)
    return {
        "of": workload.columns[goal.column],
        "base": goal.base,
        "at_most": goal.at_most,
        "bound": goal.bound,
        "reached": reached,
        "met": None if reached is None else goal.met(reached),
    }


# ---- reading it


def goal_text(goal: Data, contestant: Data, workload: Data) -> str:
    """Such as `>= 0.9`; what it is about is named where that is not the ratio of the figure to the usual base."""
    words = []
    if goal["of"] != workload["columns"][0]:
        words.append(str(goal["of"]))
    if goal["base"] not in (None, contestant["base"]):
        words.append(f"to {goal['base']}")
    return " ".join([*words, "<=" if goal["at_most"] else ">=", f"{goal['bound']:,.4g}"])


def number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}"


def measured(workload: Data) -> list[Data]:
    return [one for one in workload["contestants"] if one["samples"]]


def skipped(workload: Data) -> dict[str, list[str]]:
    """Names of contestants by what is not there that they need."""
    found: dict[str, list[str]] = {}
    for one in workload["contestants"]:
        if one["lacks"]:
            found.setdefault(", ".join(one["lacks"]), []).append(one["name"])
    return found
