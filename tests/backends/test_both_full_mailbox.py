"""A mailbox whose owner does not keep up: its messages stay, and the log has one warning of it."""

from __future__ import annotations

import logging

import pytest

import gentcp
from gentcp import mailbox
from gentcp.erl import inet

from ..support import Net, eventually

HIGH = 100


@pytest.fixture(autouse=True)
def _low(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(mailbox, "HIGH_WATER", HIGH)
    caplog.set_level(logging.WARNING, "gentcp")


def warnings(log: pytest.LogCaptureFixture) -> int:
    return sum("does not receive" in record.getMessage() for record in log.records)


def waiting() -> int:
    """Messages in the mailbox of this process, which is not in receive."""
    return len(gentcp.current_process()._inbox)


def grown_to(size: int) -> None:
    eventually(lambda: waiting() == size)


def test_an_owner_that_is_away_is_warned_of_once(net: Net, caplog: pytest.LogCaptureFixture) -> None:
    sock, peer = net.pair(("packet", 1), ("active", True))
    for size in (HIGH - 1, HIGH, 2 * HIGH):
        peer.send(b"\0" * (size - waiting()))
        grown_to(size)
    eventually(lambda: warnings(caplog) == 1)
    for count in (HIGH, HIGH // 2 + 5):  # not half empty, and then it is
        for _ in range(count):
            assert gentcp.receive(timeout=5.0) == ("tcp", sock, b"")
        left = waiting()
        peer.send(b"\0")
        grown_to(left + 1)
    assert warnings(caplog) == 1
    eventually(lambda: not gentcp.current_process()._crowded)
    peer.send(b"\0" * HIGH)
    eventually(lambda: warnings(caplog) == 2)
    assert gentcp.current_process().name in caplog.text


def test_so_is_one_that_leaves_messages_where_they_are(net: Net, caplog: pytest.LogCaptureFixture) -> None:
    sock, peer = net.pair(("packet", 1), ("active", True))
    peer.send(b"\0" * HIGH + b"\1x")
    while len(gentcp.current_process()._left) < HIGH:
        with pytest.raises(gentcp.Timeout):
            gentcp.receive(lambda message: message == ("tcp", sock, b"y"), timeout=0.02)
    assert warnings(caplog) == 1
    assert inet.setopts(sock, [("active", False)]) == "ok"


def test_who_keeps_up_is_not_warned_of(net: Net, caplog: pytest.LogCaptureFixture) -> None:
    sock, peer = net.pair(("packet", 1), ("active", True))
    for _ in range(4):
        peer.send(b"\0" * (HIGH // 2))
        for _ in range(HIGH // 2):
            assert gentcp.receive(timeout=5.0) == ("tcp", sock, b"")
    assert warnings(caplog) == 0
