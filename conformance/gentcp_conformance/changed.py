"""What is better, worse or otherwise in one run than in another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from .verdict import Judgement

if TYPE_CHECKING:
    from .formats.stored import Cell, Stored

_RANK = {
    Judgement.SAME: 3, Judgement.ACCEPTED: 3, Judgement.RECORDED: 3, Judgement.UNJUDGED: 3, Judgement.FLAKY: 2,
    Judgement.UNSUPPORTED: 1, Judgement.DIFFERENT: 0, Judgement.UNKNOWN: 0,
}  # fmt: skip
"""How good a judgement is."""


class Way(StrEnum):
    """How a case has changed, the worst first."""

    WORSE = "worse"
    OTHER = "otherwise"
    BETTER = "better"
    GONE = "not there any more"
    NEW = "new"


@dataclass(frozen=True)
class Change:
    """A case whose outcome or judgement is another; one of the cells is None where it is new or gone."""

    case: str
    way: Way
    before: Cell | None
    after: Cell | None


class NoColumn(ValueError):
    """Two documents have no column in common, or not the one that was asked for."""


def pairs(before: Stored, after: Stored, wanted: Iterable[str] = ()) -> list[tuple[str, str]]:
    """The columns to compare, by key: those of `wanted`, "KEY" or "KEY=KEY"; or all that both have and that were run.

    Documents that have one each that was run are compared in these, whatever they are called.  Raises NoColumn.
    """
    asked = [each.partition("=") for each in wanted]
    named = [(left, right or left) for left, _, right in asked]
    for keys, document in (([left for left, _ in named], before), ([right for _, right in named], after)):
        for key in keys:
            if key not in document.cells:
                raise NoColumn(f"{document.name} has no column {key!r}; it has {', '.join(document.cells)}")
    if named:
        return named
    first, second = ([column.key for column in document.columns] for document in (before, after))
    common = [(key, key) for key in first if key in second]
    if not common and len(first) == len(second) == 1:
        return [(first[0], second[0])]
    if not common:
        raise NoColumn(f"no column is in both: {before.name} has {', '.join(first)}, {after.name} {', '.join(second)}")
    return common


def changes(before: Mapping[str, Cell], after: Mapping[str, Cell]) -> list[Change]:
    """What has changed from one column to another: the worst first, in the order of the cases."""
    found: list[Change] = []
    for case in dict.fromkeys([*before, *after]):
        old, new = before.get(case), after.get(case)
        if (way := _way(old, new)) is not None:
            found.append(Change(case, way, old, new))
    return sorted(found, key=lambda change: list(Way).index(change.way))


def _way(old: Cell | None, new: Cell | None) -> Way | None:
    if old is None or new is None:
        return Way.NEW if old is None else Way.GONE
    if _RANK[old.judgement] != _RANK[new.judgement]:
        return Way.BETTER if _RANK[old.judgement] < _RANK[new.judgement] else Way.WORSE
    # Both as expected, where that is one of several: no change.
    if not old.outcomes.isdisjoint(new.outcomes) or (new.judgement is Judgement.SAME and old.expected == new.expected):
        return None
    return Way.OTHER
