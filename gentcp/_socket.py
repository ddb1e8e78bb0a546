"""The socket objects of the Python face; the Erlang face passes the same objects around as opaque terms.

A method translates its arguments, makes one call of the handle and translates the answer; what an error means is
found out in `_failures`, once there is one.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import IO, Any, Generic, Self, Unpack

from ._face import Face, ask, check_closed, check_how, detach, getopts, getstat, hand_over, peername, setopts
from ._failures import (
    current,
    failure,
    longest_payload,
    outcome,
    recv_failure,
    rest_failure,
    send_failure,
    sendfile_failure,
)
from ._files import opened, send_file, within
from ._keywords import Address, Data_co, How, Iodata, Path, SocketOptions
from ._values import flat, milliseconds, number, rest_of
from .abc import Result, SocketHandle, Term, show_as
from .errors import Closed, ErlangError
from .process import Process

_log = logging.getLogger("gentcp")
_LONGEST = (1 << 31) - 1
_FARTHEST = (1 << 63) - 1
_ANY_LENGTH = 0
_FEWEST = 255
"""A payload up to this size fits every packet type."""


class BaseSocket(Face):
    """What a connected and a listening socket have in common."""

    __slots__ = ()

    def _ask(self, operation: Callable[..., Result], *arguments: Term) -> Any:
        return ask(self.handle, operation, *arguments)

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
        check_closed(self.handle, outcome(self.handle.close))

    def shutdown(self, how: How) -> None:
        """Close the connection's reading side, its writing side, or both.  `gen_tcp:shutdown/2`.

        On `inet` the writing side is closed behind the data that is still queued, on `socket` at once.
        """
        check_how(how)
        self._ask(self.handle.shutdown, how)

    def controlling_process(self, process: Process) -> None:
        """Make `process` the owner: it gets the messages, those that are queued too, and the socket ends with it.

        Only the owner may do that (`NotOwner`).  `gen_tcp:controlling_process/2`.
        """
        hand_over(self.handle, process)

    def detach(self) -> int:
        """Give the descriptor away and end this socket; whoever takes it closes it.

        InvalidState while sent data is still queued; data that was received and not read yet is lost.
        """
        return detach(self.handle)

    # ---- inet

    def setopts(self, **options: Unpack[SocketOptions]) -> None:
        """Change options.  `inet:setopts/2`."""
        setopts(self.handle, options)

    def getopts(self, *names: str) -> dict[str, Any]:
        """The values of these options, or of all; options that this kind of socket does not have are left out.

        Values are as `setopts` takes them.  `raw` can only be set here, `pktoptions` only be read (a dict: what the
        last packets came with, see `recvtos`).  `inet:getopts/2`.
        """
        return getopts(self.handle, names)

    def getstat(self, *names: str) -> dict[str, int]:
        """Counters: bytes, packets or calls, largest, average of each direction, and bytes in the send queue.

        The names are `recv_oct`, `recv_cnt`, `recv_max`, `recv_avg`, `recv_dvi`, the same with `send` but for `dvi`,
        and `send_pend`.  Without names all that the backend has.  `inet:getstat/2`.
        """
        return getstat(self.handle, names)


class Socket(BaseSocket, Generic[Data_co]):
    """A connected socket.  Iterating over it gives what `recv` returns, until the connection is closed.

    Type checkers know what that is by the options that it was opened with: bytes for `Socket`, `Parsed` for packets of
    HTTP and TLS, a list of ints for `mode="list"`, and anything, `Socket[Any]`, with `header` or where the options are
    known at run time alone.  They do not follow `setopts`: who changes `packet` or `mode` says `Socket[Any]`.
    """

    __slots__ = ("_ahead", "_longest")

    shown_as = "gentcp.Socket"

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

    def send_rest(self, rest: bytes | None) -> None:
        """Complete the packet that a send which timed out has torn: send its `SendTimeout.rest`, as it is.

        The packet type neither adds a header nor has to be changed for it, so this may be done on an active socket, and
        while somebody is in recv.  Until it is done nobody may send anything else.  SendTimeout has what is left now;
        what `send` raises; an Error (enotsup) on `inet`, where nothing is torn: what timed out is queued.
        """
        data = rest_of(rest)
        done, reason = outcome(self.handle.send_rest, data)
        if not done:
            raise rest_failure(self.handle, reason, len(data))

    def recv(self, length: int = 0, timeout: float | None = None) -> Data_co:
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
        if length is not _ANY_LENGTH:
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

    def recv_many(self, limit: int = _FARTHEST, timeout: float | None = None) -> list[Data_co]:
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

    def __iter__(self) -> Iterator[Data_co]:
        """Packets until the connection is closed.  What is no whole packet then is lost.

        A connection that has gone wrong raises Reset or Unanswered.
        """
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
            if type(reason) is Closed:  # and not Reset or Unanswered
                return
            raise reason

    def setopts(self, **options: Unpack[SocketOptions]) -> None:
        """Change options; several at once, such as `active` with `packet`, take effect together.  `inet:setopts/2`."""
        self._longest = _FEWEST
        super().setopts(**options)

    @property
    def peername(self) -> Address:
        """The peer's address: IP address and port, or the path of a local socket."""
        return peername(self.handle)


class Listener(BaseSocket, Generic[Data_co]):
    """A listening socket.  Iterating over it gives accepted sockets, until it is closed."""

    __slots__ = ()

    shown_as = "gentcp.Listener"

    def accept(self, timeout: float | None = None) -> Socket[Data_co]:
        """The next connection, with the listener's options, owned by the calling process.  `gen_tcp:accept/2`.

        `timeout` in seconds (Timeout); with 0 `socket` does not even look.  Closed when the listener is.
        """
        handle: SocketHandle = self._ask(self.handle.accept, milliseconds("timeout", timeout))
        accepted = handle.term
        assert isinstance(accepted, Socket)
        _log.debug("accept %r", accepted)
        return accepted

    def __iter__(self) -> Iterator[Socket[Data_co]]:
        """Connections until the listener is closed."""
        while True:
            try:
                accepted = self.accept()
            except Closed:
                if current(self.handle, "active") is None:
                    return
                raise
            yield accepted


show_as(Socket, Listener)
