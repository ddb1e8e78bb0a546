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
    "packet 4": (18, 18, 17, 17),
    "packet 4, timeout": (30, 30, 25, 25),
    "raw": (16, 16, 15, 15),
    "line": (17, 17, 16, 16),
    "send packet 4": (8, 8, 7, 7),
    "send raw": (7, 7, 6, 6),
    "packet 4, buffered": (100, 100, 100, 100),
    "line, buffered": (100, 100, 100, 100),
    "recv_many": (66, 61),
    "recv_many, buffered": (38, 31),
    "active": (1907, 1907, 1807, 1807),
    "active once": (6807, 6606, 5407, 5206),
    "active, batch": (168, 150, 168, 150),
    "mailbox": (4, 4, 4, 4),
    "connect": (408, 402, 342, 337),
    "connection": (136, 113, 133, 110),
    "connection, active": (165, 142, 162, 139),
    "connection, ended by the peer": (200, 160, 197, 157),
    "connection, ended by the peer, active": (186, 157, 183, 154),
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
