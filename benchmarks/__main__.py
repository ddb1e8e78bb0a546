"""The command line: run the workloads, print their tables, and with --check fail when a target is missed."""

from __future__ import annotations

import argparse
import os
import platform
import sys

from . import echo, load, memory, pingpong, stream
from .common import cpus, table

WORKLOADS = {w.name: w for w in (pingpong.WORKLOAD, echo.WORKLOAD, memory.WORKLOAD, stream.SMALL, stream.BULK)}


def main() -> int:
    given = _arguments()
    rounds, seconds = given.rounds or (3 if given.quick else 11), 0.2 if given.quick else 1.0
    print(_surroundings())
    missed: list[str] = []
    for name in given.only or WORKLOADS:
        workload = WORKLOADS[name]
        workload.run(rounds, seconds, _say)
        if given.check and workload.missed():
            workload.run(rounds, seconds, _say)  # a second chance, the first ones still counting
        _say("")
        print(f"\n{table(workload)}", flush=True)
        missed += workload.missed()
    print(f"\nload average now {os.getloadavg()[0]:.1f}" + (f"; missed: {'; '.join(missed)}" if missed else ""))
    return 1 if given.check and missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="gentcp against raw sockets")
    parser.add_argument("--quick", action="store_true", help="few and short rounds, under a minute")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a target is missed")
    parser.add_argument("--rounds", type=int, help="how often each contestant is measured")
    parser.add_argument("--only", nargs="+", choices=WORKLOADS, metavar="NAME", help=f"of {', '.join(WORKLOADS)}")
    return parser.parse_args()


def _surroundings() -> str:
    measured, other = cpus()
    program = "C" if len(load.program()) == 1 else "Python"
    return (
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.release()}, "
        f"{os.cpu_count()} CPUs; measured on CPU {measured}, load ({program}) on CPU {other}; "
        f"load average {os.getloadavg()[0]:.1f}"
    )


def _say(text: str) -> None:
    """Progress, for people only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
