"""The other end of a connection: a plain socket of the standard library, with a limit on every wait."""

from __future__ import annotations

import fcntl
import select
import socket
import struct
import termios

from .waiting import PATIENCE, eventually

_SIOCOUTQ = 0x5411
_SIOCOUTQNSD = 0x894B


class Peer:
    """A raw socket."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE)
        self.sock = sock

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def recv_exact(self, size: int) -> bytes:
        """Exactly `size` bytes."""
        data = bytearray()
        while len(data) < size:
            got = self.sock.recv(min(size - len(data), 1 << 20))
            assert got, f"end of file after {len(data)} of {size} bytes"
            data += got
        return bytes(data)

    def drain(self) -> bytes:
        """Everything up to the end of file (or the reset, which `ended_by` tells apart)."""
        data = bytearray()
        try:
            while got := self.sock.recv(1 << 20):
                data += got
            self.ended_by = "fin"
        except ConnectionResetError:
            self.ended_by = "rst"
        return bytes(data)

    ended_by = ""
    """How the stream ended: "fin" or "rst"; set by `drain`."""

    def unread(self) -> int:
        """Bytes that have arrived here and were not read."""
        return unread(self.sock.fileno())

    def arrived(self, size: int) -> None:
        """Wait until `size` bytes are here."""
        eventually(lambda: self.unread() >= size)

    def finish(self) -> None:
        """Close the sending side."""
        self.sock.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Close with a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self) -> None:
        self.sock.close()


def unread(fd: int) -> int:
    """Bytes that have arrived and were not read."""
    return _count(fd, termios.FIONREAD)


def ended(fd: int) -> bool:
    """Whether all that will come has arrived: the end of the stream, or a reset."""
    poll = select.poll()
    poll.register(fd, select.POLLRDHUP)
    return bool(poll.poll(0))


def unsent(fd: int) -> int:
    """Bytes in the send buffer of the system that the peer has not acknowledged."""
    return _count(fd, _SIOCOUTQ)


def writable(fd: int) -> bool:
    """Whether the system would take more data now."""
    poll = select.poll()
    poll.register(fd, select.POLLOUT)
    return bool(poll.poll(0))


def stuck(fd: int) -> bool:
    """Whether the system takes nothing, and will not as long as the peer does not read.

    There is data that may not be sent (the window is closed), and nothing under way that could be acknowledged.
    """
    return not writable(fd) and 0 < _count(fd, _SIOCOUTQNSD) == unsent(fd)


def _count(fd: int, request: int) -> int:
    return int.from_bytes(fcntl.ioctl(fd, request, bytes(4)), "little")
