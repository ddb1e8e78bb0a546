"""From what was recorded to points: in an order, and in words, that do not depend on the machine's mood."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from .durations import durations
from .events import Point, State
from .folding import LOOKS, attributed, folded, later
from .order import WAITS, Entry, ordered
from .states import Wire
from .words import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .naming import Names
    from .recorder import Act, Log, Recorder

Made = tuple[Entry, bool, State | None]


def points(recorder: Recorder, names: Names) -> tuple[Point, ...]:
    """The points of a run."""
    entries = list(ordered(recorder.log))
    states = _states(recorder.log, entries)
    made = list(_merged(entries, states))
    took = durations(recorder.log)
    found = [_point(entry, names, recorder, took) for entry in made]
    return tuple(folded(attributed(found)))


def _states(log: Log, ordered: Sequence[Entry]) -> dict[tuple[int, bool], State]:
    """What was seen after an entry of the canonical order, where that is clear, and new."""
    places = {(act.number, is_end): place for place, (act, is_end, _) in enumerate(log.entries)}
    wire = Wire()
    found: dict[tuple[int, bool], State] = {}
    reached = -1
    since: list[Act] = []
    for count, (act, is_end, _) in enumerate(ordered, 1):
        reached = max(reached, places[act.number, is_end])
        since.append(act)
        seen = log.seen.get(count) if reached == count - 1 else None
        if seen is not None:
            if (state := wire.state(seen, since)) is not None:
                found[act.number, is_end] = state
            since = []
    return found


def _merged(ordered: Sequence[Entry], states: dict[tuple[int, bool], State]) -> Iterator[Made]:
    """Entries with whether they are begin and end in one, and the state after them."""
    carried: dict[int, State | None] = {}
    for entry, following in pairwise([*ordered, None]):
        assert entry is not None
        act, is_end, _ = entry
        state = states.get((act.number, is_end))
        together = not is_end and following is not None and following[0] is act
        if is_end:
            waited = act.kind in WAITS
            yield entry, waited or act.number in carried, later(carried.get(act.number), state)
        elif together or (act.kind in WAITS and act.kind not in LOOKS and act.ended is not None):
            carried[act.number] = state
        elif act.kind not in LOOKS or state is not None:
            yield entry, False, state


def _point(made: tuple[Entry, bool, State | None], names: Names, recorder: Recorder, took: dict[int, str]) -> Point:
    (act, is_end, _), whole, state = made
    said = words(act, names, recorder)
    point = Point(
        act.number, act.lane, act.kind, said.verb, said.args, begins=whole or not is_end, ends=whole or is_end,
        job=act.job, other=said.other, other_job=said.other_job, state=state,
    )  # fmt: skip
    if not point.ends or act.ended is None:
        return replace(point, ends=False)
    return replace(point, result=said.result, bound=said.bound, messages=said.messages, took=took.get(act.number, ""))


def renumbered(found: Iterable[Point]) -> Iterator[Point]:
    """Acts numbered in the order of their first points, since a loop may have had more or fewer."""
    numbers: dict[int, int] = {}
    for point in found:
        yield replace(point, act=numbers.setdefault(point.act, len(numbers) + 1))
