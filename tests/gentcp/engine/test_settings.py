"""Options that a backend keeps: copies on change, and how data is shaped."""

from __future__ import annotations

from typing import Any

import pytest

from gentcp.engine import Settings
from gentcp.erl import ImproperList
from gentcp.packet import FAMILIES

VALUES: dict[str, Any] = {
    "packet": "raw", "packet_size": 0, "line_delimiter": 10, "buffer": 1000, "send_timeout": "infinity",
    "mode": "binary", "header": 0, "deliver": "term",
}  # fmt: skip


def with_(**changes: Any) -> Settings:
    settings = Settings(VALUES)
    for name, value in changes.items():
        settings = settings.changed(name, value)
    return settings


def test_a_change_is_a_copy() -> None:
    before = Settings(VALUES)
    after = before.changed("packet", 4)
    assert (before["packet"], after["packet"]) == ("raw", 4)
    assert (before.family, after.family) == (None, FAMILIES[4])
    assert (before.head, after.head) == (0, 4)
    assert "packet" in after
    assert "foo" not in after


def test_the_same_change_is_made_once() -> None:
    before = Settings(VALUES)
    assert before.changed("packet", 4) is before.changed("packet", 4)
    after = before.changed("header", 1)
    assert before.changed("header", 2)["header"] == 2
    assert before.changed("header", True)["header"] is True
    assert before.changed("mode", 1)["mode"] == 1
    assert after["header"] == 1


def test_a_value_that_may_change_is_not_shared() -> None:
    before, value = Settings(VALUES), [1]
    after = before.changed("header", value)
    value.append(2)
    assert before.changed("header", [1]) is not after


@pytest.mark.parametrize(
    ("changes", "expected"),
    [({"mode": "list"}, [97, 98, 99]), ({}, b"abc"), ({"header": 2}, ImproperList([97, 98], b"c")),
     ({"header": 3}, ImproperList([97, 98, 99], b"")), ({"header": 4}, [97, 98, 99]),
     ({"mode": "list", "header": 2}, [97, 98, 99]), ({"header": -1}, b"abc"), ({"header": "foo"}, b"abc")],
    ids=repr,
)  # fmt: skip
def test_data_is_shaped_by_mode_and_header(changes: dict[str, Any], expected: Any) -> None:
    """Case packet/header/short-data; values that only the socket backend lets in must not crash."""
    assert with_(**changes).shape(b"abc") == expected


def test_what_is_not_bytes_is_delivered_as_it_is() -> None:
    packet = ("http_eoh",)
    assert with_(mode="list", header=2).shape(packet) is packet


@pytest.mark.parametrize(("value", "seconds"), [("infinity", None), (0, 0.0), (1500, 1.5), (-1, None), ("foo", None)])
def test_send_timeout_is_kept_in_seconds(value: Any, seconds: float | None) -> None:
    assert with_(send_timeout=value).send_timeout == seconds


@pytest.mark.parametrize(("value", "chunk"), [(1000, 1000), (0, 1), (-5, 1), (10**9, 65536), ((1, 2), 8192)])
def test_a_raw_read_is_as_large_as_the_buffer_within_reason(value: Any, chunk: int) -> None:
    """From 128 KiB on malloc maps and unmaps memory for each read."""
    assert with_(buffer=value).raw_chunk == chunk


@pytest.mark.parametrize("value", [-1, "foo", None, 1.5])
def test_limits_that_are_none_limit_nothing(value: Any) -> None:
    assert with_(packet_size=value).limits.packet_size == 0
