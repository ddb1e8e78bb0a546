"""Points put together: states with what they come from, and loops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import takewhile

from .events import Kind, Point, State

# What changes nothing.
LOOKS = frozenset({Kind.LOOK, Kind.UNTIL, Kind.SPAWN, Kind.ASK, Kind.MESSAGES})

_LOOKS_OF_PEERS = frozenset({"pending", "wait_ended"})
# More equal points in a row than this, with another outcome behind them, went on as long as something had room.
_MANY = 20
# More that differ in their arguments only, in a row, are a loop.
_LOOP = 12


def later(before: State | None, after: State | None) -> State | None:
    """The later of two states, with all that was on the wire."""
    if before is None:
        return after
    return replace(after or before, wire=(*before.wire, *(after.wire if after else ())))


def attributed(found: Iterable[Point]) -> list[Point]:
    """A state that was seen when somebody only looked, or was released by another, is that of what happened before."""
    done: list[Point] = []
    for point in found:
        if point.state is not None and done and _only_looks(point):
            place = next((n for n in range(len(done) - 1, 0, -1) if not _only_looks(done[n])), 0)
            before = done[place].state
            done[place] = replace(done[place], state=later(before, point.state))
            done.append(replace(point, state=None))
        else:
            done.append(point)
    return [point for point in done if point.ends or point.kind not in LOOKS]


def _only_looks(point: Point) -> bool:
    looks = point.kind in LOOKS and not (point.kind is Kind.MESSAGES and point.ends)
    released = point.kind is Kind.CALL and not point.begins and not point.took
    return looks or released or point.verb in _LOOKS_OF_PEERS


def folded(found: Sequence[Point]) -> Iterator[Point]:
    """Loops as one point with a count."""
    return _looped(list(_repeated(found)))


def _repeated(found: Sequence[Point]) -> Iterator[Point]:
    """Equal points in a row as one with a count."""
    for place, point in enumerate(found):
        if place and _again(found[place - 1], point):
            continue
        count, last = 1, point
        for following in found[place + 1 :]:
            if not _again(last, following):
                break
            count, last = count + 1, following
        after = found[place + count] if place + count < len(found) else None
        endless = count > _MANY and after is not None and (after.lane, after.verb) == (point.lane, point.verb)
        yield replace(point, count=0 if endless else count, state=last.state)


def _again(one: Point, other: Point) -> bool:
    calls = one.kind is Kind.CALL and one.begins and one.ends and (one.key, one.job) == (other.key, other.job)
    return calls and other.begins and (one.ends, one.result) == (other.ends, other.result)


def _looped(found: Sequence[Point]) -> Iterator[Point]:
    """Many acts in a row that differ in their arguments only as one, which has the first one's."""
    place = 0
    while place < len(found):
        run = list(takewhile(partial(_alike, found[place]), found[place:]))
        if len(run) > _LOOP:
            yield replace(run[0], count=len(run), state=run[-1].state)
            place += len(run)
        else:
            yield found[place]
            place += 1


def _alike(one: Point, other: Point) -> bool:
    calls = one.kind in {Kind.CALL, Kind.PEER} and one.begins and one.ends and one.count == other.count == 1
    return calls and (one.kind, one.verb, one.lane, one.job, one.result) == (
        other.kind, other.verb, other.lane, other.job, other.result,
    )  # fmt: skip
