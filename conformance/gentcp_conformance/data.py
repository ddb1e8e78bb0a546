"""Payloads whose order shows in every byte position, and short names for what became of them."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable
from functools import lru_cache

from .term import Term, is_list

MB = 1024 * 1024


@lru_cache(maxsize=8)
def payload(size: int = 4 * MB) -> bytes:
    """`size` bytes: the numbers 1, 2, 3, ... of 32 bits, big-endian.  Cached, so that comparing costs a memcmp."""
    numbers = array("I", range(1, size // 4 + 2))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers.tobytes()[:size]


def iodata_bytes(data: Term) -> bytes:
    """Binary of a bytes, or of arbitrarily nested lists of bytes and byte values."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, int):
        return bytes([data])
    return b"".join(map(iodata_bytes, data))


def is_prefix(got: bytes, whole: bytes) -> bool:
    """Whether `got` is how `whole` begins."""
    return whole.startswith(got)


def delivery(got: bytes, *sent: bytes) -> Term:
    """How much of `sent`, in order, `got` is.

    all_delivered | nothing_delivered | not_a_prefix |
    {proper_prefix, {complete, Items, partial, IsTheNextItemCut}}
    """
    whole = b"".join(sent)
    if got == whole:
        return "all_delivered"
    if not got:
        return "nothing_delivered"
    if not whole.startswith(got):
        return "not_a_prefix"
    complete, rest = _complete_items(len(got), map(len, sent))
    return ("proper_prefix", ("complete", complete, "partial", rest > 0))


def _complete_items(length: int, sizes: Iterable[int]) -> tuple[int, int]:
    complete = 0
    for size in sizes:
        if length < size:
            break
        length -= size
        complete += 1
    return complete, length


def send_result(result: Term) -> Term:
    """A send's result with the rest data of a timeout by its shape: how many bytes is up to the kernel."""
    match result:
        case ("error", ("timeout", bytes() as rest)):
            return ("error", ("timeout", "rest_is_nonempty_binary" if rest else "rest_is_empty_binary"))
        case ("error", ("timeout", rest)) if is_list(rest):
            kind = "iovec_of_binaries" if all(isinstance(item, bytes) for item in rest) else "other"
            return ("error", ("timeout", ("rest_is_list", kind, "nonempty" if iodata_bytes(rest) else "empty")))
        case _:
            return result


def rest_bytes(result: Term) -> bytes:
    """The rest data of a send's result as one binary; empty when it has none."""
    match result:
        case ("error", ("timeout", rest)):
            return iodata_bytes(rest)
        case _:
            return b""
