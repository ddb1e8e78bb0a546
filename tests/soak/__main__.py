"""The command line: `python -m tests.soak --connections 10000 --minutes 10`."""

from __future__ import annotations

import argparse
import random
import sys

from . import figures, measures
from .measures import Sample
from .processes import soak_in
from .soaking import Outcome, Progress, Report, Wanted, soak

_OWNERS = 16


def main(arguments: list[str] | None = None) -> int:
    """0 when everything was as it must be, 1 when it was not."""
    wanted, processes = _parse(arguments)
    limit = measures.raise_limit()
    possible = measures.connections_within(limit, wanted.owners)
    if processes is None:
        processes = max(1, -(-wanted.connections // max(possible, 1)))
    if possible * processes < wanted.connections:
        enough = f"the hard limit of {limit} descriptors is enough for {possible} in a process"
        _say(f"CANNOT MAKE {wanted.connections} connections: {enough}")
        return 1
    names = " and ".join(wanted.backends)
    where = f" in each of {processes} processes" if processes > 1 else ""
    _say(f"{wanted.connections} connections, {wanted.owners} owners{where}, {names}, --seed {wanted.seed}")
    status = 0
    for report in soak(wanted) if processes == 1 else soak_in(processes, wanted):
        status = _show(report)
    return status


def _parse(arguments: list[str] | None) -> tuple[Wanted, int | None]:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--connections", type=int, default=500, help="at a time, both ends of them here")
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--owners", type=int, default=_OWNERS, help="processes that share the ends, a thread each")
    parser.add_argument(
        "--processes", type=int, help="of the system, each with its share of the connections and as many owners; "
        "default: as many as the hard limit of descriptors makes necessary",
    )  # fmt: skip
    parser.add_argument(
        "--backend", action="append", metavar="NAME", help="of both ends; default: inet and socket, mixed"
    )
    parser.add_argument("--all-events", action="store_true", help="go on until each kind of event has happened")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    given = parser.parse_args(arguments)
    backends = given.backend or ["inet", "socket"]
    wanted = Wanted(given.connections, given.minutes * 60, given.owners, backends, given.seed, given.all_events)
    return wanted, given.processes


def _show(report: Report) -> int:
    """The exit status that follows from it."""
    match report:
        case Outcome(counts, before, peak, after, faults):
            _say(figures.summary(counts, before, peak, after))
            for fault in faults:
                _say(f"FAULT: {fault}")
            return 1 if faults else 0
        case Progress(seconds, alive, counts, now):
            _say(figures.progress(seconds, alive, counts, now))
        case Sample():
            _say(f"before: {figures.used(report)}")
    return 1


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    sys.exit(main())
