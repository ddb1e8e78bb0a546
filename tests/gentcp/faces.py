"""What tests of the Python face share besides fixtures."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import HealthCheck, settings

import gentcp

from ..support import Peer

PATIENCE = 10.0
STALLED_BUFFER = 65536

ON_ONE_CONNECTION = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
"""For a property of a connection that a fixture made."""

Connect = Callable[..., tuple[gentcp.Socket, gentcp.Socket]]
Dial = Callable[..., tuple[gentcp.Socket, Peer]]


def has_queue(sock: gentcp.Socket) -> bool:
    """Does the backend buffer what it sends?"""
    return "send_pend" in sock.getstat()
