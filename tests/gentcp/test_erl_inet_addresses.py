"""Addresses as text and tuples.  What comes out is OTP 29's; tests/otp compares generated text with a VM."""

from __future__ import annotations

from typing import Any

import pytest

from gentcp.erl import ErlangError, ImproperList, inet

from ..support import catch

EINVAL = ("error", "einval")
NO_CLAUSE = ("exception", "error", "function_clause")


@pytest.mark.parametrize(
    ("text", "ip"),
    [("127.0.0.1", (127, 0, 0, 1)), ("127.1", (127, 0, 0, 1)), ("1.2.3", (1, 2, 0, 3)), ("1", (0, 0, 0, 1)),
     ("0x7f.1", (127, 0, 0, 1)), ("0177.1", (127, 0, 0, 1)), ("00000000000001", (0, 0, 0, 1)),
     ("4294967295", (255, 255, 255, 255)), ("+1.2.3.4", (1, 2, 3, 4)), ("-0.2.3.4", (0, 2, 3, 4)),
     ("::1", (0, 0, 0, 0, 0, 0, 0, 1))],
)  # fmt: skip
def test_what_parse_address_takes(text: str, ip: Any) -> None:
    assert inet.parse_address(text) == inet.parse_address(list(map(ord, text))) == ("ok", ip)


@pytest.mark.parametrize(
    "text",
    ["", "1.2.3.4.5", "256.1.1.1", "4294967296", "0x0.1", "08.1", "1..2", "1.2.3.4 ", "0+1.2", "-1.2.3.4",
     "::1%01", ":::", "1::2::3", "::1.2.3", "\u0661.2.3.4", "12345::", "1:2:3:4:5:6:7::8", "1:2:3:4:5:6:7:8::"],
)  # fmt: skip
def test_what_parse_address_does_not_take(text: str) -> None:
    assert inet.parse_address(text) == EINVAL


@pytest.mark.parametrize("text", ["127.1", "01.2.3.4", "0x1.2.3.4", "1.2.3.256", "1.2.3.4.5"])
def test_strict_is_stricter(text: str) -> None:
    assert inet.parse_strict_address(text) == inet.parse_ipv4strict_address(text) == EINVAL


def test_ipv4_among_ipv6() -> None:
    mapped = ("ok", (0, 0, 0, 0, 0, 65535, 258, 772))
    assert inet.parse_ipv6_address("1.2.3.4") == inet.parse_ipv6strict_address("::ffff:1.2.3.4") == mapped
    assert inet.parse_ipv6strict_address("1.2.3.4") == inet.parse_ipv4_address("::1") == EINVAL


@pytest.mark.parametrize(("scope", "word"), [("", 0), ("1", 0), ("01", 1), ("eth0", 0), ("065535", 65535)])
def test_a_scope_is_the_second_word(scope: str, word: int) -> None:
    assert inet.parse_address(f"fe80::1%{scope}") == ("ok", (0xFE80, word, 0, 0, 0, 0, 0, 1))


@pytest.mark.parametrize("text", ["fe80::1%065536", "fe80::1%0x1", "fe80:1::1%01", "::1%1", "::%1", "fe80::1.2.3.4%1"])
def test_what_has_no_scope(text: str) -> None:
    assert inet.parse_address(text) == EINVAL


def test_a_family_may_be_given() -> None:
    assert inet.parse_address("1.2", "inet") == ("ok", (1, 0, 0, 2))
    assert inet.parse_strict_address("1.2", "inet") == inet.parse_strict_address("1.2.3.4", "inet6") == EINVAL
    assert catch(inet.parse_address, "1.2", "local") == NO_CLAUSE


@pytest.mark.parametrize("term", [1, b"::1", (1, 2, 3, 4), {}, 1.0], ids=repr)
def test_what_is_no_text(term: Any) -> None:
    either = (inet.parse_address, inet.parse_strict_address, inet.parse_ipv6strict_address)
    assert [function(term) for function in either] == [EINVAL] * 3
    unguarded = (inet.parse_ipv4_address, inet.parse_ipv4strict_address, inet.parse_ipv6_address)
    assert [catch(function, term) for function in unguarded] == [NO_CLAUSE] * 3


def test_lists_that_are_no_text() -> None:
    assert inet.parse_address([49, "a"]) == inet.parse_address([-1]) == inet.parse_address([[49]]) == EINVAL
    assert catch(inet.parse_address, ImproperList([49], 50)) == NO_CLAUSE


@pytest.mark.parametrize(
    ("ip", "text"),
    [((1, 2, 3, 4), "1.2.3.4"), ((0,) * 8, "::"), ((*(0,) * 7, 1), "::1"), ((*(0,) * 7, 2), "::0.0.0.2"),
     ((0, 0, 0, 0, 0, 65535, 258, 772), "::ffff:1.2.3.4"), ((1, 0, 0, 2, 0, 0, 0, 3), "1:0:0:2::3"),
     ((1, 0, 0, 2, 0, 0, 4, 3), "1::2:0:0:4:3"), ((1, 0, 2, 0, 3, 0, 4, 0), "1:0:2:0:3:0:4:0"),
     ((1, *(0,) * 7), "1::"), ((0xFE80, 7, 0, 0, 0, 0, 0, 1), "fe80::1%07"), ((1, 7, *(0,) * 6), "1:7::")],
)  # fmt: skip
def test_how_addresses_are_written(ip: Any, text: str) -> None:
    assert str(inet.ntoa(ip)) == text
    assert inet.parse_address(inet.ntoa(ip)) == ("ok", ip)


@pytest.mark.parametrize("term", [(1, 2, 3), (1, 2, 3, 256), (1, 2, 3, True), (0,) * 7, "::1", [], 1, {}], ids=repr)
def test_what_is_no_address(term: Any) -> None:
    assert inet.ntoa(term) == EINVAL
    assert not inet.is_ip_address(term)
    assert catch(inet.ipv4_mapped_ipv6_address, term) == NO_CLAUSE


def test_which_kind_of_address() -> None:
    assert inet.is_ipv4_address((1, 2, 3, 4))
    assert not inet.is_ipv6_address((1, 2, 3, 4))
    assert inet.is_ipv6_address((65535,) * 8)
    assert not inet.is_ipv4_address((65535,) * 8)
    assert inet.is_ip_address((1, 2, 3, 4))
    assert inet.is_ip_address((0,) * 8)


def test_mapping_there_and_back() -> None:
    mapped = inet.ipv4_mapped_ipv6_address((1, 2, 3, 4))
    assert mapped == (0, 0, 0, 0, 0, 0xFFFF, 0x102, 0x304)
    assert inet.ipv4_mapped_ipv6_address(mapped) == (1, 2, 3, 4)
    assert inet.ipv4_mapped_ipv6_address((*(0,) * 7, 1)) == (0, 0, 0, 1)
    with pytest.raises(ErlangError):
        inet.ipv4_mapped_ipv6_address((1, 2, 3, 4.0))
