"""What the system's ioctl(2) tells of an interface: `inet:getiflist/0,1` and `inet:ifget/2,3`."""

from __future__ import annotations

import fcntl
import socket
import struct
from collections.abc import Callable
from typing import Final

from gentcp._face import Face
from gentcp.abc import Result, Term
from gentcp.errors import ErlangError
from gentcp.terms import Charlist, is_int

from ._inet_interfaces import FLAGS, ipv4_names

_MOST = 255
_IFREQ: Final = struct.Struct("16s24x")
_NAME, _PAYLOAD = 15, 16


def getiflist(options: Term) -> Result:
    """See `inet.getiflist`."""
    if isinstance(options, Face):
        _check_port(options)
        if options.handle.ended:
            return ("error", "einval")
    elif options != []:
        raise ErlangError("function_clause")
    return ("ok", [Charlist.of(name) for name in ipv4_names()])


def ifget(name: Term, wanted: Term) -> Result:
    """See `inet.ifget`."""
    text = _name_of(name)
    if not isinstance(wanted, list):
        raise ErlangError("function_clause")
    if len(text) > _MOST or any(not isinstance(each, str) or each not in _ASKED for each in wanted):
        return ("error", "einval")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        found = {each: _ask(asking, text, each) for each in set(wanted)}
    return ("ok", [(each, found[each]) for each in wanted if found[each] is not None])


def ifget_of(port: Term, name: Term, wanted: Term) -> Result:
    """The same, asked of a port."""
    _check_port(port)
    return ("error", "einval") if port.handle.ended else ifget(name, wanted)


def _check_port(term: Term) -> None:
    if not isinstance(term, Face) or not term.handle.is_port:
        raise ErlangError("function_clause")


def _name_of(name: Term) -> bytes:
    if isinstance(name, str):
        return name.encode("latin-1", "replace")
    if not isinstance(name, list) or any(not is_int(item) or not 0 <= item <= 255 for item in name):
        raise ErlangError("badarg")
    return bytes(name)


def _ask(asking: socket.socket, name: bytes, what: str) -> Term:
    """The term; None for what this interface has not."""
    request, decode = _ASKED[what]
    try:
        answer = fcntl.ioctl(asking, request, _IFREQ.pack(name[:_NAME]))
    except OSError:
        return [] if what == "flags" else None
    return decode(answer[_PAYLOAD:])


def _address(payload: bytes) -> Term:
    (family,) = struct.unpack_from("H", payload)
    return tuple(payload[4:8]) if family in (socket.AF_INET, 0) else None


def _flags(payload: bytes) -> Term:
    (bits,) = struct.unpack_from("H", payload)
    return [name for name, bit in FLAGS if bits & bit]


_ASKED: Final[dict[str, tuple[int, Callable[[bytes], Term]]]] = {
    "addr": (0x8915, _address),
    "broadaddr": (0x8919, _address),
    "dstaddr": (0x8917, _address),
    "netmask": (0x891B, _address),
    "mtu": (0x8921, lambda payload: struct.unpack_from("i", payload)[0]),
    "flags": (0x8913, _flags),
    "hwaddr": (0x8927, lambda payload: list(payload[2:8])),
}
"""The request of ioctl(2), as linux/sockios.h numbers them, and what its answer is."""
