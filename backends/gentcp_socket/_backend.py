"""connect, listen and fdopen of the socket backend."""

from __future__ import annotations

import socket
from time import monotonic
from typing import Any

from gentcp.abc import Backend, Result, Term, Time
from gentcp.engine import (
    Acceptors,
    Opening,
    connect_options,
    connect_socket,
    listen_options,
    new_socket,
    open_socket,
    pick_family,
    resolve,
    service,
    sockaddr,
)
from gentcp.errors import ErlangError, Exit, reason_of
from gentcp.options import BY_NAME
from gentcp.process import current_process
from gentcp.terms import ImproperList

from . import _options
from ._handle import SocketSocket, seconds
from ._settings import IGNORED, INITIAL, SERVER_OPTIONS
from ._states import CONNECTED, LISTENING

_MOST_BACKLOG = 0x7FFFFFFF  # what a negative backlog is to listen(2); Python would make it 0
_DOMAINS: dict[int, str] = {socket.AF_INET: "inet", socket.AF_INET6: "inet6", socket.AF_UNIX: "local"}


class SocketBackend(Backend):
    """`{inet_backend, socket}`: nothing is buffered."""

    name = "socket"
    description = "unbuffered: send blocks until the system has everything, and a timeout hands back the exact rest"

    def connect(self, address: Term, port: Term, options: list[Term], timeout: Time) -> Result:
        wait = seconds(timeout)
        deadline = None if wait is None else monotonic() + wait
        family, rest = pick_family(_internal(options), address)
        rest = [option for option in rest if option[0] not in ("sys_debug", "debug")]
        if isinstance(address, dict):
            port, address = address.get("port", 0), address.get("addr", "any")
        addresses, reason = resolve(address, family)
        if reason:
            return ("error", reason)
        number, reason = service(port, family)
        if reason:
            return ("error", reason)
        opening = connect_options(rest, family)
        _check_fd(opening.fd)
        bind = opening.ifaddr is not None or opening.port != 0
        try:
            sock = new_socket(open_socket(family, opening))
        except OSError as error:
            reason = reason_of(error)
            return ("error", reason if opening.fd is not None else ("shutdown", reason))
        try:
            handle = self._prepare(sock, opening, family, bind=bind)
            if not isinstance(handle, SocketSocket):
                return ("error", handle)
            failure = self._connect(sock, addresses, number, family, deadline, wait == 0)
            if failure:
                sock.close()
                return ("error", failure)
        except BaseException:
            sock.close()
            raise
        handle.settings = handle.settings.changed("start_opts", [("timeout", timeout)])
        handle.start()
        return ("ok", handle)

    def _connect(
        self, sock: socket.socket, addresses: list[Term], port: int, family: int, deadline: float | None, at_once: bool
    ) -> Term:
        """One socket for all addresses: after a refused one the system answers econnaborted."""
        failure: Term = "einval"
        for ip in addresses:
            try:
                there = sockaddr(ip, port & 0xFFFF, family)
            except ValueError:
                invalid = _invalid(ip, port, family)
                too_long = family == socket.AF_UNIX and len(invalid[1]) == 2  # but a path
                return "einval" if too_long else invalid
            failure = connect_socket(sock, there, deadline, patient=not at_once)
            if failure in ("", "einval", "timeout", "closed"):
                break
        return failure

    def listen(self, port: Term, options: list[Term]) -> Result:
        family, rest = pick_family(_internal(options))
        rest = [option for option in rest if option[0] not in ("sys_debug", "debug")]
        number, reason = service(port, family)
        if reason:
            return ("error", reason)
        opening = listen_options([("port", number), *rest], family)
        _check_fd(opening.fd)
        try:
            sock = new_socket(open_socket(family, opening))
        except OSError as error:
            return ("error", reason_of(error))
        bind = family != socket.AF_UNIX and (opening.fd is None or opening.ifaddr_given)
        handle = self._prepare(sock, opening, family, bind=bind or opening.ifaddr_given, listening=True)
        if not isinstance(handle, SocketSocket):
            return ("error", handle)
        try:
            _check_backlog(opening.backlog)
            sock.listen(min(opening.backlog, _MOST_BACKLOG) if opening.backlog >= 0 else _MOST_BACKLOG)
        except OSError as error:
            sock.close()
            return ("error", reason_of(error))
        except BaseException:
            sock.close()
            raise
        handle.acceptors = Acceptors(sock)
        handle.late = {
            pair[0]: pair[1] for pair in opening.options if pair[0] == "priority"
        }  # not the kernel's to copy
        handle.start()
        return ("ok", handle)

    def fdopen(self, fd: Term, options: list[Term]) -> Result:
        """OTP 29 takes the descriptor and ignores the options."""
        if type(fd) is not int or fd < 0:
            raise ErlangError("function_clause")
        family, _rest = pick_family(_internal(options))
        try:
            sock = new_socket(open_socket(family, Opening(fd=fd)))
        except OSError as error:
            return ("error", reason_of(error))
        handle = SocketSocket(self, sock, current_process(), INITIAL, CONNECTED)
        handle.start()
        return ("ok", handle)

    def _prepare(
        self, sock: socket.socket, opening: Opening, family: int, *, bind: bool, listening: bool = False
    ) -> Any:
        """A handle with its options set, bound if it is to be; or a reason, with the socket closed."""
        try:
            options = _known(opening.options)
            handle = SocketSocket(self, sock, current_process(), INITIAL, LISTENING if listening else CONNECTED)
            active = [value for name, value in options if name == "active"]
            with handle.lock:
                reason: Term = _options.apply(handle, [pair for pair in options if pair[0] != "active"])
                if not reason and active and not handle.next_active(active[-1]):
                    reason = "einval"
            if not reason and bind:
                reason = _bind(sock, opening, family)
        except BaseException:
            sock.close()
            raise
        if reason:
            sock.close()
            return reason
        return handle


def _internal(options: Term) -> list[tuple[str, Term]]:
    """Every option as a pair; exit badarg for what has not the shape of one."""
    if isinstance(options, ImproperList):
        raise ErlangError(("bad_generator", options.tail))
    if not isinstance(options, list):
        raise ErlangError("function_clause")
    found = _options.normalised(options)
    if found is None:
        raise Exit("badarg")
    return found


def _check_fd(fd: Term) -> None:
    if fd is not None and type(fd) is not int:
        raise ErlangError("function_clause")


def _check_backlog(backlog: Term) -> None:
    if type(backlog) is not int:
        raise Exit(("badarg", ("gen_statem", "call", [])))  # the server process of OTP dies of it


def _known(options: list[Term]) -> list[tuple[str, Term]]:
    """Defaults from the environment have not been checked; what is not a pair is dropped, as in OTP."""
    pairs = [option for option in options if isinstance(option, tuple) and len(option) == 2]
    for name, _value in pairs:
        if name not in SERVER_OPTIONS and name not in IGNORED and name not in BY_NAME:
            raise Exit("badarg")
    return pairs


def _bind(sock: socket.socket, opening: Opening, family: int) -> Term:
    ifaddr = "any" if opening.ifaddr is None else opening.ifaddr
    address = ((0, 0, 0, 0) if family == socket.AF_INET else (0,) * 8) if ifaddr == "any" else ifaddr
    try:
        port = opening.port
        if type(port) is int and -(1 << 31) <= port < 1 << 31 and not isinstance(address, dict):
            port &= 0xFFFF  # 32 bits reach the system's address, 16 of them count
        sock.bind(sockaddr(address, port, family))
    except ValueError:
        return _invalid(ifaddr, opening.port, family)
    except OSError as error:
        return reason_of(error)
    return ""


def _invalid(address: Term, port: Term, family: int) -> Term:
    """What the socket module says of a term that is no socket address."""
    if family != socket.AF_UNIX:
        return ("invalid", ("sockaddr", {"addr": address, "family": _DOMAINS[family], "port": port}))
    path = address[1] if isinstance(address, tuple) else address
    described = {"family": "local", "path": path}
    if isinstance(path, (bytes, list)) and len(path) <= 255:
        return ("invalid", ("sockaddr", described))
    return ("invalid", ("sockaddr", "path", described))


backend = SocketBackend()
