"""Exceptions of both faces.

The Erlang face raises `ErlangError` and `Exit` where Erlang raises; everything else it returns as
`("error", reason)`.  The Python face raises `Error` and its subclasses, which stand under the built-in tree
(`OSError`, `ConnectionError`, `TimeoutError`), so that code that knows nothing of gentcp catches them too.
"""

from __future__ import annotations

import errno as _errno
import os
from typing import Any

from .posix import INET_TEXTS, TEXTS

Term = Any
"""An Erlang term as Python writes it: str is an atom, bytes a binary, list, tuple, int, float, bool, dict."""


class ErlangError(Exception):
    """An exception that Erlang would have raised: `class_` is "error", "exit" or "throw", `term` its reason."""

    class_: str = "error"

    def __init__(self, term: Term, class_: str | None = None) -> None:
        super().__init__(term)
        self.term: Term = term
        if class_ is not None:
            self.class_ = class_

    def __str__(self) -> str:
        return f"{self.class_}: {self.term!r}"


class Exit(ErlangError):
    """`exit(Reason)`: what `gen_tcp` does with options it does not know (`badarg`)."""

    class_: str = "exit"


class ProcessKilled(BaseException):
    """Raised in a killed process by the gentcp call it is blocked in, or by the next one that would block."""


class Error(OSError):
    """Whatever a socket call reports as `{error, Reason}`.

    `reason` is the Erlang term; `errno` its number, None for a reason that the operating system does not have.
    """

    def __init__(self, reason: Term, message: str | None = None) -> None:
        number, text = errno_of(reason), message or describe(reason)
        if number:
            super().__init__(number, text)
        else:
            super().__init__(text)
        self.reason = reason

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__)


def _restore(cls: type[Error], args: tuple[Any, ...], state: dict[str, Any]) -> Error:
    """What copying and pickling need, since `args` are not the arguments of the constructor."""
    error = cls.__new__(cls)
    OSError.__init__(error, *args)
    error.__dict__.update(state)
    return error


class Closed(Error, ConnectionError):
    """The connection is over: closed by the peer, by this side, or never made."""

    owner: str | None = None
    """The name of the process that owned the socket, if it was closed because that has ended."""


class Reset(Closed, ConnectionResetError):
    """The peer reset the connection, on a socket with `show_econnreset`."""


class Unanswered(Closed, TimeoutError):
    """The peer has not answered for so long that the system has given the connection up (`etimedout`).

    How long that is say the system's limits, `user_timeout` and `keepalive`; no time that was given for a call is over
    (that is `Timeout`).
    """


class Refused(Error, ConnectionRefusedError):
    """Nobody listens at the address."""


class Timeout(Error, TimeoutError):
    """The time given for the call is over; nothing that was received is lost.  The connection is as it was."""


class SendTimeout(Timeout):
    """`send_timeout` is over.  What became of the data depends on the backend: read `queued` before you retry.

    - `queued` is True (`inet`): the driver keeps all of it and delivers it later, so sending it again sends it twice.
      `rest`, `sent` and `mid_packet` are None.
    - `queued` is False (`socket`): `rest` is exactly what was not written and `sent` the number of bytes that were,
      both with the header bytes of packet types 1, 2 and 4.  `mid_packet` says that the peer has the beginning of
      it, so that nothing but `rest` may follow, and that as it is: with `send_rest`, or it gets a second header.
    - `queued` is None: the socket is closed, by `send_timeout_close` or since the connection has ended meanwhile, and
      nobody knows what the peer got.
    """

    def __init__(
        self,
        *,
        queued: bool | None,
        rest: bytes | None = None,
        sent: int | None = None,
        reason: Term = "timeout",
    ) -> None:
        super().__init__(reason, _send_timeout_text(queued, sent, rest))
        self.queued = queued
        self.rest = rest
        self.sent = sent
        self.mid_packet: bool | None = None if sent is None else sent > 0


def _send_timeout_text(queued: bool | None, sent: int | None, rest: bytes | None) -> str:
    if queued:
        return "send timed out; the data is queued and will be delivered, so do not send it again"
    if queued is None:
        return "send timed out and the socket is closed"
    return f"send timed out; {sent} bytes were written, rest has the other {len(rest or b'')}"


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


class Inherited(Error):
    """The program is the child of a fork, and the socket its parent's (`einval`): it can be closed and detached."""


class OptionError(TypeError, ValueError):
    """An option or argument that is unknown, of the wrong type or out of range; `option` names it.

    Raised before anything is done.  It is a TypeError and a ValueError, so that nobody has to know which.
    """

    def __init__(self, option: str, message: str) -> None:
        super().__init__(f"{option}: {message}")
        self.option = option
        self._message = message

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.option, self._message)


class NoBackend(LookupError):
    """No backend of that name is installed; the message lists those that are."""


_TEXTS = {
    "closed": "the connection is closed",
    "timeout": "timed out",
    "etimedout": "the peer has not answered, and the system has given the connection up",
    "nxdomain": "the host name is unknown",
    "enotsup": "this backend cannot do that",
    "ealready": "another process is in recv on this socket",
    "not_owner": "only the controlling process may do this",
    "system_limit": "the system has no more sockets or threads",
}

_CLASSES: dict[str, type[Error]] = {
    "closed": Closed,
    "enotconn": Closed,
    "epipe": Closed,
    "econnaborted": Closed,
    "econnreset": Reset,
    "econnrefused": Refused,
    "timeout": Timeout,
    "etimedout": Unanswered,
    "emsgsize": MessageTooLong,
    "ealready": Busy,
    "not_owner": NotOwner,
    "einval": InvalidState,
    "nxdomain": AddressError,
    "enoent": AddressError,
    "eaddrinuse": AddressError,
    "eaddrnotavail": AddressError,
    "eafnosupport": AddressError,
    "enetunreach": AddressError,
    "ehostunreach": AddressError,
}

_NUMBERS = {"closed": _errno.ENOTCONN, "timeout": _errno.ETIMEDOUT, "not_owner": _errno.EPERM}


def atom_of(reason: Term) -> str:
    """The atom that says what happened: the reason, or what is inside `("shutdown", reason)`; else ""."""
    if isinstance(reason, tuple) and len(reason) == 2 and reason[0] == "shutdown":
        reason = reason[1]
    return reason if isinstance(reason, str) else ""


def errno_of(reason: Term) -> int:
    """The `errno` number of an Erlang reason such as "econnreset"; 0 when it has none."""
    atom = atom_of(reason)
    found: int | None = _NUMBERS.get(atom)
    return int(getattr(_errno, atom.upper(), 0)) if found is None else found


def describe(reason: Term) -> str:
    """One line for people: `inet:format_error/1` in spirit, in the system's own words where it has any."""
    atom, number = atom_of(reason), errno_of(reason)
    elsewhere = INET_TEXTS.get(atom) or TEXTS.get(atom)
    return _TEXTS.get(atom) or (os.strerror(number) if number else elsewhere or atom or repr(reason))


def error_for(reason: Term, message: str | None = None) -> Error:
    """The exception of the Python face for `{error, Reason}`."""
    return _CLASSES.get(atom_of(reason), Error)(reason, message)


_NAMES = {number: name.lower() for number, name in _errno.errorcode.items()}
_NAMES[_errno.EAGAIN] = "eagain"
_NAMES[_errno.EDEADLK] = "edeadlk"
_NAMES[_errno.EOPNOTSUPP] = "enotsup"


def reason_of(error: OSError) -> str:
    """The Erlang atom of an operating system error (`ECONNREFUSED` is "econnrefused")."""
    return _NAMES.get(error.errno or 0, "einval")
