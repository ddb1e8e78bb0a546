"""`python -m tests.simulation --seed S --histories N --seconds T --jobs J [--backend inet|socket] [--replay SEED]`.

Runs histories, prints how many there were and what was wrong with them; exit status 1 if anything was.
"""

from __future__ import annotations

import argparse
import sys
import time

from .history import BACKENDS, draw
from .many import shared
from .run import Outcome, simulation
from .shrink import kind, shrink


def say(text: str) -> None:
    """Print it."""
    print(text, flush=True)  # noqa: T201  what it is there for


_SHOWN = 5


def replay(seed: int, backend: str, *, seconds: float) -> Outcome:
    """One of them, made shorter if it fails."""
    with simulation() as simulated:
        outcome = simulated.run(draw(seed, backend), log=True)
        if outcome.violations and seconds:
            outcome = shrink(outcome, simulated.run, seconds)
        return outcome


def describe(outcome: Outcome, backend: str) -> str:
    """For people."""
    history = outcome.history
    plans = "".join(f"\n    {plan}," for plan in history.plans)
    return "\n".join((
        f"seed {history.seed}, {history.size()} calls, digest {outcome.digest}",
        *(f"  {line}" for line in outcome.log),
        *(f"violation: {violation}" for violation in outcome.violations),
        f"history: {history.setting}{plans}",
        f"replay: python -m tests.simulation --backend {backend} --replay {history.seed}",
    ))  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="of the first history; fresh unless given")
    parser.add_argument("--histories", type=int, default=None)
    parser.add_argument("--seconds", type=float, default=None)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--backend", choices=BACKENDS, default=None)
    parser.add_argument("--replay", type=int, default=None, metavar="SEED")
    parser.add_argument("--shrink", type=float, default=20.0, metavar="SECONDS")
    given = parser.parse_args(arguments)
    if given.replay is not None:
        status = 0
        for backend in (given.backend,) if given.backend else BACKENDS:
            outcome = replay(given.replay, backend, seconds=given.shrink)
            say(describe(outcome, backend))
            status |= bool(outcome.violations)
        return status
    return _many(given)


def _many(given: argparse.Namespace) -> int:
    first = given.seed if given.seed is not None else time.time_ns() // 1000 % 10**12
    count = given.histories
    if count is None and given.seconds is None:
        count = 1000
    backends = (given.backend,) if given.backend else BACKENDS
    began = time.monotonic()
    tallies = shared(first, count, given.seconds, backends, given.jobs)
    took = time.monotonic() - began
    histories = sum(tally.histories for tally in tallies)
    switches = sum(tally.switches for tally in tallies)
    failed = sorted(one for tally in tallies for one in tally.failed)
    say(
        f"seed {first}: {histories} histories on {' and '.join(backends)} in {took:.1f} s, {histories / took:.0f} a "
        f"second, {switches} changes of tasks, {len(failed)} with violations"
    )
    kinds: dict[str, tuple[int, str, str]] = {}
    for one in failed:
        kinds.setdefault(kind(one[2]), one)
    for seed, backend, violation in list(kinds.values())[:_SHOWN]:
        say(f"\n{violation} ({sum(kind(one[2]) == kind(violation) for one in failed)} times), made shorter:")
        say(describe(replay(seed, backend, seconds=given.shrink), backend))
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
