"""The send queue of a port and its watermarks.  No I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

_CHUNK = 262144


class SendQueue:
    """Bytes that were accepted and not yet written, in order."""

    __slots__ = ("_parts", "size")

    def __init__(self) -> None:
        self._parts: deque[memoryview] = deque()
        self.size = 0

    def __bool__(self) -> bool:
        return self.size > 0

    def put(self, data: bytes, start: int = 0) -> None:
        view = memoryview(data)[start:]
        if view:
            self._parts.append(view)
            self.size += len(view)

    def front(self) -> memoryview:
        """The next bytes to write, in a piece that does not hold the lock for long."""
        return self._parts[0][:_CHUNK]

    def buffers(self, most: int = 16) -> Iterator[memoryview]:
        for index in range(min(most, len(self._parts))):
            yield self._parts[index]

    def drop(self, count: int) -> None:
        """`count` bytes from the front have been written."""
        self.size -= count
        while count:
            head = self._parts[0]
            if len(head) > count:
                self._parts[0] = head[count:]
                return
            count -= len(head)
            self._parts.popleft()

    def clear(self) -> None:
        self._parts.clear()
        self.size = 0
