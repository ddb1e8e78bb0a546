"""What stands for a socket on every face: its names, and what it is asked without waiting."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from ._addresses import address, text
from ._failures import current, failure, outcome, setopts_failure
from ._keywords import Address
from ._values import check_name, terms, values
from .abc import Result, SocketHandle, Term
from .engine.counters import STATISTICS
from .engine.driver import driver
from .errors import Closed, InvalidState, OptionError, error_for, reason_of
from .options import TABLE
from .process import Process

HOW = ("read", "write", "read_write")
"""What shutdown takes."""


class Face:
    """A connected or listening socket, as users see it."""

    __slots__ = ("__weakref__", "handle")

    shown_as: ClassVar[str]
    """What people see of its class: where they find it."""

    def __init__(self, handle: SocketHandle) -> None:
        self.handle: SocketHandle = handle
        """The backend's object behind this socket, for other faces and for tests of backends."""

    @property
    def inet_backend(self) -> str:
        """The name of the backend that this socket was made with."""
        return self.handle.backend.name

    def fileno(self) -> int:
        """The descriptor, to look at; -1 when the socket is closed.  Reading from it or writing to it breaks things."""
        return self.handle.fileno()

    @property
    def sockname(self) -> Address:
        """The local address: IP address and port, or the path of a local socket."""
        return address(ask(self.handle, self.handle.sockname))

    @property
    def port(self) -> int:
        """The local port.  InvalidState for a local socket."""
        name = self.sockname
        if isinstance(name, str):
            raise InvalidState("einval", "a local socket has no port")
        return name[1]

    # ---- for people

    def __repr__(self) -> str:
        try:
            traits = list(self._traits())
        except Exception:  # noqa: BLE001  it may live elsewhere, and what it lived in have ended
            traits = [self.handle.backend.name, "out of reach"]
        return f"<{self.shown_as} {' '.join(traits)}>"

    def _traits(self) -> Iterator[str]:
        handle = self.handle
        yield handle.backend.name
        if handle.of_parent:
            yield "inherited"
            return
        if handle.closing:
            yield "closing"
            return
        options = current(handle, "mode", "active")
        if options is None:
            yield "closed"
            return
        if handle.fileno() >= 0:
            yield f"fd={handle.fileno()}"
        names = [outcome(ask) for ask in (handle.sockname, handle.peername)]
        if known := [text(address(term)) for done, term in names if done]:
            yield " -> ".join(known)
        done, counted = outcome(handle.getstat, ["send_pend"])
        yield from (f"{name}={value}" for name, value in options.items())
        yield from (f"queue={size}" for _, size in (counted if done else ()))

    def __del__(self) -> None:
        # This may run under a lock of the handle, in any thread: nothing here may take one.
        handle: SocketHandle | None = getattr(self, "handle", None)
        if handle is None or handle.ended or sys.is_finalizing():
            return
        try:
            if (fd := handle.fileno()) >= 0 and not handle.owner_ended:
                what = f"unclosed <{self.shown_as} {handle.backend.name} fd={fd}>"
                warnings.warn(what, ResourceWarning, stacklevel=2, source=self)
        finally:
            driver().call_soon(handle.abandon)


def ask(handle: SocketHandle, operation: Callable[..., Result], *arguments: Term) -> Any:
    """The value that an operation of the handle gives; or its error, raised."""
    done, value = outcome(operation, *arguments)
    if not done:
        raise failure(handle, value)
    return value


def peername(handle: SocketHandle) -> Address:
    """The peer's address."""
    return address(ask(handle, handle.peername))


def setopts(handle: SocketHandle, options: Mapping[str, Any]) -> None:
    """`inet:setopts/2` with keywords."""
    for name in options:
        check_name(name, "s")
    done, reason = outcome(handle.setopts, terms(options))
    if not done:
        raise setopts_failure(handle, reason, options)


def getopts(handle: SocketHandle, names: tuple[str, ...]) -> dict[str, Any]:
    """`inet:getopts/2` with values as keywords have them; of no names, all."""
    for name in names:
        check_name(name, "s")
    if names and "raw" not in names:
        return values(ask(handle, handle.getopts, list(names)))
    if names:
        raise OptionError("raw", "can only be set here; gentcp.erl.inet.getopts reads it")
    ask(handle, handle.getopts, ["active"])
    asked = [option.name for option in TABLE if "s" in option.where and option.name != "raw"]
    return values(pair for name in asked for pair in (current(handle, name) or {}).items())


def getstat(handle: SocketHandle, names: tuple[str, ...]) -> dict[str, int]:
    """`inet:getstat/2`; of no names, all that the backend has."""
    for name in names:
        if name not in STATISTICS:
            raise OptionError("names", f"expected some of {', '.join(STATISTICS)}, not {name!r}")
    return dict(ask(handle, handle.getstat, list(names) or None))


def hand_over(handle: SocketHandle, process: Process) -> None:
    """`gen_tcp:controlling_process/2`."""
    if not isinstance(process, Process):
        raise OptionError("process", f"expected a gentcp.Process, not {process!r}")
    done, reason = outcome(handle.controlling_process, process)
    if not done and reason == "badarg":
        raise OptionError("process", f"{process!r} has ended")
    if not done:
        raise failure(handle, reason)


def detach(handle: SocketHandle) -> int:
    """The descriptor, given away."""
    try:
        fd = handle.detach()
    except OSError as error:  # there is no descriptor for a duplicate, or somebody else has closed this one
        raise error_for(reason_of(error)) from error
    if fd < 0 and handle.fileno() >= 0:
        raise InvalidState("einval", "somebody is in recv, or there is data that was not written or not read yet")
    if fd < 0:
        raise Closed("closed", "there is no descriptor: the socket is closed, or not on this machine")
    return fd


def check_how(how: object) -> None:
    """OptionError for what shutdown does not take."""
    if how not in HOW:
        raise OptionError("how", f"expected one of {', '.join(HOW)}, not {how!r}")


def check_closed(handle: SocketHandle, result: tuple[bool, Any]) -> None:
    """What close has come to."""
    done, reason = result
    if not done and reason != "closed":  # what otp_socket on OTP 25 says of a socket that is closed already
        raise failure(handle, reason)
