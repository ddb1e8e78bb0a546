"""connect, listen and fdopen of the inet backend."""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection
from functools import partial
from time import monotonic
from typing import Any

from gentcp.abc import Result, Term, Time
from gentcp.engine import (
    Acceptors,
    Opening,
    State,
    SteppingBackend,
    Steps,
    bind_name,
    connect_options,
    connect_socket,
    is_ip,
    listen_options,
    map_name,
    new_socket,
    open_socket,
    pick_family,
    resolve,
    service,
    set_when_made,
    sockaddr,
)
from gentcp.errors import ErlangError, Exit, reason_of
from gentcp.process import Process, current_process
from gentcp.terms import is_int

from . import _options
from ._port import InetPort
from ._registering import register
from ._settings import INITIAL
from ._states import CONNECTED, LISTENING, OPEN

_DRIVERS = ("tcp", "mptcp", "udp", "sctp")
_STREAMS = {"tcp": 6, "mptcp": 262}
_FAMILIES = {"inet": socket.AF_INET, "inet6": socket.AF_INET6, "local": socket.AF_UNIX}
_KINDS = ("stream", "dgram", "seqpacket")
_LONGEST = (1 << 63) // 1_000_000
"""Milliseconds of a timer: 292 years, whose nanoseconds have 63 bits."""


class InetBackend(SteppingBackend):
    """`{inet_backend, inet}`: sends are buffered and flushed in the background."""

    name = "inet"
    description = "buffered: send queues what the system does not take and returns; flushed in the background"

    def connect_steps(self, process: Process, address: Term, port: Term, options: list[Term], timeout: Time) -> Steps:
        deadline = _deadline(timeout)
        try:
            result = yield from self._connect(process, address, port, options, deadline)
        except ErlangError as error:  # connect catches what it calls, and exits
            raise Exit(error.term) from None
        if result == ("error", "einval"):
            raise Exit("badarg")
        return result

    def _connect(
        self, process: Process, address: Term, port: Term, options: list[Term], deadline: float | None
    ) -> Steps:
        if not isinstance(options, list):
            raise ErlangError("function_clause")
        family, rest = pick_family(options, address)
        if isinstance(address, dict):
            return (yield from self._connect_map(process, address, rest, family, deadline))
        addresses, reason = yield from resolve(address, family)
        if reason:
            return ("error", reason)
        number, reason = service(port, family)
        if reason:
            return ("error", reason)
        if not 0 <= number <= 65535:
            raise ErlangError("function_clause")
        result: Result = ("error", "einval")
        for ip in addresses:
            opening = connect_options(rest, family)
            _check_binding(opening, family, maps=False)
            there = partial(sockaddr, ip, number, family)
            result = yield from self._connect_one(process, there, opening, family, deadline)
            if result[0] == "ok" or result[1] in ("einval", "timeout"):
                break
        return result

    def _connect_map(
        self, process: Process, address: dict[str, Term], options: list[Term], family: int, deadline: float | None
    ) -> Steps:
        ip, port = address["addr"], address["port"]
        if family == socket.AF_UNIX or not (ip == "loopback" or is_ip(ip, family)) or not _is_port(port):
            raise ErlangError("function_clause")
        opening = connect_options(options, family)
        _check_binding(opening, family, maps=True)
        return (yield from self._connect_one(process, partial(map_name, address, family), opening, family, deadline))

    def _connect_one(
        self, process: Process, there: Callable[[], Any], opening: Opening, family: int, deadline: float | None
    ) -> Steps:
        """`there` gives what connect(2) takes, once the socket has been made."""
        handle = self._open(process, opening, family, bind=opening.ifaddr is not None or opening.port != 0)
        if isinstance(handle, str):
            return ("error", handle)
        try:
            reason = yield from connect_socket(process, handle.sock, there(), deadline, trusting=True)
        except ValueError:
            reason = "einval"
        except OSError as error:
            reason = reason_of(error)
        except BaseException:
            handle.sock.close()
            raise
        if reason:
            handle.sock.close()
            return ("error", reason)
        handle.start()
        return ("ok", handle)

    def listen_for(self, process: Process, port: Term, options: list[Term]) -> Result:
        if not isinstance(options, list):
            raise ErlangError("function_clause")
        family, rest = pick_family(options)
        number, reason = service(port, family)
        if reason:
            raise Exit("badarg")
        opening = listen_options([("port", number), *rest], family)
        _check_binding(opening, family, maps=True)
        if not is_int(opening.backlog):
            raise ErlangError("function_clause")
        if opening.ifaddr is None and family != socket.AF_UNIX:
            opening.ifaddr = (0, 0, 0, 0) if family == socket.AF_INET else (0,) * 8
        handle = self._open(process, opening, family, bind=opening.fd is None or opening.ifaddr_given, state=LISTENING)
        if isinstance(handle, str):
            return ("error", handle)
        try:
            handle.sock.listen(opening.backlog & 0xFFFF)  # 16 bits on the way to the driver, -1 the most there is
        except OSError as error:
            handle.sock.close()
            return ("error", reason_of(error))
        handle.acceptors = Acceptors(handle.sock, handle.lock)
        set_when_made(handle, opening.options)
        handle.start()
        return ("ok", handle)

    def fdopen(self, fd: Term, options: list[Term]) -> Result:
        """As in OTP the options are those of setopts, and the socket is passive unless they say otherwise."""
        if not isinstance(options, list):
            raise ErlangError("function_clause")
        family, rest = pick_family(options)
        if not is_int(fd) or fd < 0:
            raise ErlangError("function_clause")
        handle = self._open(current_process(), Opening(fd=fd, options=rest), family, bind=False)
        if isinstance(handle, str):
            return ("error", handle)
        handle.start()
        return ("ok", handle)

    def primitive(self, module: str, function: str, *arguments: Term) -> Result:
        if (module, function) != ("prim_inet", "open") or not 3 <= len(arguments) <= 4:
            raise ErlangError("undef")
        return self._open_bare(*arguments)

    def _open_bare(self, protocol: Term, family: Term, kind: Term, options: Term = ()) -> Result:
        """`prim_inet:open/3,4`."""
        if not (_is_one_of(_DRIVERS, protocol) and _is_one_of(_FAMILIES, family) and _is_one_of(_KINDS, kind)):
            raise ErlangError("function_clause")
        if not isinstance(options, (list, tuple)):
            raise ErlangError("function_clause")
        if protocol not in _STREAMS:
            return ("error", "eprotonosupport")
        if kind != "stream":
            return ("error", "einval")
        opening = Opening(protocol=_STREAMS[protocol], options=list(options))
        handle = self._open(current_process(), opening, _FAMILIES[family], bind=False, state=OPEN)
        if isinstance(handle, str):
            return ("error", handle)
        register(handle, "undefined")
        handle.start()
        return ("ok", handle)

    def _open(
        self, process: Process, opening: Opening, family: int, *, bind: bool, state: State = CONNECTED
    ) -> InetPort | str:
        """A port with its options set, bound if it is to be; not yet its owner's.  Or a reason."""
        if family == socket.AF_UNIX:
            opening.protocol = 0
        try:
            sock = new_socket(open_socket(family, opening))
        except OSError as error:
            return reason_of(error)
        if sock.family != family:
            sock.close()
            return "einval"
        handle = InetPort(self, sock, process, INITIAL, state)
        if opening.netns is not None:
            opening.options.insert(0, ("netns", opening.netns))
        try:
            checked = _options.normalised(opening.options)
            reason = "einval" if checked is None else _set(handle, checked)
            if not reason and bind:
                reason = _bind(sock, opening, family)
        except BaseException:
            sock.close()
            raise
        if reason:
            sock.close()
            return reason
        return handle


def _is_one_of(names: Collection[str], term: Term) -> bool:
    return isinstance(term, str) and term in names


def _set(handle: InetPort, options: list[tuple[str, Any]]) -> str:
    """As setopts, but nothing is delivered yet."""
    active = [value for name, value in options if name == "active"]
    with handle.lock:
        reason = _options.apply(handle, [pair for pair in options if pair[0] != "active"])
        if not reason and not all(handle.set_active(value) for value in reversed(active)):
            reason = "einval"
    return reason


def _bind(sock: socket.socket, opening: Opening, family: int) -> str:
    try:
        ifaddr = opening.ifaddr
        if ifaddr is None:
            if family == socket.AF_UNIX:
                return ""
            ifaddr = (0, 0, 0, 0) if family == socket.AF_INET else (0,) * 8
        sock.bind(bind_name(ifaddr, opening.port, family))
    except ValueError:
        return "einval"
    except OSError as error:
        return reason_of(error)
    return ""


def _check_binding(opening: Opening, family: int, *, maps: bool) -> None:
    """The guards of inet_tcp, inet6_tcp and local_tcp: exit badarg."""
    ifaddr = opening.ifaddr
    if maps and isinstance(ifaddr, dict) and family != socket.AF_UNIX:
        _check_map(ifaddr, opening.port)
        return
    if family == socket.AF_UNIX:
        fits = ifaddr is None or (isinstance(ifaddr, tuple) and len(ifaddr) == 2 and ifaddr[0] == "local")
        fits = fits and opening.port == 0
    else:
        fits = _is_port(opening.port)
        fits = fits and (ifaddr is None or is_ip(ifaddr, family))
    if not fits:
        raise Exit("badarg")


def _check_map(ifaddr: dict[str, Term], port: Term) -> None:
    """Its port is the one in the map; yet the other must be a number."""
    if not is_int(port):
        raise ErlangError("function_clause")
    if ifaddr.get("family") not in ("inet", "inet6") or not {"addr", "port"} <= ifaddr.keys():
        return
    if not isinstance(ifaddr["addr"], tuple) and ifaddr["addr"] not in ("any", "loopback"):
        raise ErlangError("badarg")


def _is_port(number: Term) -> bool:
    return (type(number) is int or is_int(number)) and 0 <= number <= 65535


def _deadline(timeout: Time) -> float | None:
    if timeout == "infinity":
        return None
    if (type(timeout) is not int and not is_int(timeout)) or not 0 <= timeout <= _LONGEST:
        raise ErlangError("badarg")
    return monotonic() + (timeout & 0xFFFFFFFF) / 1000  # of what the timer has left the driver sees 32 bits


backend = InetBackend()
