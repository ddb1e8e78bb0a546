"""The same test on each loop, and on each backend that comes with gentcp; nothing may be left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from functools import partial
from typing import Any

import pytest

from .kit import Link, Run, T, limited, links, loops, new_loop


@pytest.fixture(params=loops())
def loop_name(request: pytest.FixtureRequest) -> str:
    """The loop of asyncio itself, and uvloop where there is one."""
    return str(request.param)


@pytest.fixture
def runner(loop_name: str, nothing_left_behind: None) -> Iterator[asyncio.Runner]:
    """A loop for this test."""
    with asyncio.Runner(loop_factory=partial(new_loop, loop_name)) as made:
        yield made


@pytest.fixture
def run(runner: asyncio.Runner) -> Run:
    """Run a coroutine on the loop of the test."""

    def run(coroutine: Coroutine[Any, Any, T], /) -> T:
        return runner.run(limited(coroutine))

    return run


@pytest.fixture
def link(backend: str) -> Link:
    """A kit of connections."""
    return partial(links, backend)
