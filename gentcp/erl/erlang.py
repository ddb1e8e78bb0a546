"""`erlang`: references, monitors, ports and packet decoding, as far as sockets need them."""

from __future__ import annotations

from gentcp import system_monitor as _system_monitor
from gentcp._face import Face
from gentcp.abc import Result, Term
from gentcp.errors import ErlangError
from gentcp.packet import decode_packet as _decode_packet
from gentcp.process import Process, Ref, current_process
from gentcp.process import demonitor as _demonitor
from gentcp.process import monitor as _monitor
from gentcp.terms import is_int
from gentcp.tokens import token

from . import inet
from ._common import monitored
from ._primitives import primitive

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
    if kind == "port" and isinstance(item, Face) and item.handle.is_port:
        return inet.monitor(item)
    raise ErlangError("badarg")


def demonitor(ref: Term, options: Term = None) -> bool:
    """`demonitor(MonitorRef)`, `demonitor(MonitorRef, Options)`: True.

    With "info" False when there was no such monitor any more; with "flush" a DOWN message of it is taken out of the
    mailbox.  A monitor of a socket that is no port is not its business, and stays.
    """
    given = [] if options is None else options
    if not isinstance(ref, Ref) or not isinstance(given, list) or any(o not in ("flush", "info") for o in given):
        raise ErlangError("badarg")
    socket = monitored.get(ref)
    found = _demonitor(ref) or (socket is not None and socket.is_port and inet.cancel_monitor(ref))
    if "flush" in given and not found:
        current_process().take(lambda m: isinstance(m, tuple) and len(m) == 5 and m[0] == "DOWN" and m[1] is ref)
    return found if "info" in given else True


def is_port(term: Term) -> bool:
    """`is_port(Term)`: True for the sockets of backends whose sockets are ports."""
    return isinstance(term, Face) and term.handle.is_port


def term_to_binary(term: Term, options: Term) -> bytes:
    """`term_to_binary(Ref, [local])`, for the label of `port_command`.  Only a reference; badarg for other terms."""
    if not isinstance(term, Ref) or options != ["local"]:
        raise ErlangError("badarg")
    return token(term)


def port_command(port: Term, data: Term, *options: Term) -> bool:
    """`port_command(Port, Data)`, `port_command(Port, Data, Options)`; False when the port is busy, with "nosuspend".

    Without an option the caller waits as long as the port is busy; with "force" it does not care.  Data is a label and
    what is to be sent, `[size, binary, payload]`: `binary` is `term_to_binary(ref, ["local"])`, its size two bytes.
    The result of sending is the message `("inet_reply", port, result, ref)`; data without a label ends the port.
    """
    done: bool = primitive("erlang", "port_command", port, data, *options)
    return done


def port_close(port: Term) -> bool:
    """`port_close(Port)`: True; what is queued is still written.  badarg for a closed port."""
    done: bool = primitive("erlang", "port_close", port)
    return done


def port_connect(port: Term, process: Term) -> bool:
    """`port_connect(Port, Pid)`: make any process the owner, without its messages."""
    done: bool = primitive("erlang", "port_connect", port, process)
    return done


def port_info(port: Term, *item: Term) -> Term:
    """`port_info(Port)`, `port_info(Port, Item)`: "undefined" for a closed port."""
    return primitive("erlang", "port_info", port, *item)


def system_monitor(*process_and_options: Term) -> Term:
    """`system_monitor()`, `system_monitor(Pid | undefined, Options)`, `system_monitor(undefined | {Pid, Options})`.

    Gives what was set before: `(pid, options)` or "undefined".  With "busy_port" among its options, Pid gets
    `("monitor", suspended, "busy_port", port)` when a sender is suspended.
    """
    before = _system_monitor.get_monitor() or "undefined"
    try:
        match process_and_options:
            case ():
                pass
            case ("undefined",):
                _system_monitor.set_monitor(None, [])
            case ("undefined", list(options)):
                _system_monitor.set_monitor(None, options)
            case (Process() as process, list(options)) | ((Process() as process, list(options)),):
                _system_monitor.set_monitor(process, options)
            case _:
                raise ErlangError("badarg")
    except ValueError:
        raise ErlangError("badarg") from None
    return before


def decode_packet(type: Term, data: Term, options: Term) -> Result:
    """`decode_packet(Type, Bin, Options)`: one packet from the front of `data`.

    `("ok", packet, rest)`, `("more", length | "undefined")` or `("error", "invalid")`; badarg for a type or option
    that does not exist, and for `line_delimiter` where there are no lines.
    """
    if not isinstance(data, bytes) or not isinstance(options, list):
        raise ErlangError("badarg")
    try:
        return _decode_packet(type, data, _checked(type, options) if options else None)
    except ValueError:
        raise ErlangError("badarg") from None


def _checked(type: Term, options: list[Term]) -> dict[str, int]:
    given: dict[str, int] = {}
    for option in options:
        if not _is_option(option) or (option[0] == "line_delimiter" and type != "line"):
            raise ErlangError("badarg")
        given[option[0]] = option[1]
    return given


def _is_option(option: Term) -> bool:
    if not isinstance(option, tuple) or len(option) != 2:
        return False
    name, value = option
    return isinstance(name, str) and is_int(value) and 0 <= value <= _LARGEST.get(name, -1)
