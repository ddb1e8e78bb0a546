"""setopts and getopts of a port.

The driver checks the types of a whole list first, then applies it from its end (so of two values for one option the
first stays), and stops at the first option that fails.  Most refusals of the operating system are swallowed.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from gentcp.abc import Result
from gentcp.engine import (
    READ,
    filename_bytes,
    get_option,
    get_raw,
    look,
    packet_options,
    ready,
    set_option,
    set_raw,
    split_list,
)
from gentcp.errors import ErlangError
from gentcp.options import BY_NAME, as_pair, behaviours, int32, is_count, valid
from gentcp.terms import is_int

from . import _input
from ._states import CONNECTED, UNPLUGGED

if TYPE_CHECKING:
    from ._port import InetPort

Term = Any
_ON = behaviours("inet")
_DEVICE_SIZE = 16  # IFNAMSIZ
_MOST_RAW = 65522
"""Bytes of a raw option that fit the driver's answer."""
_NAMES_READ = {"ssl_tls": "ssl"}
"""The driver knows a packet type by its number, and gives back the first of its names."""


def get_all(port: InetPort, names: Term) -> Result:
    """inet:getopts/2."""
    asked, end = split_list(names)
    if end != [] and not asked:
        raise ErlangError("function_clause")
    look(port)
    with port.lock:
        if (refused := port.answer("getopts")) is not None and end == []:
            return refused
        values = read(port, asked) if refused is None else []
    if values is not None and end != []:
        raise ErlangError("function_clause")
    return ("error", "einval") if values is None else ("ok", values)


def normalised(options: list[Term]) -> list[tuple[str, Term]] | None:
    """Name and value of each option, numbers cut down to 32 bits; None when one is unknown or of the wrong type."""
    found: list[tuple[str, Term]] = []
    for option in options:
        pair = as_pair(option)
        if pair is None:
            return None
        name, value = pair
        if name == "active":
            if value is not True and value is not False and value != "once" and not is_count(value):
                return None
        elif not valid(name, value):
            return None
        else:
            value = _SENT.get(BY_NAME[name].kind, _as_it_is)(value)
        found.append((name, value))
    return found


def _uint32(number: int) -> int:
    """Numbers that cannot be negative, in the driver's 32 bits."""
    return number & 0xFFFFFFFF


def _as_it_is(value: Term) -> Term:
    return value


def _time(value: Term) -> Term:
    sent = -1 if value == "infinity" else int32(value)
    return "infinity" if sent == -1 else sent


_SENT: dict[str, Callable[[Term], Term]] = {
    "int": int32,
    "uint": _uint32,
    "time": _time,
    "linger": lambda value: (value[0], int32(value[1])),
    "raw": lambda value: (int32(value[0]), int32(value[1]), value[2]),
    "filename": filename_bytes,
}
"""What becomes of a value on its way to the driver, by kind."""


def apply(port: InetPort, options: list[tuple[str, Term]]) -> str:
    """Apply checked options with the lock held; "" or the reason."""
    was, packet = _mode(port), port.settings["packet"]
    primed = port.primed is port.active and _input.is_primed(port)
    for name, _value in options:
        if name in _input.FRAMING:
            _input.keep(port)
            port.inbound.retry()
            break
    reason, before = "", port.state
    for name, value in reversed(options):
        reason = _apply_one(port, name, value)
        if reason or port.state is not before:  # by `active`, which told the owner of the end
            break
    port.primed = None
    if primed:
        _input.prime(port)
    deliver(port, was=was, reframed=packet != port.settings["packet"])
    return reason


def _apply_one(port: InetPort, name: str, value: Term) -> str:
    if name == "active":
        return _apply_active(port, value)
    option, behaviour = BY_NAME[name], _ON[name]
    if option.kind in ("membership", "interface"):
        return _apply_multicast(port, option.kind, value)
    if behaviour.role == "ignored":
        return ""
    if option.system is None and name != "raw":
        settings = port.own_settings.set(name, value)
        if settings is None:
            return "einval"
        port.settings = settings
        if name == "delay_send":
            port.look()
        return ""
    if option.kind == "device" and len(value) > _DEVICE_SIZE:
        return "einval"
    try:
        if name == "raw":
            set_raw(port.sock, *value)
        elif option.system is not None:
            set_option(port.sock, option.system, value)
    except OSError:
        if behaviour.reports:
            return "einval"
    if name == "recbuf":
        port.settings = port.own_settings.recbuf_changed(value)
    elif name == "linger":
        port.lingers = value[0]
    return ""


def _apply_multicast(port: InetPort, kind: str, value: Term) -> str:
    """Groups are for datagrams: a stream gets nothing from them, but their family is looked at."""
    if kind == "membership":
        return "" if port.sock.family == (socket.AF_INET if len(value[0]) == 4 else socket.AF_INET6) else "einval"
    return "einval" if port.sock.family == socket.AF_UNIX else ""


def _apply_active(port: InetPort, value: Term) -> str:
    if not port.set_active(value):
        return "einval"
    if port.state is UNPLUGGED and port.active is not False:
        port.transit("activate", port.owes_recv or "closed")
        if port.owes_recv:
            port.owes_recv = "closed"  # the reset has been told
    return ""


def _mode(port: InetPort) -> Term:
    return port.active if isinstance(port.active, (bool, str)) else "count"


def deliver(port: InetPort, *, was: Term, reframed: bool) -> None:
    """What setopts does when the options are set: `was` is the mode before; `reframed`: the packet type has changed."""
    if port.inbound.buf:
        port.inbound.settle()
    if port.state is not CONNECTED:
        return
    changed = _mode(port) != was
    if changed:
        port.deaf = False
    if was is not False and reframed:
        port.goal = 0
    if not (reframed or changed):
        return
    if port.receiver is not None:
        if reframed and port.receiver.length:
            _input.hold_for(port, port.receiver.length)
            port.receiver.length = 0  # a packet, of just these bytes
        port.receiver.look()  # it reads while the port is passive
    if port.active is not False:
        at_once = was is False and port.active is not True and not reframed
        if at_once:
            port.primed = port.active
        if was is False and port.receiver is not None:
            _input.hold_for(port, port.receiver.length)
        port.fresh = 1 if at_once else 0
        port.start_active()
        port.fresh = 0
        if port.ignored:
            _look_once(port)


def _look_once(port: InetPort) -> None:
    """Read what there is, as setopts does with a descriptor that is not watched, too."""
    port.ignored = False
    port.arm()
    if port.armed and ready(port.fd, READ):
        port.read_for_owner()
    port.disarm()
    port.ignored = True


def read(port: InetPort, names: list[Term]) -> list[tuple[Term, ...]] | None:
    """The values that this socket has, in the order asked for; None when a name is unknown."""
    found: list[tuple[Term, ...]] = []
    for name in names:
        values = _read_raw(port, name) if isinstance(name, tuple) else _read_one(port, name)
        if values is None:
            return None
        found.extend(values)
    return found


def _read_one(port: InetPort, name: Term) -> list[tuple[Term, ...]] | None:
    behaviour = _ON.get(name) if isinstance(name, str) else None
    if behaviour is None or behaviour.told == "error":
        return None
    if behaviour.told == "nothing":
        return None if BY_NAME[name].kind == "interface" and port.sock.family == socket.AF_UNIX else []
    if name == "active":
        return [(name, port.active)]
    if name == "pktoptions":
        return _read_packet_options(port)
    system = BY_NAME[name].system
    if system is None:
        return _read_setting(port, name)
    try:
        return [(name, get_option(port.sock, system))]
    except OSError:
        return []


def _read_setting(port: InetPort, name: str) -> list[tuple[Term, ...]]:
    value = port.settings[name]
    if name == "netns":
        return [] if value is None else [(name, list(value))]
    return [(name, _NAMES_READ.get(value, value) if name == "packet" else value)]


def _read_packet_options(port: InetPort) -> list[tuple[Term, ...]] | None:
    if port.sock.family == socket.AF_UNIX:
        return None
    try:
        return [("pktoptions", packet_options(port.sock))]
    except OSError:
        return []


def _read_raw(port: InetPort, request: tuple[Term, ...]) -> list[tuple[Term, ...]] | None:
    """`{raw, Level, Option, Size}` or `{raw, {Level, Option, Size}}`; `{Name, undefined}` is Name."""
    if len(request) == 2 and request[0] != "raw":
        return _read_one(port, request[0]) if request[1] in ("undefined", None) else None
    parts = request[1] if len(request) == 2 else request[1:]
    if request[:1] != ("raw",) or not isinstance(parts, tuple) or len(parts) != 3:
        return None
    size = len(parts[2]) if isinstance(parts[2], bytes) else parts[2]
    if any(not is_int(part) for part in (*parts[:2], size)) or size < 0 or _uint32(size) > _MOST_RAW:
        return None
    level, number = int32(parts[0]), int32(parts[1])
    try:
        return [("raw", level, number, get_raw(port.sock, level, number, _uint32(size)))]
    except OSError:
        return []
