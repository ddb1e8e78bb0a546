"""The other end of a subject's connection: plain stdlib sockets, every wait bounded and for an event."""

from __future__ import annotations

import errno
import fcntl
import select
import socket
import struct
import termios
import time

from .term import Term
from .waiting import CaseError, wait_until

_CHUNK = 262144
_PATIENCE = 5.0
# tcpi_state is the first byte of struct tcp_info; the values are those of the kernel's tcp_states.h.
_FIN_UNACKNOWLEDGED = {4, 9, 11}  # FIN_WAIT1, LAST_ACK, CLOSING


class Peer:
    """A connected raw socket.  `raw` is the socket.socket itself, for what has no method here."""

    def __init__(self, raw: socket.socket) -> None:
        self.raw = raw
        raw.settimeout(_PATIENCE)

    def send(self, data: bytes, *, delivered: bool = True) -> None:
        """Send all of `data`; unless `delivered` is False, return only when the subject's kernel has it."""
        self.raw.settimeout(_PATIENCE)
        self.raw.sendall(data)
        if delivered:
            wait_until(lambda: self.unacknowledged() == 0, _PATIENCE, "the peer's bytes to arrive")

    def send_bytewise(self, data: bytes) -> None:
        """Send `data` in one segment a byte, each delivered before the next."""
        self.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for value in data:
            self.send(bytes([value]))

    def unacknowledged(self) -> int:
        """Bytes sent that the subject's kernel does not have yet."""
        return _count(self.raw, termios.TIOCOUTQ)

    def recv(self, timeout: float = 0.3) -> Term:
        """What is there within `timeout` seconds: {ok, Bytes} | {error, timeout | closed | econnreset}."""
        data, end = self._read(_CHUNK, timeout)
        return ("ok", data) if data else ("error", end)

    def recv_exact(self, length: int, timeout: float = _PATIENCE) -> bytes:
        """Exactly `length` bytes; raises CaseError when they do not come."""
        data, end = self.take(length, timeout)
        if end != "done":
            raise CaseError(f"peer got {len(data)} of {length} bytes, then {end}")
        return data

    def take(self, length: int, timeout: float = _PATIENCE) -> tuple[bytes, str]:
        """Up to `length` bytes, and 'done' or why there are fewer: 'timeout', 'closed' or 'econnreset'."""
        deadline = time.monotonic() + timeout
        chunks: list[bytes] = []
        while length > 0:
            data, end = self._read(min(length, _CHUNK), max(0.0, deadline - time.monotonic()))
            if not data:
                return b"".join(chunks), end
            chunks.append(data)
            length -= len(data)
        return b"".join(chunks), "done"

    def drain(self, idle: float = 0.3) -> tuple[bytes, str]:
        """Everything until the end or `idle` quiet seconds, and what ended it: 'closed', 'econnreset' or 'timeout'."""
        chunks: list[bytes] = []
        while True:
            data, end = self._read(_CHUNK, idle)
            if not data:
                return b"".join(chunks), end
            chunks.append(data)

    def pending(self) -> int:
        """Bytes that have arrived and are not read."""
        return _count(self.raw, termios.FIONREAD)

    def wait_ended(self, within: float = _PATIENCE) -> bool:
        """Whether the subject's end of file or reset arrives in time; reads nothing."""
        poller = select.poll()
        poller.register(self.raw, select.POLLRDHUP)
        return bool(poller.poll(within * 1000))

    def shutdown(self, how: str = "write") -> None:
        """Shut down "write", "read" or "read_write"; for writing, return when the subject's kernel knows."""
        self.raw.shutdown({"read": socket.SHUT_RD, "write": socket.SHUT_WR, "read_write": socket.SHUT_RDWR}[how])
        if how != "read" and self.raw.family != socket.AF_UNIX:
            wait_until(self._fin_acknowledged, _PATIENCE, "the peer's end of file to arrive")

    def close(self) -> None:
        """Close; what is unread makes this a reset, as everywhere."""
        self.raw.close()

    def reset(self) -> None:
        """Close with a reset (linger 0)."""
        self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.raw.close()

    def _read(self, size: int, timeout: float) -> tuple[bytes, str]:
        # Not settimeout(0): that would mean non-blocking and raise another exception.
        self.raw.settimeout(max(timeout, 0.001))
        try:
            return self.raw.recv(size), "closed"
        except TimeoutError:
            return b"", "timeout"
        except OSError as error:
            return b"", errno.errorcode.get(error.errno or 0, "eunknown").lower()

    def _fin_acknowledged(self) -> bool:
        state = self.raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        return state not in _FIN_UNACKNOWLEDGED


class RawListener:
    """A listening raw socket on the loopback address, or on a local path.  `port` is 0 for a path."""

    def __init__(self, *, rcvbuf: int | None = None, backlog: int = 5, path: str | None = None) -> None:
        self.raw = socket.socket(socket.AF_INET if path is None else socket.AF_UNIX)
        if rcvbuf is not None:
            # Before listen: accepted sockets inherit it, and a window, once offered, cannot be taken back.
            self.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
        self.raw.bind(("127.0.0.1", 0) if path is None else path)
        self.raw.listen(backlog)
        self.raw.settimeout(_PATIENCE)
        self.port: int = self.raw.getsockname()[1] if path is None else 0

    def accept(self) -> Peer:
        """The next connection; raises CaseError when none comes."""
        try:
            return Peer(self.raw.accept()[0])
        except TimeoutError:
            raise CaseError(f"nobody connected within {_PATIENCE:g} s") from None

    def close(self) -> None:
        """Stop listening; what has been accepted stays."""
        self.raw.close()


def connect_raw(port: int, *, rcvbuf: int | None = None) -> Peer:
    """A raw connection to a loopback port."""
    raw = socket.socket()
    if rcvbuf is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    raw.settimeout(_PATIENCE)
    raw.connect(("127.0.0.1", port))
    return Peer(raw)


def _count(raw: socket.socket, request: int) -> int:
    count: int = struct.unpack("i", fcntl.ioctl(raw, request, bytes(4)))[0]
    return count
