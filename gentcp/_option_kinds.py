"""Kinds of values that options have: what fits, in Erlang's terms, and what to say of it in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from .packet import FAMILIES, RAW
from .terms import charlist_to_str, is_int

Term = Any
Kind = str

PACKET_TYPES: Final[tuple[Term, ...]] = (*RAW, *FAMILIES, "ssl")
"""The last is an old name of ssl_tls, which OTP still gives back."""
ACTIVE_MIN, ACTIVE_MAX = -32768, 32767
PROTOCOLS: Final = ("tcp", "mptcp")


def _is_uint(value: Term) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_linger(value: Term) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], bool) and is_int(value[1])


def _is_raw(value: Term) -> bool:
    if not isinstance(value, tuple) or len(value) != 3:
        return False
    return is_int(value[0]) and is_int(value[1]) and isinstance(value[2], bytes)


def _is_ip(term: Term, *sizes: int) -> bool:
    """Whether it has the shape of an address with one of these numbers of parts."""
    if not isinstance(term, tuple) or len(term) not in sizes:
        return False
    most = 255 if len(term) == 4 else 65535
    return all((type(part) is int or is_int(part)) and 0 <= part <= most for part in term)


def _is_membership(value: Term) -> bool:
    """`{Group, Interface}`, `{Group, Interface, Index}`, or `{Group6, Index}`."""
    if not isinstance(value, tuple) or not 2 <= len(value) <= 3 or not (len(value) == 2 or is_int(value[2])):
        return False
    if _is_ip(value[0], 8):
        return len(value) == 2 and is_int(value[1])
    return _is_ip(value[0], 4) and (value[1] == "any" or _is_ip(value[1], 4))


def _is_filename(value: Term) -> bool:
    """As bytes, as a charlist, or as a str with a slash; another str is an atom."""
    return isinstance(value, bytes) or (
        (not isinstance(value, str) or "/" in value) and charlist_to_str(value) is not None
    )


def is_packet_type(term: Term) -> bool:
    """Whether it is a type of the option `packet`; 1.0 and True are not 1."""
    return isinstance(term, (int, str)) and not isinstance(term, bool) and term in PACKET_TYPES


def is_count(value: Term) -> bool:
    """Whether `active` takes it as a number of packets."""
    return isinstance(value, int) and not isinstance(value, bool) and ACTIVE_MIN <= value <= ACTIVE_MAX


def int32(number: int) -> int:
    """What is left of a number in 32 bits, with a sign: in system calls, and on the way to OTP's driver."""
    return (number + (1 << 31)) % (1 << 32) - (1 << 31)


CHECKS: Final[dict[Kind, Callable[[Term], bool]]] = {
    "bool": lambda v: isinstance(v, bool),
    "int": is_int,
    "uint": _is_uint,
    "time": lambda v: v == "infinity" or _is_uint(v),
    "limit": _is_uint,
    "linger": _is_linger,
    "device": lambda v: isinstance(v, bytes),
    "mode": lambda v: v in ("list", "binary"),
    "deliver": lambda v: v in ("term", "port"),
    "packet": is_packet_type,
    "active": lambda v: isinstance(v, bool) or v == "once",
    "raw": _is_raw,
    "filename": _is_filename,
    "read only": lambda _: False,
    "interface": lambda v: is_int(v) or _is_ip(v, 4),
    "membership": _is_membership,
}
"""Does a value fit?  A number of packets is none of the values of `active` here (see `is_count`), as in OTP."""

ALLOWED: Final[dict[Kind, str]] = {
    "bool": "True or False",
    "int": "an int",
    "uint": "an int of at least 0",
    "time": "a time of at least 0, or no limit",
    "limit": "a time of at least 0, or no limit",
    "linger": "(bool, seconds)",
    "device": "bytes",
    "mode": '"list" or "binary"',
    "deliver": '"term" or "port"',
    "packet": "one of " + ", ".join(str(kind) for kind in PACKET_TYPES),
    "active": f'True, False, "once" or an int from {ACTIVE_MIN} to {ACTIVE_MAX}',
    "raw": "(level, option, bytes)",
    "filename": "a path",
    "read only": "nothing, since it can only be read",
    "interface": "an IPv4 address or an index",
    "membership": "(group, interface)",
    "address": "an IP address, a socket address or the path of a local socket",
    "protocol": " or ".join(f'"{name}"' for name in PROTOCOLS),
    "module": "the module of a family of addresses",
    "term": "anything",
}
"""What a kind of option may be, in words.  The last four are looked at by connect and listen alone."""
