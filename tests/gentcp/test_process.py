"""Processes: identity, the end, and monitors."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

import gentcp

from ..support import Task, eventually, inspection
from ..support.fixtures import nothing_left_behind as nothing_left_behind

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


def in_a_thread(function: Callable[[], Any]) -> Any:
    """The result of `function` in a plain thread, once that thread is gone."""
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


class Thing:
    """Something owned that notes the end of its owner."""

    def __init__(self) -> None:
        self.reasons: list[Any] = []

    def inherit(self) -> None:
        raise NotImplementedError

    def owner_down(self, reason: Any) -> None:
        self.reasons.append(reason)


# ---- identity and lifetime


def test_a_thread_has_one_process_and_another_thread_another() -> None:
    mine = gentcp.current_process()
    assert gentcp.current_process() is mine
    assert mine.alive
    assert in_a_thread(gentcp.current_process) is not mine


def test_the_implicit_process_ends_with_its_thread() -> None:
    process = in_a_thread(gentcp.current_process)
    assert process.join(5.0)
    assert not process.alive
    assert process.exit_reason == "normal"


def test_what_the_implicit_process_owned_ends_with_its_thread() -> None:
    thing = Thing()
    in_a_thread(lambda: gentcp.current_process().own(thing))
    assert eventually(lambda: thing.reasons) == ["normal"]


def test_spawn_runs_the_function_with_its_arguments_in_the_new_process() -> None:
    seen: list[Any] = []
    process = gentcp.spawn(lambda *args: seen.append((gentcp.current_process(), args)), 1, "two", name="worker")
    assert process.join(5.0)
    assert seen == [(process, (1, "two"))]
    assert process.exit_reason == "normal"
    assert process.name == "worker"


def test_an_exception_is_the_reason_and_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", reported.append)
    error = RuntimeError("as intended")

    def fail() -> None:
        raise error

    process = gentcp.spawn(fail)
    assert process.join(5.0)
    assert process.exit_reason is error
    assert process.thread is not None
    process.thread.join()
    assert [entry.exc_value for entry in reported] == [error]
    reported.clear()


def test_join_says_whether_it_has_ended() -> None:
    task = Task(gentcp.receive)
    assert not task.process.join(0.01)
    task.process.post("go on")
    assert task.process.join(5.0)
    task.join()


def test_what_is_owned_hears_of_the_end_once_with_its_reason() -> None:
    thing = Thing()

    def work() -> None:
        gentcp.current_process().own(thing)
        gentcp.receive()

    task = Task(work)
    eventually(lambda: inspection.in_receive(task.process))
    task.kill()
    task.kill()
    assert task.result() == "killed"
    assert thing.reasons == ["killed"]


def test_who_owns_too_late_hears_at_once() -> None:
    process = gentcp.spawn(lambda: None)
    process.join(5.0)
    thing = Thing()
    process.own(thing)
    assert thing.reasons == ["normal"]


def test_what_was_given_away_does_not_hear_of_the_end() -> None:
    thing = Thing()

    def work() -> None:
        gentcp.current_process().own(thing)
        gentcp.current_process().disown(thing)

    gentcp.spawn(work).join(5.0)
    assert thing.reasons == []


def test_a_killed_process_that_calls_nothing_finds_out_at_its_next_wait() -> None:
    go = threading.Event()

    def work() -> Any:
        go.wait(5.0)
        return gentcp.receive()

    task = Task(work)
    task.kill()
    assert not task.process.alive
    assert not task.process.join(0)
    go.set()
    assert task.result() == "killed"


def test_a_kill_may_come_while_the_call_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the interpreter's lock the process may leave its call between any two steps of the one who kills it."""
    process, told = gentcp.process.Process(), list[Any]()

    class Call:
        waiter_down = told.append

    looks: list[Any] = [Call]
    monkeypatch.setattr(gentcp.process.Process, "waits_in", property(lambda _process: looks.pop() if looks else None))
    process.kill()
    assert told == [process]
    assert not process.alive


def test_many_processes_come_and_go() -> None:
    tasks = [Task(gentcp.receive, None, 20.0) for _ in range(40)]
    for number, task in enumerate(tasks):
        task.process.post(number)
    assert [task.result() for task in tasks] == list(range(40))


# ---- monitors


def test_a_monitor_tells_the_end_and_the_reason() -> None:
    task = Task(gentcp.receive)
    ref = gentcp.monitor(task.process)
    task.process.post("go on")
    assert gentcp.receive(timeout=5.0) == ("DOWN", ref, "process", task.process, "normal")
    task.join()


def test_a_monitor_tells_of_a_kill() -> None:
    task = Task(gentcp.receive)
    ref = gentcp.monitor(task.process)
    task.kill()
    assert gentcp.receive(timeout=5.0) == ("DOWN", ref, "process", task.process, "killed")
    task.join()


def test_each_monitor_fires_once() -> None:
    task = Task(gentcp.receive)
    refs = {gentcp.monitor(task.process) for _ in range(3)}
    assert len(refs) == 3
    task.process.post("go on")
    assert {gentcp.receive(timeout=5.0)[1] for _ in range(3)} == refs
    task.join()
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)


def test_a_monitor_of_an_ended_process_fires_at_once() -> None:
    process = gentcp.spawn(lambda: None)
    process.join(5.0)
    ref = gentcp.monitor(process)
    assert gentcp.receive(timeout=0) == ("DOWN", ref, "process", process, "noproc")


def test_a_monitor_taken_back_does_not_fire() -> None:
    task = Task(gentcp.receive)
    ref = gentcp.monitor(task.process)
    assert gentcp.demonitor(ref)
    assert not gentcp.demonitor(ref)
    task.kill()
    task.join()
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)


def test_a_monitor_that_has_fired_cannot_be_taken_back() -> None:
    process = gentcp.spawn(lambda: None)
    process.join(5.0)
    ref = gentcp.monitor(process)
    assert not gentcp.demonitor(ref)
    assert gentcp.receive(timeout=0)[1] is ref


def test_references_differ() -> None:
    refs = {gentcp.Ref() for _ in range(100)}
    assert len({repr(ref) for ref in refs}) == 100
