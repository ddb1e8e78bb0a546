"""Memory: nothing stays of a message or a connection, little is taken for the moment, an idle connection is small."""

from __future__ import annotations

import pytest

from .memory import MEGABYTE
from .paths import offered
from .runs import counted, of_path

BACKENDS = ("inet", "socket")
CHUNK = 65536
"""What recv(2) is given room for; afterwards only what came is kept."""
SLACK = 8192
KEPT = 2048
"""For what happens once.  What is up to 512 bytes large is a block; of larger things one a round would be more."""
IDLE = 2048

# Bytes that are taken at once at most, over what was there before.
AT_ONCE = {
    "recv 64": CHUNK,
    "recv 4096": CHUNK,
    "active 64": CHUNK,
    "active 4096": CHUNK,
    "recv exactly": 2 * MEGABYTE,  # the pieces, and what they are joined to
    "send raw": 0,
    "send 4": MEGABYTE,  # header and data in one piece, since sendmsg(2) with two costs more than the copy
    "queue raw": 0,  # the queue refers to the data of the sender
    "queue 4": MEGABYTE,
}


@pytest.mark.parametrize("name", offered("python"))
@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_stays(backend: str, name: str) -> None:
    kept = of_path("blocks", backend, "python", name)
    assert kept["blocks"] <= 0, kept
    assert kept["bytes"] < KEPT, kept


def test_nothing_stays_of_what_was_queued() -> None:
    kept = counted("blocks", "inet")["queue"]
    assert kept["blocks"] <= 0, kept
    assert kept["bytes"] < KEPT, kept


@pytest.mark.parametrize("name", AT_ONCE)
@pytest.mark.parametrize("backend", BACKENDS)
def test_memory_for_the_moment_is_bounded(backend: str, name: str) -> None:
    found = [size for key, size in counted("memory", backend).items() if key.partition(" x ")[0] == name]
    if name.startswith("queue") and backend == "socket":
        assert found == []
        return
    assert found
    assert max(found) <= AT_ONCE[name] + SLACK, found


@pytest.mark.parametrize("name", ["recv 64", "recv 4096", "active 64", "active 4096"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_hundred_messages_take_no_more_at_once_than_one(backend: str, name: str) -> None:
    found = counted("memory", backend)
    assert found[f"{name} x 100"] <= found[f"{name} x 1"] + 4096  # to keep them would take twice that


@pytest.mark.parametrize("active", ["False", "True"])
@pytest.mark.parametrize("backend", BACKENDS)
def test_an_idle_connection_is_small(backend: str, active: str) -> None:
    assert counted("memory", backend)[f"idle {active}"] <= IDLE
