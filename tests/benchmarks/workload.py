"""A workload that measures nothing: its figures are given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.model import Contestant, Options, Sample, Workload

OPTIONS = Options(rounds=3, seconds=0.0)


class Script:
    """`measure` of a workload: each contestant's samples in order; an exception among them is raised."""

    def __init__(self, **samples: Sequence[Any]) -> None:
        self._left: dict[str, Iterator[Any]] = {name: iter(values) for name, values in samples.items()}
        self.order: list[str] = []

    def __call__(self, name: str, _options: Options) -> Sample:
        self.order.append(name)
        value = next(self._left[name])
        if isinstance(value, BaseException):
            raise value
        return Sample(value if isinstance(value, tuple) else (value, 1.0))


def workload(script: Script, *contestants: Contestant, **more: Any) -> Workload:
    columns = more.pop("columns", ("messages/s", "CPU us/msg"))
    return Workload("trial", "A trial", columns, script, contestants, **more)


def contestant(name: str, *goals: Any, **more: Any) -> Contestant:
    return Contestant(name, (name,), goals, **more)
