"""Numbers at the edges when sockets of the socket backend come to be.

What OTP 29 answers was asked of a VM.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gentcp.erl import gen_tcp, inet

from ..support import Net, catch

pytestmark = pytest.mark.parametrize("net", ["socket"], indirect=True)

LONGEST = (1 << 63) // 1_000_000
"""Milliseconds: a VM counts nanoseconds in 64 bits."""


@pytest.mark.parametrize(("timeout", "reason"), [(1 << 32, "timeout_value"), (LONGEST + 1, "badarg"), (-1, "badarg")])
def test_a_timeout_that_no_timer_takes(net: Net, timeout: int, reason: str) -> None:
    """What a timer takes may still be too long to wait for."""
    listener = net.listen()
    for result in (
        catch(gen_tcp.accept, listener, timeout),
        catch(gen_tcp.connect, (127, 0, 0, 1), inet.port(listener)[1], net.options(), timeout),
    ):
        assert result[2] == reason


@pytest.mark.parametrize(
    ("protocol", "listened", "connected"),
    [
        (-(1 << 31), "einval", ("shutdown", "einval")),
        (("raw", -1), "einval", ("shutdown", "einval")),
        (1 << 31, *[("case_clause", ("integer_range", 1 << 31))] * 2),
        (("raw", 1 << 31), *[("case_clause", ("integer_range", 1 << 31))] * 2),
        (("raw", "tcp"), *[("invalid", ("protocol", ("raw", "tcp")))] * 2),
    ],
)
def test_a_protocol_is_a_number_of_32_bits(net: Net, protocol: Any, listened: Any, connected: Any) -> None:
    options = net.options(("protocol", protocol))
    assert gen_tcp.listen(0, options) == ("error", listened)
    assert gen_tcp.connect((127, 0, 0, 1), 1, options, 5000) == ("error", connected)


def test_the_raw_number_of_a_protocol(net: Net) -> None:
    sock = net.ok(gen_tcp.listen(0, net.options(("protocol", ("raw", 6)))))
    assert inet.port(sock)[0] == "ok"


def test_info_of_a_listener_that_was_shut_down_under_accept(net: Net) -> None:
    """OTP goes on calling it accepting."""
    listener = net.listen()
    waiting = net.blocked(listener, "accept")
    assert gen_tcp.shutdown(listener, "read_write") == "ok"
    assert waiting.result() == ("error", "einval")
    assert inet.info(listener)["rstates"] == ["bound", "listening", "accepting", "selected"]


def test_accept_on_a_local_listener_that_was_shut_down_waits_for_the_system(net: Net, tmp_path: Path) -> None:
    listener = net.ok(gen_tcp.listen(0, net.options("local", ("ip", ("local", str(tmp_path / "s"))))))
    assert gen_tcp.shutdown(listener, "read") == "ok"
    assert inet.info(listener)["rstates"] == ["bound", "listening"]
    assert gen_tcp.accept(listener, 5000) == ("error", ("invalid", "select_sent"))
    assert inet.info(listener)["rstates"] == ["bound", "listening", "selected"]
