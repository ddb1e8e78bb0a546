"""Sockets that somebody else has opened, such as systemd: what they are, before a backend gets them."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from typing import Any, Final

from ._values import number
from .engine import given_socket
from .errors import OptionError, error_for, reason_of

Term = Any
_LARGEST: Final = (1 << 31) - 1
_FAMILIES: Final[dict[int, list[Term]]] = {socket.AF_INET: [], socket.AF_INET6: ["inet6"]}
_NAMED: Final = {"ip", "ifaddr", "inet6"}
if hasattr(socket, "AF_UNIX"):
    _FAMILIES[socket.AF_UNIX] = ["local"]


def family_terms(options: Mapping[str, object]) -> list[Term]:
    """The option for the family of the socket behind `fd`, unless there is none or the others tell the family.

    OptionError for what is no stream socket.
    """
    if "fd" not in options:
        return []
    with _opened(options["fd"]) as sock:
        return [] if _NAMED & options.keys() else _FAMILIES[sock.family]


def connected_terms(fd: object) -> list[Term]:
    """The same for a socket that has to be connected."""
    with _opened(fd) as sock:
        try:
            sock.getpeername()
        except OSError:
            raise OptionError("fd", f"descriptor {fd} is not connected; listen(fd=...) takes a listening one") from None
        return _FAMILIES[sock.family]


def _opened(fd: object) -> socket.socket:
    """A duplicate of a stream socket."""
    known = number("fd", fd, 0, _LARGEST)
    try:
        sock = given_socket(known)
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            raise error_for(reason_of(error)) from error
        what = f"there is no descriptor {fd}" if error.errno == errno.EBADF else f"descriptor {fd} is no socket"
        raise OptionError("fd", what) from None
    if sock.type != socket.SOCK_STREAM or sock.family not in _FAMILIES:
        with sock:
            kind = f"{sock.family!r}, {sock.type!r}"
            raise OptionError("fd", f"descriptor {fd} is no stream socket of the families that gentcp has: {kind}")
    return sock
