"""What the modules that stand beside the bench command share: their arguments, rounds, and a plain table."""

from __future__ import annotations

import argparse
import os
import sys

from .figures import paired, quartiles
from .model import Contestant, Options, Workload


def run(workloads: tuple[Workload, ...], seconds: float, rounds: int = 5) -> None:
    """Run them as the command line says, and print each table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seconds", type=float, default=seconds, help="of each measurement")
    parser.add_argument("--only", nargs="+", choices=[one.name for one in workloads], metavar="NAME")
    parser.add_argument("--contestants", nargs="+", metavar="NAME", help="those whose name has one of these in it")
    given = parser.parse_args()
    options = Options(given.rounds, given.seconds, contestants=tuple(given.contestants or ()))
    for workload in workloads:
        if given.only and workload.name not in given.only:
            continue
        if (why := workload.impossible()) is not None:
            print(f"{workload.name}: skipped, {why}")
            continue
        workload.run(options, _say)
        print(f"\n{plain(workload)}", flush=True)
    print(f"\nload average now {os.getloadavg()[0]:.1f}")


def plain(workload: Workload) -> str:
    """The median of each column, and of the ratio to the base in the same rounds: of the figure, and of its cost."""
    rows = [("contestant", *workload.columns, "to", "ratio", "quartiles", "by CPU", "quartiles")]
    rows += [_row(workload, one) for one in workload.contestants if one.name in workload.samples]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    failed = [f"failed: {name}: {why}" for name, why in workload.failures.items()]
    return "\n".join([f"{workload.name}: {workload.title}", "-" * max(map(len, lines)), *lines, *failed])


def _row(workload: Workload, one: Contestant) -> tuple[str, ...]:
    medians = [
        quartiles(list(workload.values(one.name, column).values()))[1] for column in range(len(workload.columns))
    ]
    cells = [f"{value:,.{digits}f}" for value, digits in zip(medians, workload.digits, strict=True)]
    if one.name == one.base:
        return one.name, *cells, "", "", "", "", ""
    figures, costs = workload.values(one.name), workload.values(one.name, 1)
    ratios = paired(figures, workload.values(one.base)), paired(workload.values(one.base, 1), costs)
    return one.name, *cells, one.base, *(cell for values in ratios for cell in _spread(values))


def _spread(values: list[float]) -> tuple[str, str]:
    if not values:
        return "", ""
    low, middle, high = quartiles(values)
    return f"{middle:.2f}", f"{low:.2f}-{high:.2f}"


def _say(text: str) -> None:
    """Progress, for people only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
