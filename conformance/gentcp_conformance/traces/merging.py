"""One trace of several runs of a case: what they have in common."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import chain

from gentcp_conformance.contrast import tokens

from .events import Point, State, Trace

VARIES = "not the same each time"

_MORE = "..."
# In calls, which can be parsed so.
_VARIABLE = "Varies"


def agreed(one: Trace, other: Trace) -> Trace | None:
    """What two runs saw, if they did and saw the same; a state that only one of them was in time to see counts."""
    steps = [[(point.key, point.seen) for point in run.points] for run in (one, other)]
    pairs = list(zip(one.points, other.points, strict=False))
    if steps[0] != steps[1] or not all(_compatible(a.state, b.state) for a, b in pairs):
        return None
    return replace(one, points=tuple(_once(replace(a, state=a.state or b.state) for a, b in pairs)))


def common(runs: Sequence[Trace]) -> Trace:
    """One trace of several that differ, what differs left open; with a note when they did not do the same things."""
    steps = {
        tuple((point.lane, point.kind, point.verb, point.begins, point.ends) for point in run.points) for run in runs
    }
    if len(steps) > 1:
        return replace(runs[0], notes=(*runs[0].notes, VARIES))
    points = map(_common_point, *(run.points for run in runs))
    return replace(runs[0], points=tuple(_once(points)))


def _compatible(one: State | None, other: State | None) -> bool:
    return one is None or other is None or one == other


def _once(points: Iterable[Point]) -> Iterator[Point]:
    """Signs on the wire where they were first seen: there is only one of each on a connection."""
    known: set[tuple[int, str]] = set()
    for point in points:
        if point.state is None:
            yield point
            continue
        signs = [(point.state.connection, sign) for sign in point.state.wire]
        wire = tuple(sign for connection, sign in signs if (connection, sign) not in known)
        known.update(signs)
        yield replace(point, state=replace(point.state, wire=wire))


def _common_point(first: Point, *others: Point) -> Point:
    points = (first, *others)
    return replace(
        first,
        args=tuple(_common_text(texts, _VARIABLE) for texts in zip(*(point.args for point in points), strict=False)),
        result=_common_text([point.result for point in points]),
        took=Counter(point.took for point in points).most_common(1)[0][0],
        count=first.count if all(point.count == first.count for point in others) else 0,
        messages=_common_messages([point.messages for point in points]),
        state=_common_state([point.state for point in points]),
    )


def _common_messages(found: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    if len({len(messages) for messages in found}) > 1:
        return (*found[0][:1], _MORE)
    return tuple(map(_common_text, zip(*found, strict=True)))


def _common_text(texts: Sequence[str], left_open: str = _MORE) -> str:
    first = texts[0]
    for other in texts[1:]:
        first = _without_differences(tokens(first), tokens(other), left_open)
    return first


def _without_differences(one: list[str], other: list[str], left_open: str) -> str:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    parts = (one[a:b] if tag == "equal" else [left_open] for tag, a, b, _, _ in matcher.get_opcodes())
    return "".join(chain.from_iterable(parts))


def _common_state(states: Sequence[State | None]) -> State | None:
    there = [state for state in states if state is not None]
    if not there:
        return None
    first = there[0]
    return replace(
        first,
        queue=_level([state.queue for state in there]),
        out=_level([state.out for state in there]),
        into=_level([state.into for state in there]),
    )


def _level(texts: Sequence[str]) -> str:
    return texts[0] if len(set(texts)) == 1 else "some"
