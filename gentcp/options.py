"""Every socket option in one table: its type, where it may be given, and what stands behind it.

The operating system's options have a `SystemOption`; the others are kept by the backend (`Settings`).  The two
backends take the same names (`inet:connect_options/2`, `inet:listen_options/2` in OTP) and differ in what they do
with them; those differences are in the backends.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from .packet import FAMILIES, RAW
from .terms import charlist_to_str

Term = Any
Kind = str


@dataclass(frozen=True, slots=True)
class SystemOption:
    """A `setsockopt` of the operating system."""

    level: int
    number: int
    codec: str = "int"  # int, bool, linger or bytes


@dataclass(frozen=True, slots=True)
class Option:
    """One row.  `where` holds "c" (connect) and "l" (listen); every option may be given to setopts."""

    name: str
    kind: Kind
    where: str = "cl"
    system: SystemOption | None = None
    doc: str = ""
    foreign: bool = False
    """An option of other kinds of sockets that the inet driver takes on TCP sockets too."""


def _is_int(value: Term) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_linger(value: Term) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], bool) and _is_int(value[1])


def _is_ip(term: Term, *sizes: int) -> bool:
    """Whether it has the shape of an address with one of these numbers of parts."""
    if not isinstance(term, tuple) or len(term) not in sizes:
        return False
    most = 255 if len(term) == 4 else 65535
    return all(_is_int(part) and 0 <= part <= most for part in term)


def _is_membership(value: Term) -> bool:
    """`{Group, Interface}`, `{Group, Interface, Index}`, or `{Group6, Index}`."""
    if not isinstance(value, tuple) or not 2 <= len(value) <= 3 or not (len(value) == 2 or _is_int(value[2])):
        return False
    if _is_ip(value[0], 8):
        return len(value) == 2 and _is_int(value[1])
    return _is_ip(value[0], 4) and (value[1] == "any" or _is_ip(value[1], 4))


def _is_filename(value: Term) -> bool:
    """As bytes, as a charlist, or as a str with a slash; another str is an atom."""
    return isinstance(value, bytes) or (
        (not isinstance(value, str) or "/" in value) and charlist_to_str(value) is not None
    )


PACKET_TYPES: Final[tuple[Term, ...]] = (*RAW, *FAMILIES, "ssl")
"""The last is an old name of ssl_tls, which OTP still gives back."""
ACTIVE_MIN, ACTIVE_MAX = -32768, 32767


def is_packet_type(term: Term) -> bool:
    """Whether it is a type of the option `packet`; 1.0 and True are not 1."""
    return type(term) in (int, str) and term in PACKET_TYPES


_CHECKS: dict[Kind, Callable[[Term], bool]] = {
    "bool": lambda v: isinstance(v, bool),
    "int": _is_int,
    "uint": lambda v: _is_int(v) and v >= 0,
    "time": lambda v: v == "infinity" or (_is_int(v) and v >= 0),
    "linger": _is_linger,
    "binary": lambda v: isinstance(v, bytes),
    "mode": lambda v: v in ("list", "binary"),
    "deliver": lambda v: v in ("term", "port"),
    "packet": is_packet_type,
    "active": lambda v: isinstance(v, bool) or v == "once",
    "raw": lambda v: (
        isinstance(v, tuple) and len(v) == 3 and _is_int(v[0]) and _is_int(v[1]) and isinstance(v[2], bytes)
    ),
    "filename": _is_filename,
    "read only": lambda _: False,
    "interface": lambda v: _is_int(v) or _is_ip(v, 4),
    "membership": _is_membership,
}

ALLOWED: Final[dict[Kind, str]] = {
    "bool": "True or False",
    "int": "an int",
    "uint": "an int of at least 0",
    "time": "a time of at least 0, or no limit",
    "linger": "(bool, seconds)",
    "binary": "bytes",
    "mode": '"list" or "binary"',
    "deliver": '"term" or "port"',
    "packet": "one of " + ", ".join(str(kind) for kind in PACKET_TYPES),
    "active": f'True, False, "once" or an int from {ACTIVE_MIN} to {ACTIVE_MAX}',
    "raw": "(level, option, bytes)",
    "filename": "a path",
    "read only": "nothing, since it can only be read",
    "interface": "an IPv4 address or an index",
    "membership": "(group, interface)",
}
"""What a kind of option may be, in words, for error messages."""


def _system(name: str, level: int, codec: str = "int", fallback: int = -1) -> SystemOption:
    return SystemOption(level, getattr(socket, name, fallback), codec)


_SOL, _TCP, _IP, _IPV6 = socket.SOL_SOCKET, socket.IPPROTO_TCP, socket.IPPROTO_IP, socket.IPPROTO_IPV6

TABLE: Final[tuple[Option, ...]] = (
    # how data is delivered
    Option("active", "active", doc="data as messages: True, False, once, or that many packets"),
    Option("mode", "mode", doc="what data is delivered as"),
    Option("packet", "packet", doc="framing of the stream"),
    Option("packet_size", "uint", doc="longest packet in bytes, 0 for no limit"),
    Option("line_delimiter", "int", where="c", doc="the byte that ends a line"),
    Option("header", "uint", doc="bytes delivered as a list in front of the binary"),
    Option("deliver", "deliver", doc="shape of the messages"),
    Option("buffer", "int", doc="size of the user-space receive buffer in bytes"),
    Option("read_ahead", "bool", doc="read more than the packet at hand"),
    Option("exit_on_close", "bool", doc="close the socket when the peer has closed its side"),
    Option("show_econnreset", "bool", doc="report a reset as econnreset, not as closed"),
    # sending
    Option("send_timeout", "time", doc="longest time in ms that send may block"),
    Option("send_timeout_close", "bool", doc="close the socket when send times out"),
    Option("delay_send", "bool", doc="queue first, send from the background"),
    Option("high_watermark", "int", doc="queue size in bytes from which senders block (inet)"),
    Option("low_watermark", "int", doc="queue size in bytes at which they go on (inet)"),
    Option("high_msgq_watermark", "int", doc="kept and read back; gentcp has no signal queue that it could limit"),
    Option("low_msgq_watermark", "int", doc="see high_msgq_watermark"),
    Option("debug", "bool", doc="kept and read back (inet); gentcp has the logger of that name"),
    # the operating system's
    Option("nodelay", "bool", system=_system("TCP_NODELAY", _TCP, "bool")),
    Option("nopush", "bool", where="", system=_system("TCP_CORK", _TCP, "bool")),
    Option("keepalive", "bool", system=_system("SO_KEEPALIVE", _SOL, "bool")),
    Option("keepcnt", "int", system=_system("TCP_KEEPCNT", _TCP)),
    Option("keepidle", "int", system=_system("TCP_KEEPIDLE", _TCP)),
    Option("keepintvl", "int", system=_system("TCP_KEEPINTVL", _TCP)),
    Option("user_timeout", "uint", system=_system("TCP_USER_TIMEOUT", _TCP)),
    Option("linger", "linger", system=_system("SO_LINGER", _SOL, "linger")),
    Option("priority", "int", system=_system("SO_PRIORITY", _SOL, fallback=12)),
    Option("recbuf", "int", system=_system("SO_RCVBUF", _SOL)),
    Option("sndbuf", "int", system=_system("SO_SNDBUF", _SOL)),
    Option("reuseaddr", "bool", system=_system("SO_REUSEADDR", _SOL, "bool")),
    Option("reuseport", "bool", system=_system("SO_REUSEPORT", _SOL, "bool")),
    Option("reuseport_lb", "bool", system=_system("SO_REUSEPORT", _SOL, "bool")),
    Option("exclusiveaddruse", "bool", doc="for Windows"),
    Option("dontroute", "bool", where="", system=_system("SO_DONTROUTE", _SOL, "bool")),
    Option("bind_to_device", "binary", system=_system("SO_BINDTODEVICE", _SOL, "bytes", 25)),
    Option("tos", "int", system=_system("IP_TOS", _IP)),
    Option("ttl", "int", system=_system("IP_TTL", _IP)),
    Option("recvtos", "bool", system=_system("IP_RECVTOS", _IP, "bool", 13)),
    Option("recvttl", "bool", system=_system("IP_RECVTTL", _IP, "bool", 12)),
    Option("tclass", "int", system=_system("IPV6_TCLASS", _IPV6)),
    Option("recvtclass", "bool", system=_system("IPV6_RECVTCLASS", _IPV6, "bool")),
    Option("pktoptions", "read only", where="", doc="[{tos, N}, {tclass, N}, {ttl, N}] of what has come, see recvtos"),
    Option("ipv6_v6only", "bool", where="l", system=_system("IPV6_V6ONLY", _IPV6, "bool")),
    Option("broadcast", "bool", where="", system=_system("SO_BROADCAST", _SOL, "bool"), foreign=True),
    Option("multicast_ttl", "int", where="", system=_system("IP_MULTICAST_TTL", _IP), foreign=True),
    Option("multicast_loop", "bool", where="", system=_system("IP_MULTICAST_LOOP", _IP, "bool"), foreign=True),
    Option("multicast_if", "interface", where="", foreign=True),
    Option("add_membership", "membership", where="", foreign=True),
    Option("drop_membership", "membership", where="", foreign=True),
    Option("read_packets", "uint", where="", foreign=True),
    Option("non_block_send", "bool", where="", foreign=True),
    Option("netns", "filename", where="", foreign=True, doc="takes effect in connect and listen only"),
    Option("raw", "raw", doc="{raw, Level, Option, Value}: any setsockopt"),
)
BY_NAME: Final[dict[str, Option]] = {option.name: option for option in TABLE}


def is_count(value: Term) -> bool:
    """Whether `active` takes it as a number of packets."""
    return type(value) is int and ACTIVE_MIN <= value <= ACTIVE_MAX


def as_pair(option: Term) -> tuple[str, Term] | None:
    """`{Name, Value}` for every way an option may be written; None for what is no option."""
    if option in ("binary", "list"):
        return "mode", option
    if isinstance(option, tuple) and len(option) == 4 and option[0] == "raw":
        return "raw", option[1:]
    if isinstance(option, tuple) and len(option) == 2 and isinstance(option[0], str):
        return option[0], option[1]
    return None


def valid(name: str, value: Term) -> bool:
    """Does `value` fit the type of option `name` (`prim_inet:is_sockopt_val/2`)?  False for an unknown option."""
    option = BY_NAME.get(name)
    return option is not None and _CHECKS[option.kind](value)


def encode(option: SystemOption, value: Term) -> int | bytes:
    """The value as `setsockopt` wants it."""
    if option.codec == "linger":
        return struct.pack("ii", int(value[0]), int32(value[1]))
    if option.codec == "bytes":
        return bytes(value)
    return int32(int(value))


def int32(number: int) -> int:
    """What is left of a number in 32 bits, with a sign: in system calls, and on the way to OTP's driver."""
    return (number + (1 << 31)) % (1 << 32) - (1 << 31)


def decode(option: SystemOption, value: int | bytes) -> Term:
    """An Erlang term from what `getsockopt` returned."""
    if option.codec == "linger":
        onoff, seconds = struct.unpack("ii", value)  # type: ignore[arg-type]
        return bool(onoff), seconds
    if option.codec == "bytes":
        return bytes(value).rstrip(b"\0") if isinstance(value, bytes) else b""
    return bool(value) if option.codec == "bool" else value


def read_size(option: SystemOption) -> int:
    """The length argument for `getsockopt`: 0 asks for an int."""
    return {"linger": 8, "bytes": 16}.get(option.codec, 0)
