"""Values of options: everything is either translated into what backends take, or refused by name."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gentcp import OptionError, _keywords
from gentcp._values import LONGEST, milliseconds, term_of, value_of
from gentcp.options import PACKET_TYPES, TABLE, valid

ONE_OF = "one of " + ", ".join(map(str, PACKET_TYPES))
OPTIONS = [option.name for option in TABLE if "s" in option.where]
ANYTHING: st.SearchStrategy[Any] = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.integers(), max_size=2),
    st.sampled_from(["once", "line", "list", "binary", "raw", "port", "term"]),
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.binary()),
)  # fmt: skip


def in_range(name: str, term: Any) -> bool:
    """As `inet:setopts/2` has it; a number of packets is outside the table's checks."""
    return valid(name, term) or (name == "active" and isinstance(term, int))


@given(name=st.sampled_from(OPTIONS), value=ANYTHING)
def test_a_value_is_translated_or_refused_by_name(name: str, value: Any) -> None:
    try:
        term = term_of(name, value)
    except OptionError as error:
        assert error.option == name
        assert str(error).startswith(f"{name}: expected ")
    else:
        assert in_range(name, term)


@given(st.integers(0, int(LONGEST * 1000)))
def test_every_number_of_milliseconds_survives_the_way_to_the_backend_and_back(number: int) -> None:
    assert milliseconds("timeout", number / 1000) == number
    assert value_of("send_timeout", term_of("send_timeout", number / 1000)) == number / 1000


@given(st.floats(min_value=0, max_value=0.001, exclude_min=True))
def test_the_shortest_time_is_not_no_time(seconds: float) -> None:
    assert milliseconds("timeout", seconds) == 1


@pytest.mark.parametrize("seconds", [-1, -0.001, float("nan"), float("inf"), 2147484, True, "1", b"1", 1j])
def test_what_is_no_duration_is_refused(seconds: Any) -> None:
    with pytest.raises(OptionError, match=r"^timeout: expected seconds from 0 to 2147483, or None for no limit"):
        milliseconds("timeout", seconds)


@pytest.mark.parametrize(
    "name",
    [
        option.name
        for option in TABLE
        if "s" in option.where and option.kind in ("int", "uint", "time", "limit", "linger")
    ],
)
@pytest.mark.parametrize("value", [True, False])
def test_bool_is_no_number(name: str, value: bool) -> None:
    with pytest.raises(OptionError):
        term_of(name, value)


@pytest.mark.parametrize(
    ("name", "value", "term", "back"),
    [
        ("linger", None, (False, 0), None),
        ("linger", 0, (True, 0), 0),
        ("linger", 1.2, (True, 2), 2),
        ("send_timeout", None, "infinity", None),
        ("send_timeout", 1.5, 1500, 1.5),
        ("user_timeout", None, 0, None),
        ("user_timeout", 2.5, 2500, 2.5),
        ("packet", 0, 0, "raw"),
        ("packet", "raw", "raw", "raw"),
        ("packet", 4, 4, 4),
        ("active", 3, 3, 3),
        ("active", -32768, -32768, -32768),
        ("bind_to_device", b"lo", b"lo", b"lo"),
        ("raw", (6, 1, b"\1\0\0\0"), (6, 1, b"\1\0\0\0"), (6, 1, b"\1\0\0\0")),
    ],
)
def test_the_spellings_that_differ_from_erlang(name: str, value: Any, term: Any, back: Any) -> None:
    assert term_of(name, value) == term
    assert value_of(name, term) == back


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("active", 32768, 'True, False, "once" or an int from -32768 to 32767'),
        ("active", "never", 'True, False, "once" or an int from -32768 to 32767'),
        ("packet", 3, ONE_OF),
        ("packet", 4.0, ONE_OF),
        ("packet", True, ONE_OF),
        ("mode", "text", '"list" or "binary"'),
        ("nodelay", 1, "True or False"),
        ("line_delimiter", 256, "an int from 0 to 255"),
        ("buffer", 0, "an int from 1 to 2147483647"),
        ("keepcnt", 128, "an int from 1 to 127"),
        ("packet_size", -1, "an int from 0 to 2147483647"),
        ("linger", -1, "seconds from 0 to 2147483, or None for no limit"),
        ("raw", (6, 1, 1), "(level, option, bytes)"),
    ],
)
def test_a_refusal_lists_what_is_allowed(name: str, value: Any, allowed: str) -> None:
    with pytest.raises(OptionError) as caught:
        term_of(name, value)
    assert str(caught.value) == f"{name}: expected {allowed}, not {value!r}"


def keys(kind: type) -> set[str]:
    return set(get_type_hints(kind))


def places(letter: str) -> set[str]:
    """The options of the tables that may be given where `letter` stands for."""
    return {option.name for option in TABLE if letter in option.where}


def test_the_types_have_the_options_of_the_tables() -> None:
    assert keys(_keywords.ConnectOptions) == places("c")
    assert keys(_keywords.ListenOptions) == places("l")
    assert keys(_keywords.SocketOptions) | {"pktoptions"} == places("s")  # which is for getopts alone
    assert keys(_keywords.OpeningOptions) == places("c") & places("l")
    for whole, stream in (("Connect", "ConnectStream"), ("Listen", "ListenStream"), ("Socket", "SocketStream")):
        rest = keys(getattr(_keywords, f"{stream}Options"))
        assert keys(getattr(_keywords, f"{whole}Options")) - rest == {"packet", "mode", "header"}


def test_the_type_of_packet_has_the_packet_types() -> None:
    assert set(get_args(_keywords.Packet)) == set(PACKET_TYPES)
    both = [get_args(_keywords.BytesPacket), get_args(_keywords.ParsedPacket)]
    assert sorted(map(str, PACKET_TYPES)) == sorted(str(kind) for kinds in both for kind in kinds)
