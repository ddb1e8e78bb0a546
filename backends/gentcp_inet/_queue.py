"""The send queue of a port and its watermarks.  No I/O."""

from __future__ import annotations

from collections import deque

_CHUNK = 262144
_MOST_PARTS = 16
_EMPTY: list[memoryview] = []


class SendQueue:
    """Bytes that were accepted and not yet written, in order."""

    __slots__ = ("_parts", "size")

    def __init__(self) -> None:
        self._parts: deque[memoryview] | list[memoryview] = _EMPTY  # most sockets never queue anything
        self.size = 0

    def __bool__(self) -> bool:
        return self.size > 0

    def put(self, data: bytes, start: int = 0) -> None:
        """Append `data` from `start` on."""
        view = memoryview(data)[start:]
        if view:
            if self._parts is _EMPTY:
                self._parts = deque()
            self._parts.append(view)
            self.size += len(view)

    def front(self, most: int = _CHUNK) -> list[memoryview]:
        """The next bytes to write, not more than can be copied without holding the lock for long."""
        found, size, most = [], 0, min(most, _CHUNK)
        for part in self._parts:
            found.append(part[: most - size])
            size += len(found[-1])
            if size >= most or len(found) == _MOST_PARTS:
                break
        return found

    def drop(self, count: int) -> None:
        """`count` bytes from the front have been written."""
        self.size -= count
        while count:
            head = self._parts[0]
            if len(head) > count:
                self._parts[0] = head[count:]
                return
            count -= len(head)
            del self._parts[0]

    def clear(self) -> None:
        """Drop everything."""
        self._parts = _EMPTY
        self.size = 0
