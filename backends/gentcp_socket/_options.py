"""setopts and getopts of the socket backend.

A list is applied in order up to the first option that fails.  Options of the operating system are checked and their
refusals reported; those of the server process are taken as they come.
"""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from gentcp.abc import Result
from gentcp.engine import (
    CLOSED,
    answer_of,
    get_option,
    get_raw,
    look,
    overtake_receiver,
    packet_options,
    set_option,
    set_raw,
    split_list,
)
from gentcp.errors import ErlangError, reason_of
from gentcp.options import BY_NAME, as_pair, behaviours, is_count, is_packet_type, valid
from gentcp.process import current_process
from gentcp.terms import ImproperList, is_int

from ._states import CONNECTED, HUNG_UP, READ_CLOSED

if TYPE_CHECKING:
    from ._handle import SocketSocket

Term = Any
_T = TypeVar("_T")
_MODULES = {"inet": "inet_tcp", "inet6": "inet6_tcp", "local": "local_tcp"}
_PORT_PACKETS = ("ssl", "ssl_tls")
_DEVICE_SIZE = 16  # IFNAMSIZ, with the zero at the end
_ON = behaviours("socket")
_LEVELS = {"socket": socket.SOL_SOCKET, "ip": 0, "icmp": 1, "igmp": 2, "tcp": 6, "udp": 17, "ipv6": 41, "sctp": 132}
"""Levels of raw options that have names."""
_INT, _UNSIGNED, _SIZE = range(-(1 << 31), 1 << 31), range(1 << 32), range(1, 1 << 64)


def get_all(handle: SocketSocket, names: Term) -> Result:
    """inet:getopts/2."""
    requests = each(names, _requested)
    if requests is None:
        return ("error", "einval")
    look(handle)
    with handle.lock:
        later = None
        if handle.lingering is not None:
            later = handle.later(current_process(), CLOSED, partial(get_all, handle, names))
        if later is None:
            if (refused := handle.answer("getopts")) is not None:
                return refused
            values = _read(handle, requests)
            return ("error", "einval") if values is None else ("ok", values)
    return answer_of(later)


def each(terms: Term, translate: Callable[[list[Term]], _T]) -> _T:
    """`translate` the elements of a list; function_clause for no list, bad_generator for one that is improper."""
    if isinstance(terms, list):
        return translate(terms)
    if not isinstance(terms, ImproperList):
        raise ErlangError("function_clause")
    items, end = split_list(terms)
    found = translate(items)
    if found is not None and end != []:
        raise ErlangError(("bad_generator", end))
    return found


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


def apply(handle: SocketSocket, options: list[tuple[str, Term]]) -> str:
    """Apply options with the lock held; "" or the reason of the first that failed."""
    reason, was_active, sized = "", handle.active is not False, False
    if handle.state is HUNG_UP and len(options) == 1 and options[0][0] == "active":
        return _tell_end(handle, options[0][1])
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
            if not handle.read_waited:
                handle.note_waiting()
        if handle.active is False:
            overtake_receiver(handle)  # the server of OTP forgets that one altogether
        if handle.receiver is not None:
            handle.receiver.look()
    return reason


def _apply_one(handle: SocketSocket, name: str, value: Term) -> str:
    if name == "active":
        return apply_active(handle, value)
    role = _ON[name].role if name in _ON else "foreign"
    if role == "process":
        return _apply_kept(handle, name, value)
    if role == "ignored":
        return ""
    if name == "buffer":
        return _apply_buffer(handle, value)
    if name == "raw":
        return _apply_raw(handle, value)
    if role not in ("system", "constant") or not _fits(name, value):
        return "einval"
    return "" if role == "constant" else _apply_system(handle, name, value)


def _apply_kept(handle: SocketSocket, name: str, value: Term) -> str:
    if handle.state is HUNG_UP or (name == "packet" and (not is_packet_type(value) or value in _PORT_PACKETS)):
        return "einval"
    if name == "packet":
        handle.inbound.in_head = False
    handle.settings = handle.settings.changed(name, value)
    return ""


def _fits(name: str, value: Term) -> bool:
    kind = BY_NAME[name].kind
    if kind == "device":
        return isinstance(value, (bytes, list)) and len(value) < _DEVICE_SIZE
    if not valid(name, value):
        return False
    if kind == "linger":
        return value[1] >= 0 and value[1] in _INT
    return not is_int(value) or value in (_UNSIGNED if kind == "limit" else _INT)


def _apply_buffer(handle: SocketSocket, value: Term) -> str:
    if handle.fd < 0:
        return "closed"
    sizes = value if isinstance(value, tuple) and len(value) == 2 else (1, value)
    if any(not is_int(size) or size not in _SIZE for size in sizes):
        return "einval"
    handle.settings = handle.settings.changed("buffer", value)
    return ""


def _apply_system(handle: SocketSocket, name: str, value: Term) -> str:
    if handle.fd < 0:
        return "closed"
    option = BY_NAME[name]
    try:
        if option.system is not None:
            set_option(handle.sock, option.system, bytes(value) if name == "bind_to_device" else value)
    except OSError as error:
        return _curated(error)
    except (TypeError, ValueError):  # a device that is no text
        return "einval"
    if name == "linger":
        handle.lingers = value[0]
    return ""


def _curated(error: OSError) -> str:
    return "einval" if error.errno == errno.ENOPROTOOPT else reason_of(error)


def _apply_raw(handle: SocketSocket, value: Term) -> str:
    """`{Level, Option, Value}`: the level may be a name, the value a number or a bool."""
    if handle.fd < 0:
        return "closed"
    if not isinstance(value, tuple) or len(value) != 3:
        return "einval"
    level, number, data = _level(value[0]), value[1], value[2]
    if level is None or not is_int(number) or number not in _INT:
        return "einval"
    if not isinstance(data, bytes) and not (isinstance(data, int) and data in _INT):
        return "einval"
    try:
        set_raw(handle.sock, level, number, data if isinstance(data, bytes) else int(data))
    except OSError as error:
        return _curated(error)
    return ""


def _level(term: Term) -> int | None:
    number = _LEVELS.get(term) if isinstance(term, str) else term
    return number if is_int(number) and number in _INT else None


def apply_active(handle: SocketSocket, value: Term) -> str:
    """Make that the mode of the socket, if it can be; nothing is delivered yet.  "" or a reason."""
    if handle.state is READ_CLOSED:
        return ""
    if handle.state is HUNG_UP:
        return "einval"
    if value is False:
        if type(handle.active) is int:
            handle.tell("tcp_passive")
        handle.active = False
        return ""
    return _next_active(handle, value)


def _tell_end(handle: SocketSocket, value: Term) -> str:
    """The one option that a server without a socket takes, if it comes alone."""
    if value is not False:
        handle.transit("activate", handle.delayed or "closed")
    return ""


def _next_active(handle: SocketSocket, value: Term) -> str:
    if not is_count(value) and not isinstance(value, bool) and value != "once":
        return "einval"
    return "" if handle.set_active(value) else "einval"


def _requested(names: list[Term]) -> list[Term] | None:
    """What getopts is asked for; None when one has not even the shape of a name."""
    found: list[Term] = []
    for name in names:
        if isinstance(name, tuple) and name[:1] == ("raw",) and len(name) in (2, 4):
            found.append(("raw", name[1] if len(name) == 2 else name[1:]))
        elif isinstance(name, str):
            found.append(name)
        else:
            return None
    return found


def _read(handle: SocketSocket, requests: list[Term]) -> list[tuple[Term, ...]] | None:
    """The values that this socket has, in the order asked for; None when a name is unknown."""
    found: list[tuple[Term, ...]] = []
    for request in requests:
        values = _read_one(handle, request) if isinstance(request, str) else _read_raw(handle, request[1])
        if values is None:
            return None
        found.extend(values)
    return found


def _read_one(handle: SocketSocket, name: str) -> list[tuple[Term, ...]] | None:
    behaviour = _ON.get(name)
    if name == "active" or (behaviour is not None and behaviour.role == "process"):
        if handle.state is HUNG_UP:
            return None
        return [(name, handle.active if name == "active" else handle.settings[name])]
    if behaviour is not None and behaviour.told == "nothing":
        return []
    if behaviour is None or behaviour.told == "error":
        return None
    if handle.fd < 0:
        return None if name == "pktoptions" else []
    if name == "fd":
        return [(name, handle.fd)]
    if name == "pktoptions":
        return _read_packet_options(handle)
    return [(name, handle.settings[name])] if name in handle.settings else _read_system(handle, name)


def _read_packet_options(handle: SocketSocket) -> list[tuple[Term, ...]] | None:
    """For IPv6 the socket module asks for an option that Linux has by another name, and has nothing to tell."""
    if handle.sock.family == socket.AF_UNIX:
        return None
    try:
        return [("pktoptions", packet_options(handle.sock))] if handle.sock.family == socket.AF_INET else []
    except OSError:
        return []


def _read_system(handle: SocketSocket, name: str) -> list[tuple[Term, ...]]:
    option = BY_NAME[name].system
    assert option is not None
    try:
        value = get_option(handle.sock, option)
    except OSError:
        return []
    if name == "bind_to_device":
        value = [*value, 0] if value else []
    return [(name, value)]


def _read_raw(handle: SocketSocket, request: Term) -> list[tuple[Term, ...]] | None:
    """`{Level, Option, Size}`; the size may be a binary of that size, `integer` or `boolean`."""
    if not isinstance(request, tuple) or len(request) != 3:
        return None
    level, number, spec = _level(request[0]), request[1], request[2]
    size = 4 if spec in ("integer", "boolean") else len(spec) if isinstance(spec, bytes) else spec
    if level is None or not is_int(number) or number not in _INT or not is_int(size) or size not in _INT:
        return None
    try:
        value = get_raw(handle.sock, level, number, max(size, 0))
    except OSError:
        return []
    if size < 0:
        return None
    return [("raw", *request[:2], _as_asked(value, spec))] if spec != 0 else []


def _as_asked(value: bytes, spec: Term) -> Term:
    if spec not in ("integer", "boolean"):
        return value
    number = int.from_bytes(value, sys.byteorder, signed=True)
    return number if spec == "integer" else number != 0
