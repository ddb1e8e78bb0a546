"""The send queue of a port and its watermarks.  No I/O."""

from __future__ import annotations

from collections import deque

_CHUNK = 8388608
"""More than a system buffers: OTP's driver gives it all there is at once, and how much it takes depends on that."""
_MOST_PARTS = 16
_EMPTY: list[bytes | memoryview] = []


class SendQueue:
    """Bytes that were accepted and not yet written, in order.  Nothing is copied: it holds what it was given."""

    __slots__ = ("_parts", "size")

    def __init__(self) -> None:
        self._parts: deque[bytes | memoryview] | list[bytes | memoryview] = _EMPTY  # most sockets never queue anything
        self.size = 0

    def __bool__(self) -> bool:
        return self.size > 0

    def put(self, data: bytes, start: int = 0) -> None:
        """Append `data` from `start` on."""
        size = len(data) - start
        if size > 0:
            if self._parts is _EMPTY:
                self._parts = deque()
            self._parts.append(memoryview(data)[start:] if start else data)
            self.size += size

    def front(self, most: int = _CHUNK) -> list[bytes | memoryview]:
        """The next bytes to write: what one system call may take, and is copied while the lock is held."""
        found: list[bytes | memoryview] = []
        room = min(most, _CHUNK)
        for part in self._parts:
            size = len(part)
            if size >= room:
                found.append(part if size == room else memoryview(part)[:room])
                break
            found.append(part)
            room -= size
            if len(found) == _MOST_PARTS:
                break
        return found

    def drop(self, count: int) -> None:
        """`count` bytes from the front have been written."""
        self.size -= count
        if not self.size:
            self._parts = _EMPTY
            return
        parts = self._parts
        while count:
            head = parts[0]
            size = len(head)
            if size > count:
                parts[0] = memoryview(head)[count:]
                return
            count -= size
            del parts[0]

    def clear(self) -> None:
        """Drop everything."""
        self._parts = _EMPTY
        self.size = 0
