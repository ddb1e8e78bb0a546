"""Which calls can fail, and how they do on Linux (the ERRORS sections of the manual pages, and what Python adds).

EINTR is not here: Python tries again by itself (PEP 475), so `sweep` sends signals instead.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass

_Fail = Callable[[], BaseException]


@dataclass(frozen=True)
class Failure:
    """What a call raises instead of doing anything."""

    name: str
    make: _Fail

    @property
    def memory(self) -> bool:
        """Whether it is Python that has no memory: then MemoryError may come out of the call that was made."""
        return self.name == "MemoryError"


def _numbers(*names: str) -> tuple[Failure, ...]:
    return tuple(Failure(name, _raising(getattr(errno, name))) for name in names)


def _raising(number: int) -> _Fail:
    return lambda: OSError(number, os.strerror(number))


_MEMORY = Failure("MemoryError", MemoryError)
_NO_DESCRIPTOR = _numbers("EMFILE", "ENFILE", "ENOMEM")
_NO_THREAD = Failure("can't start new thread", lambda: RuntimeError("can't start new thread"))
_NO_ANSWER = Failure("EAI_MEMORY", lambda: socket.gaierror(socket.EAI_MEMORY, "Memory allocation failure"))

FAILURES: dict[str, tuple[Failure, ...]] = {
    # sockets
    "socket": (*_NO_DESCRIPTOR, *_numbers("ENOBUFS"), _MEMORY),
    "socket of a descriptor": (_MEMORY,),
    "accept": (*_NO_DESCRIPTOR, *_numbers("ENOBUFS", "ECONNABORTED"), _MEMORY),
    "connect": (*_numbers("ENOBUFS", "EADDRNOTAVAIL", "ECONNREFUSED"), _MEMORY),
    "bind": (*_numbers("ENOMEM", "EADDRINUSE"), _MEMORY),
    "listen": _numbers("EADDRINUSE", "ENOMEM"),
    "send": (*_numbers("ENOBUFS", "ENOMEM", "ECONNRESET"), _MEMORY),
    "sendmsg": (*_numbers("ENOBUFS", "ENOMEM", "ECONNRESET"), _MEMORY),
    "recv": (*_numbers("ENOMEM", "ECONNRESET"), _MEMORY),
    "shutdown": _numbers("ENOTCONN", "ENOBUFS"),
    "setsockopt": _numbers("ENOMEM", "ENOBUFS"),
    "getsockopt": (*_numbers("ENOBUFS"), _MEMORY),
    "getsockname": (*_numbers("ENOBUFS"), _MEMORY),
    "getpeername": (*_numbers("ENOBUFS"), _MEMORY),
    "sendfile": _numbers("ENOMEM", "EIO", "ECONNRESET"),
    "getaddrinfo": (*_numbers("EMFILE"), _NO_ANSWER, _MEMORY),
    # descriptors
    "eventfd": (*_NO_DESCRIPTOR, _MEMORY),
    "dup": _numbers("EMFILE", "ENOMEM"),
    "open": _NO_DESCRIPTOR,
    # waiting
    "epoll": (*_NO_DESCRIPTOR, _MEMORY),
    "epoll.register": _numbers("ENOMEM", "ENOSPC"),
    "epoll.modify": _numbers("ENOMEM"),
    "epoll.poll": (_MEMORY,),
    "poll": (_MEMORY,),
    "poll.register": (_MEMORY,),
    "poll.poll": (*_numbers("ENOMEM"), _MEMORY),
    "add_reader": _numbers("ENOMEM", "ENOSPC"),
    "add_writer": _numbers("ENOMEM", "ENOSPC"),
    # threads
    "thread": (_NO_THREAD, _MEMORY),
}

ENDING = {"send", "sendmsg", "sendfile", "recv", "shutdown"}
"""Calls whose failure may be the end of the connection, unless it is Python that has no memory."""
