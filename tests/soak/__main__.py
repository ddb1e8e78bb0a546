"""The command line: `python -m tests.soak --connections 10000 --minutes 10`."""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from time import monotonic
from typing import NamedTuple

from . import figures, measures
from .measures import Sample
from .rounds import Round

_BETWEEN_LINES = 10.0
_BETWEEN_KILLS = 3.0
"""Seconds, or a quarter of a short round."""
_OWNERS = 16
_WARM_UP = 5.0


class Wanted(NamedTuple):
    """The arguments."""

    connections: int
    seconds: float
    owners: int
    backends: list[str]
    seed: int


def main(arguments: list[str] | None = None) -> int:
    """0 when everything was as it must be, 1 when it was not."""
    wanted = _parse(arguments)
    limit = measures.raise_limit()
    possible = measures.connections_within(limit, wanted.owners)
    if possible < wanted.connections:
        enough = f"the hard limit of {limit} descriptors is enough for {possible}"
        _say(f"CANNOT MAKE {wanted.connections} connections: {enough}")
        wanted = wanted._replace(connections=possible)
    if not possible:
        return 1
    names = " and ".join(wanted.backends)
    _say(f"{wanted.connections} connections, {wanted.owners} owners, {names}, --seed {wanted.seed}")
    return _soak(wanted)


def _parse(arguments: list[str] | None) -> Wanted:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--connections", type=int, default=500, help="at a time, both ends in this process")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--owners", type=int, default=_OWNERS, help="processes that share the ends, a thread each")
    parser.add_argument(
        "--backend", action="append", metavar="NAME", help="of both ends; default: inet and socket, mixed"
    )
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = parser.parse_args(arguments)
    return Wanted(given.connections, given.minutes * 60, given.owners, given.backend or ["inet", "socket"], given.seed)


def _soak(wanted: Wanted) -> int:
    """A round to warm up, so that what is made once is there, and the one that counts."""
    warm_up = run(wanted._replace(seconds=min(_WARM_UP, wanted.seconds), seed=wanted.seed + 1), None)
    if warm_up.faults:
        return _complain(warm_up.faults)
    before = measures.settled()
    _say(f"before: {figures.used(before)}")
    done = run(wanted, before)
    after = measures.settled(before)
    _say(figures.summary(done.counts, before, done.peak, after))
    if done.faults:  # a round that was broken off leaves something behind
        return _complain(done.faults)
    return _complain([*measures.faults(before, done.peak, after, wanted.connections, wanted.owners)])


class Done(NamedTuple):
    """What a round has come to."""

    counts: Counter[str]
    faults: list[str]
    peak: Sample


def run(wanted: Wanted, before: Sample | None) -> Done:
    """A round; with a line every ten seconds if it counts."""
    round_ = Round(wanted.connections, wanted.owners, wanted.backends, wanted.seed)
    peak = measures.sample()
    between = min(_BETWEEN_KILLS, wanted.seconds / 4)
    start = line = monotonic()
    while not round_.faults and (left := start + wanted.seconds - monotonic()) > 0:
        round_.work(min(between, left))
        peak = measures.highest(peak, measures.sample())
        if left > between and round_.alive == wanted.connections:
            round_.replace_one()
        if before is not None and monotonic() - line >= _BETWEEN_LINES:
            line += _BETWEEN_LINES
            _say(figures.progress(monotonic() - start, round_.alive, round_.counts(), measures.sample()))
    round_.finish()
    round_.end()
    return Done(round_.counts(), round_.faults, peak)


def _complain(faults: list[str]) -> int:
    for fault in faults:
        _say(f"FAULT: {fault}")
    return 1 if faults else 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
