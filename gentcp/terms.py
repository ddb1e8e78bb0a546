"""Erlang terms that Python has no type for, and the conversions that both faces need."""

from __future__ import annotations

from typing import Any

Term = Any


class ImproperList:
    """A list whose tail is not a list, such as `[1, 2 | <<"rest">>]`; what `{header, N}` delivers."""

    __slots__ = ("items", "tail")

    def __init__(self, items: list[Term], tail: Term) -> None:
        self.items: list[Term] = items
        self.tail: Term = tail

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ImproperList) and (self.items, self.tail) == (other.items, other.tail)

    def __hash__(self) -> int:
        return hash((tuple(self.items), self.tail))

    def __repr__(self) -> str:
        return f"ImproperList({self.items!r}, {self.tail!r})"


class Charlist(list[int]):
    """An Erlang string, which is a list of code points; `str()` gives the text."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str) -> Charlist:
        """The list for a text."""
        return cls(map(ord, text))

    def __str__(self) -> str:
        return "".join(map(chr, self))


class Opaque:
    """A value of another VM that Python cannot know: hashable, equal to itself alone, can be passed back.

    `kind` is "pid", "port", "reference", "fun" or "bitstring"; `inner` belongs to the backend that made it.
    """

    __slots__ = ("_key", "inner", "kind")

    def __init__(self, kind: str, key: bytes, inner: Any = None) -> None:
        self.kind: str = kind
        self._key = key
        self.inner: Any = inner

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Opaque) and (other.kind, other._key) == (self.kind, self._key)

    def __hash__(self) -> int:
        return hash((self.kind, self._key))

    def __repr__(self) -> str:
        return f"<{self.kind} {self._key[-8:].hex()}>"


class NotIodata(TypeError):
    """The data to send is not bytes, nor a list of bytes, ints from 0 to 255 and such lists."""


def iodata_to_bytes(data: Term) -> bytes:
    """Flatten iodata: bytes-like objects, and lists nested at will of those and of ints from 0 to 255.

    Mutable buffers are copied.  NotIodata for anything else.  Erlang: `iolist_to_binary/1`.
    """
    if isinstance(data, bytes):
        return data
    if isinstance(data, (bytearray, memoryview)):
        return bytes(data)
    if not isinstance(data, (list, tuple, ImproperList)) or isinstance(data, tuple):
        raise NotIodata(f"data: expected bytes or a list of bytes and ints, not {type(data).__name__}")
    parts: list[bytes] = []
    stack: list[Term] = [data]
    while stack:
        item = stack.pop()
        if isinstance(item, (bytes, bytearray, memoryview)):
            parts.append(bytes(item))
        elif isinstance(item, list):
            if item and all(type(byte) is int for byte in item):
                parts.append(_octets(item))
            else:
                stack.extend(reversed(item))
        elif isinstance(item, ImproperList) and not isinstance(item.tail, int):
            stack.append(item.tail)
            stack.append(item.items)
        elif type(item) is int:
            parts.append(_octets([item]))
        else:
            raise NotIodata(f"data: expected bytes or a list of bytes and ints, found {type(item).__name__} in it")
    return b"".join(parts)


def _octets(numbers: list[int]) -> bytes:
    try:
        return bytes(numbers)
    except ValueError:
        raise NotIodata("data: an int in a list must be from 0 to 255") from None


def charlist_to_str(text: Term) -> str | None:
    """A str for `text` when it is one already, or a list of code points (an Erlang string); otherwise None."""
    if isinstance(text, str):
        return text
    if isinstance(text, list) and all(type(char) is int and 0 <= char < 0x110000 for char in text):
        return "".join(map(chr, text))
    return None
