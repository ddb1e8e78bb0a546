"""What Python has for system calls, over the simulated kernel: `socket`, `select` and `os`.

Each of them is a point where threads can change places.
"""

from __future__ import annotations

import errno
import os as real_os
import select as real_select
import socket as real_socket
from typing import Any, Self

from .kernel import IN, NVAL, OUT, RECEIVING, SENDING, Epoll, EventFile, File, Kernel, Stream, failure
from .scheduler import world

MSG_PEEK, MSG_DONTWAIT = int(real_socket.MSG_PEEK), int(real_socket.MSG_DONTWAIT)
_SOL, _ERROR, _LINGER = int(real_socket.SOL_SOCKET), int(real_socket.SO_ERROR), int(real_socket.SO_LINGER)
_RCVTIMEO, _SNDBUF, _RCVBUF = (
    int(real_socket.SO_RCVTIMEO),
    int(real_socket.SO_SNDBUF),
    int(real_socket.SO_RCVBUF),
)


class _Now:
    kernel: Kernel


_now = _Now()


def install(kernel: Kernel) -> None:
    """From now on it is the one that there is."""
    _now.kernel = kernel


def kernel() -> Kernel:
    """The one that there is."""
    return _now.kernel


class Socket:
    """`socket.socket`, for TCP."""

    def __init__(
        self, family: int = real_socket.AF_INET, type: int = real_socket.SOCK_STREAM, proto: int = 0,
        fileno: int | None = None,
    ) -> None:  # fmt: skip
        self.family, self.type, self.proto = family, type, proto
        here = _now.kernel
        if fileno is None:
            world().point()
            self._stream = Stream(here, family)
            self._fd = here.open(self._stream)
        else:
            found = here.file(fileno)
            if not isinstance(found, Stream):
                raise failure(errno.ENOTSOCK)
            self._stream, self._fd = found, fileno
        self._timeout: float | None = None

    def _call(self) -> Stream:
        world().point()
        if self._fd < 0:
            raise failure(errno.EBADF)
        return self._stream

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        return self._fd

    def setblocking(self, flag: bool) -> None:
        self._call().blocking = flag
        self._timeout = None if flag else 0.0

    def gettimeout(self) -> float | None:
        return self._timeout

    def settimeout(self, value: float | None) -> None:
        self._call().blocking = value is None
        self._timeout = value

    def detach(self) -> int:
        fd, self._fd = self._fd, -1
        return fd

    def close(self) -> None:
        if self._fd < 0:
            return
        fd, self._fd = self._fd, -1
        stream = self._stream
        world().point()
        here = _now.kernel
        linger = stream.lingers() if stream.references == 1 and stream.state == "connected" else None
        here.close(fd)
        if linger:
            self._linger(stream, world().now + linger)

    @staticmethod
    def _linger(stream: Stream, until: float) -> None:
        while stream.state == "connected" and stream.fin_out == 1 and world().now < until and not world().ended:
            stream.wait(until)

    # ---- names

    def bind(self, address: Any) -> None:
        stream = self._call()
        port = address[1]
        here = _now.kernel
        if stream.bound:
            raise failure(errno.EINVAL)
        if port and port in here.listening:
            raise failure(errno.EADDRINUSE)
        stream.local, stream.bound = (address[0], port or here.free_port()), True

    def listen(self, backlog: int = 128) -> None:
        stream = self._call()
        here = _now.kernel
        if stream.state not in ("closed", "listening") or stream.peer is not None:
            raise failure(errno.EINVAL)
        if not stream.bound:
            stream.local, stream.bound = ("0.0.0.0", here.free_port()), True
        stream.state, stream.backlog, stream.shut = "listening", max(backlog, 0), 0
        here.listening[stream.local[1]] = stream

    def getsockname(self) -> Any:
        return self._call().local

    def getpeername(self) -> Any:
        stream = self._call()
        if stream.state != "connected" or stream.remote is None:
            raise failure(errno.ENOTCONN)
        return stream.remote

    # ---- connections

    def connect(self, address: Any) -> None:
        stream = self._call()
        if stream.state == "connecting":
            raise failure(errno.EALREADY)
        if stream.state == "connected" and stream.in_progress:
            stream.in_progress = False
            return
        if stream.state in ("connected", "listening"):
            raise failure(errno.EISCONN)
        if stream.error:
            number, stream.error = stream.error, 0
            raise failure(number)
        if stream.peer is not None:
            raise failure(errno.EISCONN)
        stream.shut = 0
        stream.begin_connect(address[1])
        if not stream.blocking:
            stream.in_progress = True
            raise failure(errno.EINPROGRESS)
        self._wait_for_connection(stream)

    @staticmethod
    def _wait_for_connection(stream: Stream) -> None:
        while stream.state == "connecting" and not world().ended:
            stream.wait(None)
        if stream.error:
            number, stream.error = stream.error, 0
            raise failure(number)

    def _accept(self) -> tuple[int, Any]:
        stream = self._call()
        if stream.state != "listening":
            raise failure(errno.EINVAL)
        while not stream.accepting:
            if not stream.blocking or world().ended:
                raise failure(errno.EAGAIN)
            stream.wait(None)
            if stream.state != "listening":
                raise failure(errno.EINVAL)
        child = stream.accepting.pop(0)
        return _now.kernel.open(child), child.remote

    def accept(self) -> tuple[Socket, Any]:
        fd, name = self._accept()
        return Socket(self.family, self.type, self.proto, fileno=fd), name

    def shutdown(self, how: int) -> None:
        stream = self._call()
        if stream.state in ("closed", "connecting"):
            raise failure(errno.ENOTCONN)
        bits = how + 1
        if stream.state == "listening":
            if bits & RECEIVING:
                stream.state = "closed"
                _now.kernel.listening.pop(stream.local[1], None)
            stream.changed()
            return
        stream.shut |= bits
        if bits & SENDING and not stream.fin_out:
            stream.fin_out = 1
            stream.send_away()
        stream.changed()

    # ---- data

    def send(self, data: Any, flags: int = 0) -> int:
        return self.sendmsg((data,), (), flags)

    def sendmsg(self, parts: Any, ancillary: Any = (), flags: int = 0) -> int:
        stream = self._call()
        on_write = _now.kernel.on_write
        if on_write is not None:
            on_write(stream, told=bool(stream.mask() & OUT))
        while True:
            if stream.state == "listening" or (stream.state == "closed" and not stream.error and not stream.shut):
                raise failure(errno.EPIPE)
            if stream.error:
                number, stream.error = stream.error, 0
                raise failure(number)
            if stream.shut & SENDING or stream.state == "closed":
                raise failure(errno.EPIPE)
            if stream.state == "connected" and (len(stream.out) < stream.send_room or not any(map(len, parts))):
                break
            if flags & MSG_DONTWAIT or not stream.blocking or world().ended:
                raise failure(errno.EAGAIN)
            stream.wait(None)
        return _take(stream, parts)

    def sendall(self, data: bytes, flags: int = 0) -> None:
        at = 0
        while at < len(data):
            at += self.send(data[at:], flags)

    def recv(self, size: int, flags: int = 0) -> bytes:
        stream = self._call()
        here = world()
        until = None
        while True:
            inp = stream.inp
            if inp:
                data = bytes(inp[:size])
                if not flags & MSG_PEEK:
                    full = len(inp) >= stream.receive_room
                    del inp[:size]
                    if stream.peer is not None and (full or stream.peer.out):
                        stream.peer.send_away()
                return data
            if stream.done:
                return b""
            if stream.error:
                number, stream.error = stream.error, 0
                raise failure(number)
            if stream.shut & RECEIVING:
                return b""
            if stream.state in ("closed", "listening"):
                raise failure(errno.ENOTCONN)
            if flags & MSG_DONTWAIT or not stream.blocking or here.ended:
                raise failure(errno.EAGAIN)
            if until is None and stream.receive_time is not None:
                until = here.now + stream.receive_time
            if until is not None and here.now >= until:
                raise failure(errno.EAGAIN)
            stream.wait(until, again=True)

    # ---- options

    def getsockopt(self, level: int, option: int, size: int = 0) -> Any:
        stream = self._call()
        if (level, option) == (_SOL, _ERROR):
            number, stream.error = stream.error, 0
            return number
        if (level, option) == (_SOL, _LINGER):
            return stream.options.get((level, option), bytes(8))[: size or 8]
        if level == _SOL and option in (_SNDBUF, _RCVBUF):
            room = stream.send_room if option == _SNDBUF else stream.receive_room
            return room.to_bytes(4, "little") if size else room
        value = stream.options.get((level, option), 0)
        if size:
            return value[:size] if isinstance(value, bytes) else int(value).to_bytes(4, "little")[:size]
        return value if isinstance(value, int) else int.from_bytes(value[:4], "little")

    def setsockopt(self, level: int, option: int, value: Any) -> None:
        stream = self._call()
        number = value if isinstance(value, int) else int.from_bytes(value[:8], "little")
        if level == _SOL and option in (_SNDBUF, _RCVBUF):
            if option == _SNDBUF:
                stream.send_room = max(2 * number, _now.kernel.send_room // 2)
            else:
                stream.receive_room = max(2 * number, _now.kernel.receive_room // 2)
            return
        if (level, option) == (_SOL, _RCVTIMEO) and not isinstance(value, int):
            stream.receive_time = number + int.from_bytes(value[8:16], "little") / 1e6 or None
        stream.options[level, option] = bytes(value) if isinstance(value, (bytes, bytearray)) else value


def _take(stream: Stream, parts: Any) -> int:
    """Linux takes whole pieces of memory until the room is gone, which may be more than there was."""
    random = world().random
    room = stream.send_room - len(stream.out)
    room += int(random.random() * stream.kernel.overshoot)
    written = 0
    for part in parts:
        size = min(len(part), room - written)
        piece = part if size == len(part) else memoryview(part)[:size]
        stream.out += piece
        stream.wire += piece
        written += size
        if written >= room:
            break
    world().marks.append(written)
    stream.send_away()
    return written


# ---- select


class Poll:
    """`select.poll`."""

    def __init__(self) -> None:
        self._wanted: dict[int, int] = {}

    def register(self, fd: Any, events: int = IN | 4 | 2) -> None:
        self._wanted[fd if isinstance(fd, int) else fd.fileno()] = events

    modify = register

    def unregister(self, fd: Any) -> None:
        del self._wanted[fd if isinstance(fd, int) else fd.fileno()]

    def poll(self, timeout: float | None = None) -> list[tuple[int, int]]:
        here, files = world(), _now.kernel.files
        here.point()
        polled: list[tuple[int, int, File | None]] = [
            (fd, wanted, files.get(fd)) for fd, wanted in self._wanted.items() if fd >= 0
        ]
        until = None if timeout is None or timeout < 0 else here.now + timeout / 1000
        while True:
            found = []
            for fd, wanted, file in polled:
                there = NVAL if file is None else file.mask() & (wanted | 24)
                if there:
                    found.append((fd, there))
            if found or here.ended or (until is not None and here.now >= until):
                return found
            _wait_for_any([file for _, _, file in polled if file is not None], until)


def _wait_for_any(files: list[File], until: float | None) -> None:
    from greenlet import getcurrent

    task: Any = getcurrent()
    for file in files:
        file.waiters.append(task)
    world().block(until, files)
    for file in files:
        if task in file.waiters:
            file.waiters.remove(task)


class EpollObject:
    """`select.epoll`."""

    def __init__(self) -> None:
        world().point()
        here = _now.kernel
        self._file = Epoll(here)
        self._fd = here.open(self._file)
        self.closed = False

    def fileno(self) -> int:
        self._check()
        return self._fd

    def _check(self) -> Epoll:
        if self.closed:
            raise ValueError("I/O operation on closed epoll object")
        return self._file

    def close(self) -> None:
        if not self.closed:
            world().point()
            self.closed = True
            _now.kernel.close(self._fd)

    def register(self, fd: int, eventmask: int = 7) -> None:
        epoll = self._check()
        world().point()
        file = _now.kernel.file(fd)
        if file is epoll:
            raise failure(errno.EINVAL)
        if (fd, file) in epoll.entries:
            raise failure(errno.EEXIST)
        epoll.entries[fd, file] = eventmask
        if epoll not in file.watchers:
            file.watchers.append(epoll)
        epoll.changed()

    def modify(self, fd: int, eventmask: int) -> None:
        epoll = self._check()
        world().point()
        file = _now.kernel.file(fd)
        if (fd, file) not in epoll.entries:
            raise failure(errno.ENOENT)
        epoll.entries[fd, file] = eventmask
        epoll.changed()

    def unregister(self, fd: int) -> None:
        epoll = self._check()
        world().point()
        file = _now.kernel.file(fd)
        if (fd, file) not in epoll.entries:
            raise failure(errno.ENOENT)
        del epoll.entries[fd, file]
        if not any(other is file for _, other in epoll.entries):
            file.watchers.remove(epoll)

    def poll(self, timeout: float | None = None, maxevents: int = -1) -> list[tuple[int, int]]:
        epoll = self._check()
        here = world()
        here.point()
        until = None if timeout is None or timeout < 0 else here.now + timeout
        while True:
            found = epoll.ready()
            if found or here.ended or (until is not None and here.now >= until):
                if len(found) > 1:
                    start = int(here.random.random() * len(found))
                    found = found[start:] + found[:start]
                return found[:maxevents] if maxevents > 0 else found
            epoll.wait(until)


# ---- modules


class SocketModule:
    """The module `socket`."""

    socket = Socket

    def __getattr__(self, name: str) -> Any:
        return getattr(real_socket, name)


class SelectModule:
    """The module `select`."""

    poll = Poll
    epoll = EpollObject

    def __getattr__(self, name: str) -> Any:
        return getattr(real_select, name)


class OsModule:
    """The module `os`, as far as descriptors go."""

    def __getattr__(self, name: str) -> Any:
        return getattr(real_os, name)

    @staticmethod
    def eventfd(initval: int, _flags: int = 0) -> int:
        world().point()
        here = _now.kernel
        return here.open(EventFile(here, initval))

    @staticmethod
    def read(fd: int, _size: int) -> bytes:
        world().point()
        file = _now.kernel.file(fd)
        assert isinstance(file, EventFile)
        if not file.count:
            raise failure(errno.EAGAIN)
        count, file.count = file.count, 0
        return count.to_bytes(8, "little")

    @staticmethod
    def write(fd: int, data: bytes) -> int:
        world().point()
        file = _now.kernel.file(fd)
        assert isinstance(file, EventFile)
        file.count += int.from_bytes(data, "little")
        file.changed()
        return len(data)

    @staticmethod
    def close(fd: int) -> None:
        world().point()
        _now.kernel.close(fd)

    @staticmethod
    def dup(fd: int) -> int:
        world().point()
        here = _now.kernel
        return here.open(here.file(fd))
