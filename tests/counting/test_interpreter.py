"""What the interpreter does for a message: calls of Python and C functions, and instructions beside a long mailbox."""

from __future__ import annotations

import pytest

from .mailboxes import LONG, STEPS
from .paths import FACES, offered
from .runs import counted, of_path

BACKENDS = ("inet", "socket")

# Calls in a step: at most these.  A step is a message there and back, of "buffered", "batch" and "recv_many" 50
# messages, of "active" 100 there and back.  On python: inet, socket; on erlang: inet, socket.
CALLS = {
    "packet 4": (19, 19, 18, 18),
    "packet 4, timeout": (35, 35, 30, 30),
    "raw": (17, 17, 16, 16),
    "line": (19, 19, 18, 18),
    "send packet 4": (9, 9, 8, 8),
    "send raw": (8, 8, 7, 7),
    "packet 4, buffered": (216, 207, 216, 207),
    "line, buffered": (205, 196, 205, 196),
    "recv_many": (92, 85),
    "recv_many, buffered": (96, 83),
    "active": (2106, 2106, 2006, 2006),
    "active once": (7706, 7006, 6106, 5406),
    "active, batch": (167, 162, 167, 162),
    "mailbox": (4, 4, 4, 4),
    "connect": (450, 435, 373, 360),
    "connection": (149, 120, 146, 117),
    "connection, active": (172, 143, 169, 140),
    "connection, ended by the peer": (221, 171, 218, 169),
    "connection, ended by the peer, active": (197, 163, 194, 160),
}  # fmt: skip


@pytest.mark.parametrize(("face", "name"), [(face, name) for face in FACES for name in offered(face)])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_step_calls_no_more_functions(backend: str, face: str, name: str) -> None:
    most = CALLS[name][2 * FACES.index(face) + BACKENDS.index(backend)]
    assert of_path("calls", backend, face, name) <= most


@pytest.mark.parametrize("step", [make.__name__ for make in STEPS])
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_long_mailbox_costs_nothing(backend: str, step: str) -> None:
    empty, long = counted("mailboxes", backend)[step]
    assert long[0] == empty[0] > 30  # lines and instructions
    assert max(empty[1], long[1]) < LONG  # bytes taken at once: nobody makes a copy of the mailbox
