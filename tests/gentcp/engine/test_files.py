"""How much of a file is written at a time."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from gentcp.engine import Transfer

if TYPE_CHECKING:
    import pytest

BUFFERS = 4 << 20
"""Bytes that Linux buffers for a connection at most, where nobody has changed net.ipv4.tcp_wmem."""


def test_all_that_there_is_room_for_is_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A poll calls a socket writable only when a third of its buffers is free: who waited then would wait for more."""
    room = BUFFERS

    def sendfile(_there: int, _file: int, _offset: int, count: int) -> int:
        nonlocal room
        if not room:
            raise BlockingIOError
        written = min(count, room)
        room -= written
        return written

    monkeypatch.setattr(os, "sendfile", sendfile)
    one, other = socket.socketpair()
    with one, other:
        assert not (transfer := Transfer(-1, 0, 0)).write(one)
    assert transfer.sent == BUFFERS
