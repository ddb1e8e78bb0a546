"""A descriptor that several event loops may poll is closed when the last of them has let go."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gentcp.engine import host

FD = 1 << 20


class Loop:
    """Lets go later, unless it is told to do so at once."""

    def __init__(self, *, at_once: bool) -> None:
        self._at_once = at_once
        self.closes: list[Callable[[], None]] = []

    def let_go(self, fd: int, close: Callable[[], None]) -> bool:
        assert fd == FD
        if not self._at_once:
            self.closes.append(close)
        return self._at_once


@pytest.fixture
def polling(monkeypatch: pytest.MonkeyPatch) -> list[host.Polling]:
    loops: list[host.Polling] = []
    monkeypatch.setattr(host, "polling", loops)
    return loops


def test_without_loops_it_is_closed_at_once(polling: list[host.Polling]) -> None:
    closed: list[int] = []
    host.let_go(FD, lambda: closed.append(FD))
    assert closed == [FD]


def test_loops_that_do_not_poll_it_are_not_waited_for(polling: list[host.Polling]) -> None:
    closed: list[int] = []
    polling += [Loop(at_once=True), Loop(at_once=True)]
    host.let_go(FD, lambda: closed.append(FD))
    assert closed == [FD]


def test_the_last_one_closes_it(polling: list[host.Polling]) -> None:
    closed: list[int] = []
    later = [Loop(at_once=False), Loop(at_once=False)]
    polling += [later[0], Loop(at_once=True), later[1]]
    host.let_go(FD, lambda: closed.append(FD))
    assert closed == []
    later[1].closes[0]()
    assert closed == []
    later[0].closes[0]()
    assert closed == [FD]
