"""Timers: what is due when, and the driver that runs it."""

from __future__ import annotations

import gc
import threading
import weakref
from time import monotonic

from gentcp.engine.driver import Driver, driver
from gentcp.engine.timers import Timer, Timers

from ...support import PATIENCE, inspection


def timers(*times: float) -> tuple[Timers, list[Timer], list[float]]:
    """A heap with a timer for each time, those timers, and the times of the actions that were run."""
    heap, ran = Timers(), list[float]()
    made = [Timer(at, lambda at=at: ran.append(at)) for at in times]  # type: ignore[misc]
    for timer in made:
        heap.add(timer)
    return heap, made, ran


def run(heap: Timers, now: float) -> None:
    for action in heap.due(now):
        action()


def test_actions_are_due_in_order_of_their_times() -> None:
    heap, _, ran = timers(3.0, 1.0, 2.0, 4.0)
    run(heap, 3.0)
    assert ran == [1.0, 2.0, 3.0]
    assert heap.next_at() == 4.0


def test_equal_times_keep_their_order() -> None:
    heap, order = Timers(), list[int]()
    for number in range(5):
        heap.add(Timer(1.0, lambda number=number: order.append(number)))  # type: ignore[misc]
    run(heap, 1.0)
    assert order == [0, 1, 2, 3, 4]


def test_add_says_which_is_next() -> None:
    heap = Timers()
    assert heap.add(Timer(2.0, lambda: None))
    assert not heap.add(Timer(3.0, lambda: None))
    assert heap.add(Timer(1.0, lambda: None))


def test_a_cancelled_timer_is_never_due() -> None:
    heap, made, ran = timers(1.0, 2.0)
    heap.cancel(made[0])
    assert heap.next_at() == 2.0
    run(heap, 9.0)
    assert ran == [2.0]
    heap.cancel(made[1])  # too late, and no harm
    assert heap.next_at() is None


def test_cancelled_timers_do_not_pile_up() -> None:
    """A recv with a timeout that is answered in time leaves one behind, thousands a second."""
    heap, made, _ = timers(*(1000.0 + number for number in range(1000)))
    for timer in made[1:]:
        heap.cancel(timer)
    assert len(heap._heap) < 200
    assert heap.next_at() == 1000.0


def test_the_driver_runs_what_is_due_while_it_is_idle() -> None:
    driver, ran = Driver(), threading.Event()
    driver.call_at(monotonic() + 60.0, lambda: None)
    driver.call_at(monotonic() + 0.001, ran.set)
    assert ran.wait(20)


def test_the_driver_outlives_a_timer_that_is_further_away_than_the_system_can_wait() -> None:
    driver, ran = Driver(), threading.Event()
    driver.call_at(monotonic() + 4_294_967.294, lambda: None)
    driver.call_soon(ran.set)
    assert ran.wait(20)
    again = threading.Event()
    driver.call_at(monotonic() + 0.05, again.set)  # it has been waiting for the other one meanwhile
    assert again.wait(20)


def test_the_driver_does_not_run_what_was_cancelled() -> None:
    driver, ran, other = Driver(), threading.Event(), threading.Event()
    started, go_on = threading.Event(), threading.Event()

    def busy() -> None:
        started.set()
        go_on.wait(20)

    driver.call_at(monotonic() + 0, busy)
    assert started.wait(20)
    timer = driver.call_at(monotonic() + 0.001, ran.set)
    driver.call_at(monotonic() + 0.002, other.set)
    driver.cancel(timer)
    go_on.set()
    assert other.wait(20)
    assert not ran.is_set()


def test_what_has_run_is_not_kept_until_the_next_one() -> None:
    class Rings:
        def __init__(self) -> None:
            self.rung = threading.Event()

        def ring(self) -> None:
            self.rung.set()

    rings = Rings()
    rung, kept = rings.rung, weakref.ref(rings)
    driver().call_at(monotonic(), rings.ring)
    del rings
    assert rung.wait(PATIENCE)
    assert inspection.settled(PATIENCE)  # it has gone on to what comes next
    gc.collect()
    assert kept() is None
