"""`python -m tests.faults [WORD ...]`: the scenarios that have one of the words in their names, or all."""

from __future__ import annotations

import sys
from time import monotonic

from .sweep import jobs, sweep


def main(words: tuple[str, ...]) -> int:
    """0 when nothing was found."""
    started, chosen = monotonic(), jobs(words)
    points = runs = fired = violations = 0
    for job in chosen:
        found = sweep(job)
        points, runs, fired = points + found.points, runs + found.runs, fired + found.fired
        violations += len(found.violations)
        for violation in found.violations:
            sys.stdout.write(f"{violation}\n")
            sys.stdout.flush()
    took = monotonic() - started
    counts = f"{len(chosen)} scenarios, {points} points, {runs} runs, {fired} failures, {violations} violations"
    sys.stdout.write(f"{counts}, {took:.0f} s\n")
    return min(violations, 1)


if __name__ == "__main__":
    sys.exit(main(tuple(sys.argv[1:])))
