"""The table of options: one row an option, and checks that never fall over."""

from __future__ import annotations

import socket
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gentcp.options import (
    ACTIVE_MAX,
    ACTIVE_MIN,
    ALLOWED,
    BY_NAME,
    CHECKS,
    OPENING,
    TABLE,
    VARIES,
    Option,
    Role,
    SystemOption,
    behaviours,
    copied,
    decode,
    defaults,
    encode,
    names,
    read_size,
    valid,
)

JUNK: list[Any] = [
    *(None, 1.5, -1, 2**70, "foo", "", b"x", (), ("a",), ("a", "b"), [], {}, [[]], [()], len, True, [256], "\0"),
    *((True, -1), (True, "a"), ("a", 1), (1, 2, 3), (1, 2, b"x"), (2**70, 1, b""), {"a": 1}, ["a"], [-1]),
]

GOOD: dict[str, list[Any]] = {
    "bool": [True, False],
    "int": [0, -1, 2**40],
    "uint": [0, 7, 2**40],
    "time": [0, 1000, "infinity"],
    "linger": [(True, 0), (False, 5), (True, -1)],
    "limit": [0, 7, 2**40],
    "device": [b"", b"lo"],
    "mode": ["list", "binary"],
    "deliver": ["term", "port"],
    "packet": ["raw", 0, 1, 2, 4, "line"],
    "active": [True, False, "once"],
    "raw": [(6, 1, b"\1\0\0\0")],
    "filename": [b"/x", "/x", [47, 120]],
    "read only": [],
    "interface": [(127, 0, 0, 1), 1, -1],
    "membership": [((224, 0, 0, 1), (127, 0, 0, 1)), ((224, 0, 0, 1), "any", 0), ((65282, 0, 0, 0, 0, 0, 0, 1), 0)],
}
BAD: dict[str, list[Any]] = {
    "bool": [0, 1, "true", None, []],
    "int": [True, 1.0, "1", None, b"1"],
    "uint": [-1, True, 1.0, "infinity"],
    "time": [-1, 1.5, "foo", None, True],
    "linger": [5, (True,), (1, 5), ("foo", 1), (True, 1.0), (True, True), [True, 1]],
    "limit": [-1, True, 1.0, "infinity"],
    "device": ["lo", [108, 111], None, 5],
    "mode": ["foo", 1, b"list", None, []],
    "deliver": ["foo", 1, None, {}],
    "packet": [3, 5, "http3", True, False, None, [], {}, (4,)],
    "active": [1.0, "maybe", None, [], "true"],
    "raw": [(6, 1), (6, 1, 1), ("6", 1, b""), (6, True, b""), [6, 1, b""], None],
    "filename": [1, None, (47,), [-1], ["/x"], "x"],
    "read only": [[], True, 1, None],
    "interface": [(1, 2, 3), "lo", None, (256, 0, 0, 1), True],
    "membership": [(224, 0, 0, 1), ((224, 0, 0, 1), 0), ((224, 0, 0, 1), "any", "x"), ((0,) * 8, "any"), None],
}
"""What the inet backend of OTP refuses, which checks."""


def test_every_name_stands_once() -> None:
    named = [option.name for option in TABLE]
    assert len(named) == len(set(named))


@pytest.mark.parametrize("option", TABLE, ids=lambda option: option.name)
def test_a_row_is_complete(option: Option) -> None:
    assert option.doc
    assert option.kind in ALLOWED
    assert option.kind in CHECKS or not option.sockopt
    assert option.where in ("cls", "cs", "ls", "s", "cl", "c", "l", "")
    assert option.sockopt or "s" not in option.where
    assert all(behaviour.role in get_args(Role) for behaviour in option.on.values())
    if option.sockopt:
        assert option.on.keys() == {"inet", "socket"}


@pytest.mark.parametrize("option", TABLE, ids=lambda option: option.name)
def test_who_keeps_an_option_says_where_it_begins(option: Option) -> None:
    for behaviour in option.on.values():
        if option.sockopt and behaviour.role in ("kept", "process", "constant"):
            assert behaviour.default is not VARIES
        if behaviour.role == "system":
            assert option.system is not None
        if behaviour.role in ("ignored", "unsupported", "foreign"):
            assert behaviour.told != "value"


@pytest.mark.parametrize("option", [row for row in TABLE if row.bounds], ids=lambda option: option.name)
def test_only_numbers_have_bounds(option: Option) -> None:
    assert option.kind in ("int", "uint")
    assert option.bounds is not None
    low, high = option.bounds
    assert low < high


def test_a_backend_gets_its_own_column() -> None:
    assert behaviours("nobody") == defaults("nobody") == {}
    assert set(copied("nobody").values()) == {()}
    assert behaviours("inet")["packet"].default == 0
    assert defaults("socket")["packet"] == "raw"
    assert "priority" in copied("socket")[socket.AF_UNIX]
    assert names("socket", "unsupported") == {"exclusiveaddruse", "reuseport_lb"}
    assert names("inet", "constant", "ignored") == {
        *("exclusiveaddruse", "non_block_send", "multicast_if", "read_packets")
    }


def test_what_is_for_making_a_socket_is_not_for_setopts() -> None:
    assert {"ip", "fd", "backlog", "netns"} <= OPENING.keys()
    assert not any("s" in option.where for option in OPENING.values())
    assert OPENING.keys() & BY_NAME.keys() == {"netns"}  # which the driver keeps, too


@pytest.mark.parametrize("option", BY_NAME.values(), ids=BY_NAME.keys())
def test_values_of_the_right_kind_are_valid_and_others_are_not(option: Option) -> None:
    assert all(valid(option.name, value) for value in GOOD[option.kind])
    assert not any(valid(option.name, value) for value in BAD[option.kind])


def test_every_check_has_values_here() -> None:
    assert set(GOOD) == set(BAD) == set(CHECKS)


def test_a_float_is_no_packet_type() -> None:
    """In Erlang 1.0 is not 1."""
    assert not valid("packet", 1.0)


@pytest.mark.parametrize("name", ["foo", "", "inet_backend", "ip", "backlog", "sctp_nodelay"])
def test_what_is_not_in_the_table_is_never_valid(name: str) -> None:
    assert not valid(name, True)
    assert not valid(name, 1)


@pytest.mark.parametrize("option", TABLE, ids=lambda option: option.name)
def test_no_value_makes_the_check_fall_over(option: Any) -> None:
    for junk in JUNK:
        assert valid(option.name, junk) in (True, False)


def test_active_counts_in_sixteen_bits() -> None:
    assert (ACTIVE_MIN, ACTIVE_MAX) == (-32768, 32767)


@given(st.booleans(), st.integers(0, 2**31 - 1))
def test_linger_is_a_struct_of_two_ints(on: bool, seconds: int) -> None:
    option = SystemOption(1, 13, "linger")
    encoded = encode(option, (on, seconds))
    assert isinstance(encoded, bytes)
    assert len(encoded) == read_size(option) == 8
    assert decode(option, encoded) == (on, seconds)


@given(st.integers())
def test_a_number_of_any_size_fits_what_the_system_takes(number: int) -> None:
    encoded = encode(SystemOption(1, 2), number)
    assert isinstance(encoded, int)
    assert -(2**31) <= encoded < 2**31
    if -(2**31) <= number < 2**31:
        assert decode(SystemOption(1, 2), encoded) == number


@pytest.mark.parametrize("seconds", [2**31, 2**70, -(2**40)])
def test_so_do_the_seconds_of_linger(seconds: int) -> None:
    assert len(bytes(encode(SystemOption(1, 13, "linger"), (True, seconds)))) == 8


@given(st.booleans())
def test_a_bool_is_a_number_for_the_system(value: bool) -> None:
    option = SystemOption(6, 1, "bool")
    assert encode(option, value) == int(value)
    assert decode(option, int(value)) is value
    assert decode(option, 8) is True


def test_bytes_come_back_without_padding() -> None:
    option = SystemOption(1, 25, "bytes")
    assert encode(option, b"lo") == b"lo"
    assert decode(option, b"lo\0\0\0\0") == b"lo"
    assert decode(option, 0) == b""
    assert read_size(option) == 16
