"""connect and listen of the Python face."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, Unpack, overload

from . import config
from ._addresses import address, host_term, opening_terms, port_number, text
from ._descriptors import connected_terms, family_terms
from ._failures import opening_failure, outcome
from ._keywords import (
    BytesPacket,
    ConnectOptions,
    ConnectStreamOptions,
    Host,
    ListenOptions,
    ListenStreamOptions,
    Mode,
    Parsed,
    ParsedPacket,
    SocketOptions,
    SocketStreamOptions,
)
from ._registry import available_backends, get_backend
from ._socket import Listener, Socket
from ._values import check_name, milliseconds, number
from .abc import Backend, SocketHandle, Term
from .errors import OptionError

_log = logging.getLogger("gentcp")
_T = TypeVar("_T", Socket[Any], Listener[Any])


@overload
def connect(
    host: Host,
    port: int | None = None,
    *,
    timeout: float | None = None,
    inet_backend: str | None = None,
    packet: BytesPacket = "raw",
    mode: Literal["binary"] = "binary",
    **options: Unpack[ConnectStreamOptions],
) -> Socket: ...
@overload
def connect(
    host: Host,
    port: int | None = None,
    *,
    timeout: float | None = None,
    inet_backend: str | None = None,
    packet: ParsedPacket,
    mode: Mode = "binary",
    **options: Unpack[ConnectStreamOptions],
) -> Socket[Parsed]: ...
@overload
def connect(
    host: Host,
    port: int | None = None,
    *,
    timeout: float | None = None,
    inet_backend: str | None = None,
    mode: Literal["list"],
    packet: BytesPacket = "raw",
    **options: Unpack[ConnectStreamOptions],
) -> Socket[list[int]]: ...
@overload
def connect(
    host: Host,
    port: int | None = None,
    *,
    timeout: float | None = None,
    inet_backend: str | None = None,
    **options: Unpack[ConnectOptions],
) -> Socket[Any]: ...
def connect(
    host: Host,
    port: int | None = None,
    *,
    timeout: float | None = None,
    inet_backend: str | None = None,
    **options: Unpack[ConnectOptions],
) -> Socket[Any]:
    """Connect to `host`, and be the owner of the socket.  `gen_tcp:connect/4`.

    `host` is a name, an IPv4 or IPv6 address (text or Erlang's tuple), or a local socket, given by a path object
    (`connect(Path("/run/x.sock"))`) or by `("local", path)`; only those have no port.  Names are looked up for IPv4
    addresses, with `inet6=True` for IPv6 ones.  `timeout` is in seconds, `inet_backend` the name of a backend instead
    of the default one.  Options have Erlang's names; `mode` is "binary" and `active` False unless given.

    Refused, Timeout, AddressError and other Errors; OptionError for what is wrong with the arguments.
    """
    opening = connecting(host, port, timeout, inet_backend, options)
    done, result = outcome(opening.backend.connect, *opening.arguments)
    if not done:
        raise opening.failure(result)
    return _made(result, Socket)


@overload
def listen(
    port: int = 0,
    *,
    inet_backend: str | None = None,
    packet: BytesPacket = "raw",
    mode: Literal["binary"] = "binary",
    **options: Unpack[ListenStreamOptions],
) -> Listener: ...
@overload
def listen(
    port: int = 0,
    *,
    inet_backend: str | None = None,
    packet: ParsedPacket,
    mode: Mode = "binary",
    **options: Unpack[ListenStreamOptions],
) -> Listener[Parsed]: ...
@overload
def listen(
    port: int = 0,
    *,
    inet_backend: str | None = None,
    mode: Literal["list"],
    packet: BytesPacket = "raw",
    **options: Unpack[ListenStreamOptions],
) -> Listener[list[int]]: ...
@overload
def listen(
    port: int = 0,
    *,
    inet_backend: str | None = None,
    **options: Unpack[ListenOptions],
) -> Listener[Any]: ...
def listen(port: int = 0, *, inet_backend: str | None = None, **options: Unpack[ListenOptions]) -> Listener[Any]:
    """Listen on `port`, 0 for a free one, on all addresses unless `ip` is given, and be the owner.  `gen_tcp:listen/2`.

    Accepted sockets have the listener's options.  `listen(ifaddr=Path("/run/x.sock"))` listens on a local socket,
    `listen(fd=3)` on one that is bound already, of whatever family.  See `connect` for the options and what is raised.
    """
    opening = listening(port, inet_backend, options)
    done, result = outcome(opening.backend.listen, *opening.arguments)
    if not done:
        raise opening.failure(result)
    return _made(result, Listener)


@overload
def fdopen(
    fd: int,
    *,
    inet_backend: str | None = None,
    packet: BytesPacket = "raw",
    mode: Literal["binary"] = "binary",
    **options: Unpack[SocketStreamOptions],
) -> Socket: ...
@overload
def fdopen(
    fd: int,
    *,
    inet_backend: str | None = None,
    packet: ParsedPacket,
    mode: Mode = "binary",
    **options: Unpack[SocketStreamOptions],
) -> Socket[Parsed]: ...
@overload
def fdopen(
    fd: int,
    *,
    inet_backend: str | None = None,
    mode: Literal["list"],
    packet: BytesPacket = "raw",
    **options: Unpack[SocketStreamOptions],
) -> Socket[list[int]]: ...
@overload
def fdopen(
    fd: int,
    *,
    inet_backend: str | None = None,
    **options: Unpack[SocketOptions],
) -> Socket[Any]: ...
def fdopen(fd: int, *, inet_backend: str | None = None, **options: Unpack[SocketOptions]) -> Socket[Any]:
    """A socket for a connected one of the operating system.  `gen_tcp:fdopen/2`.

    A duplicate is used: close `fd` too, or the peer does not see the end of the connection.  Its family is found out.
    Options are those of `setopts`; `mode` is "binary" and `active` False unless given.
    OptionError for what is no connected stream socket.
    """
    backend = _backend(inet_backend)
    for name in options:
        check_name(name, "s")
    family = [] if backend.elsewhere else connected_terms(fd)
    done, result = outcome(backend.fdopen, fd, family)
    if not done:
        raise opening_failure(result, {"fd": fd}, backend.name, f"descriptor {fd}", None)
    sock = _made(result, Socket)
    try:
        options.setdefault("mode", "binary")
        sock.setopts(**options)
    except BaseException:
        sock.close()
        raise
    return sock


@dataclass(frozen=True, slots=True)
class Opening:
    """The arguments of connect or listen, checked, as the backend takes them."""

    backend: Backend
    arguments: tuple[Term, ...]
    options: Mapping[str, object]
    where: str
    host: Host | None = None

    def failure(self, reason: Term) -> Exception:
        """What to raise for the backend's reason."""
        return opening_failure(reason, self.options, self.backend.name, self.where, self.host)


def connecting(
    host: Host, port: int | None, timeout: float | None, inet_backend: str | None, options: Mapping[str, Any]
) -> Opening:
    """What `connect` is given.  OptionError for what is wrong with it."""
    backend = _backend(inet_backend)
    there = host_term(host)
    wanted = port_number(there, port)
    given = opening_terms("c", options, there)
    if not backend.elsewhere:
        family_terms(options)  # that `fd`, if there is one, is a socket; the family is the host's
    return Opening(
        backend, (there, wanted, given, milliseconds("timeout", timeout)), options, _where(there, wanted), host
    )


def listening(port: int, inet_backend: str | None, options: Mapping[str, Any]) -> Opening:
    """What `listen` is given.  OptionError for what is wrong with it."""
    backend = _backend(inet_backend)
    given = opening_terms("l", options)
    if not backend.elsewhere:
        given = [*family_terms(options), *given]
    wanted = number("port", port, 0, 65535)
    if wanted and given[0] == "local":
        raise OptionError("port", "a local socket has none")
    return Opening(backend, (wanted, given), options, _bound(options, wanted))


def _backend(name: object) -> Backend:
    if name is None:
        return get_backend(config.default_backend())
    if not isinstance(name, str):
        raise OptionError("inet_backend", f"expected one of {', '.join(available_backends())}, not {name!r}")
    return get_backend(name)


def _bound(options: Mapping[str, object], port: int) -> str:
    given = options.get("ip", options.get("ifaddr"))
    return f"port {port}" if given is None else f"port {port} of {given}"


def _where(host: Term, port: int) -> str:
    if isinstance(host, str):
        return text((host, port))
    return text(address(host if host[0] == "local" else (host, port)))


def _made(handle: SocketHandle, kind: type[_T]) -> _T:
    term = handle.term
    assert isinstance(term, kind)
    _log.debug("%s %r", "listen" if handle.listening else "connect", term)
    return term
