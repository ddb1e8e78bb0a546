"""How often the driver looks at those who own active sockets, tick by tick, without its thread."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

import gentcp
from gentcp.engine import WRITE
from gentcp.engine.driver import TICK

from ...support import seams
from ...support.fixtures import nothing_left_behind as nothing_left_behind

pytestmark = pytest.mark.usefixtures("nothing_left_behind")

LOOKS = 20
"""After so many in vain an owner that is blocked in receive is left alone."""


class Driver:
    """A driver whose ticks the test makes, and owners that do as they are told."""

    def __init__(self) -> None:
        self.inner: Any = seams.found("driver class")()
        self.inner._start = lambda: None
        self.owners: list[gentcp.Process] = []

    def owner(self) -> gentcp.Process:
        made = gentcp.Process()
        self.owners.append(made)
        self.inner.serve(made)
        return made

    def tick(self, *busy: gentcp.Process) -> float:
        """A tick in which these have been in receive since the last one; the seconds until the next."""
        for owner in busy:
            owner.turns += 1
        self.inner._tick()
        return float(self.inner._pace / TICK)

    def adopted(self) -> list[gentcp.Process]:
        return list(self.inner._adopted.values())

    def close(self) -> None:
        for owner in self.owners:
            if owner.turn.locked():
                owner.turn.release()
            owner.release_fds()
        self.inner.close()


@pytest.fixture
def driver() -> Iterator[Driver]:
    made = Driver()
    yield made
    made.close()


def test_while_everybody_is_busy_the_ticks_become_fewer(driver: Driver) -> None:
    one, two = driver.owner(), driver.owner()
    assert [driver.tick(one, two) for _ in range(4)] == [2, 4, 4, 4]


def test_an_owner_that_was_busy_is_served_at_the_first_tick_without_it(driver: Driver) -> None:
    one, two = driver.owner(), driver.owner()
    for _ in range(5):
        driver.tick(one, two)
    assert driver.tick(one) == 1
    assert driver.adopted() == [two]
    assert driver.tick(one) == 2


def test_one_that_is_blocked_in_receive_keeps_the_ticks_as_they_are(driver: Driver) -> None:
    """So that it is served soon when it leaves."""
    busy, blocked = driver.owner(), driver.owner()
    driver.tick(busy, blocked)
    blocked.turn.acquire()
    assert [driver.tick(busy) for _ in range(3)] == [1, 1, 1]
    blocked.turn.release()
    driver.tick(busy)
    assert driver.adopted() == [blocked]


def test_one_that_is_blocked_for_long_rests_while_another_is_busy(driver: Driver) -> None:
    busy, blocked = driver.owner(), driver.owner()
    driver.tick(busy, blocked)
    blocked.turn.acquire()
    assert [driver.tick(busy) for _ in range(LOOKS + 1)] == [1] * (LOOKS + 1)
    assert [driver.tick(busy) for _ in range(3)] == [2, 4, 4]
    blocked.turn.release()
    leave: Any = blocked.on_leave
    leave(blocked)
    assert driver.inner._pace == TICK
    driver.tick(busy)
    assert driver.adopted() == [blocked]


def test_when_all_rest_it_ticks_no_more_until_one_leaves(driver: Driver) -> None:
    blocked = driver.owner()
    driver.tick(blocked)
    blocked.turn.acquire()
    for _ in range(LOOKS + 1):
        assert driver.inner._ticking
        driver.tick()
    assert not driver.inner._ticking
    blocked.turn.release()
    leave: Any = blocked.on_leave
    leave(blocked)
    assert driver.inner._ticking


def test_the_next_tick_is_due_a_tick_after_somebody_has_left(driver: Driver) -> None:
    inner = driver.inner
    inner._ticking = False
    assert inner._tick_when(0.0) == float("inf")
    owner = driver.owner()
    before = monotonic()
    due = inner._tick_when(float("inf"))
    assert before + TICK <= due <= monotonic() + TICK
    assert inner._tick_when(due) == due
    owner.turns += 1
    assert inner._tick_when(before) >= before + 2 * TICK


# ---- who flushes


class Writer:
    """Never written."""

    def on_writable(self) -> None:
        raise AssertionError("nobody asked for that")

    def pending(self) -> int:
        return 7


def test_what_is_flushed_elsewhere_is_not_watched_and_counts_at_exit(driver: Driver) -> None:
    inner, writer = driver.inner, Writer()
    watched: list[tuple[int, int]] = []
    poller = inner._poller

    class Poller:
        register = staticmethod(lambda fd, mask: watched.append((fd, mask)))
        unregister = staticmethod(lambda fd: watched.remove((fd, WRITE)))
        close = staticmethod(poller.close)

    inner._poller = Poller
    inner.flush_later(1, writer)
    assert (watched, inner._pending()) == ([(1, WRITE)], 7)
    inner.flush_elsewhere(1, writer)
    assert (watched, inner._pending()) == ([], 7)
    inner.flush_later(1, writer)
    assert (watched, inner._pending()) == ([(1, WRITE)], 7)
    inner.flush_elsewhere(1, writer)
    inner.stop_flushing(1, writer)
    assert (watched, inner._pending()) == ([], 0)
