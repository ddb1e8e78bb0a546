"""Exceptions of both faces.

The Erlang face raises `ErlangError` and `Exit` where Erlang raises; everything else it returns as
`("error", reason)`.  The Python face raises `Error` and its subclasses, which stand under the built-in tree
(`OSError`, `ConnectionError`, `TimeoutError`), so that code that knows nothing of gentcp catches them too.
"""

from __future__ import annotations

import errno as _errno
import os
from typing import Any

Term = Any
"""An Erlang term as Python writes it: str is an atom, bytes a binary, list, tuple, int, float, bool, dict."""


class ErlangError(Exception):
    """An exception that Erlang would have raised: `class_` is "error", "exit" or "throw", `term` its reason."""

    class_ = "error"

    def __init__(self, term: Term, class_: str | None = None) -> None:
        super().__init__(term)
        self.term = term
        if class_ is not None:
            self.class_ = class_

    def __str__(self) -> str:
        return f"{self.class_}: {self.term!r}"


class Exit(ErlangError):
    """`exit(Reason)`: what `gen_tcp` does with options it does not know (`badarg`)."""

    class_ = "exit"


class ProcessKilled(BaseException):
    """Raised in a killed process by the gentcp call it is blocked in, or by the next one that would block."""


class Error(OSError):
    """Whatever a socket call reports as `{error, Reason}`; `reason` is the Erlang term."""

    def __init__(self, reason: Term, message: str | None = None) -> None:
        number = errno_of(reason)
        super().__init__(number, message or describe(reason))
        self.reason = reason


class Closed(Error, ConnectionError):
    """The connection is over: closed by the peer, by this side, or never made."""


class Reset(Closed, ConnectionResetError):
    """The peer reset the connection, on a socket with `show_econnreset`."""


class Refused(Error, ConnectionRefusedError):
    """Nobody listens at the address."""


class Timeout(Error, TimeoutError):
    """The time given for the call is over; nothing that was received is lost."""


class SendTimeout(Timeout):
    """`send_timeout` is over.  What became of the data depends on the backend: read `queued` before you retry.

    `queued` is True on `inet`: the driver keeps all of it and delivers it later, so sending it again sends it
    twice; `rest`, `sent` and `mid_packet` are None.  On `socket` it is False: `rest` is exactly what was not
    written (header bytes included), `sent` the number of bytes that were, and `mid_packet` says that the peer has
    the beginning of a packet, so that nothing but `rest` may follow.  All are None when the socket was closed
    (`send_timeout_close`).
    """

    def __init__(self, *, queued: bool | None, rest: bytes | None = None, sent: int | None = None) -> None:
        super().__init__("timeout")
        self.queued = queued
        self.rest = rest
        self.sent = sent
        self.mid_packet = None if sent is None else sent > 0


class MessageTooLong(Error):
    """A packet that is longer than `packet_size`, or that its packet type does not allow."""


class Busy(Error):
    """Another process is in `recv` on this socket (`ealready`, on `inet`)."""


class NotOwner(Error, PermissionError):
    """Only the controlling process may do this."""


class AddressError(Error):
    """The host name, address or port does not stand for a reachable peer."""


class InvalidState(Error):
    """The call does not fit the state of the socket (`einval`), such as recv on an active socket."""


class OptionError(ValueError):
    """An option or argument that is unknown, of the wrong type or out of range; `option` names it."""

    def __init__(self, option: str, message: str) -> None:
        super().__init__(f"{option}: {message}")
        self.option = option


class NoBackend(LookupError):
    """No backend of that name is installed; the message lists those that are."""


_TEXTS = {
    "closed": "the connection is closed",
    "timeout": "timed out",
    "nxdomain": "the host name is unknown",
    "not_owner": "only the controlling process may do this",
    "system_limit": "no more sockets can be opened",
}

_CLASSES: dict[str, type[Error]] = {
    "closed": Closed,
    "enotconn": Closed,
    "epipe": Closed,
    "econnaborted": Closed,
    "econnreset": Reset,
    "econnrefused": Refused,
    "timeout": Timeout,
    "etimedout": Timeout,
    "emsgsize": MessageTooLong,
    "ealready": Busy,
    "not_owner": NotOwner,
    "einval": InvalidState,
    "nxdomain": AddressError,
    "eaddrinuse": AddressError,
    "eaddrnotavail": AddressError,
    "eafnosupport": AddressError,
    "enetunreach": AddressError,
    "ehostunreach": AddressError,
}

_NUMBERS = {"closed": _errno.ENOTCONN, "timeout": _errno.ETIMEDOUT, "not_owner": _errno.EPERM}


def errno_of(reason: Term) -> int:
    """The `errno` number of an Erlang reason such as "econnreset"; 0 when it has none."""
    if not isinstance(reason, str):
        return 0
    found: int | None = _NUMBERS.get(reason)
    return int(getattr(_errno, reason.upper(), 0)) if found is None else found


def describe(reason: Term) -> str:
    """One line for people: `inet:format_error/1` in spirit."""
    if not isinstance(reason, str):
        return repr(reason)
    number = errno_of(reason)
    return _TEXTS.get(reason) or (os.strerror(number) if number else reason)


def error_for(reason: Term) -> Error:
    """The exception of the Python face for `{error, Reason}`."""
    return _CLASSES.get(reason if isinstance(reason, str) else "", Error)(reason)


_NAMES = {number: name.lower() for number, name in _errno.errorcode.items()}
_NAMES[_errno.EAGAIN] = "eagain"
_NAMES[_errno.EOPNOTSUPP] = "enotsup"


def reason_of(error: OSError) -> str:
    """The Erlang atom of an operating system error (`ECONNREFUSED` is "econnrefused")."""
    return _NAMES.get(error.errno or 0, "einval")
