from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from gentcp_conformance.ahead import Ahead
from gentcp_conformance.run import Runner, among

from .toys import Overlap, logged, make, met

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from gentcp_conformance.run import Trial
    from gentcp_conformance.subject import Subject

OK = Runner(among(lambda _case, _backend: ("ok",)), reruns=0)


def trials(**functions: Callable[[Subject], Any]) -> dict[str, Trial]:
    return {name: (make(function, f"area/topic/{name}"), "inet") for name, function in functions.items()}


def test_what_is_planned_runs_before_it_is_asked_for() -> None:
    together = threading.Barrier(2)
    planned = trials(one=met(together), two=met(together))
    ahead = Ahead(2)
    ahead.plan(planned)
    runner = Runner(lambda _: True)
    assert [ahead.result(name, trial, runner).text for name, trial in planned.items()] == ["together", "together"]


def test_nothing_runs_before_the_first_is_asked_for() -> None:
    log: list[str] = []
    planned = trials(one=logged(log), two=logged(log))
    ahead = Ahead(2)
    ahead.plan(planned)
    ahead.stop()
    assert log == []


def test_what_is_not_as_expected_runs_again_when_all_others_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    overlap = Overlap()

    class Pool(ThreadPoolExecutor):
        def shutdown(self, *args: Any, **how: Any) -> None:
            overlap.decided.set()
            super().shutdown(*args, **how)

    monkeypatch.setattr("gentcp_conformance.ahead.ThreadPoolExecutor", Pool)
    planned = trials(one=overlap.one, other=overlap.other)
    ahead = Ahead(2)
    ahead.plan(planned)
    first = ahead.result("one", planned["one"], OK)
    assert (first.text, first.retried) == ("ok", True)
    assert overlap.beside == [False]


def test_a_case_that_must_be_alone_is_not_run_ahead() -> None:
    together = threading.Barrier(2)
    planned: dict[str, Trial] = {
        name: (make(met(together), f"area/topic/{name}", alone=name == "one"), "inet")
        for name in ("one", "two", "three")
    }
    runner = Runner(lambda _: True)
    ahead = Ahead(3)
    ahead.plan(planned)
    found = {name: ahead.result(name, trial, runner).text for name, trial in planned.items()}
    assert found == {"one": "alone", "two": "together", "three": "together"}


def test_what_is_asked_for_twice_is_run_twice() -> None:
    log: list[str] = []
    planned = trials(one=logged(log), two=lambda _: "ok")
    ahead = Ahead(2)
    ahead.plan(planned)
    assert not any(ahead.result("one", planned["one"], OK).retried for _ in range(2))
    assert log == ["inet", "inet"]


def test_what_has_not_begun_when_it_is_stopped_is_not_run() -> None:
    held, log = threading.Event(), list[str]()
    planned = trials(one=lambda _: "ok", two=lambda _: "ok" if held.wait(5) else "late", three=logged(log))
    ahead = Ahead(1)
    ahead.plan(planned)
    ahead.result("one", planned["one"], OK)
    threading.Timer(0.1, held.set).start()
    ahead.stop()
    assert log == []
