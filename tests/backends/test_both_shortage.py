"""No descriptor left, or no thread, at the first use of something: calls say so, and later everything works."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..support import run_python

PROGRAM = Path(__file__).with_name("shortage_program.py").read_text()
WITHOUT_DESCRIPTORS = (
    "first_connect", "first_queued_send", "blocked_send", "close_with_queue", "recv_timed", "set_active",
    "active_and_away", "accept_active", "accept_with_one_left", "dropped", "hand_over", "detach_and_sendfile",
)  # fmt: skip
WITHOUT_THREADS = ("away_without_thread", "dropped_without_thread")
ON_PORTS = ("asynchronous", "asynchronous_without_thread", "send_without_thread")


@pytest.mark.parametrize("what", [*WITHOUT_DESCRIPTORS, *WITHOUT_THREADS])
@pytest.mark.parametrize("backend", ["inet", "socket"])
def test_nothing_is_lost_for_want_of_something(backend: str, what: str) -> None:
    assert run_python(PROGRAM, backend, what) == "ok\n"


@pytest.mark.parametrize("what", ON_PORTS)
def test_nor_on_inet_alone(what: str) -> None:
    assert run_python(PROGRAM, "inet", what) == "ok\n"
