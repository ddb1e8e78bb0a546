"""The sockets of the asyncio face: those of the Python face, awaitable.

A call begins at once, in the running task, and waits, if it has to, on the task's event loop.  What is not waited for
long is a coroutine all the same, so that one rule holds for all of them: await it.
"""

from __future__ import annotations

import contextlib
import logging
import os
from asyncio.events import _get_running_loop  # noqa: PLC2701  its __all__ has it; the public one costs an exception
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import IO, Any, Generic, Self, Unpack

from gentcp import _face as face
from gentcp._failures import (
    failure,
    longest_payload,
    outcome,
    recv_failure,
    rest_failure,
    send_failure,
    sendfile_failure,
)
from gentcp._files import opened, within
from gentcp._keywords import Address, Data_co, How, Iodata, Path, SocketOptions
from gentcp._socket import Socket as ThreadSocket
from gentcp._values import flat, milliseconds, number, rest_of
from gentcp.abc import Result, SocketHandle
from gentcp.engine import CLOSED, READ, Endpoint, Operation, RecvOp, Steps, add_buffered
from gentcp.engine.waiting import abandon
from gentcp.errors import Closed, ErlangError, Error, InvalidState, OptionError
from gentcp.mailbox import READY
from gentcp.process import Process

from ._descriptors import Descriptor
from ._files import begin_file
from ._parked import NOT_YET, Parked
from ._process import TaskProcess, acting, call, caller, current_process, on_behalf_of
from ._receiving import begin_next, read_next
from ._waiting import run, wait

_log = logging.getLogger("gentcp")
_ANY_LENGTH = 0
_LONGEST = (1 << 31) - 1
_FARTHEST = (1 << 63) - 1
_FEWEST = 255
Usual = tuple[RecvOp, Parked, Descriptor]
"""What the usual recv needs, which may be used again."""


def endpoint_of(handle: SocketHandle) -> Endpoint:
    """The handle, if the asyncio host can wait for its operations."""
    if isinstance(handle, Endpoint):
        return handle
    raise OptionError("inet_backend", f"{handle.backend.name!r} does not work with gentcp.aio: it blocks threads")


class BaseSocket(face.Face):
    """What a connected and a listening socket have in common."""

    __slots__ = ("_endpoint",)

    def __init__(self, handle: SocketHandle) -> None:
        super().__init__(handle)
        self._endpoint: Endpoint = endpoint_of(handle)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()

    @call
    def close(self) -> Coroutine[Any, Any, None]:
        """Close the socket; again and again does no harm.  `gen_tcp:close/1`.

        On `inet` this waits until queued data has been written, gives up after 5 s without progress, and obeys
        `linger`; a task that does not want to wait ends instead, or kills its process.  Calls that other processes are
        blocked in end with `Closed`.
        """
        return self._close(caller())

    async def _close(self, process: TaskProcess | None) -> None:
        _log.debug("close %r", self)
        process = on_behalf_of(process)
        face.check_closed(self.handle, await _stepping(process, self._endpoint.close_steps, process))

    async def shutdown(self, how: How) -> None:
        """Close the connection's reading side, its writing side, or both.  `gen_tcp:shutdown/2`.

        On `inet` the writing side is closed behind the data that is still queued, on `socket` at once.
        """
        face.check_how(how)
        process = current_process()
        done, reason = await _stepping(process, self._endpoint.shutdown_steps, process, how)
        if not done:
            raise failure(self.handle, reason)

    async def controlling_process(self, process: Process) -> None:
        """Make `process`, of a task or of a thread, the owner.  See `gentcp.Socket.controlling_process`."""
        await self._asked(face.hand_over, process)

    async def detach(self) -> int:
        """Give the descriptor away and end this socket; whoever takes it closes it."""
        return acting(current_process(), face.detach, self.handle)

    async def setopts(self, **options: Unpack[SocketOptions]) -> None:
        """Change options.  `inet:setopts/2`."""
        await self._asked(face.setopts, options)

    async def getopts(self, *names: str) -> dict[str, Any]:
        """The values of these options, or of all.  See `gentcp.Socket.getopts`."""
        return await self._asked(face.getopts, names)  # type: ignore[no-any-return]

    async def getstat(self, *names: str) -> dict[str, int]:
        """Counters.  See `gentcp.Socket.getstat`."""
        return await self._asked(face.getstat, names)  # type: ignore[no-any-return]

    async def _asked(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """What asks the socket; later, while a close(2) of it lingers."""
        process, endpoint = current_process(), self._endpoint
        if not endpoint.lingers and not endpoint.closing:
            return acting(process, function, self.handle, *arguments)
        found = endpoint.begin_asking(process, _tried, process, function, self.handle, *arguments)
        result = await wait(found, process.host) if isinstance(found, Operation) else found
        if result == CLOSED:
            raise failure(self.handle, "closed")
        value, error = result
        if error is not None:
            raise error
        return value


def _tried(process: TaskProcess, function: Callable[..., Any], *arguments: Any) -> tuple[Any, Exception | None]:
    """What the function gives, or raises."""
    try:
        return acting(process, function, *arguments), None
    except Exception as error:  # noqa: BLE001  it is raised in the task
        return None, error


async def _stepping(process: TaskProcess, steps: Callable[..., Steps], *arguments: Any) -> tuple[bool, Any]:
    """A call in steps.  True and its value, or False and the reason."""
    try:
        result = await run(steps(*arguments), process.host)
    except ErlangError as error:
        return False, error.term
    return outcome(lambda: result)


class Socket(BaseSocket, Generic[Data_co]):
    """A connected socket.  Iterating over it gives what `recv` returns, until the connection is closed."""

    __slots__ = ("_longest", "_usual")

    shown_as = "gentcp.aio.Socket"

    def __init__(self, handle: SocketHandle) -> None:
        super().__init__(handle)
        self._longest = _FEWEST
        self._usual: Usual | None = None
        """That of the last recv, for the next one."""

    async def send(self, data: Iodata) -> None:
        """Send data, as one packet with the header that the packet type wants.  `gen_tcp:send/2`.

        Closed, Reset; MessageTooLong when the header cannot hold the length.  SendTimeout after `send_timeout`, which
        means one thing on `inet` (queued) and another on `socket` (not sent): read about it before you retry.

        Cancelled on `inet`, the data is queued all the same, unless the call was still waiting for its turn.  Cancelled
        on `socket` in the middle, it leaves the rest in `unsent`, and every send on this socket raises InvalidState
        until that is sent (`send_unsent`) or given up (`forget_unsent`).
        """
        if type(data) is not bytes:
            data = flat(data)
        if len(data) > self._longest:
            self._longest = longest_payload(self.handle, len(data))
        found = self._endpoint.send_at_once(data)
        if found == "ok":
            return
        try:
            if found is None:
                found = self._endpoint.begin_send(current_process(), data)
            result = await self._sent(found) if isinstance(found, Operation) else found
        except ErlangError as error:
            raise failure(self.handle, error.term) from None
        if result != "ok":
            raise self._not_sent(result[1], len(data))

    @staticmethod
    async def _sent(operation: Operation) -> Result:
        process = operation.process = current_process()
        return await wait(operation, process.host)

    def _not_sent(self, reason: Any, size: int) -> Error:
        rest = self.unsent
        if rest and reason == "einval":
            return InvalidState(reason, f"{len(rest)} bytes of a send that was cancelled come first: see unsent")
        return send_failure(self.handle, reason, size)

    async def send_rest(self, rest: bytes | None) -> None:
        """Complete the packet that a send which timed out has torn: send its `SendTimeout.rest`, as it is.

        See `gentcp.Socket.send_rest`.  Cancelled, it leaves what is left then in `unsent`.
        """
        data = rest_of(rest)
        found = self._endpoint.begin_send_rest(current_process(), data, resumable=True)
        result = await self._sent(found) if isinstance(found, Operation) else found
        if result == ("error", "einval") and self.unsent:
            raise self._not_sent("einval", len(data))
        if result != "ok":
            raise rest_failure(self.handle, result[1], len(data))

    @property
    def unsent(self) -> bytes:
        """What a send that was cancelled has not written, if it had written something; else empty."""
        return self._endpoint.unsent()

    async def send_unsent(self) -> None:
        """Send that rest, as it is; then packets may be sent again.  Cancelled, it leaves what is left then."""
        size = len(self.unsent)
        found = self._endpoint.begin_rest(current_process())
        result = await self._sent(found) if isinstance(found, Operation) else found
        if result != "ok":
            raise rest_failure(self.handle, result[1], size)

    def forget_unsent(self) -> bytes:
        """Give that rest up, and return it: the stream is torn there, and the peer has to know."""
        return self._endpoint.forget_rest()

    async def recv(self, length: int = 0, timeout: float | None = None) -> Data_co:
        """Exactly `length` bytes, or for 0 what is there, at least one byte; with a packet type, one packet.

        See `gentcp.Socket.recv`.  A call that is cancelled has taken nothing.
        """
        if length is not _ANY_LENGTH or timeout is not None:
            if length is not _ANY_LENGTH:
                number("length", length, 0, _LONGEST)
            status, value = await self._received(length, timeout)
            if status == "ok":
                return value  # type: ignore[no-any-return]
            raise recv_failure(self.handle, value, length)
        # What is usual, in one piece; `_received` can do it all.
        endpoint, usual = self._endpoint, self._usual
        ready = endpoint.inbound.ready
        if ready:
            with contextlib.suppress(IndexError):  # a thread has it
                return ready.pop()  # type: ignore[no-any-return]
        if usual is None or usual[1].host.loop is not _get_running_loop():
            usual = self._prepare()
        op, parked, descriptor = usual
        self._usual = None  # whoever else is in recv meanwhile prepares anew
        parked.told = NOT_YET
        found = begin_next(endpoint, op)
        if found == "wait":
            descriptor.reader = parked
            if not descriptor.polled & READ:
                descriptor.poll(READ)
            try:
                if await parked == READY:
                    packet = read_next(endpoint, op)
                    if packet is not None:
                        self._usual = usual
                        return packet  # type: ignore[no-any-return]
            except BaseException:
                abandon(op)
                raise
            finally:
                if descriptor.reader is parked:
                    descriptor.reader = None
            op.process = process = current_process()
            found = await wait(op, process.host)
        elif found is None:
            found = await self._received(0, None)
        else:
            self._usual = usual
        status, value = found
        if status == "ok":
            return value  # type: ignore[no-any-return]
        raise recv_failure(self.handle, value, 0)

    def _prepare(self) -> Usual:
        """What a usual recv in a task of this loop needs."""
        endpoint, host = self._endpoint, current_process().host
        op, parked = RecvOp(endpoint.owner, endpoint, 0, None), Parked(host)
        op.patient = True
        op.waiter = parked
        return op, parked, host.descriptor(endpoint.fd)

    async def _received(self, length: int, timeout: float | None) -> Result:
        process = current_process()
        try:
            found = self._endpoint.begin_recv(
                process, length, "infinity" if timeout is None else milliseconds("timeout", timeout)
            )
        except ErlangError as error:
            return ("error", error.term)
        return await wait(found, process.host) if isinstance(found, Operation) else found

    async def recv_many(self, limit: int = _FARTHEST, timeout: float | None = None) -> list[Data_co]:
        """Packets, at least one: waits for the first as `recv` does, and adds those that are here already.

        See `gentcp.Socket.recv_many`.
        """
        number("limit", limit, 1, _FARTHEST)
        packets = [await self.recv(0, timeout)]
        add_buffered(self._endpoint, packets, limit)
        return packets

    def __aiter__(self) -> Self:
        """Packets until the connection is closed.  What is no whole packet then is lost.

        A connection that has gone wrong raises Reset or Unanswered.
        """
        return self

    async def __anext__(self) -> Data_co:
        """See `__aiter__`."""
        try:
            return await self.recv()
        except Closed as error:
            if type(error) is not Closed:  # but Reset or Unanswered
                raise
            raise StopAsyncIteration from None

    async def unrecv(self, data: Iodata) -> None:
        """Put bytes, headers of packets included, in front of what has been received; an Error on `socket`."""
        face.ask(self.handle, self.handle.unrecv, flat(data))

    @call
    def sendfile(self, file: Path | IO[Any], offset: int = 0, count: int | None = None) -> Coroutine[Any, Any, int]:
        """Send a file, or `count` bytes of it from `offset` on, as it is, and return how many bytes that were.

        See `gentcp.Socket.sendfile`.  Reading the file may block, as reading files does.
        """
        return self._sendfile(caller(), file, offset, count)

    async def _sendfile(self, process: TaskProcess | None, file: Path | IO[Any], offset: int, count: int | None) -> int:
        number("offset", offset, 0, _FARTHEST)
        if count is not None:
            number("count", count, 1, _FARTHEST)
        if isinstance(file, (str, bytes, os.PathLike)):
            with opened(file) as named:
                return await self._sendfile(process, named, offset, count)
        process, start = on_behalf_of(process), within(file, offset)
        done, value = await _stepping(process, begin_file, self._endpoint, process, file, start, count or 0)
        if not done:
            raise sendfile_failure(self.handle, value)
        return int(value)

    async def setopts(self, **options: Unpack[SocketOptions]) -> None:
        """Change options; several at once, such as `active` with `packet`, take effect together.  `inet:setopts/2`."""
        self._longest = _FEWEST
        await super().setopts(**options)

    @property
    def peername(self) -> Address:
        """The peer's address: IP address and port, or the path of a local socket."""
        return face.peername(self.handle)

    @property
    def blocking(self) -> ThreadSocket[Data_co]:
        """The same socket on the Python face, for threads."""
        return _SocketView(self)


class _SocketView(ThreadSocket[Data_co]):
    """Another face of a socket, which is not closed when nobody has this one any more."""

    __slots__ = ("_primary",)

    def __init__(self, primary: Socket[Data_co]) -> None:
        super().__init__(primary.handle)
        self._primary = primary

    def __del__(self) -> None:
        """The primary face closes it."""


class _AioView(Socket[Data_co]):
    """A socket of the Python face on this one."""

    __slots__ = ("_primary",)

    def __init__(self, primary: ThreadSocket[Data_co]) -> None:
        super().__init__(primary.handle)
        self._primary = primary

    def __del__(self) -> None:
        """The primary face closes it."""


def awaitable(sock: ThreadSocket[Data_co]) -> Socket[Data_co]:
    """A socket of the Python face, such as a thread may have handed over, on this one.  It stays the same socket."""
    if not isinstance(sock, ThreadSocket):
        raise OptionError("sock", f"expected a gentcp.Socket, not {sock!r}")
    return _AioView(sock)
