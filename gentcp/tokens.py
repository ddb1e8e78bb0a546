"""Binaries that stand for references within this process (`erlang:term_to_binary(Ref, [local])`)."""

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
"""What a binary stands for that is none of ours, or whose reference is gone."""

_known: weakref.WeakValueDictionary[int, Ref] = weakref.WeakValueDictionary()


def token(ref: Ref) -> bytes:
    """A binary by which `ref` is found again, while somebody has it."""
    _known[ref.number] = ref
    return _HEAD + ref.number.to_bytes(_BYTES, "big")


def term_of(binary: bytes) -> Any:
    """The reference that the binary was made of, or UNKNOWN."""
    if len(binary) != len(_HEAD) + _BYTES or not binary.startswith(_HEAD):
        return UNKNOWN
    return _known.get(int.from_bytes(binary[len(_HEAD) :], "big"), UNKNOWN)
