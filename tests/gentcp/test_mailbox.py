"""Mailboxes: the order of messages, selective receive, and wake-ups that come in time or too late."""

from __future__ import annotations

import os
import random
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gentcp
from gentcp.engine import READ, WRITE
from gentcp.process import Process

from ..support import Task, eventually, inspection, seams, stopwatch
from ..support.fixtures import nothing_left_behind as nothing_left_behind

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


class Letterbox:
    """A pollable that turns each byte of a socket into a message for `owner`."""

    def __init__(self, owner: Process) -> None:
        self.owner = owner
        self.inside, self.outside = socket.socketpair()

    def on_ready(self, events: int) -> None:
        for byte in self.inside.recv(100):
            self.owner.post(byte)

    def close(self) -> None:
        self.owner.unwatch(self.inside.fileno())
        self.inside.close()
        self.outside.close()


class Room:
    """A pollable that says that there is room."""

    def __init__(self, owner: Process) -> None:
        self.owner = owner

    def on_ready(self, events: int) -> None:
        self.owner.post("room")


def test_messages_come_in_the_order_posted() -> None:
    me = gentcp.current_process()
    for number in range(5):
        me.post(number)
    assert [gentcp.receive(timeout=0) for _ in range(5)] == [0, 1, 2, 3, 4]


def test_a_selective_receive_leaves_the_others_in_order() -> None:
    me = gentcp.current_process()
    for message in ("a", 1, "b", 2, "c"):
        me.post(message)
    assert gentcp.receive(lambda message: message == 2, timeout=0) == 2
    assert [gentcp.receive(timeout=0) for _ in range(4)] == ["a", 1, "b", "c"]


def test_a_selective_receive_finds_what_an_earlier_one_passed_over() -> None:
    me = gentcp.current_process()
    me.post("first")
    me.post("second")
    assert gentcp.receive(lambda message: message == "second", timeout=0) == "second"
    me.post("third")
    assert gentcp.receive(lambda message: message in ("first", "third"), timeout=0) == "first"
    assert gentcp.receive(timeout=0) == "third"


def test_a_predicate_that_raises_loses_no_message() -> None:
    me = gentcp.current_process()
    for message in (1, "two", 3):
        me.post(message)

    def is_large(message: Any) -> bool:
        return bool(message > 1)

    for _ in range(2):
        with pytest.raises(TypeError):
            gentcp.receive(is_large, timeout=0)
    assert [gentcp.receive(timeout=0) for _ in range(3)] == [1, "two", 3]


def test_a_predicate_cannot_receive_and_the_messages_stay() -> None:
    me = gentcp.current_process()
    predicates: list[Callable[[Any], bool]] = [
        lambda _message: bool(gentcp.receive(timeout=0)),
        lambda _message: bool(gentcp.receive(lambda _: True)),
        lambda _message: bool(me.receive(timeout=5.0)),
    ]
    for predicate in predicates:
        for message in (1, 2, 3):
            me.post(message)
        with pytest.raises(RuntimeError, match="predicate"):
            gentcp.receive(predicate, timeout=0)
        assert gentcp.receive(lambda message: message == 3) == 3  # the others have been looked at
        with pytest.raises(RuntimeError, match="predicate"):
            gentcp.receive(predicate, timeout=0)
        assert [gentcp.receive(timeout=0) for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("seen", [False, True], ids=["new", "left before"])
def test_a_predicate_may_call_what_takes_messages(seen: bool) -> None:
    """Such as close, which takes tcp_closed on inet; the search goes on with what is left."""
    me = gentcp.current_process()
    for message in (1, 2, 3, 4):
        me.post(message)
    if seen:
        with pytest.raises(gentcp.Timeout):
            gentcp.receive(lambda _message: False, timeout=0)
    taken: list[Any] = []

    def predicate(message: Any) -> bool:
        if message == 2:
            taken.extend(me.take(lambda other: other in (2, 3)))
        return bool(message >= 2)

    assert gentcp.receive(predicate, timeout=0) == 4
    assert taken == [2, 3]
    assert gentcp.receive(timeout=0) == 1


def test_a_signal_handler_that_receives_is_told_why_it_cannot() -> None:
    me = gentcp.current_process()

    def handler(_number: int, _frame: Any) -> None:
        gentcp.receive(timeout=5.0)

    def interrupt() -> None:
        eventually(lambda: me._waiting)
        os.kill(os.getpid(), signal.SIGUSR1)

    before = signal.signal(signal.SIGUSR1, handler)
    task = Task(interrupt)
    try:
        with pytest.raises(RuntimeError, match="signal handler"):
            gentcp.receive(timeout=10.0)
    finally:
        task.result()
        signal.signal(signal.SIGUSR1, before)
    me.post("still there")
    assert gentcp.receive(timeout=0) == "still there"


def of_kind(kind: int | None) -> Callable[[Any], bool]:
    return lambda message: bool(message[0] == kind)


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("post"), st.integers(0, 3)),
            st.tuples(st.just("pick"), st.integers(0, 3)),
            st.tuples(st.just("next"), st.none()),
            st.tuples(st.just("take"), st.integers(0, 3)),
        ),
        max_size=40,
    )
)
def test_any_sequence_of_receives_does_what_a_list_would_do(steps: list[tuple[str, Any]]) -> None:
    process, model = Process(), list[tuple[int, int]]()
    for number, (step, kind) in enumerate(steps):
        if step == "post":
            process.post((kind, number))
            model.append((kind, number))
            continue
        wanted = [message for message in model if kind is None or message[0] == kind]
        if step == "take":
            assert process.take(of_kind(kind)) == wanted
            model = [message for message in model if message not in wanted]
            continue
        predicate = None if kind is None else of_kind(kind)
        if wanted:
            assert process.receive(predicate, 0) == wanted[0]
            model.remove(wanted[0])
        else:
            with pytest.raises(TimeoutError):
                process.receive(predicate, 0)
    assert process.take(lambda _message: True) == model
    process.release_fds()


def test_a_timeout_is_kept() -> None:
    passed = stopwatch()
    with pytest.raises(gentcp.Timeout, match="no such message"):
        gentcp.receive(timeout=0.05)
    assert 0.05 <= passed() < 5.0


@pytest.mark.parametrize("timeout", [4_294_967.294, float("inf")])
def test_a_timeout_may_be_longer_than_the_system_can_wait(timeout: float) -> None:
    me = gentcp.current_process()

    def post() -> None:
        eventually(lambda: me._waiting)
        me.post("at last")

    task = Task(post)
    assert gentcp.receive(timeout=timeout) == "at last"
    task.result()


def test_messages_that_do_not_fit_do_not_prolong_the_timeout() -> None:
    done = threading.Event()
    me = gentcp.current_process()

    def disturb() -> None:
        while not done.wait(0.005):
            me.post("noise")

    task = Task(disturb)
    passed = stopwatch()
    with pytest.raises(TimeoutError):
        gentcp.receive(lambda message: message == "music", timeout=0.05)
    assert passed() < 5.0
    done.set()
    task.result()
    me.take(lambda _message: True)


def test_timeout_zero_looks_at_the_descriptors_once() -> None:
    me = gentcp.current_process()
    box = Letterbox(me)
    me.watch(box.inside.fileno(), box)
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)
    box.outside.send(b"\7")
    assert gentcp.receive(timeout=0) == 7
    box.close()


@pytest.mark.parametrize("first", [READ, WRITE], ids=["reader first", "writer first"])
@pytest.mark.parametrize("last", [READ, WRITE], ids=["reader last", "writer last"])
def test_one_waits_for_data_and_one_for_room(first: int, last: int) -> None:
    me = gentcp.current_process()
    box, room = Letterbox(me), Room(me)
    fd = box.inside.fileno()
    pollees: dict[int, Letterbox | Room] = {READ: box, WRITE: room}
    for events in (first, READ + WRITE - first):
        me.watch(fd, pollees[events], events)
    box.outside.send(b"\7")
    assert {gentcp.receive(timeout=0), gentcp.receive(timeout=0)} == {7, "room"}
    me.take(lambda message: message == "room")
    me.unwatch(fd, last, Room(me))  # it was not for this one
    me.unwatch(fd, READ + WRITE - last, pollees[READ + WRITE - last])
    box.outside.send(b"\7")
    assert gentcp.receive(timeout=0) == (7 if last == READ else "room")
    me.unwatch(fd, last, pollees[last])
    assert fd not in inspection.watched(me)
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)
    box.close()


def test_what_is_posted_after_the_end_goes_nowhere() -> None:
    process = gentcp.spawn(lambda: None)
    process.join(5.0)
    process.post("nobody is there")
    assert process.take(lambda _message: True) == []


# ---- wake-ups


def test_many_threads_post_while_the_owner_receives() -> None:
    """Nothing is lost, and what one sender posts stays in order."""
    me, senders, each = gentcp.current_process(), 8, 400

    def post(sender: int) -> None:
        dice = random.Random(sender)
        for number in range(each):
            me.post((sender, number))
            if dice.random() < 0.02:
                threading.Event().wait(0.0005)  # lets the owner fall asleep, so that it has to be woken

    tasks = [Task(post, sender) for sender in range(senders)]
    got = [gentcp.receive(timeout=20.0) for _ in range(senders * each)]
    for task in tasks:
        task.result()
    for sender in range(senders):
        assert [number for whose, number in got if whose == sender] == list(range(each))


def test_nothing_posted_on_the_way_to_the_first_wait_is_slept_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its last look at the messages and its first wait a process makes its poller; who posts then wakes it."""
    new_poller = seams.found("new poller")

    def work() -> Any:
        def slowly() -> Any:
            me.post("just in time")
            return new_poller()

        me = gentcp.current_process()
        monkeypatch.setattr(*seams.seam("new poller"), slowly)
        passed = stopwatch()
        message = gentcp.receive(timeout=5.0)
        return message, passed() < 4.0

    assert Task(work).result() == ("just in time", True)


def test_a_wake_up_that_comes_too_late_writes_into_nobodys_descriptor(monkeypatch: pytest.MonkeyPatch) -> None:
    """The descriptors of an ended process are used again, by somebody's connection perhaps."""
    knocking, late = threading.Event(), threading.Event()
    wake = seams.found("wake")

    def slowly(waker: Any) -> None:
        if threading.current_thread() is poster.process.thread:
            knocking.set()
            late.wait(20.0)
        wake(waker)

    def knock(message: Any) -> bool:
        while message == "go" and not knocking.is_set():
            task.process.post("knock")
        return True

    task = Task(gentcp.receive, lambda _message: False)
    eventually(lambda: inspection.in_receive(task.process))
    poster = Task(gentcp.receive, knock)
    monkeypatch.setattr(*seams.seam("wake"), slowly)
    poster.process.post("go")
    assert knocking.wait(5.0)
    task.end()
    strangers = [sock for _ in range(8) for sock in socket.socketpair()]
    late.set()
    poster.result()
    reached = [data for sock in strangers if (data := look(sock))]
    for sock in strangers:
        sock.close()
    assert reached == []


def look(sock: socket.socket) -> bytes:
    """What has arrived."""
    try:
        return sock.recv(100, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return b""
