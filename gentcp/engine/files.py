"""Writing a file to a socket with sendfile(2), as much of it at a time as the socket takes."""

from __future__ import annotations

import os
import socket

CAN_SENDFILE: bool = hasattr(os, "sendfile")
_CHUNK = 262144
_CHUNKS_A_TURN = 32  # more than Linux buffers: what waits for room after less waits although there is some
_EVERYTHING = (1 << 63) - 1


class Transfer:
    """A file on its way, of which `left` bytes from `offset` on are still to be written."""

    __slots__ = ("file", "left", "offset", "sent")

    def __init__(self, file: int, offset: int, count: int) -> None:
        self.file: int = file
        self.offset: int = offset
        self.left: int = count or _EVERYTHING
        self.sent: int = 0

    def write(self, sock: socket.socket) -> bool:
        """Write without waiting, and not for long; True when all of it, or all that the file has, is written.

        OSError when the socket, or the file, is out of order.
        """
        # sendfile(2) has no flag like MSG_DONTWAIT.  A recv that starts meanwhile is told to try again.
        os.set_blocking(sock.fileno(), False)
        try:
            return any(self._write_chunk(sock.fileno()) for _ in range(_CHUNKS_A_TURN))
        except BlockingIOError:
            return False
        finally:
            os.set_blocking(sock.fileno(), True)

    def _write_chunk(self, there: int) -> bool:
        written = os.sendfile(there, self.file, self.offset, min(_CHUNK, self.left))
        self.sent += written
        self.offset += written
        self.left -= written
        return not written or not self.left
