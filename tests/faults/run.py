"""One run of a scenario on the Erlang face, during which one call fails.

A scenario makes its calls here.  Each result has to be one that is documented; a call that was refused for want of
something is made again, and has to succeed then; and what a send has acknowledged has to arrive, once and in order.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import gentcp
from gentcp.engine import inspection
from gentcp.engine.locks import held
from gentcp.erl import ErlangError, gen_tcp, inet
from gentcp.posix import TEXTS

from .injector import Injector
from .table import ENDING

LOCALHOST = (127, 0, 0, 1)
LIMIT = 5000
"""Milliseconds that a call which has to succeed may take."""
BUFFER = 65536
_SOON = 100
_PATIENCE = 10.0
ENDED = {"closed", "enotconn", "econnreset", "epipe", "einval", "econnaborted"}
"""What calls say of a connection that is over."""
_NO_MEMORY = ("error", "enomem")


class Violation(AssertionError):
    """Something that must not be, whatever fails."""


class Over(Exception):
    """What failed leaves nothing for the scenario to do, such as a connection that was not made."""


@dataclass(eq=False)
class Stream:
    """What one end has been told about its connection."""

    sock: gentcp.Socket
    acknowledged: bytearray = field(default_factory=bytearray)
    doubtful: bytes = b""
    """A send that failed with the connection: some of it may have been sent."""
    over: bool = False


class Run:
    """What a scenario is given."""

    def __init__(self, backend: str, injector: Injector) -> None:
        self.backend = backend
        self.injector = injector
        self.queues = backend.endswith("inet")
        self.streams: dict[Any, Stream] = {}
        self._ends: list[Callable[[], object]] = []
        self._seen: list[Any] = []

    # ---- calls

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The result, which is a documented one; of a call that was refused, that of the next try."""
        before = self.injector.fired
        result = self._result(function, arguments)
        check_documented(result)
        return self.once(function, *arguments) if self.refused(result, before=before) else result

    def once(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The result of one try."""
        result = self._result(function, arguments)
        check_documented(result)
        return result

    def refused(self, result: Any, *, before: bool) -> bool:
        """Whether a call was refused at the point, and may be made again; `before`: the point was before it."""
        check_documented(result)
        return self.injector.fired and not before and atom(result) not in (None, "timeout", *ENDED)

    def no_memory(self) -> Any:
        """A MemoryError has come out of a call, and is the one that was injected."""
        failure = self.injector.failure
        if failure is None or not failure.memory:
            raise  # noqa: PLE0704  of the except clause that calls this
        return _NO_MEMORY

    def _result(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        try:
            return function(*arguments)
        except MemoryError:
            return self.no_memory()
        except ErlangError as error:
            raise Violation(f"{_name(function)} raised {error!r}") from error

    def value(self, result: Any) -> Any:
        """Of a call that has to succeed, unless the point made that impossible."""
        if isinstance(result, tuple) and result[0] == "ok":
            return result[1]
        if not self.injector.fired:
            raise Violation(f"nothing has failed, and yet: {result}")
        raise Over(result)

    def must(self, result: Any, sock: Any) -> Any:
        """Of a call on a connection that goes on, unless that says that it is over."""
        if result == "ok" or (isinstance(result, tuple) and result[0] == "ok"):
            return result
        if self._ends_with(result):
            self.streams[sock].over = True
            raise Over(result)
        raise Violation(f"the second try: {result}")

    @property
    def may_end(self) -> bool:
        """Whether what has failed ends a connection."""
        point, failure = self.injector.point, self.injector.failure
        if not self.injector.fired or point is None or failure is None:
            return False
        return point.call in ENDING and not failure.memory

    def _ends_with(self, result: Any) -> bool:
        """Whether the connection may be over, and the result says so."""
        failure = self.injector.failure
        return self.may_end and failure is not None and atom(result) in ENDED | {failure.name.lower()}

    # ---- connections

    def options(self, *options: Any) -> list[Any]:
        return [("inet_backend", self.backend), "binary", ("active", False), *options]

    def listen(self, *options: Any) -> Any:
        found = self.value(self.call(gen_tcp.listen, 0, self.options(("ip", LOCALHOST), *options)))
        return self._made(found)

    def connect(self, port: int, *options: Any, host: Any = LOCALHOST) -> Any:
        return self.known(self.value(self.call(gen_tcp.connect, host, port, self.options(*options), LIMIT)))

    def accept(self, listener: Any) -> Any:
        result = self.once(gen_tcp.accept, listener, LIMIT)
        if result[0] == "error":  # the connection is there still, or lost
            result = self.call(gen_tcp.accept, listener, _SOON)
        return self.known(self.value(result))

    def known(self, sock: Any) -> Any:
        """A connection, from now on with what was said about it."""
        self.streams[sock] = Stream(sock)
        return self._made(sock)

    def _made(self, sock: Any) -> Any:
        self._seen.append(sock)
        self._ends.append(partial(gen_tcp.close, sock))
        return sock

    def pair(self, *options: Any, room: int = 0) -> tuple[Any, socket.socket]:
        """A socket and its raw peer; with `room`, which buffers no more than that."""
        with self.server(room) as server:
            if room:
                options = (("sndbuf", room), *options)
            sock = self.connect(server.getsockname()[1], *options)
            return sock, self.peer_of(sock, server)

    def peer_of(self, sock: Any, server: socket.socket) -> socket.socket:
        """The other end, which is at `server` among those of attempts that failed."""
        with socket.socket(fileno=os.dup(inspection.descriptor(behind(sock)))) as same:
            name = same.getsockname()
        found, there = server.accept()
        while there != name:
            found.close()
            found, there = server.accept()
        return self.peer(found)

    @staticmethod
    def server(room: int = 0) -> socket.socket:
        """A raw listener."""
        server = socket.create_server(("127.0.0.1", 0))
        server.settimeout(LIMIT / 1000)
        if room:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
        return server

    def dial(self, listener: Any) -> socket.socket:
        """A raw connection to a listener."""
        return self.peer(socket.create_connection(("127.0.0.1", self.value(self.call(inet.port, listener)))))

    def peer(self, sock: socket.socket) -> socket.socket:
        sock.settimeout(LIMIT / 1000)
        self._ends.append(sock.close)
        return sock

    @staticmethod
    def terms(function: Callable[[], Any]) -> Any:
        """What a call of the Python face gives, or its error, in Erlang's words."""
        try:
            return ("ok", function())
        except gentcp.Error as error:
            return ("error", error.reason)

    def spawned(self, function: Callable[[], object]) -> gentcp.Process:
        """A process, which ends with the run."""
        found = self.call(self.terms, partial(gentcp.spawn, function, name="other"))
        process: gentcp.Process = self.value(found)
        self._ends.append(process.kill)
        return process

    def at_end(self, function: Callable[[], object]) -> None:
        self._ends.append(function)

    # ---- what is sent

    def send(self, sock: Any, data: bytes, head: bytes = b"") -> Any:
        """Send, and remember what is to arrive; `head` is what the packet type puts in front."""
        result = self.call(gen_tcp.send, sock, data)
        self.account(sock, result, head + data)
        return result

    def account(self, sock: Any, result: Any, frame: bytes) -> None:
        """What a send of `frame` has said."""
        stream = self.streams[sock]
        if result in ("ok", ("ok", None)) or (self.queues and result == ("error", "timeout")):
            stream.acknowledged += frame
        elif isinstance(result[1], tuple) and result[1][0] == "timeout":
            rest = _flat(result[1][1])
            if not frame.endswith(rest):
                raise Violation("rest data that was not sent")
            stream.acknowledged += frame[: len(frame) - len(rest)]
        else:
            stream.doubtful = frame
            self.must(result, sock)

    def reading(self, peer: socket.socket) -> Reading:
        """The peer reads from now on."""
        return Reading(peer)

    def arrives(self, sock: Any, peer: socket.socket, reader: Reading | None = None) -> None:
        """Close, and let the peer read to the end: all that was acknowledged is there."""
        stream = self.streams[sock]
        reader = reader or Reading(peer)
        result = self.call(gen_tcp.close, sock)
        if result != "ok":
            raise Violation(f"close: {result}")
        self.compare(stream, reader.result())

    def compare(self, stream: Stream, got: bytes) -> None:
        """What the peer got is what was acknowledged; if the connection may be over, the beginning of it."""
        over = stream.over or self.may_end
        if not over and got != bytes(stream.acknowledged):
            raise Violation(f"{len(stream.acknowledged)} bytes were acknowledged, {len(got)} arrived")
        if over and not bytes(stream.acknowledged + stream.doubtful).startswith(got):
            raise Violation("what arrived is not what was sent")

    @staticmethod
    def finishes(peer: socket.socket) -> None:
        """The peer closes its sending side, if the connection is there still."""
        with contextlib.suppress(OSError):
            peer.shutdown(socket.SHUT_WR)

    def ended(self, peer: socket.socket) -> None:
        """The peer sees the end of the stream, and nothing before it."""
        if self.reading(peer).result():
            raise Violation("data")

    # ---- what is received

    def recv(self, sock: Any, wanted: bytes, length: int = 0, timeout: Any = LIMIT) -> None:
        """What comes next is this."""
        result = self.must(self.call(gen_tcp.recv, sock, length, timeout), sock)
        if result != ("ok", wanted):
            raise Violation(f"recv: {result}, not {wanted!r}")

    def message(self, sock: Any, *wanted: Any) -> None:
        """The next message is this one."""
        got = self._result(self._next, ())
        if got == _NO_MEMORY:
            got = self._next()
        if got == wanted:
            return
        if isinstance(got, tuple) and got[0] in ("tcp_closed", "tcp_error") and self._ends_with(("error", "closed")):
            self.streams[sock].over = True
            raise Over(got)
        raise Violation(f"the message {got}, not {wanted}")

    @staticmethod
    def _next() -> Any:
        try:
            return gentcp.receive(timeout=LIMIT / 1000)
        except TimeoutError:
            return "no message"

    # ---- the end

    def finish(self) -> None:
        """Close everything; nobody holds a lock any more."""
        for end in reversed(self._ends):
            with contextlib.suppress(OSError):
                end()
        for sock in self._seen:
            lock = inspection.lock(behind(sock))
            if held(lock) or not lock.acquire(timeout=_PATIENCE):
                raise Violation(f"the lock of {sock.handle} is held")
            lock.release()
        self._seen.clear()


def behind(sock: Any) -> Any:
    """The engine's object for a socket, also for one that lives in the loop of the adapter."""
    return getattr(sock.handle, "inner", sock.handle)


class Reading:
    """Reads to the end, in a thread of its own."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._got = bytearray()
        self._thread = threading.Thread(target=self._read, name="peer", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError):
            while data := self._sock.recv(1 << 20):
                self._got += data

    @property
    def done(self) -> bool:
        return not self._thread.is_alive()

    def result(self) -> bytes:
        self._thread.join(_PATIENCE)
        if self._thread.is_alive():
            raise Violation("the peer waits for the end of the stream")
        return bytes(self._got)


def atom(result: Any) -> Any:
    """The reason of an error, without what stands around it."""
    reason = result[1] if isinstance(result, tuple) and result[0] == "error" else None
    while isinstance(reason, tuple) and reason:
        reason = reason[1] if reason[0] == "shutdown" else reason[0]
    return reason


def check_documented(result: Any) -> None:
    """Violation unless it has the shape that Erlang's functions give."""
    if result == "ok" or (isinstance(result, tuple) and len(result) == 2 and result[0] == "ok"):
        return
    if not (isinstance(result, tuple) and len(result) == 2 and result[0] == "error"):
        raise Violation(f"no result: {result!r}")
    if atom(result) not in _REASONS:
        raise Violation(f"no reason: {result!r}")


_REASONS = {*TEXTS, "closed", "timeout", "system_limit", "nxdomain", "badarg"}


def _flat(rest: Any) -> bytes:
    return b"".join(rest) if isinstance(rest, list) else bytes(rest)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", repr(function))


def limited(function: Callable[[], None]) -> None:
    """Call it in a thread and a process of its own; what it raises; Violation when it takes too long."""
    raised: list[BaseException] = []

    def main() -> None:
        try:
            function()
        except BaseException as error:  # noqa: BLE001  it is raised again
            raised.append(error)

    thread = threading.Thread(target=main, name="caller", daemon=True)
    thread.start()
    thread.join(2 * _PATIENCE)
    if thread.is_alive():
        raise Violation(f"it hangs:\n{_stacks()}")
    if raised:
        raise raised[0]


def _stacks() -> str:
    frames = sys._current_frames()
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    return "\n".join(
        f"{names.get(ident)}:\n{''.join(traceback.format_stack(frame))}" for ident, frame in frames.items()
    )
