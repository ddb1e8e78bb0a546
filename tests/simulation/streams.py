"""Whether what went over the wire, and what came out of it, is what was sent.  Data only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_ENOUGH = 20_000
"""Ways that are tried; what is so ambiguous shows nothing."""
_ALIKE = 12
"""Bytes in which two frames are alike, at most: where one is cut and another follows, they may belong to either."""


@dataclass(frozen=True)
class Sent:
    """A frame, and how much of it may be on the wire."""

    frame: bytes
    least: int
    most: int


def explained(wire: bytes, lines: Sequence[Sequence[Sent]], *, cuts: bool) -> bool:
    """Whether the wire has the frames of each line in order, whole or as much of them as may be.

    Without `cuts` a frame that is not whole is the last thing on the wire.
    """
    start = _whole(wire, lines)
    stack: list[tuple[int, tuple[int, ...]]] = [(0, (0,) * len(lines)), start]  # the last one is looked at first
    seen = set(stack)
    while stack:
        at, places = stack.pop()
        if at == len(wire) and all(
            sent.least == 0 for line, place in zip(lines, places, strict=True) for sent in line[place:]
        ):
            return True
        for index, line in enumerate(lines):
            place = places[index]
            if place == len(line):
                continue
            sent = line[place]
            common = _common(wire, at, sent.frame, sent.most)
            following = (*places[:index], place + 1, *places[index + 1 :])
            for size in (
                {sent.least, *range(max(sent.least, common - _ALIKE), common + 1)} if common >= sent.least else ()
            ):
                if 0 < size < len(sent.frame) and not cuts and at + size != len(wire):
                    continue
                state = (at + size, following)
                if state not in seen:
                    seen.add(state)
                    stack.append(state)
    return False


def _whole(wire: bytes, lines: Sequence[Sequence[Sent]]) -> tuple[int, tuple[int, ...]]:
    """How far one gets with whole frames alone, which is usually all the way."""
    at, places, going = 0, [0] * len(lines), True
    while going:
        going = False
        for index, line in enumerate(lines):
            while places[index] < len(line) and _is_next(wire, at, line[places[index]]):
                at += len(line[places[index]].frame)
                places[index] += 1
                going = True
    return at, tuple(places)


def _is_next(wire: bytes, at: int, sent: Sent) -> bool:
    return sent.most == len(sent.frame) and wire.startswith(sent.frame, at)


def _common(wire: bytes, at: int, frame: bytes, most: int) -> int:
    """Bytes of the frame that the wire has here."""
    size = min(most, len(wire) - at)
    if wire.startswith(frame[:size], at):
        return size
    low = 0
    while wire[at + low] == frame[low]:
        low += 1
    return low


def merges(stream: bytes, lines: Sequence[Sequence[bytes]], losses: int) -> bool:
    """Whether the pieces of the lines, each in order, make the beginning of the stream, but for so many gaps."""
    lines = [line for line in lines if line]
    if len(lines) == 1 and stream.startswith(b"".join(lines[0])):
        return True
    start: tuple[int, tuple[int, ...], int] = (0, (0,) * len(lines), losses)
    stack: list[tuple[int, tuple[int, ...], int]] = [start]
    seen: set[tuple[int, tuple[int, ...], int]] = {start}
    ends = tuple(len(line) for line in lines)
    while stack:
        at, places, left = stack.pop()
        if places == ends:
            return True
        if len(seen) > _ENOUGH:
            return True
        for index, line in enumerate(lines):
            place = places[index]
            if place == len(line):
                continue
            piece = line[place]
            following = (*places[:index], place + 1, *places[index + 1 :])
            found = at if stream.startswith(piece, at) else stream.find(piece, at + 1) if left else -1
            state = (found + len(piece), following, left - (found > at))
            if found >= 0 and state not in seen:
                seen.add(state)
                stack.append(state)
    return False


def packets(stream: bytes, head: int) -> list[bytes]:
    """The whole packets with lengths of `head` bytes in front."""
    found, at = [], 0
    while at + head <= len(stream):
        size = int.from_bytes(stream[at : at + head], "big")
        if at + head + size > len(stream):
            break
        found.append(stream[at + head : at + head + size])
        at += head + size
    return found


def out_of_order(expected: Sequence[bytes], lines: Sequence[Sequence[bytes]], losses: int) -> str:
    """What is wrong with the packets that came: invented, doubled, out of order or lost; "" if nothing is."""
    places: dict[bytes, list[int]] = {}
    for index, packet in enumerate(expected):
        places.setdefault(packet, []).append(index)
    came: set[int] = set()
    for line in lines:
        before = -1
        for packet in line:
            found = [index for index in places.get(packet, ()) if index not in came]
            if not found:
                return "doubled" if packet in places else "invented"
            later = [index for index in found if index > before]
            if not later:
                return "out of order"
            before = later[0]
            came.add(before)
    missing = [index for index in range(max(came, default=-1) + 1) if index not in came]
    return f"lost {len(missing)}" if len(missing) > losses else ""


def flat(rest: Any) -> bytes:
    """The rest data of a send."""
    return b"".join(rest) if isinstance(rest, list) else bytes(rest)
