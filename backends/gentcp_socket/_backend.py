"""connect, listen and fdopen of the socket backend."""

from __future__ import annotations

import socket
from time import monotonic
from typing import Any

from gentcp.abc import Result, Term, Time
from gentcp.engine import (
    DOMAINS,
    FAMILIES,
    PROTOCOLS,
    Acceptors,
    Opening,
    SteppingBackend,
    Steps,
    bind_name,
    chardata_bytes,
    complete,
    connect_options,
    connect_socket,
    listen_options,
    new_socket,
    open_socket,
    pick_family,
    pick_module,
    resolve,
    service,
    set_when_made,
    sockaddr,
    translate_ip,
)
from gentcp.errors import ErlangError, Exit, reason_of
from gentcp.options import behaviours, names
from gentcp.process import Process, current_process
from gentcp.terms import is_int

from . import _options
from ._handle import SocketSocket, seconds
from ._settings import INITIAL
from ._states import CONNECTED, LISTENING

_MOST_BACKLOG = 0x7FFFFFFF  # what a negative backlog is to listen(2); Python would make it 0
_INT = range(-(1 << 31), 1 << 31)
_KNOWN = behaviours("socket").keys() - names("socket", "foreign")


class SocketBackend(SteppingBackend):
    """`{inet_backend, socket}`: nothing is buffered."""

    name = "socket"
    description = "unbuffered: send blocks until the system has everything, and a timeout hands back the exact rest"

    def connect_steps(self, process: Process, address: Term, port: Term, options: list[Term], timeout: Time) -> Steps:
        wait = seconds(timeout)
        deadline = None if wait is None else monotonic() + wait
        domain = None
        if isinstance(address, dict):
            domain, port, address = address["family"], address["port"], address["addr"]
        module, rest = pick_module(_internal(options), address)
        if not isinstance(module, str) or module not in FAMILIES:
            raise ErlangError(("case_clause", module))
        family = FAMILIES[module]
        rest, protocol = _split_off(rest)
        addresses, reason = yield from resolve(address, family)
        if reason:
            return ("error", reason)
        number, reason = service(port, family)
        if reason:
            return ("error", reason)
        opening = connect_options(rest, family)
        if domain is not None:
            family = socket.AF_INET6 if domain == "inet6" else socket.AF_INET
        _check_binding(opening, family)
        _check_fd(opening.fd)
        opening.protocol, wrong = _protocol(protocol)
        if wrong:
            return ("error", ("shutdown", wrong) if isinstance(protocol, str) else wrong)
        handle = yield from self._connected(process, opening, family, addresses, number, deadline, at_once=wait == 0)
        if not isinstance(handle, SocketSocket):
            return ("error", handle)
        handle.settings = handle.settings.changed("start_opts", [("timeout", timeout)])
        handle.start()
        handle.read_waited = handle.active is not False  # nothing has come yet
        return ("ok", handle)

    def _connected(
        self,
        process: Process,
        opening: Opening,
        family: int,
        addresses: list[Term],
        port: int,
        deadline: float | None,
        *,
        at_once: bool,
    ) -> Steps:
        """A handle that is connected and not yet its owner's; or a reason, with the socket closed."""
        try:
            sock = new_socket(open_socket(family, opening))
        except OSError as error:
            reason = reason_of(error)
            return reason if opening.fd is not None and opening.fd >= 0 else ("shutdown", reason)
        handle = self._prepare(process, sock, opening, family, bind=opening.ifaddr is not None or opening.port != 0)
        if not isinstance(handle, SocketSocket):
            return handle
        try:
            failure = yield from self._connect(process, sock, addresses, port, family, deadline, at_once)
        except BaseException:
            sock.close()
            raise
        if failure:
            sock.close()
            return failure
        handle.write_waited = family != socket.AF_UNIX
        return handle

    def _connect(
        self,
        process: Process,
        sock: socket.socket,
        addresses: list[Term],
        port: int,
        family: int,
        deadline: float | None,
        at_once: bool,
    ) -> Steps:
        """One socket for all addresses: after a refused one the system answers econnaborted."""
        failure: Term = "einval"
        for ip in addresses if sock.family == family else ():
            try:
                there = sockaddr(ip, _port16(port), family)
            except ValueError:
                invalid = _invalid(ip, port, family)
                described = len(invalid[1]) == 2 and invalid[1][0] == "sockaddr"
                return "einval" if described else invalid
            failure = yield from connect_socket(process, sock, there, deadline, patient=not at_once)
            if failure in ("", "einval", "timeout", "closed"):
                break
        return failure

    def listen_for(self, process: Process, port: Term, options: list[Term]) -> Result:
        family, rest = pick_family(_internal(options))
        rest, protocol = _split_off(rest)
        number, reason = service(port, family)
        if reason:
            return ("error", reason)
        opening = listen_options([("port", number), *rest], family)
        _check_binding(opening, family)
        _check_fd(opening.fd)
        opening.protocol, wrong = _protocol(protocol)
        if wrong:
            return ("error", wrong)
        try:
            sock = new_socket(open_socket(family, opening))
        except OSError as error:
            return ("error", reason_of(error))
        bind = family != socket.AF_UNIX and (opening.fd is None or opening.ifaddr_given)
        handle = self._prepare(process, sock, opening, family, bind=bind or opening.ifaddr_given, listening=True)
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
        handle.acceptors = Acceptors(sock, handle.lock)
        set_when_made(handle, opening.options)
        handle.settings = handle.settings.changed("start_opts", [("timeout", "infinity")])
        handle.start()
        return ("ok", handle)

    def fdopen(self, fd: Term, options: list[Term]) -> Result:
        """OTP 29 takes the descriptor and ignores the options."""
        if not is_int(fd) or fd < 0:
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
        self,
        process: Process,
        sock: socket.socket,
        opening: Opening,
        family: int,
        *,
        bind: bool,
        listening: bool = False,
    ) -> Any:
        """A handle with its options set, bound if it is to be; or a reason, with the socket closed."""
        try:
            options = _known(opening.options)
            handle = SocketSocket(self, sock, process, INITIAL, LISTENING if listening else CONNECTED)
            active = [value for name, value in options if name == "active"]
            with handle.lock:
                reason: Term = _options.apply(handle, [pair for pair in options if pair[0] != "active"])
                for value in active:
                    reason = reason or _options.apply_active(handle, value)
            if not reason and bind:
                reason = _bind(sock, opening, family)
            handle.bound = bind or (family != socket.AF_UNIX and opening.fd is None)
        except BaseException:
            sock.close()
            raise
        if reason:
            sock.close()
            return reason
        return handle


def _internal(options: Term) -> list[tuple[str, Term]]:
    """Every option as a pair; exit badarg for what has not the shape of one."""
    found = _options.each(options, _options.normalised)
    if found is None:
        raise Exit("badarg")
    return found


def _split_off(options: list[tuple[str, Term]]) -> tuple[list[tuple[str, Term]], Term]:
    """Without what is for opening the socket or starting its process; and the protocol."""
    protocol: Term = "default"
    for name, value in options:
        if name == "protocol":
            protocol = value
    return [option for option in options if option[0] not in ("sys_debug", "debug", "protocol")], protocol


def _protocol(term: Term) -> tuple[int, Term]:
    """Its number and "", or a reason."""
    if isinstance(term, str) and term in PROTOCOLS:
        return PROTOCOLS[term], ""
    number = term[1] if isinstance(term, tuple) and len(term) == 2 and term[0] == "raw" else term
    if is_int(number):
        return (number, "") if number in _INT else (0, ("case_clause", ("integer_range", number)))
    return 0, ("invalid", ("protocol", term))


def _check_binding(opening: Opening, family: int) -> None:
    """A local socket is bound to a path or not at all."""
    ifaddr = opening.ifaddr
    if family != socket.AF_UNIX or ifaddr == "any" or (isinstance(ifaddr, dict) and ifaddr.get("family") == "local"):
        return
    if (ifaddr is None and opening.port != 0) or not (
        ifaddr is None or (isinstance(ifaddr, tuple) and len(ifaddr) == 2 and ifaddr[0] == "local")
    ):
        raise ErlangError(("case_clause", "undefined" if ifaddr is None else ifaddr))


def _check_fd(fd: Term) -> None:
    if fd is not None and not is_int(fd):
        raise ErlangError("function_clause")


def _check_backlog(backlog: Term) -> None:
    if not is_int(backlog):
        raise Exit(("badarg", ("gen_statem", "call", [])))  # the server process of OTP dies of it


def _known(options: list[Term]) -> list[tuple[str, Term]]:
    """Defaults from the environment have not been checked; what is not a pair is dropped, as in OTP."""
    pairs = [option for option in options if isinstance(option, tuple) and len(option) == 2]
    for name, _value in pairs:
        if name not in _KNOWN:
            raise Exit("badarg")
    return pairs


def _bind(sock: socket.socket, opening: Opening, family: int) -> Term:
    ifaddr = "any" if opening.ifaddr is None else opening.ifaddr
    if sock.family != family:
        return "einval"
    try:
        sock.bind(_name_to_bind(ifaddr, opening.port, family))
    except ErlangError as error:
        return error.term
    except ValueError:
        own = isinstance(ifaddr, dict) and ifaddr.get("family") == DOMAINS[family]
        return ("invalid", ("sockaddr", ifaddr)) if own else _invalid(ifaddr, opening.port, family)
    except OSError as error:
        return reason_of(error)
    return ""


def _name_to_bind(ifaddr: Term, port: Term, family: int) -> Any:
    if not isinstance(ifaddr, dict):
        return bind_name(translate_ip(ifaddr, family) if ifaddr == "any" else ifaddr, _port16(port), family)
    if ifaddr.get("family") != DOMAINS[family]:
        raise ValueError("an address of another family")
    whole = complete(ifaddr)
    if not all(_unsigned(whole.get(name, 0)) for name in ("flowinfo", "scope_id")):
        raise ValueError("numbers of 32 bits")
    return bind_name({**whole, "port": _port16(whole.get("port"))}, port, family)


def _unsigned(number: Term) -> bool:
    return (type(number) is int or is_int(number)) and 0 <= number < 1 << 32


def _port16(port: Term) -> Term:
    """32 bits reach the system's address, 16 of them count."""
    known = type(port) is int or is_int(port)
    return port & 0xFFFF if known and -(1 << 31) <= port < 1 << 31 else port


def _invalid(address: Term, port: Term, family: int) -> Term:
    """What the socket module says of a term that is no socket address."""
    if family != socket.AF_UNIX:
        return ("invalid", ("sockaddr", {"addr": address, "family": DOMAINS[family], "port": port}))
    path = address[1] if isinstance(address, tuple) else address
    if isinstance(path, list) and chardata_bytes(path) is None:
        return ("invalid", ("path", path))
    described = {"family": "local", "path": path}
    if isinstance(path, (bytes, list)) and len(path) <= 255:
        return ("invalid", ("sockaddr", described))
    return ("invalid", ("sockaddr", "path", described))


backend = SocketBackend()
