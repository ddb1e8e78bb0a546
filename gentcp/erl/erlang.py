"""`erlang`: references, monitors and packet decoding, as far as sockets need them."""

from __future__ import annotations

from gentcp import packet as _packet
from gentcp._socket import BaseSocket
from gentcp.abc import Result, Term
from gentcp.errors import ErlangError
from gentcp.process import Process, Ref, current_process
from gentcp.process import demonitor as _demonitor
from gentcp.process import monitor as _monitor

from . import inet
from ._common import monitored

_LARGEST = {"packet_size": 0xFFFFFFFF, "line_length": 0xFFFFFFFF, "line_delimiter": 0xFF}


def make_ref() -> Ref:
    """`make_ref()`: an opaque value, equal to itself alone."""
    return Ref()


def self() -> Process:
    """`self()`."""
    return current_process()


def monitor(kind: Term, item: Term) -> Ref:
    """`monitor(process, Pid)`, `monitor(port, Socket)`; badarg for a socket that is no port."""
    if kind == "process" and isinstance(item, Process):
        return _monitor(item)
    if kind == "port" and isinstance(item, BaseSocket) and item.handle.is_port:
        return inet.monitor(item)
    raise ErlangError("badarg")


def demonitor(ref: Term) -> bool:
    """`demonitor(MonitorRef)`: always True.  A monitor of a socket that is no port is not its business, and stays."""
    if not isinstance(ref, Ref):
        raise ErlangError("badarg")
    socket = monitored.get(ref)
    if not _demonitor(ref) and socket is not None and socket.is_port:
        inet.cancel_monitor(ref)
    return True


def decode_packet(type: Term, data: Term, options: Term) -> Result:
    """`decode_packet(Type, Bin, Options)`: one packet from the front of `data`.

    `("ok", packet, rest)`, `("more", length | "undefined")` or `("error", "invalid")`; badarg for a type or option
    that does not exist, and for `line_delimiter` where there are no lines.
    """
    if not isinstance(data, bytes) or not isinstance(options, list):
        raise ErlangError("badarg")
    given: dict[str, int] = {}
    for option in options:
        if not _is_option(option) or (option[0] == "line_delimiter" and type != "line"):
            raise ErlangError("badarg")
        given[option[0]] = option[1]
    try:
        return _packet.decode_packet(type, data, given)
    except ValueError:
        raise ErlangError("badarg") from None


def _is_option(option: Term) -> bool:
    if not isinstance(option, tuple) or len(option) != 2:
        return False
    name, value = option
    return isinstance(name, str) and type(value) is int and 0 <= value <= _LARGEST.get(name, -1)
