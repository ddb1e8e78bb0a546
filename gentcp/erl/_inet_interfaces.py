"""The interfaces of this machine, as getifaddrs(3) has them: `inet:getifaddrs/0,1` and `inet:getif/0,1`."""

from __future__ import annotations

import ctypes
import os
import socket
import sys
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from gentcp._face import Face
from gentcp.abc import Result, Term
from gentcp.engine import filename_bytes, in_namespace
from gentcp.errors import ErlangError, Exit, reason_of
from gentcp.options import valid
from gentcp.terms import Charlist

FLAGS: Final = (
    ("up", 0x1), ("broadcast", 0x2), ("loopback", 0x8), ("pointtopoint", 0x10), ("running", 0x40),
    ("multicast", 0x1000),
)  # fmt: skip
_BROADCAST, _POINT_TO_POINT = 0x2, 0x10
_PACKET = 17  # AF_PACKET: what is there below IP
_SIZES: Final = {int(socket.AF_INET): 16, int(socket.AF_INET6): 28, _PACKET: 20}


class _IfAddrs(ctypes.Structure):
    """`struct ifaddrs` of getifaddrs(3)."""


_IfAddrs._fields_ = [  # pyright: ignore[reportPrivateUsage]
    ("next", ctypes.POINTER(_IfAddrs)),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_uint),
    ("address", ctypes.c_void_p),
    ("netmask", ctypes.c_void_p),
    ("other", ctypes.c_void_p),
    ("data", ctypes.c_void_p),
]


class Entry(NamedTuple):
    """One address of one interface; an interface without any has one entry with its hardware's."""

    name: str
    flags: int
    family: int
    address: Term
    """A tuple, or the bytes of a hardware address."""
    netmask: Term
    other: Term
    """The address of a broadcast, or of the other end."""


def getifaddrs(options: Term) -> Result:
    """See `inet.getifaddrs`."""
    if _is_closed_port(options):
        return ("error", "einval")
    found = _entries(_given(options))
    if isinstance(found, str):
        return ("error", found)
    return ("ok", [(Charlist.of(name), _described(entries)) for name, entries in _by_name(found).items()])


def getif(options: Term) -> Result:
    """See `inet.getif`; the last interface comes first."""
    if _is_closed_port(options):
        return ("error", "einval")
    if isinstance(options, Face) and not options.handle.is_port:
        raise ErlangError("badarg")
    found = _entries(_given(options, "case_clause"))
    if isinstance(found, str):
        return ("error", found)
    rows = [(e.address, (e.flags & _BROADCAST and e.other) or (0, 0, 0, 0), e.netmask) for e in found if _is_ipv4(e)]
    return ("ok", rows[::-1])


def ipv4_names() -> list[str]:
    """The interfaces that have an address of IPv4, in the order of the system."""
    found = _entries([])
    return [] if isinstance(found, str) else list(dict.fromkeys(entry.name for entry in found if _is_ipv4(entry)))


def _is_closed_port(term: Term) -> bool:
    return isinstance(term, Face) and term.handle.is_port and term.handle.ended


def _is_ipv4(entry: Entry) -> bool:
    return entry.family == socket.AF_INET


# ---- options


def _given(options: Term, strange: str = "") -> list[Term]:
    """The options without the backend that is asked.  Backends say the same, but refuse differently."""
    if isinstance(options, Face):
        return []
    if not isinstance(options, list):
        raise ErlangError("function_clause")
    chosen, given = "inet", options
    if options and isinstance(options[0], tuple) and len(options[0]) == 2 and options[0][0] == "inet_backend":
        chosen, given = options[0][1], options[1:]
    named = len(given) == 1 and isinstance(given[0], tuple) and len(given[0]) == 2 and given[0][0] == "netns"
    if chosen not in ("inet", "socket"):
        raise ErlangError("function_clause")
    if chosen == "socket" and given and not named:
        raise ErlangError((strange, given) if strange else "function_clause")
    if given and not (named and valid("netns", given[0][1])):
        raise Exit("badarg")
    return given


# ---- the system


def _entries(given: list[Term]) -> list[Entry] | str:
    """What getifaddrs(3) gives, here or in another namespace; or a reason."""
    if not sys.platform.startswith("linux"):
        return "enotsup"
    try:
        return in_namespace(filename_bytes(given[0][1]), _read) if given else _read()
    except OSError as error:
        return reason_of(error)


def _read() -> list[Entry]:
    libc = ctypes.CDLL(None, use_errno=True)
    first = ctypes.POINTER(_IfAddrs)()
    if libc.getifaddrs(ctypes.byref(first)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    try:
        return list(_chained(first))
    finally:
        libc.freeifaddrs(first)


def _chained(pointer: Any) -> Iterator[Entry]:
    while pointer:
        item = pointer.contents
        family, address = _address(item.address)
        if family:
            _, netmask = _address(item.netmask)
            _, other = _address(item.other)
            yield Entry(os.fsdecode(item.name), item.flags, family, address, netmask, other)
        pointer = item.next


def _address(where: int | None) -> tuple[int, Term]:
    """The address in a `struct sockaddr`; the family is 0 for none, and for those that nobody asks for."""
    if not where:
        return 0, None
    family = int.from_bytes(ctypes.string_at(where, 2), sys.byteorder)
    if family not in _SIZES:
        return 0, None
    raw = ctypes.string_at(where, _SIZES[family])
    if family == _PACKET:
        return family, raw[12 : 12 + min(raw[11], 8)]
    if family == socket.AF_INET:
        return family, tuple(raw[4:8])
    return family, tuple(int.from_bytes(raw[at : at + 2], "big") for at in range(8, 24, 2))


# ---- terms


def _by_name(entries: list[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.name, []).append(entry)
    return found


def _described(entries: list[Entry]) -> list[Term]:
    """Flags, then IPv4, then IPv6, then the hardware."""
    flags = entries[0].flags
    terms: list[Term] = [("flags", [name for name, bit in FLAGS if flags & bit])]
    for entry in sorted(entries, key=lambda entry: list(_SIZES).index(entry.family)):
        if entry.family == _PACKET:
            terms += [("hwaddr", list(entry.address))] if entry.address else []
            continue
        terms += [("addr", entry.address), ("netmask", entry.netmask)]
        if entry.other is not None and flags & (_BROADCAST | _POINT_TO_POINT):
            terms.append(("broadaddr" if flags & _BROADCAST else "dstaddr", entry.other))
    return terms
