"""The socket objects of the Python face; the Erlang face passes the same objects around as opaque terms.

A method translates its arguments, makes one call of the handle and translates the answer; what an error means is
found out in `_failures`, once there is one.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import IO, Any, Self, Unpack

from ._addresses import address, text
from ._failures import (
    current,
    failure,
    longest_payload,
    outcome,
    recv_failure,
    send_failure,
    sendfile_failure,
    setopts_failure,
)
from ._files import opened, send_file, within
from ._keywords import Address, How, Iodata, Path, SocketOptions
from ._values import check_name, flat, milliseconds, number, terms, values
from .abc import Result, SocketHandle, Term
from .engine.counters import STATISTICS
from .engine.driver import driver
from .errors import Closed, ErlangError, InvalidState, OptionError, Reset
from .options import TABLE
from .process import Process

_log = logging.getLogger("gentcp")
_LONGEST = (1 << 31) - 1
_FARTHEST = (1 << 63) - 1
_ANY_LENGTH = 0
_FEWEST = 255
"""A payload up to this size fits every packet type."""
_HOW = ("read", "write", "read_write")


class BaseSocket:
    """What a connected and a listening socket have in common."""

    __slots__ = ("__weakref__", "handle")

    def __init__(self, handle: SocketHandle) -> None:
        self.handle: SocketHandle = handle
        """The backend's object behind this socket, for other faces and for tests of backends."""

    @property
    def inet_backend(self) -> str:
        """The name of the backend that this socket was made with."""
        return self.handle.backend.name

    def _ask(self, operation: Callable[..., Result], *arguments: Term) -> Any:
        done, value = outcome(operation, *arguments)
        if not done:
            raise failure(self.handle, value)
        return value

    # ---- life

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the socket; again and again does no harm.  `gen_tcp:close/1`.

        On `inet` this waits until queued data has been written, gives up after 5 s without progress, and obeys
        `linger`; calls that other processes are blocked in end with `Closed`.
        """
        _log.debug("close %r", self)
        done, reason = outcome(self.handle.close)
        if not done and reason != "closed":  # what otp_socket on OTP 25 says of a socket that is closed already
            raise failure(self.handle, reason)

    def shutdown(self, how: How) -> None:
        """Close the connection's reading side, its writing side, or both.  `gen_tcp:shutdown/2`.

        On `inet` the writing side is closed behind the data that is still queued, on `socket` at once.
        """
        if how not in _HOW:
            raise OptionError("how", f"expected one of {', '.join(_HOW)}, not {how!r}")
        self._ask(self.handle.shutdown, how)

    def controlling_process(self, process: Process) -> None:
        """Make `process` the owner: it gets the messages, those that are queued too, and the socket ends with it.

        Only the owner may do that (`NotOwner`).  `gen_tcp:controlling_process/2`.
        """
        if not isinstance(process, Process):
            raise OptionError("process", f"expected a gentcp.Process, not {process!r}")
        done, reason = outcome(self.handle.controlling_process, process)
        if not done and reason == "badarg":
            raise OptionError("process", f"{process!r} has ended")
        if not done:
            raise failure(self.handle, reason)

    def detach(self) -> int:
        """Give the descriptor away and end this socket; whoever takes it closes it.

        InvalidState while sent data is still queued; data that was received and not read yet is lost.
        """
        fd = self.handle.detach()
        if fd < 0 and self.handle.fileno() >= 0:
            raise InvalidState("einval", "somebody is in recv, or there is data that was not written or not read yet")
        if fd < 0:
            raise Closed("closed", "there is no descriptor: the socket is closed, or not on this machine")
        return fd

    def fileno(self) -> int:
        """The descriptor, to look at; -1 when the socket is closed.  Reading from it or writing to it breaks things."""
        return self.handle.fileno()

    # ---- inet

    def setopts(self, **options: Unpack[SocketOptions]) -> None:
        """Change options.  `inet:setopts/2`."""
        for name in options:
            check_name(name, "s")
        done, reason = outcome(self.handle.setopts, terms(options))
        if not done:
            raise setopts_failure(self.handle, reason, options)

    def getopts(self, *names: str) -> dict[str, Any]:
        """The values of these options, or of all; options that this kind of socket does not have are left out.

        Values are as `setopts` takes them.  `raw` can only be set here, `pktoptions` only be read (a dict: what the
        last packets came with, see `recvtos`).  `inet:getopts/2`.
        """
        for name in names:
            check_name(name, "s")
        if names and "raw" not in names:
            return values(self._ask(self.handle.getopts, list(names)))
        if names:
            raise OptionError("raw", "can only be set here; gentcp.erl.inet.getopts reads it")
        self._ask(self.handle.getopts, ["active"])
        asked = [option.name for option in TABLE if option.name != "raw" and not option.foreign]
        return values(pair for name in asked for pair in (current(self.handle, name) or {}).items())

    def getstat(self, *names: str) -> dict[str, int]:
        """Counters: bytes, packets or calls, largest, average of each direction, and bytes in the send queue.

        The names are `recv_oct`, `recv_cnt`, `recv_max`, `recv_avg`, `recv_dvi`, the same with `send` but for `dvi`,
        and `send_pend`.  Without names all that the backend has.  `inet:getstat/2`.
        """
        for name in names:
            if name not in STATISTICS:
                raise OptionError("names", f"expected some of {', '.join(STATISTICS)}, not {name!r}")
        return dict(self._ask(self.handle.getstat, list(names) or None))

    @property
    def sockname(self) -> Address:
        """The local address: IP address and port, or the path of a local socket."""
        return address(self._ask(self.handle.sockname))

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
        return f"<gentcp.{type(self).__name__} {' '.join(traits)}>"

    def _traits(self) -> Iterator[str]:
        handle = self.handle
        yield handle.backend.name
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
            if (fd := handle.fileno()) >= 0:
                what = f"unclosed <gentcp.{type(self).__name__} {handle.backend.name} fd={fd}>"
                warnings.warn(what, ResourceWarning, stacklevel=2, source=self)
        finally:
            driver().call_soon(handle.abandon)


class Socket(BaseSocket):
    """A connected socket.  Iterating over it gives what `recv` returns, until the connection is closed."""

    __slots__ = ("_ahead", "_longest")

    def __init__(self, handle: SocketHandle) -> None:
        self.handle = handle  # as in the base, without the call: each accepted connection comes here
        self._ahead = handle.cut_ahead()
        self._longest = _FEWEST

    def send(self, data: Iodata) -> None:
        """Send data, as one packet with the header that the packet type wants.  `gen_tcp:send/2`.

        Closed, Reset; MessageTooLong when the header cannot hold the length.  SendTimeout after `send_timeout`,
        which means one thing on `inet` (queued) and another on `socket` (not sent): read about it before you retry.
        """
        if type(data) is not bytes:
            data = flat(data)
        if len(data) > self._longest:
            self._longest = longest_payload(self.handle, len(data))
        try:
            result = self.handle.send(data)
        except ErlangError as error:
            raise failure(self.handle, error.term) from None
        if result != "ok":
            raise send_failure(self.handle, result[1], len(data))

    def recv(self, length: int = 0, timeout: float | None = None) -> bytes:
        """Exactly `length` bytes, or for 0 what is there, at least one byte; with a packet type, one packet.

        `timeout` in seconds (Timeout; what has been received stays).  While another process is in recv, `inet` raises
        Busy; on `socket` the call waits for its turn first, without limit.  Closed, Reset; MessageTooLong for a packet
        over `packet_size`; InvalidState on an active socket.  With `mode="list"` the result is a list of ints, with
        `header` an ImproperList, as in messages; packets of HTTP and TLS are tuples.  `gen_tcp:recv/3`.
        """
        ready = self._ahead.ready
        if ready and length is _ANY_LENGTH and timeout is None:
            try:
                return ready.pop()  # type: ignore[no-any-return]
            except IndexError:
                pass  # another thread has it
        if length:
            number("length", length, 0, _LONGEST)
        try:
            status, value = self.handle.recv(
                length, "infinity" if timeout is None else milliseconds("timeout", timeout)
            )
        except ErlangError as error:
            raise recv_failure(self.handle, error.term, length) from None
        if status == "ok":
            return value  # type: ignore[no-any-return]
        raise recv_failure(self.handle, value, length)

    def recv_many(self, limit: int = _FARTHEST, timeout: float | None = None) -> list[bytes]:
        """Packets, at least one: waits for the first as `recv` does, and adds those that are here already.

        `limit` is the most to take, `timeout` in seconds.  Errors are those of `recv`; one that comes behind a packet
        is raised by the next call.  Without a packet type, pieces of the stream.  For peers that send many small
        packets this is several times faster than one call each.
        """
        number("limit", limit, 1, _FARTHEST)
        try:
            status, value = self.handle.recv_many(
                limit, "infinity" if timeout is None else milliseconds("timeout", timeout)
            )
        except ErlangError as error:
            raise recv_failure(self.handle, error.term, 0) from None
        if status == "ok":
            return value  # type: ignore[no-any-return]
        raise recv_failure(self.handle, value, 0)

    def sendfile(self, file: Path | IO[Any], offset: int = 0, count: int | None = None) -> int:
        """Send a file, or `count` bytes of it from `offset` on, as it is, and return how many bytes that were.

        `file` is a path or a regular file that is open for reading; its own position neither matters nor moves.  No
        header of a packet type is added, and `send_timeout` does not apply: the call returns when the system has
        everything.  On `inet` data that is queued goes first, and only the owner may do this (`NotOwner`).  Closed,
        whose `reason` on `socket` is `(reason, sent)` when a part was written; OSError when the file cannot be opened.
        `file:sendfile/5`.
        """
        number("offset", offset, 0, _FARTHEST)
        if count is not None:
            number("count", count, 1, _FARTHEST)
        if isinstance(file, (str, bytes, os.PathLike)):
            with opened(file) as named:
                return self.sendfile(named, offset, count)
        done, value = outcome(send_file, self.handle, file, within(file, offset), count or 0)
        if not done:
            raise sendfile_failure(self.handle, value)
        return int(value)

    def unrecv(self, data: Iodata) -> None:
        """Put bytes, headers of packets included, in front of what has been received; an Error on `socket`.

        `gen_tcp:unrecv/2`, undocumented in OTP.
        """
        self._ask(self.handle.unrecv, flat(data))

    def __iter__(self) -> Iterator[bytes]:
        """Packets until the connection is closed.  What is no whole packet then is lost; a reset raises Reset."""
        handle, ahead = self.handle, self._ahead
        while True:
            ready = ahead.ready
            while ready:  # as recv, without a call for each
                try:
                    packet = ready.pop()
                except IndexError:  # another thread has it
                    break
                yield packet
            try:
                status, value = handle.recv(0, "infinity")
            except ErlangError as error:
                raise recv_failure(self.handle, error.term, 0) from None
            if status == "ok":
                yield value
                continue
            reason = recv_failure(self.handle, value, 0)
            if isinstance(reason, Closed) and not isinstance(reason, Reset):
                return
            raise reason

    def setopts(self, **options: Unpack[SocketOptions]) -> None:
        """Change options; several at once, such as `active` with `packet`, take effect together.  `inet:setopts/2`."""
        self._longest = _FEWEST
        super().setopts(**options)

    @property
    def peername(self) -> Address:
        """The peer's address: IP address and port, or the path of a local socket."""
        return address(self._ask(self.handle.peername))


class Listener(BaseSocket):
    """A listening socket.  Iterating over it gives accepted sockets, until it is closed."""

    __slots__ = ()

    def accept(self, timeout: float | None = None) -> Socket:
        """The next connection, with the listener's options, owned by the calling process.  `gen_tcp:accept/2`.

        `timeout` in seconds (Timeout); with 0 `socket` does not even look.  Closed when the listener is.
        """
        handle: SocketHandle = self._ask(self.handle.accept, milliseconds("timeout", timeout))
        accepted = handle.term
        assert isinstance(accepted, Socket)
        _log.debug("accept %r", accepted)
        return accepted

    def __iter__(self) -> Iterator[Socket]:
        """Connections until the listener is closed."""
        while True:
            try:
                accepted = self.accept()
            except Closed:
                if current(self.handle, "active") is None:
                    return
                raise
            yield accepted
