"""Erlang terms that Python has no type for, and the conversions that both faces need."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from reprlib import recursive_repr
from typing import Any, Final, TypeGuard

Term = Any
_BUFFERS: Final = (bytes, bytearray, memoryview)
_NO_OCTET: Final = "data: an int in a list must be from 0 to 255"
_MANY: Final = 1 << 16
"""After so many items of nested lists it is looked at how many there are."""
_MOST_REPEATED: Final = 1 << 22
"""Items to go through, of lists that are there again and again; with each twice in the next, fifty lists have 2^50."""


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

    @recursive_repr()
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


def is_int(term: object) -> TypeGuard[int]:
    """Whether it is an Erlang integer; True and False are atoms."""
    return isinstance(term, int) and not isinstance(term, bool)


def iodata_to_bytes(data: Term) -> bytes:
    """Flatten iodata: bytes-like objects, and lists nested at will of those and of ints from 0 to 255.

    Mutable buffers are copied.  NotIodata for anything else, a list that contains itself included, and for lists that
    contain the same lists so often that more than 4,194,304 items are to be gone through.
    Erlang: `iolist_to_binary/1`.
    """
    if type(data) is bytes:
        return data
    if isinstance(data, _BUFFERS):
        return copied(data)
    if not isinstance(data, (list, ImproperList)):
        raise NotIodata(f"data: expected bytes or a list of bytes and ints, not {type(data).__name__}")
    return b"".join(_parts(data))


def copied(data: bytes | bytearray | memoryview) -> bytes:
    """The bytes of a buffer, and nothing that a subclass makes of them."""
    try:
        return bytes(memoryview(data))
    except (ValueError, BufferError) as error:
        raise NotIodata(f"data: {error}") from None  # such as a memoryview that was released


def _parts(data: list[Term] | ImproperList) -> Iterator[bytes]:
    inside = {id(data): _items(data)}  # the lists that are being gone through, the innermost last
    before_look = _MANY
    while inside:
        for item in inside[next(reversed(inside))]:
            if type(item) is bytes:
                yield item
            elif isinstance(item, _BUFFERS):
                yield copied(item)
            elif not isinstance(item, (list, ImproperList)):
                yield _octet(item)
            elif isinstance(item, list) and (octets := _octets(item)) is not None:
                yield octets
            elif id(item) in inside:
                raise NotIodata("data: a list that contains itself has no end")
            else:
                if before_look > 0:
                    before_look -= len(item) if isinstance(item, list) else len(item.items)
                    if before_look <= 0:
                        _look_for_repetition(data)
                inside[id(item)] = _items(item)
                break
        else:
            inside.popitem()


def _look_for_repetition(data: list[Term] | ImproperList) -> None:
    """Count the items of all lists, those of one that is there again included; each list is gone through once."""
    totals: dict[int, int] = {}
    different = 0
    stack = [data]
    while stack:
        top = stack[-1]
        items = top if isinstance(top, list) else [*top.items, top.tail]
        inner = [item for item in items if isinstance(item, (list, ImproperList))]
        if id(top) not in totals:
            different += len(items)
            totals[id(top)] = 0  # should it contain itself, that is found elsewhere
            stack.extend(item for item in inner if id(item) not in totals)
        else:
            totals[id(top)] = totals[id(top)] or len(items) + sum(totals[id(item)] for item in inner)
            stack.pop()
    if totals[id(data)] > max(2 * different, _MOST_REPEATED):
        raise NotIodata("data: it contains the same lists so often that it has no end worth waiting for")


def _items(data: list[Term] | ImproperList) -> Iterator[Term]:
    if isinstance(data, list):
        octets = _octets(data)
        return iter(data if octets is None else [octets])
    if isinstance(data.tail, int):
        raise NotIodata("data: expected bytes or a list of bytes and ints, found int as the tail of one")
    return chain(data.items, [data.tail])


def _octets(data: list[Term]) -> bytes | None:
    """None for a list of other things."""
    if not data or type(data[0]) is not int or not all(type(item) is int for item in data):
        return None
    try:
        return bytes(data)
    except ValueError:
        raise NotIodata(_NO_OCTET) from None


def _octet(item: Term) -> bytes:
    if not is_int(item):
        raise NotIodata(f"data: expected bytes or a list of bytes and ints, found {type(item).__name__} in it")
    if not 0 <= item <= 255:
        raise NotIodata(_NO_OCTET)
    return bytes([item])


def charlist_to_str(text: Term) -> str | None:
    """A str for `text` when it is one already, or a list of code points (an Erlang string); otherwise None."""
    if isinstance(text, str):
        return text
    if isinstance(text, list) and all((type(char) is int or is_int(char)) and 0 <= char < 0x110000 for char in text):
        return "".join(map(chr, text))
    return None
