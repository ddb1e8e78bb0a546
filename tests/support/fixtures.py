"""Fixtures; a module or conftest that imports one can ask for it by name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gentcp

from .leaks import left_behind, settle, warm_up


@pytest.fixture
def nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Descriptors and threads are the same after the test, and the mailbox of this thread is empty before it.

    A test of a known bug checks for itself.
    """
    warm_up()
    gentcp.current_process().take(lambda _message: True)
    before = left_behind()
    yield
    if request.node.get_closest_marker("xfail") is None:
        settle(before)
