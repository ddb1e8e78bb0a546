"""Binaries that stand for terms: references within this process, and simple terms in the external format.

A reference is written as `erlang:term_to_binary(Ref, [local])`.
"""

from __future__ import annotations

import weakref
from typing import Any, Final

from .process import Ref

_HEAD: Final = bytes([131, 121])
"""Version and tag of terms that only the node that made them understands."""
_BYTES = 8


class Unknown:
    """The type of UNKNOWN."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
"""What a binary stands for that is none of these, or whose reference is gone."""

_known: weakref.WeakValueDictionary[int, Ref] = weakref.WeakValueDictionary()


def token(ref: Ref) -> bytes:
    """A binary by which `ref` is found again, while somebody has it."""
    _known[ref.number] = ref
    return _HEAD + ref.number.to_bytes(_BYTES, "big")


def term_of(binary: bytes) -> Any:
    """The reference that the binary was made of, or the integer, atom or binary that it has; else UNKNOWN."""
    if binary.startswith(_HEAD) and len(binary) == len(_HEAD) + _BYTES:
        return _known.get(int.from_bytes(binary[len(_HEAD) :], "big"), UNKNOWN)
    if binary[:1] != _HEAD[:1]:
        return UNKNOWN
    match binary[1:2], len(binary):
        case b"a", 3:
            return binary[2]
        case b"b", 6:
            return int.from_bytes(binary[2:], "big", signed=True)
        case b"w", size if size >= 3 and size == 3 + binary[2]:
            return binary[3:].decode(errors="replace")
        case b"m", size if size >= 6 and size == 6 + int.from_bytes(binary[2:6], "big"):
            return binary[6:]
        case _:
            return UNKNOWN
