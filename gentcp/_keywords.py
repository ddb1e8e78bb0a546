"""The keyword options of the Python face, and the types of its arguments, for type checkers and readers.

The names are Erlang's, with two exceptions: the local port to connect from is `local_port`, since `port` is the
peer's, and `inet6` is True or False.  Durations are seconds, None for no limit.  What a value may be at run time, and
its translation, is in `_values` and `_addresses`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

Path: TypeAlias = str | bytes | os.PathLike[str] | os.PathLike[bytes]
LocalAddress: TypeAlias = os.PathLike[str] | os.PathLike[bytes] | tuple[Literal["local"], Path]
"""A local socket: a `pathlib.Path`, or Erlang's `("local", path)`; a str alone is never a path."""
IPv4: TypeAlias = tuple[int, int, int, int]
IPv6: TypeAlias = tuple[int, int, int, int, int, int, int, int]
Host: TypeAlias = str | IPv4 | IPv6 | LocalAddress
"""Whom to connect to: a host name, an IP address as text or as Erlang's tuple of numbers, or a local socket."""
Interface: TypeAlias = str | IPv4 | IPv6 | LocalAddress
"""What to bind to: an IP address as text or tuple, "any", "loopback", or a local socket; no host names."""
Address: TypeAlias = tuple[str, int] | str
"""What sockname and peername are: IP address and port, or the path of a local socket ("" when it has none)."""
Iodata: TypeAlias = bytes | bytearray | memoryview | list[Any]
"""What can be sent: bytes, or a list of bytes, of ints from 0 to 255, and of such lists."""

Active: TypeAlias = bool | int | Literal["once"]
Mode: TypeAlias = Literal["binary", "list"]
Packet: TypeAlias = Literal[
    "raw", 0, 1, 2, 4, "line", "asn1", "cdr", "sunrm", "fcgi", "tpkt", "http", "http_bin", "httph", "httph_bin",
    "ssl_tls", "ssl",
]  # fmt: skip
BytesPacket: TypeAlias = Literal["raw", 0, 1, 2, 4, "line", "asn1", "cdr", "sunrm", "fcgi", "tpkt"]
"""Packets of these types are bytes."""
ParsedPacket: TypeAlias = Literal["http", "http_bin", "httph", "httph_bin", "ssl_tls", "ssl"]
"""Packets of these types are terms."""
Parsed: TypeAlias = tuple[Any, ...] | Literal["http_eoh"]
"""Those terms."""

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    Data_co = TypeVar("Data_co", default=bytes, covariant=True)
else:
    from typing import TypeVar

    Data_co = TypeVar("Data_co", covariant=True)
"""What a socket gives: bytes, but for `mode="list"`, `header`, and packets of HTTP and TLS."""
How: TypeAlias = Literal["read", "write", "read_write"]


class ShapeOptions(TypedDict, total=False):
    """Options that say what data comes as."""

    mode: Mode
    """What data comes as: "binary", unlike in Erlang the default, is bytes; "list" is a list of ints."""
    packet: Packet
    """The framing of the stream; "raw" (or 0) is none.  With those of HTTP and TLS packets come as tuples."""
    header: int
    """That many bytes come as a list of ints, with the rest as its tail (`ImproperList`)."""


class StreamOptions(TypedDict, total=False):
    """Options that connect, listen and setopts take, but for those."""

    active: Active
    """Data as messages: True, "once" or for that many packets; False, unlike in Erlang the default, is for `recv`."""
    packet_size: int
    """Longest packet in bytes, 0 for no limit."""
    deliver: Literal["term", "port"]
    """Shape of the messages: `("tcp", sock, data)` or `(sock, ("data", data))`."""
    buffer: int
    read_ahead: bool
    exit_on_close: bool
    """Close the socket when the peer has closed its side."""
    show_econnreset: bool
    """Tell a reset (`Reset`) from a close (`Closed`)."""
    send_timeout: float | None
    """Seconds that `send` may block; see `SendTimeout` for what becomes of the data."""
    send_timeout_close: bool
    delay_send: bool
    high_watermark: int
    """inet: size of the send queue in bytes from which senders block."""
    low_watermark: int
    """inet: size of the send queue in bytes at which they go on."""
    high_msgq_watermark: int
    low_msgq_watermark: int
    debug: bool
    nodelay: bool
    keepalive: bool
    keepcnt: int
    keepidle: int
    """Whole seconds."""
    keepintvl: int
    """Whole seconds."""
    user_timeout: float | None
    """Seconds that sent data may go unacknowledged; None is the operating system's own limit."""
    linger: float | None
    """Seconds that close waits for data to be delivered, rounded up to whole ones; 0 resets; None is off."""
    priority: int
    recbuf: int
    """Size of the operating system's receive buffer in bytes."""
    sndbuf: int
    """Size of the operating system's send buffer in bytes."""
    reuseaddr: bool
    reuseport: bool
    reuseport_lb: bool
    exclusiveaddruse: bool
    bind_to_device: bytes | str
    """Linux: the name of a network device; empty for any."""
    tos: int
    """IPv4: type of service, with the priority left as it is."""
    ttl: int
    """IPv4: hops a packet may make."""
    recvtos: bool
    """Keep the `tos` of received packets, for `getopts("pktoptions")`."""
    recvttl: bool
    """Keep the `ttl` of received packets, for `getopts("pktoptions")`."""
    tclass: int
    """IPv6: traffic class."""
    recvtclass: bool
    """Keep the `tclass` of received packets, for `getopts("pktoptions")`; `socket` never shows it."""
    raw: tuple[int, int, bytes]
    """Any setsockopt: level, option and value."""


class CommonOptions(StreamOptions, ShapeOptions, total=False):
    """Options that connect, listen and setopts take; accepted sockets inherit them from their listener."""


class PlaceOptions(TypedDict, total=False):
    """Options that connect and listen take, and setopts does not."""

    ip: Interface
    """The local address."""
    ifaddr: Interface
    """The same as `ip`."""
    fd: int
    """A socket of the operating system to use instead of a new one.  gentcp uses a duplicate: closing this descriptor
    is up to whoever has opened it, and while it is open the connection, or the listener, is."""
    inet6: bool
    """Use IPv6, or never; not given: use it for an IPv6 address, and look host names up for IPv4 only, as OTP does."""
    netns: Path
    """Linux: the network namespace to make the socket in."""
    protocol: Literal["tcp", "mptcp"]
    """Linux has multipath TCP, if its kernel was made with it; otherwise this is an Error (eprotonosupport)."""


class OpeningOptions(CommonOptions, PlaceOptions, total=False):
    """All options that both connect and listen take."""


class ConnectStreamOptions(StreamOptions, PlaceOptions, total=False):
    """The options of `gentcp.connect`, but for those that say what data comes as."""

    local_port: int
    """The local port to connect from (`{port, P}` in Erlang)."""
    line_delimiter: int
    """The byte that ends a line, as a number."""


class ConnectOptions(ConnectStreamOptions, ShapeOptions, total=False):
    """The options of `gentcp.connect`."""


class ListenStreamOptions(StreamOptions, PlaceOptions, total=False):
    """The options of `gentcp.listen`, but for those that say what data comes as."""

    backlog: int
    """How many connections may wait to be accepted; 5 by default."""
    ipv6_v6only: bool


class ListenOptions(ListenStreamOptions, ShapeOptions, total=False):
    """The options of `gentcp.listen`."""


class SocketStreamOptions(StreamOptions, total=False):
    """The options of `setopts`, but for those that say what data comes as."""

    line_delimiter: int
    """The byte that ends a line, as a number."""
    ipv6_v6only: bool
    nopush: bool
    dontroute: bool


class SocketOptions(SocketStreamOptions, ShapeOptions, total=False):
    """The options of `setopts`."""
