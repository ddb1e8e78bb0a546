"""The simulated kernel does what the real one does."""

from __future__ import annotations

from typing import Any

import pytest

from .kernel import Kernel
from .scenarios import SCENARIOS, Host
from .scheduler import World
from .sockets import install


def simulated(name: str) -> Any:
    world = World(1, pace=1000)
    kernel = Kernel(world, send_room=60_000, receive_room=60_000)
    install(kernel)
    found: list[Any] = []

    def script() -> None:
        host = Host(simulated=True)
        found.append(SCENARIOS[name](host))
        host.close()

    world.start(name, script)
    world.run()
    world.end()
    assert not world.failures, world.failures
    return found[0]


def real(name: str) -> Any:
    host = Host(simulated=False)
    try:
        return SCENARIOS[name](host)
    finally:
        host.close()


@pytest.mark.parametrize("name", SCENARIOS)
def test_both_do_the_same(name: str) -> None:
    assert simulated(name) == real(name)


def test_there_are_enough_of_them() -> None:
    assert len(SCENARIOS) >= 30
