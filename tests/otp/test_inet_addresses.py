"""Addresses as text and tuples, and what a real VM makes of the same: generated ones, whole and tampered with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gentcp.abc import Backend
from gentcp.erl import ErlangError, ImproperList, inet

from ..support.differential import as_often, share

pytestmark = pytest.mark.usefixtures("followed")
PARSERS = (
    "parse_address", "parse_strict_address", "parse_ipv4_address", "parse_ipv4strict_address", "parse_ipv6_address",
    "parse_ipv6strict_address",
)  # fmt: skip
OTHERS = ("ntoa", "is_ip_address", "is_ipv4_address", "is_ipv6_address", "ipv4_mapped_ipv6_address")

AS_OFTEN_AS_ASKED = settings(
    as_often(share(0.1, len(PARSERS) + len(OTHERS), otherwise=200)),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def outcome(ask: Callable[[], Any]) -> Any:
    """The value, or what was raised."""
    try:
        return ask()
    except ErlangError as error:
        return ("raised", error.class_, error.term)


def compare(vm: Backend, function: str, term: Any) -> None:
    here = outcome(lambda: getattr(inet, function)(term))
    assert here == outcome(lambda: vm.apply("inet", function, [term]))


# ---- text

WHOLE = st.sampled_from([0, 1, 9, 10, 127, 255, 256, 65535, 65536, 16777215, 16777216, 4294967295, 4294967296])
ODD = st.sampled_from(
    ["", "+1", "-0", "-1", "0x", "0x0", "0x+5", "0x-0", "0+1", "08", "1_0", "\u0661", "0X1f", "000000000000001", "00"]
)
NUMBERS = WHOLE | st.integers(0, 1 << 34)
PARTS = st.one_of(
    NUMBERS.map(str), st.integers(0, 300).map(str), NUMBERS.map(hex), NUMBERS.map(lambda n: f"0{n:o}"), ODD,
    NUMBERS.map(lambda n: f"0x000{n:X}"), st.integers(-300, 300).map(lambda n: f"{n:+}"),
)  # fmt: skip
IPV4 = st.lists(PARTS, min_size=1, max_size=5).map(".".join)
QUADS = st.lists(st.integers(0, 260).map(str), min_size=3, max_size=5).map(".".join)
GROUPS = st.sampled_from(["0", "0", "1", "ffff", "FE80", "fe80", "ff02", "12345", "", "g", "00ab"])
SCOPES = st.sampled_from(["", "%", "%0", "%1", "%01", "%065535", "%065536", "%0a", "%eth0", "%%", "%00012"])
STARTS = st.sampled_from(["", "", "", "fe80::", "ff02::", "fe80:0:", "fe80:", "::"])


@st.composite
def ipv6(draw: st.DrawFn) -> str:
    parts = draw(st.lists(GROUPS, max_size=9))
    text = ":".join([*parts, draw(QUADS)] if draw(st.integers(0, 3)) == 0 else parts)
    if draw(st.booleans()):
        at = draw(st.integers(0, len(text)))
        text = f"{text[:at]}::{text[at:]}"
    return draw(STARTS) + text + draw(SCOPES)


@st.composite
def tampered(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> list[int]:
    text = list(draw(texts))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(text)))
        text[at : at + draw(st.integers(0, 1))] = draw(st.text("0123456789abcdefxX:.%+- é/", max_size=1))
    return list(map(ord, text))


@pytest.mark.parametrize("function", PARSERS)
@AS_OFTEN_AS_ASKED
@given(text=tampered(IPV4 | QUADS | ipv6()))
def test_text_is_parsed_as_the_vm_does(vm: Backend, function: str, text: list[int]) -> None:
    compare(vm, function, text)


# ---- terms

WORDS = st.sampled_from([0, 0, 0, 1, 255, 256, 0xFE80, 0xFF02, 0xFFFF, 0x10000, -1]) | st.integers(0, 0xFFFF)
TUPLES = st.lists(WORDS, min_size=8, max_size=8).map(tuple) | st.lists(WORDS, min_size=3, max_size=5).map(tuple)
SPECIAL = st.tuples(st.sampled_from([(0,) * 6, (0, 0, 0, 0, 0, 0xFFFF), (0xFE80, 5, 0, 0, 0, 0)]), WORDS, WORDS).map(
    lambda parts: (*parts[0], *parts[1:])
)
JUNK: list[Any] = [
    1, 1.0, b"::1", {}, [], [-1], [1.5], ["a"], [[49]], [0x10FFFF], [1 << 70], (1, 2, 3, 4.0), (1, 2, 3, "x"), (),
    ImproperList([49], 50), ImproperList([58, 58], 50), ImproperList(list(b"1.2.3.4"), b""),
]  # fmt: skip


@pytest.mark.parametrize("function", OTHERS)
@AS_OFTEN_AS_ASKED
@given(term=TUPLES | SPECIAL)
def test_tuples_are_what_they_are_to_the_vm(vm: Backend, function: str, term: Any) -> None:
    compare(vm, function, term)


@pytest.mark.parametrize("function", [*PARSERS, *OTHERS])
@pytest.mark.parametrize("term", JUNK, ids=repr)
def test_other_terms_are_refused_as_by_the_vm(vm: Backend, function: str, term: Any) -> None:
    compare(vm, function, term)
