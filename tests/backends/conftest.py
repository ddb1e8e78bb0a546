"""One connection kit per test and backend; nothing may be left behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..support import Net, seams
from ..support.fixtures import nothing_left_behind as nothing_left_behind

BACKENDS = ("inet", "socket")


@pytest.fixture(autouse=True)
def _clean(nothing_left_behind: None) -> None:
    """Every test here opens sockets, so every test is checked."""


@pytest.fixture
def only_wakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocking system calls do not come back by themselves (but after a minute): somebody has to wake them."""
    monkeypatch.setattr(*seams.seam("receive quantum"), 60)
    monkeypatch.setattr(*seams.seam("longest park"), 60.0)


@pytest.fixture(params=BACKENDS)
def net(request: pytest.FixtureRequest) -> Iterator[Net]:
    """Connections of each backend in turn; a module about one of them says which."""
    kit = Net(request.param)
    yield kit
    kit.close()
