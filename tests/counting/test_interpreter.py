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
    "packet 4": (20, 20, 19, 19),
    "packet 4, timeout": (53, 55, 48, 50),
    "raw": (23, 25, 22, 24),
    "line": (24, 24, 23, 23),
    "send packet 4": (9, 9, 8, 8),
    "send raw": (7, 7, 6, 6),
    "packet 4, buffered": (366, 316, 366, 316),
    "line, buffered": (365, 315, 365, 315),
    "recv_many": (178, 171),
    "recv_many, buffered": (139, 131),
    "active": (2106, 2106, 2006, 2006),
    "active once": (6606, 6506, 5106, 5006),
    "active, batch": (824, 775, 824, 775),
    "mailbox": (4, 4, 4, 4),
    "connect": (441, 481, 374, 416),
    "connection": (132, 113, 130, 111),
    "connection, active": (153, 134, 151, 132),
    "connection, ended by the peer": (209, 174, 207, 172),
    "connection, ended by the peer, active": (175, 152, 173, 150),
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
