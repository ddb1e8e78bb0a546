"""The entries of a log in an order that is the same each time.

The acts of the case's own process are the clock.  What other processes do during or after one of them belongs to it;
among themselves they are in the order of time, and by process what comes at the same time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .events import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from .recorder import Act, Log

# These wait by their nature: what others do meanwhile comes before their end, and their begin says nothing.
WAITS = frozenset({Kind.LOOK, Kind.MESSAGES, Kind.UNTIL, Kind.PEER, Kind.ASK, Kind.END, Kind.STAGE})
# A call that took so long waited for something.
BLOCKED = 0.045

# Closer together is at the same time.
_TOGETHER = 0.03

Entry = tuple["Act", bool, float]


def ordered(log: Log) -> Iterator[Entry]:
    """Entries in the canonical order."""
    slot: list[Entry] = []
    main: list[Entry] = []
    for entry in log.entries:
        act, is_end, _ = entry
        if act.lane == 1 and not is_end and (main or slot):
            yield from _slot(main, slot)
            main, slot = [], []
        (main if act.lane == 1 else slot).append(entry)
    yield from _slot(main, slot)


def _slot(main: Sequence[Entry], others: list[Entry]) -> Iterator[Entry]:
    first = main[0][0].number if main else 0
    arranged = [entry for cluster in _clusters(others) for entry in sorted(cluster, key=lambda e: _rank(e, first))]
    if len(main) == 2 and _waits(main[0][0]) and main[0][0].kind is not Kind.PEER:
        yield main[0]
        yield from arranged
        yield main[1]
    else:
        yield from main
        yield from arranged


def _rank(entry: Entry, after: int) -> tuple[bool, int]:
    """Who has just been told to do something comes before those that feel it, then by process."""
    act, is_end, _ = entry
    return (is_end and act.number < after, act.lane)


def _waits(act: Act) -> bool:
    blocked = act.kind is Kind.CALL and act.ended is not None and act.ended - act.began > BLOCKED
    return act.kind in WAITS or blocked


def _clusters(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    cluster: list[Entry] = []
    for entry in entries:
        if cluster and entry[2] - cluster[-1][2] > _TOGETHER:
            yield cluster
            cluster = []
        cluster.append(entry)
    if cluster:
        yield cluster
