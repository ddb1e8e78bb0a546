"""Processes that wait in accept: in order, each with its own timeout, and none loses a connection."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import gentcp
from gentcp.engine import Acceptors, Operation, wait
from gentcp.mailbox import READY

from ...support import Task, eventually, seams, stopwatch
from ...support.fixtures import nothing_left_behind as nothing_left_behind

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


class Bench:
    """A listener and those who wait on it."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.listen_on(self.server)
        self.tasks: list[Task] = []
        self.clients: list[socket.socket] = []

    def listen_on(self, server: socket.socket) -> None:
        self.lock = threading.RLock()
        self.acceptors = Acceptors(server, self.lock)

    def accept(self, timeout: float | None) -> Any:
        """A connection, or the reason why there is none."""
        with self.lock:
            found = self.acceptors.accept(gentcp.current_process(), timeout, lambda sock: sock)
        result = wait(found) if isinstance(found, Operation) else found
        return result[1] if isinstance(result, tuple) else result

    def close(self, reason: str = "closed") -> None:
        with self.lock:
            self.acceptors.close(reason)

    def wait(self, timeout: float | None = None) -> Task:
        task = Task(self.accept, timeout)
        self.tasks.append(task)
        eventually(lambda: task.process in self.acceptors.processes() or task.done)
        return task

    def dial(self) -> socket.socket:
        client = socket.create_connection(self.server.getsockname(), 5.0)
        self.clients.append(client)
        return client

    def end(self) -> None:
        for task in self.tasks:
            task.end()
        for client in self.clients:
            client.close()
        self.server.close()


@pytest.fixture
def bench(nothing_left_behind: None) -> Iterator[Bench]:
    made = Bench()
    yield made
    made.end()


def is_for(accepted: Any, client: socket.socket) -> bool:
    """Whether these two are the ends of one connection; closes the accepted one."""
    with accepted:
        return bool(accepted.getpeername() == client.getsockname())


def test_a_waiting_connection_is_taken_at_once(bench: Bench) -> None:
    client = bench.dial()
    assert is_for(bench.accept(5.0), client)


def test_without_a_connection_the_timeout_is_kept(bench: Bench) -> None:
    passed = stopwatch()
    assert bench.accept(0.03) == "timeout"
    assert 0.03 <= passed() < 5.0
    assert bench.accept(0.0) == "timeout"
    assert bench.acceptors.waiting() == 0


def test_first_come_first_served(bench: Bench) -> None:
    """Case listen-accept/accept/first-come-first-served."""
    waiting = [bench.wait() for _ in range(4)]
    for task in waiting:
        client = bench.dial()
        assert is_for(task.result(), client)


def test_who_comes_later_does_not_overtake(bench: Bench) -> None:
    first = bench.wait()
    assert bench.accept(0.0) == "timeout"
    client = bench.dial()
    assert is_for(first.result(), client)


def test_each_has_its_own_timeout(bench: Bench) -> None:
    """Case listen-accept/accept/mixed-timeouts: one in front that waits longer holds nobody up."""
    patient = bench.wait(20.0)
    passed = stopwatch()
    assert [bench.wait(timeout).result() for timeout in (0.03, 0.02)] == ["timeout"] * 2
    assert passed() >= 0.05
    assert not patient.done


def test_one_that_gave_up_is_passed_over(bench: Bench) -> None:
    first, second = bench.wait(0.02), bench.wait()
    assert first.result() == "timeout"
    client = bench.dial()
    assert is_for(second.result(), client)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_that_was_killed_is_passed_over(bench: Bench, place: int) -> None:
    waiting = [bench.wait() for _ in range(3)]
    waiting[place].kill()
    assert waiting[place].result() == "killed"
    for task in waiting:
        if task is not waiting[place]:
            client = bench.dial()
            assert is_for(task.result(), client)


def test_closing_answers_everybody(bench: Bench) -> None:
    waiting = [bench.wait(), bench.wait(20.0), bench.wait()]
    bench.close()
    assert [task.result() for task in waiting] == ["closed"] * 3


def test_closing_may_give_another_reason(bench: Bench) -> None:
    task = bench.wait()
    bench.close("einval")
    assert task.result() == "einval"


def test_an_error_of_the_system_is_the_answer(bench: Bench) -> None:
    waiting = [bench.wait(), bench.wait()]
    bench.server.shutdown(socket.SHUT_RD)
    assert [task.result() for task in waiting] == ["einval", "einval"]


WaitFd = Callable[[gentcp.Process, int, int, float | None], int]


def interrupt(monkeypatch: pytest.MonkeyPatch, happen: Callable[[gentcp.Process], object]) -> None:
    """Let `happen` come between the place in the queue and the first wait of a process, which returns at once."""
    wait_fd: WaitFd = seams.found("wait for a descriptor")
    seen: set[gentcp.Process] = set()

    def late(process: gentcp.Process, fd: int, events: int, deadline: float | None) -> int:
        if process in seen:
            return wait_fd(process, fd, events, deadline)
        seen.add(process)
        happen(process)
        return READY

    monkeypatch.setattr(*seams.seam("wait for a descriptor"), late)


def test_a_listener_that_is_closed_before_the_first_wait_answers_too(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def close(_process: gentcp.Process) -> None:
        bench.close()
        bench.server.close()

    interrupt(monkeypatch, close)
    assert Task(bench.accept, 5.0).result() == "closed"


def test_a_connection_is_not_lost_to_one_that_is_killed_on_the_way(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OTP: case listen-accept/accept/killed-acceptor."""
    me = gentcp.current_process()

    def kill(process: gentcp.Process) -> None:
        if process is not me:
            process.kill()
            bench.dial()

    interrupt(monkeypatch, kill)
    outcome = Task(bench.accept, 5.0).result()
    if isinstance(outcome, socket.socket):
        outcome.close()
    assert outcome == "killed"
    assert is_for(bench.accept(5.0), bench.clients[0])
