"""Numeric addresses as text, both ways: `inet:parse_address/1` and its relatives, `inet:ntoa/1`.

What is an address to `inet_aton(3)`, to `inet_pton(3)` and to OTP are three things; this is OTP's.  Integers may have a
sign (`list_to_integer/2`), a scope is a number behind `%0`, and only link-local addresses have one.
"""

from __future__ import annotations

import functools
import operator
import re
import socket
from collections.abc import Callable
from typing import Final

from gentcp.abc import Result, Term
from gentcp.engine import is_ip, translate_ip
from gentcp.errors import ErlangError
from gentcp.terms import Charlist, ImproperList, is_int

_EINVAL: Final = ("error", "einval")
_LINK_LOCAL: Final = (0xFE80, 0xFF02)
_OF_BASE: Final = {
    base: re.compile(rf"[+-]?[{digits}]+") for base, digits in ((8, "0-7"), (10, "0-9"), (16, "0-9a-fA-F"))
}
_GROUP: Final = re.compile("[0-9a-fA-F]{1,4}")

Ip = tuple[int, ...]
Parser = Callable[[Term], Result]


def parse_ipv4(text: Term) -> Result:
    """`{ok, Ip}` or `{error, einval}`.  One to four numbers; the last fills what is left; octal, hex or decimal."""
    found = _ipv4(_string(text))
    return _EINVAL if found is None else ("ok", found)


def parse_ipv4_strict(text: Term) -> Result:
    """Four decimal numbers without zeros in front."""
    found = _ipv4_strict(_string(text))
    return _EINVAL if found is None else ("ok", found)


def parse_ipv6(text: Term) -> Result:
    """An IPv4 address becomes the IPv6 address it is mapped to."""
    found = _ipv4(_string(text))
    return parse_ipv6_strict(text) if found is None else ("ok", mapped(found))


def parse_ipv6_strict(text: Term) -> Result:
    """What no list is, is no address either."""
    known = _text(text)
    found = None if known is None else _ipv6(known)
    return _EINVAL if found is None else ("ok", found)


def mapped(ip: Ip) -> Ip:
    """`::ffff:a.b.c.d` for an IPv4 address."""
    return (0, 0, 0, 0, 0, 0xFFFF, (ip[0] << 8) | ip[1], (ip[2] << 8) | ip[3])


def ntoa(ip: Term) -> Result:
    """A charlist, or `{error, einval}`."""
    if is_ip(ip, socket.AF_INET):
        return Charlist.of(".".join(map(str, ip)))
    return Charlist.of(_ipv6_text(ip)) if is_ip(ip, socket.AF_INET6) else _EINVAL


# ---- what is a string


def _text(term: Term) -> str | None:
    """None for what is no list; what has no place in any address stands for what is no character."""
    if isinstance(term, list):
        return "".join(chr(item) if is_int(item) and 0 <= item < 0x110000 else "?" for item in term)
    return term if isinstance(term, str) else None


def _string(term: Term) -> str:
    """function_clause for what is no list, as the functions for IPv4 have it."""
    found = _text(term)
    if found is None:
        raise ErlangError("function_clause")
    return found


# ---- IPv4


def _ipv4(text: str) -> Ip | None:
    numbers: list[int] = []
    for part in text.split("."):
        number = _number(part)
        if number is None or len(numbers) == 4:
            return None
        numbers.append(number)
    last = numbers.pop()
    if any(number > 255 for number in numbers) or last >= 1 << 8 * (4 - len(numbers)):
        return None
    return (*numbers, *last.to_bytes(4 - len(numbers), "big"))


def _number(part: str) -> int | None:
    """One of the numbers of an address: `0x1f`, `037` or `31`; zeros in front do not count, and alone are no number."""
    if part[:2] in ("0x", "0X"):
        digits, most, base = part[2:].lstrip("0"), 8, 16
    elif part[:1] == "0":
        digits, most, base = "0" + part.lstrip("0"), 12, 8
    else:
        digits, most, base = part, 10, 10
    return _integer(digits, base) if len(digits) <= most else None


def _integer(digits: str, base: int) -> int | None:
    """At least 0, with a sign or without."""
    if _OF_BASE[base].fullmatch(digits) is None:
        return None
    number = int(digits, base)
    return number if number >= 0 else None


def _ipv4_strict(text: str) -> Ip | None:
    parts = text.split(".")
    if len(parts) != 4 or any(len(part) > 3 or (part[:1] == "0" and part != "0") for part in parts):
        return None
    numbers = [number for part in parts if (number := _integer(part, 10)) is not None and number <= 255]
    return tuple(numbers) if len(numbers) == 4 else None


# ---- IPv6


def _ipv6(text: str) -> Ip | None:
    address, percent, scope = text.partition("%")
    front, gap, back = address.partition("::")
    if percent and (not address or (address[-1] == ":" and not front)):
        return None
    groups = _groups(front, mixed=not gap and not percent)
    rest = _groups(back, mixed=not percent) if gap else []
    if groups is None or rest is None:
        return None
    missing = 8 - len(groups) - len(rest)
    if missing < 1 if gap else missing:
        return None
    found = (*groups, *(0,) * missing, *rest)
    return _with_scope(found, scope) if percent else found


def _groups(text: str, *, mixed: bool) -> list[int] | None:
    """The 16-bit groups of one side of "::"; if `mixed`, an IPv4 address at the end is two of them."""
    if not text:
        return []
    *parts, last = text.split(":")
    ip = _ipv4_strict(last) if mixed and last[:1].isdigit() else None
    numbers: list[int] = []
    for part in (*parts, last) if ip is None else parts:
        if _GROUP.fullmatch(part) is None:
            return None
        numbers.append(int(part, 16))
    return numbers if ip is None else [*numbers, (ip[0] << 8) | ip[1], (ip[2] << 8) | ip[3]]


def _with_scope(ip: Ip, scope: str) -> Ip | None:
    number = 0
    if scope[:1] == "0" and len(scope) > 1:
        if re.fullmatch("[0-9]+", scope) is None or int(scope) > 0xFFFF:
            return None
        number = int(scope)
    return (ip[0], number, *ip[2:]) if ip[0] in _LINK_LOCAL and ip[1] == 0 else None


def _ipv6_text(ip: Ip) -> str:
    if ip[:7] == (0,) * 7 and ip[7] < 2:
        return "::1" if ip[7] else "::"
    if ip[:6] in ((0,) * 6, (0, 0, 0, 0, 0, 0xFFFF)):
        return "::" + "ffff:" * (ip[5] != 0) + ".".join(str(n) for word in ip[6:] for n in divmod(word, 256))
    if ip[0] in _LINK_LOCAL and ip[1]:
        return f"{_compressed((ip[0], 0, *ip[2:]))}%0{ip[1]}"
    return _compressed(ip)


def _compressed(ip: Ip) -> str:
    """The first of the longest runs of two zeros or more becomes "::"."""
    words = [format(word, "x") for word in ip]
    length, start = max((_zeros_at(ip, index), -index) for index in range(8))
    if length < 2:
        return ":".join(words)
    return f"{':'.join(words[:-start])}::{':'.join(words[length - start :])}"


def _zeros_at(ip: Ip, start: int) -> int:
    return next((index - start for index in range(start, 8) if ip[index]), 8 - start)


# ---- what either kind can be


def is_ipv4(term: Term) -> bool:
    """Whether it is a tuple of four bytes."""
    return is_ip(term, socket.AF_INET)


def is_ipv6(term: Term) -> bool:
    """Whether it is a tuple of eight 16-bit numbers."""
    return is_ip(term, socket.AF_INET6)


def either(parse_first: Parser, text: Term) -> Result:
    """IPv4 as `parse_first` has it, or IPv6; einval for what is no list."""
    if isinstance(text, ImproperList):
        raise ErlangError("function_clause")
    if _text(text) is None:
        return _EINVAL
    found = parse_first(text)
    return found if found[0] == "ok" else parse_ipv6_strict(text)


def of_family(family: Term, ipv4: Parser, ipv6: Parser) -> Parser:
    """One of the two; function_clause for another family."""
    if family not in ("inet", "inet6"):
        raise ErlangError("function_clause")
    return ipv4 if family == "inet" else ipv6


def remapped(ip: Term) -> Ip:
    """See `inet.ipv4_mapped_ipv6_address`.  Only the upper limit is checked, as in OTP."""
    known = isinstance(ip, tuple) and all(is_int(part) for part in ip)
    together = functools.reduce(operator.or_, ip, 0) if known else 0
    if known and len(ip) == 4 and together < 1 << 8:
        return mapped(ip)
    if known and len(ip) == 8 and together < 1 << 16:
        return (ip[6] >> 8, ip[6] & 0xFF, ip[7] >> 8, ip[7] & 0xFF)
    raise ErlangError("function_clause")


def translated(ip: Term, family: Term) -> Term:
    """See `inet.translate_ip`."""
    families = {"inet": socket.AF_INET, "inet6": socket.AF_INET6}
    number = families.get(family) if isinstance(family, str) else None
    return ip if number is None else translate_ip(ip, number)
