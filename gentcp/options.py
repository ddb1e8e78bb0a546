"""Every option in one table: what it may be, where it may be given, and what each backend makes of it.

To add an option, add a row here, a keyword to `_keywords`, and a case to the conformance suite; the checks, the
defaults, both faces, both backends and docs/options.md follow the row.  A test holds each row against sockets, and
against those of a VM.

Backends are names in the rows and nothing else: one that is like another (a `Behaviour` is OTP's, too) asks for the
defaults of that, and one that is like neither needs none of this.
"""

from __future__ import annotations

from typing import Any, Final

from ._option_kinds import ACTIVE_MAX as ACTIVE_MAX
from ._option_kinds import ACTIVE_MIN as ACTIVE_MIN
from ._option_kinds import ALLOWED as ALLOWED
from ._option_kinds import CHECKS as CHECKS
from ._option_kinds import PACKET_TYPES as PACKET_TYPES
from ._option_kinds import PROTOCOLS as PROTOCOLS
from ._option_kinds import int32 as int32
from ._option_kinds import is_count as is_count
from ._option_kinds import is_packet_type as is_packet_type
from ._option_rows import ALL as ALL
from ._option_rows import IGNORED, IP, MOST, NOT_ON_LINUX, V4, V6, WRITE_ONLY, foreign, kept, limit, system
from ._option_rows import VARIES as VARIES
from ._option_rows import Behaviour as Behaviour
from ._option_rows import Option as Option
from ._option_rows import Role as Role
from ._option_system import SystemOption as SystemOption
from ._option_system import decode as decode
from ._option_system import encode as encode
from ._option_system import ip, ipv6, sol, tcp
from ._option_system import read_size as read_size

Term = Any

TABLE: Final[tuple[Option, ...]] = (
    # how data is delivered
    Option("active", "active", "data as messages: True, False, once, or that many packets",
           {"inet": Behaviour("own", True), "socket": Behaviour("own", True)}),
    Option("mode", "mode", "what data is delivered as", kept("list")),
    Option("packet", "packet", "framing of the stream", kept(0, "raw")),
    Option("packet_size", "uint", "longest packet in bytes, 0 for no limit", kept(0, 0x4000000)),
    Option("line_delimiter", "int", "the byte that ends a line", where="cs", bounds=(0, 255), on={
        "inet": Behaviour("kept", 10, told="error", inherited=()), "socket": Behaviour("process", 10)}),
    Option("header", "uint", "bytes delivered as a list in front of the binary", kept(0)),
    Option("deliver", "deliver", "shape of the messages", kept("term")),
    Option("buffer", "int", "size of the user-space receive buffer in bytes", bounds=(1, MOST), on={
        "inet": Behaviour("kept", 9216), "socket": Behaviour("kept", 8192)}),
    Option("read_ahead", "bool", "read more than the packet at hand", kept(True)),
    Option("exit_on_close", "bool", "close the socket when the peer has closed its side", kept(True)),
    Option("show_econnreset", "bool", "report a reset as econnreset, not as closed", kept(False)),
    # sending
    Option("send_timeout", "time", "longest time that send may block", kept("infinity")),
    Option("send_timeout_close", "bool", "close the socket when send times out", kept(False)),
    Option("delay_send", "bool", "queue first, send from the background", kept(False)),
    Option("high_watermark", "int", "size of the send queue in bytes from which senders block", limit(8192),
           bounds=(0, MOST)),
    Option("low_watermark", "int", "size of the send queue in bytes at which they go on", limit(4096),
           bounds=(0, MOST)),
    Option("high_msgq_watermark", "int", "kept and read back; gentcp has no signal queue that it could limit",
           limit(8192), bounds=(1, MOST)),
    Option("low_msgq_watermark", "int", "see high_msgq_watermark", limit(4096), bounds=(1, MOST)),
    Option("debug", "bool", "kept and read back; gentcp has the logger of that name", {
        "inet": Behaviour("kept", False), "socket": Behaviour("constant", False)}),
    # the operating system's
    Option("nodelay", "bool", "send small packets at once", system(False, inet=ALL, socket=ALL),
           system=tcp("TCP_NODELAY", "bool"), families=IP),
    Option("nopush", "bool", "send full segments only", system(False), "s", tcp("TCP_CORK", "bool"), IP),
    Option("keepalive", "bool", "probe idle connections", system(False, inet=ALL, socket=ALL),
           system=sol("SO_KEEPALIVE", "bool")),
    Option("keepcnt", "int", "probes that may go unanswered", system(), system=tcp("TCP_KEEPCNT"), families=IP,
           bounds=(1, 127)),
    Option("keepidle", "int", "seconds of silence before the first probe", system(), system=tcp("TCP_KEEPIDLE"),
           families=IP, bounds=(1, 32767)),
    Option("keepintvl", "int", "seconds between two probes", system(), system=tcp("TCP_KEEPINTVL"), families=IP,
           bounds=(1, 32767)),
    Option("user_timeout", "limit", "time that sent data may go unacknowledged, 0 for the system's own limit",
           system(0), system=tcp("TCP_USER_TIMEOUT"), families=IP),
    Option("linger", "linger", "seconds that close waits for data to be delivered; 0 resets",
           system((False, 0), inet=ALL, socket=ALL), system=sol("SO_LINGER", "linger")),
    Option("priority", "int", "priority of what is sent; more than 6 needs privileges",
           system(0, inet=ALL, socket=ALL, reports=True), system=sol("SO_PRIORITY", fallback=12, handed_down=False),
           bounds=(0, MOST)),
    Option("recbuf", "int", "size of the system's receive buffer in bytes; Linux doubles it", system(),
           system=sol("SO_RCVBUF"), bounds=(0, MOST)),
    Option("sndbuf", "int", "size of the system's send buffer in bytes; Linux doubles it", system(),
           system=sol("SO_SNDBUF"), bounds=(0, MOST)),
    Option("reuseaddr", "bool", "listen on an address that old connections still have",
           system(False, inet=ALL, socket=ALL), system=sol("SO_REUSEADDR", "bool")),
    Option("reuseport", "bool", "share a port with others who say the same", system(False),
           system=sol("SO_REUSEPORT", "bool"), families=IP),
    Option("reuseport_lb", "bool", "the same as reuseport, on Linux", system=sol("SO_REUSEPORT", "bool"), families=IP,
           on={"inet": Behaviour("system", False, inherited=(), reports=False), "socket": NOT_ON_LINUX}),
    Option("exclusiveaddruse", "bool", "for Windows", {"inet": Behaviour("constant", False), "socket": NOT_ON_LINUX}),
    Option("dontroute", "bool", "do not use a gateway", system(False), "s", sol("SO_DONTROUTE", "bool")),
    Option("bind_to_device", "device", "name of the network device to use, empty for any",
           system=sol("SO_BINDTODEVICE", "bytes", 25), on={
               "inet": Behaviour("system", b"", inherited=()), "socket": Behaviour("system", [], inherited=())}),
    Option("tos", "int", "type of service; the priority stays", system(0, inet=V4, reports=True), system=ip("IP_TOS"),
           families=IP, bounds=(0, 255)),
    Option("ttl", "int", "hops a packet may make", system(inet=V4, reports=True), system=ip("IP_TTL"), families=IP,
           bounds=(1, 255)),
    Option("recvtos", "bool", "keep the tos of what has come, for pktoptions", system(False, inet=V4, reports=True),
           system=ip("IP_RECVTOS", "bool", 13), families=IP),
    Option("recvttl", "bool", "keep the ttl of what has come, for pktoptions", system(False, inet=V4, reports=True),
           system=ip("IP_RECVTTL", "bool", 12), families=IP),
    Option("tclass", "int", "traffic class", system(0, inet=V6, reports=True), system=ipv6("IPV6_TCLASS"),
           families=V6, bounds=(0, 255)),
    Option("recvtclass", "bool", "keep the tclass of what has come, for pktoptions",
           system(False, inet=V6, reports=True), system=ipv6("IPV6_RECVTCLASS", "bool"), families=V6),
    Option("pktoptions", "read only", "what recvtos, recvttl and recvtclass have kept", where="s", families=IP, on={
        "inet": Behaviour("own", [], inherited=()), "socket": Behaviour("own", [], inherited=(), families=V4)}),
    Option("ipv6_v6only", "bool", "no IPv4 on this socket; for listen alone, later it cannot be changed",
           system(False, reports=True), "ls", ipv6("IPV6_V6ONLY", "bool", unbound=True), V6),
    Option("raw", "raw", "any setsockopt: level, option and value", {
        "inet": Behaviour("own", told="error", inherited=(), reports=False), "socket": WRITE_ONLY}),
    # those of other kinds of sockets
    Option("broadcast", "bool", "for datagrams", where="", system=sol("SO_BROADCAST", "bool"),
           on=foreign(Behaviour("system", False, inherited=(), reports=False))),
    Option("multicast_ttl", "int", "for datagrams", where="", system=ip("IP_MULTICAST_TTL"), families=(),
           on=foreign(Behaviour("system", 1, inherited=(), reports=False))),
    Option("multicast_loop", "bool", "for datagrams", where="", system=ip("IP_MULTICAST_LOOP", "bool"), families=IP,
           on=foreign(Behaviour("system", True, inherited=(), reports=False))),
    Option("multicast_if", "interface", "for datagrams", foreign(IGNORED), where="", families=IP),
    Option("add_membership", "membership", "for datagrams", foreign(WRITE_ONLY), where="", families=IP),
    Option("drop_membership", "membership", "for datagrams", foreign(WRITE_ONLY), where="", families=IP),
    Option("read_packets", "uint", "for datagrams", foreign(IGNORED), where=""),
    Option("non_block_send", "bool", "for SCTP", foreign(Behaviour("constant", False)), where=""),
    # for making a socket
    Option("ip", "address", "the local address", {"socket": IGNORED}, "cl", sockopt=False),
    Option("ifaddr", "address", "the same as ip, or a socket address", where="cl", sockopt=False),
    Option("local_port", "uint", "the local port; `{port, P}` in Erlang", where="c", bounds=(0, 65535), sockopt=False),
    Option("fd", "uint", "a socket of the operating system to use instead of a new one",
           {"socket": Behaviour("own")}, "cl", bounds=(0, MOST), sockopt=False),
    Option("backlog", "uint", "how many connections may wait to be accepted, 5 if nobody says so",
           {"socket": IGNORED}, "l", families=ALL, bounds=(0, 65535), sockopt=False),
    Option("inet6", "bool", "use IPv6, or never; `inet`, `inet6` and `local` in Erlang", where="cl", sockopt=False),
    Option("protocol", "protocol", "TCP, or multipath TCP", where="cl", families=IP, sockopt=False),
    Option("netns", "filename", "the network namespace to make the socket in", where="cl",
           on=foreign(Behaviour("kept", None, inherited=()))),
    Option("tcp_module", "module", "OTP's module for the family", {"socket": IGNORED}, "", sockopt=False),
    Option("start_opts", "term", "options for the process that OTP's socket backend has for a socket", where="",
           on={"socket": Behaviour("process")}, sockopt=False),
)  # fmt: skip

BY_NAME: Final[dict[str, Option]] = {option.name: option for option in TABLE if option.sockopt}
"""What setopts may be given, for one kind of socket or another (`prim_inet:is_sockopt_val/2`)."""


OPENING: Final[dict[str, Option]] = {row.name: row for row in TABLE if row.where and "s" not in row.where}
"""What connect and listen may be given for making a socket, which setopts does not take."""
NOT_HANDED_DOWN: Final = frozenset(
    {"raw"} | {row.name for row in TABLE if row.system is not None and not row.system.handed_down}
)
"""What a connection lacks of its listener though it came after that was set; `raw` may be any of them."""


# ---- what backends ask


def names(backend: str, *roles: Role) -> frozenset[str]:
    """The options that are one of these things to a backend."""
    return frozenset(name for name, behaviour in behaviours(backend).items() if behaviour.role in roles)


def behaviours(backend: str) -> dict[str, Behaviour]:
    """What a backend makes of the options that it knows."""
    return {option.name: option.on[backend] for option in TABLE if backend in option.on}


def defaults(backend: str) -> dict[str, Term]:
    """What a new socket has of the options that the backend keeps itself."""
    kept = names(backend, "kept", "process", "constant")
    values = {name: behaviour.default for name, behaviour in behaviours(backend).items() if name in kept}
    return {name: value for name, value in values.items() if value is not VARIES}


def copied(backend: str) -> dict[int, tuple[str, ...]]:
    """By family, the system's options that an accepted socket must get from its listener."""
    rows = [option for option in TABLE if backend in option.on and option.on[backend].role == "system"]
    return {
        family: tuple(row.name for row in rows if family in row.on[backend].inherited and family in row.families)
        for family in ALL
    }


# ---- one option in a list of them


def as_pair(option: Term) -> tuple[str, Term] | None:
    """`{Name, Value}` for every way an option may be written; None for what is no option."""
    if not isinstance(option, tuple):
        return ("mode", option) if option in ("binary", "list") else None
    if len(option) == 2 and isinstance(option[0], str):
        return option[0], option[1]
    return ("raw", option[1:]) if len(option) == 4 and option[0] == "raw" else None


def valid(name: str, value: Term) -> bool:
    """Does `value` fit the type of option `name` (`prim_inet:is_sockopt_val/2`)?  False for an unknown option."""
    option = BY_NAME.get(name)
    return option is not None and CHECKS[option.kind](value)
