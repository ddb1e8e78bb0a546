"""`erlang:system_monitor` on the Erlang face; expectations as OTP 29 has them, case ports/busy/monitor-setting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import gentcp
from gentcp import system_monitor
from gentcp.erl import ErlangError, erlang


@pytest.fixture(autouse=True)
def _nobody() -> Iterator[None]:
    yield
    erlang.system_monitor("undefined")


def test_setting_gives_what_was_set() -> None:
    me = gentcp.current_process()
    assert erlang.system_monitor() == "undefined"
    assert erlang.system_monitor(me, ["busy_port"]) == "undefined"
    assert erlang.system_monitor((me, ["busy_port", "busy_dist_port"])) == (me, ["busy_port"])
    assert erlang.system_monitor() == (me, ["busy_dist_port", "busy_port"])
    assert erlang.system_monitor(me, []) == (me, ["busy_dist_port", "busy_port"])
    assert erlang.system_monitor() == "undefined"


@pytest.mark.parametrize(
    ("option", "kept"),
    [
        (("large_heap", 1), ("large_heap", 16384)),
        (("large_heap", 100_000), ("large_heap", 100_000)),
        (("long_gc", 0), ("long_gc", 1)),
        (("long_schedule", 1), ("long_schedule", 1)),
        (("long_message_queue", (0, 10)), ("long_message_queue", (0, 10))),
    ],
)
def test_what_never_happens_here_is_kept(option: Any, kept: Any) -> None:
    me = gentcp.current_process()
    erlang.system_monitor(me, [option])
    assert erlang.system_monitor() == (me, [kept])


@pytest.mark.parametrize(
    "option",
    ["foo", ("busy_port", True), ("long_gc", -1), ("long_gc", "foo"), ("large_heap", 0), ("long_schedule", 0),
     ("long_message_queue", (10, 10)), ("long_gc", True)],
)  # fmt: skip
def test_what_is_no_option_changes_nothing(option: Any) -> None:
    me = gentcp.current_process()
    erlang.system_monitor(me, ["busy_port"])
    with pytest.raises(ErlangError, match="badarg"):
        erlang.system_monitor(me, [option])
    assert erlang.system_monitor() == (me, ["busy_port"])


@pytest.mark.parametrize("arguments", [("foo",), ("foo", ["busy_port"]), (None, []), (1, 2, 3)])
def test_what_is_no_process_is_badarg(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ErlangError, match="badarg"):
        erlang.system_monitor(*arguments)


def test_the_end_of_the_monitor_ends_it() -> None:
    ended = gentcp.spawn(lambda: None)
    assert ended.join(20)
    with pytest.raises(ErlangError, match="badarg"):
        erlang.system_monitor(ended, ["busy_port"])
    release = gentcp.current_process()
    watcher = gentcp.spawn(gentcp.receive)
    erlang.system_monitor(watcher, ["busy_port"])
    watcher.kill()
    assert erlang.system_monitor() == "undefined"
    system_monitor.busy_port(release, "a port")  # nobody is told


def test_who_is_told_is_not_told_of_itself() -> None:
    me, other = gentcp.current_process(), gentcp.Process("other")
    erlang.system_monitor(me, ["busy_port"])
    system_monitor.busy_port(me, "a port")
    system_monitor.busy_port(other, "a port")
    assert gentcp.receive(timeout=0) == ("monitor", other, "busy_port", "a port")
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)


def test_without_busy_port_among_its_options_nobody_is_told() -> None:
    erlang.system_monitor(gentcp.current_process(), ["busy_dist_port"])
    system_monitor.busy_port(gentcp.Process("other"), "a port")
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)
