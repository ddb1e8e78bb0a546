"""setopts and getopts of the socket backend.

A list is applied in order up to the first option that fails.  Options of the operating system are checked and their
refusals reported; those of the server process are taken as they come.
"""

from __future__ import annotations

import errno
from typing import Any

from gentcp.engine import as_pair, get_option, get_raw, raw_parts, set_option, set_raw
from gentcp.errors import reason_of
from gentcp.options import ACTIVE_MAX, ACTIVE_MIN, BY_NAME, is_packet_type, valid

from ._base import SocketBase
from ._settings import IGNORED, SERVER_OPTIONS
from ._states import CONNECTED, HUNG_UP, READ_CLOSED

Term = Any
_MODULES = {"inet": "inet_tcp", "inet6": "inet6_tcp", "local": "local_tcp"}
_PORT_PACKETS = ("ssl", "ssl_tls")
_DEVICE_SIZE = 16  # IFNAMSIZ, with the zero at the end
_UNSUPPORTED = {"exclusiveaddruse", "reuseport_lb"}
"""Options that the socket module does not have on Linux."""


def normalised(options: list[Term]) -> list[tuple[str, Term]] | None:
    """Each option as name and value; None when one has not even the shape of an option."""
    found: list[tuple[str, Term]] = []
    for option in options:
        pair = as_pair(option)
        if isinstance(option, str) and option in _MODULES:
            pair = ("tcp_module", _MODULES[option])
        if pair is None:
            return None
        found.append(pair)
    return found


def apply(handle: SocketBase, options: list[tuple[str, Term]]) -> str:
    """Apply options with the lock held; "" or the reason of the first that failed."""
    reason, was_active, sized = "", handle.active is not False, False
    for name, value in options:
        reason = _apply_one(handle, name, value)
        if name == "recbuf" and sized and not reason:
            reason = _apply_buffer(handle, value)  # but only after a buffer in the same list
        if reason:
            break
        sized = sized or name == "buffer"
    handle.inbound.retry()
    if handle.state is CONNECTED:
        if handle.active is not False and not was_active:
            handle.start_active()
        if handle.receiver is not None:
            handle.receiver.process.wake()
    return reason


def _apply_one(handle: SocketBase, name: str, value: Term) -> str:
    option = BY_NAME.get(name)
    if name == "active":
        return _apply_active(handle, value)
    if name in SERVER_OPTIONS:
        if handle.state is HUNG_UP or (name == "packet" and (not is_packet_type(value) or value in _PORT_PACKETS)):
            return "einval"
        if name == "packet":
            handle.in_head = False
        handle.settings = handle.settings.changed(name, value)
        return ""
    if name in IGNORED:
        return ""
    if name in ("buffer", "debug"):
        return _apply_buffer(handle, value) if name == "buffer" else "" if isinstance(value, bool) else "einval"
    if option is None or option.foreign or name in _UNSUPPORTED or not _fits(name, value):
        return "einval"
    return _apply_system(handle, name, value)


def _fits(name: str, value: Term) -> bool:
    if name == "bind_to_device":
        return isinstance(value, (bytes, str, list)) and len(value) < _DEVICE_SIZE
    if name == "raw":
        return isinstance(value, tuple) and type(value[2]) in (int, bytes) and value[2] != b""
    return valid(name, value) and not (name == "linger" and value[1] < 0)


def _apply_buffer(handle: SocketBase, value: Term) -> str:
    size = value[1] if isinstance(value, tuple) and len(value) == 2 else value
    if type(size) is not int or size <= 0:
        return "einval"
    handle.settings = handle.settings.changed("buffer", value)
    return ""


def _apply_system(handle: SocketBase, name: str, value: Term) -> str:
    if handle.fd < 0:
        return "closed"
    option = BY_NAME[name]
    try:
        if name == "raw":
            set_raw(handle.sock, *value)
        elif option.system is not None:
            set_option(handle.sock, option.system, _device(value) if name == "bind_to_device" else value)
    except OSError as error:
        return "einval" if error.errno in (errno.ENOPROTOOPT, errno.EINVAL) or name == "raw" else reason_of(error)
    except (OverflowError, TypeError, ValueError):
        return "einval"
    if name == "linger":
        handle.lingers = value[0]
    return ""


def _device(value: Term) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


def _apply_active(handle: SocketBase, value: Term) -> str:
    if handle.state is READ_CLOSED:
        return ""
    if handle.state is HUNG_UP:
        if value is not False:
            handle.transit("activate", handle.delayed or "closed")
        return ""
    if value is False:
        if type(handle.active) is int:
            handle.tell("tcp_passive")
        handle.active = False
        return ""
    number = type(value) is int and ACTIVE_MIN <= value <= ACTIVE_MAX
    if not number and value is not True and value != "once":
        return "einval"
    return "" if handle.next_active(value) else "einval"


def read(handle: SocketBase, names: list[Term]) -> list[tuple[Term, ...]] | None:
    """The values that this socket has, in the order asked for; None when a name is unknown."""
    found: list[tuple[Term, ...]] = []
    for name in names:
        if isinstance(name, tuple) and len(name) == 4 and name[0] == "raw":
            values = _read_raw(handle, *name[1:])
        elif isinstance(name, str):
            values = _read_one(handle, name)
        else:
            return None
        if values is None:
            return None
        found.extend(values)
    return found


def _read_one(handle: SocketBase, name: str) -> list[tuple[Term, ...]] | None:
    if name == "active" or name in SERVER_OPTIONS:
        if handle.state is HUNG_UP:
            return None
        return [(name, handle.active if name == "active" else handle.settings[name])]
    if name in IGNORED or name in _UNSUPPORTED:
        return []
    if handle.fd < 0:
        return [] if name in BY_NAME or name == "fd" else None
    if name == "fd":
        return [(name, handle.fd)]
    if name in ("buffer", "debug"):
        return [(name, handle.settings["buffer"] if name == "buffer" else False)]
    option = BY_NAME.get(name)
    if option is None or option.system is None or option.foreign:
        return None
    return _read_system(handle, name)


def _read_system(handle: SocketBase, name: str) -> list[tuple[Term, ...]]:
    option = BY_NAME[name].system
    assert option is not None
    try:
        value = get_option(handle.sock, option)
    except OSError:
        return []
    if name == "bind_to_device":
        value = [*value, 0] if value else []
    return [(name, value)]


def _read_raw(handle: SocketBase, *parts: Term) -> list[tuple[Term, ...]] | None:
    spec = raw_parts(parts)
    if spec is None:
        return None
    try:
        return [("raw", *spec[:2], get_raw(handle.sock, *spec))] if spec[2] else []
    except OSError:
        return []
