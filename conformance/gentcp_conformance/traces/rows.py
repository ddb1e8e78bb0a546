"""Two traces of a case side by side."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from .events import Kind, Point

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Two that overlap in time end in either order; the pictures are the same to read.
_UNSEEN = frozenset({Kind.SPAWN, Kind.ASK})


@dataclass(frozen=True)
class Row:
    """The same step on both subjects; None where one has no such step."""

    left: Point | None
    right: Point | None

    @property
    def differs(self) -> bool:
        """Whether a program could tell the subjects apart by this step."""
        if self.left is None or self.right is None:
            return not all(point is None or point.kind in _UNSEEN for point in (self.left, self.right))
        return self.left.seen != self.right.seen

    @property
    def points(self) -> tuple[Point, ...]:
        """Those that there are."""
        return tuple(point for point in (self.left, self.right) if point is not None)


def rows(left: Sequence[Point], right: Sequence[Point]) -> list[Row]:
    """Both in order, step by step."""
    return list(_rows(left, right))


def first_difference(found: Sequence[Row]) -> int | None:
    """Index of the first row that differs."""
    return next((place for place, row in enumerate(found) if row.differs), None)


def _rows(left: Sequence[Point], right: Sequence[Point]) -> Iterator[Row]:
    matcher = SequenceMatcher(None, [p.key for p in left], [p.key for p in right], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            yield from map(Row, left[a:b], right[c:d])
        else:
            yield from (Row(point, None) for point in left[a:b])
            yield from (Row(None, point) for point in right[c:d])
