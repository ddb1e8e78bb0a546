"""What an error of a backend means on the Python face: which exception, which argument, what to do instead.

Nothing here runs as long as calls succeed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .abc import Result, SocketHandle
from .errors import (
    Closed,
    ErlangError,
    Error,
    Inherited,
    InvalidState,
    MessageTooLong,
    OptionError,
    SendTimeout,
    atom_of,
    describe,
    error_for,
)
from .options import BY_NAME
from .packet import HEADER_BYTES, RAW
from .terms import iodata_to_bytes

Term = Any
_CLOSED = "the socket is closed"
_MOST_AT_ONCE = 0x4000000
"""Bytes; what inet refuses is more than that.  For less, enomem is what the system says."""
_INHERITED = "the socket belongs to the parent of this process; fdopen(sock.detach()) makes one of its own"
_REFUSED = ("", "einval", "enodev", "enoprotoopt", "badarg", "function_clause", "undef")
"""What backends say of addresses and options that they cannot use; "" is a reason that is no atom."""
_UNCLEAR = ("einval", "ebadf")
"""What backends say, among other things, when the socket is closed."""


def outcome(operation: Callable[..., Result], *arguments: Term) -> tuple[bool, Any]:
    """True and the value, or False and the reason.  What Erlang would raise is a reason too."""
    try:
        result = operation(*arguments)
    except ErlangError as error:
        return False, error.term
    if isinstance(result, tuple) and len(result) == 2:
        return result[0] == "ok", result[1]
    return (True, None) if result == "ok" else (False, "closed")


def current(handle: SocketHandle, *names: str) -> dict[str, Term] | None:
    """Some of the socket's options as they are; None when it is closed."""
    done, found = outcome(handle.getopts, list(names))
    return dict(found) if done else None


def failure(handle: SocketHandle, reason: Term, message: str | None = None) -> Error:
    """The exception for `{error, Reason}`; what a backend says of a closed socket need not be closed."""
    if reason in _UNCLEAR and current(handle, "active") is None:
        return closed(handle, reason)
    owner = handle.ended_with() if reason == "closed" else None
    return error_for(reason, message) if owner is None else closed(handle, reason)


def closed(handle: SocketHandle, reason: Term) -> Error:
    """The exception for a socket that is closed, which says if its owner's end did that."""
    if handle.of_parent:
        return Inherited(reason, _INHERITED)
    owner = handle.ended_with()
    if owner is None:
        return Closed(reason, _CLOSED)
    error = Closed(reason, f"{_CLOSED}, since its owner, the process {owner.name!r}, has ended")
    error.owner = owner.name
    return error


def recv_failure(handle: SocketHandle, reason: Term, length: object) -> Exception:
    """`length` is that of the call."""
    if reason == "function_clause":
        return OptionError("length", f"expected an int of at least 0, not {length!r}")
    if reason == "enomem" and isinstance(length, int) and length > _MOST_AT_ONCE:
        return OptionError("length", f"{length} is more than this backend receives at once")
    if reason != "einval":
        return failure(handle, reason)
    options = current(handle, "active", "packet")
    if options is None:
        return closed(handle, reason)
    active, packet = options.get("active", False), options.get("packet", "raw")
    if active is not False:
        text = f"the socket is active ({active=}): its data comes as messages, use gentcp.receive() or setopts first"
        return InvalidState(reason, text)
    if length and packet not in RAW:
        return OptionError("length", f"expected 0, not {length!r}: with {packet=} a packet is received as a whole")
    return error_for(reason)


def send_failure(handle: SocketHandle, reason: Term, size: int) -> Error:
    """`size` is that of the data in bytes, without a header."""
    if reason == "timeout":
        options = current(handle, "send_timeout_close")
        return SendTimeout(queued=None if options is None or options.get("send_timeout_close") is True else True)
    if isinstance(reason, tuple) and len(reason) == 2 and reason[0] == "timeout":
        rest = iodata_to_bytes(reason[1])
        packet = (current(handle, "packet") or {}).get("packet", "raw")
        sent = size + HEADER_BYTES.get(packet, 0) - len(rest)
        return SendTimeout(queued=False, rest=rest, sent=max(sent, 0), reason=reason)
    return failure(handle, reason)


def rest_failure(handle: SocketHandle, reason: Term, size: int) -> Error:
    """The same of a rest of `size` bytes, without a header of its own: the packet that it completes stays torn."""
    if reason == "enotsup":
        return error_for(reason, "nothing is torn on this backend: what timed out is queued, and will be delivered")
    error = send_failure(handle, reason, size)
    if not isinstance(error, SendTimeout) or error.rest is None:
        return error
    error = SendTimeout(queued=False, rest=error.rest, sent=size - len(error.rest), reason=reason)
    error.mid_packet = True
    return error


def sendfile_failure(handle: SocketHandle, reason: Term) -> Error:
    """A reason of `file:sendfile/5`: on `socket` with the number of bytes that had been written."""
    if isinstance(reason, tuple) and len(reason) == 2 and isinstance(reason[1], int):
        error = failure(handle, reason[0], f"{describe(reason[0])}; {reason[1]} bytes of the file were written")
        error.reason = reason
        return error
    return failure(handle, reason)


def longest_payload(handle: SocketHandle, size: int) -> int:
    """The most bytes that a packet can have now.  MessageTooLong when `size` is more.

    Backends write the length modulo what the header holds, as OTP does, and the peer would lose its place.
    """
    packet = (current(handle, "packet") or {}).get("packet", "raw")
    head = HEADER_BYTES.get(packet, 0)
    most = (1 << 8 * head) - 1 if head else sys.maxsize
    if size > most:
        raise MessageTooLong("emsgsize", f"data: {size} bytes, but with {packet=} at most {most}")
    return most


def setopts_failure(handle: SocketHandle, reason: Term, names: Iterable[str]) -> Exception:
    """`names` are the options of the call."""
    error = failure(handle, reason, f"{', '.join(names)}: {describe(reason)}")
    return refused(names, handle.backend.name, reason) if isinstance(error, InvalidState) else error


def opening_failure(reason: Term, options: Mapping[str, object], backend: str, where: str, host: Term) -> Exception:
    """Either connect or listen has failed.  `where` is the address for people, `host` None for listen."""
    if atom_of(reason) == "enoent" and "netns" in options:
        return refused(["netns"], backend, reason)
    if reason == "nxdomain" and isinstance(host, str) and ":" in host:
        return error_for(reason, f"{host!r} is no address of this machine's networks")
    if reason == "nxdomain":
        version, other = ("IPv6", False) if options.get("inet6") else ("IPv4", True)
        return error_for(reason, f"{host!r} has no {version} address; inet6={other} asks for the other kind")
    names = [name for name in options if name not in BY_NAME or BY_NAME[name].system or name in ("raw", "netns")]
    if host is not None:
        names.insert(0, "host")
    if names and atom_of(reason) in _REFUSED:
        return refused(names, backend, reason)
    return error_for(reason, f"{where}: {describe(reason)}")


def refused(names: Iterable[str], backend: str, reason: Term) -> OptionError:
    """The backend, or the operating system behind it, does not take values that are right by type."""
    listed = ", ".join(names)
    which = "one of these is" if "," in listed else "this is"
    return OptionError(listed, f"{which} refused here (backend {backend!r}: {describe(reason)})")
