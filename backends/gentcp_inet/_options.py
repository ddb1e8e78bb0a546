"""setopts and getopts of a port.

The driver checks the types of a whole list first, then applies it from its end (so of two values for one option the
first stays), and stops at the first option that fails.  Most refusals of the operating system are swallowed.
"""

from __future__ import annotations

from typing import Any

from gentcp.engine import as_pair, get_option, get_raw, raw_parts, set_option, set_raw
from gentcp.options import ACTIVE_MAX, ACTIVE_MIN, BY_NAME, valid

from ._base import PortBase
from ._states import CONNECTED, UNPLUGGED

Term = Any
_TOLD = {"priority", "tos", "tclass", "ttl", "recvtos", "recvtclass", "recvttl", "ipv6_v6only", "bind_to_device"}
"""The options whose failure setopts reports."""
_WRITE_ONLY = {"line_delimiter"}
_NAMES_READ = {"ssl_tls": "ssl"}
"""The driver knows a packet type by its number, and gives back the first of its names."""


def normalised(options: list[Term]) -> list[tuple[str, Term]] | None:
    """Name and value of each option; None when one is unknown or of the wrong type."""
    found = []
    for option in options:
        pair = as_pair(option)
        if pair is None:
            return None
        name, value = pair
        number = name == "active" and type(value) is int and ACTIVE_MIN <= value <= ACTIVE_MAX
        if not number and not valid(name, value):
            return None
        found.append((name, value))
    return found


def apply(port: PortBase, options: list[tuple[str, Term]]) -> str:
    """Apply checked options with the lock held; "" or the reason."""
    was, packet = _mode(port), port.settings["packet"]
    reason = ""
    for name, value in reversed(options):
        reason = _apply_one(port, name, value)
        if reason:
            break
    _deliver(port, was=was, reframed=packet != port.settings["packet"])
    return reason


def _apply_one(port: PortBase, name: str, value: Term) -> str:
    if name == "active":
        return _apply_active(port, value)
    option = BY_NAME[name]
    if option.foreign and option.system is None:
        return ""
    if option.system is None and name != "raw":
        settings = port.settings.set(name, value)
        if settings is None:
            return "einval"
        port.settings = settings
        return ""
    if port.fd < 0:
        return ""
    try:
        if name == "raw":
            set_raw(port.sock, *value)
        elif option.system is not None:
            set_option(port.sock, option.system, value)
    except (OSError, OverflowError):
        return "einval" if name in _TOLD else ""
    if name == "recbuf":
        port.settings = port.settings.recbuf_changed(value)
    elif name == "linger":
        port.lingers = value[0]
    return ""


def _apply_active(port: PortBase, value: Term) -> str:
    if not port.next_active(value):
        return "einval"
    if port.state is UNPLUGGED and port.active is not False:
        port.transit("activate", port.owes_recv or "closed")
        if port.owes_recv:
            port.owes_recv = "closed"  # the reset has been told
    return ""


def _mode(port: PortBase) -> Term:
    return port.active if isinstance(port.active, (bool, str)) else "count"


def _deliver(port: PortBase, *, was: Term, reframed: bool) -> None:
    port.inbound.retry()
    if port.state is not CONNECTED:
        return
    changed = _mode(port) != was
    if changed:
        port.deaf = False
    if port.active is not False and (reframed or changed):
        if port.receiver is not None:
            port.receiver.process.wake()
        port.misframed = was is False and port.active is not True and not reframed  # then it is looked at at once
        port.start_active()


def read(port: PortBase, names: list[Term]) -> list[tuple[Term, ...]] | None:
    """The values that this socket has, in the order asked for; None when a name is unknown."""
    found: list[tuple[Term, ...]] = []
    for name in names:
        if isinstance(name, tuple) and len(name) == 4 and name[0] == "raw":
            value = _read_raw(port, *name[1:])
            if value is None:
                return None
            found.extend(value)
        elif not isinstance(name, str) or name == "raw" or name in _WRITE_ONLY or name not in BY_NAME:
            return None
        else:
            found.extend(_read_one(port, name))
    return found


def _read_one(port: PortBase, name: str) -> list[tuple[Term, ...]]:
    if name == "active":
        return [(name, port.active)]
    system = BY_NAME[name].system
    if system is None:
        return [] if BY_NAME[name].foreign else [(name, _NAMES_READ.get(port.settings[name], port.settings[name]))]
    if port.fd < 0:
        return []
    try:
        return [(name, get_option(port.sock, system))]
    except OSError:
        return []


def _read_raw(port: PortBase, *parts: Term) -> list[tuple[Term, ...]] | None:
    spec = raw_parts(parts)
    if spec is None:
        return None
    try:
        return [("raw", *spec[:2], get_raw(port.sock, *spec))]
    except OSError:
        return []
