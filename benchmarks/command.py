"""The command line: run the workloads, print their tables, and with --check fail when a goal is missed."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import importlib.util
import json
import os
import sys
from collections.abc import Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from .against import CannotCompare, beside, checked_out
from .environment import environment, line
from .model import Options, Workload
from .record import Data, record, summary
from .table import table
from .workloads import WORKLOADS

ROUNDS, SECONDS = 11, 0.4
QUICK_ROUNDS, QUICK_SECONDS = 3, 0.2


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    options = Options(
        rounds=given.rounds or (QUICK_ROUNDS if given.quick else ROUNDS),
        seconds=given.seconds or (QUICK_SECONDS if given.quick else SECONDS),
        quick=given.quick,
        contestants=tuple(given.contestants or ()),
    )
    if given.nice is not None:
        _prefer(given.nice)
    print(line(environment()), flush=True)
    workloads, started = [WORKLOADS[name] for name in given.only or WORKLOADS], _now()
    with _compared(workloads, options, given.against) as (chosen, options):
        finished = _run(chosen, options, check=given.check)
    _write(record(chosen, options, started, _now() if finished else None), given.json, given.html)
    missed = [text for workload in chosen for text in workload.missed()]
    print(f"\nload average now {os.getloadavg()[0]:.1f}", *(f"missed: {text}" for text in missed), sep="\n")
    return 1 if (given.check and missed) or not finished else 0


@contextlib.contextmanager
def _compared(
    workloads: list[Workload], options: Options, wanted: str | None
) -> Generator[tuple[list[Workload], Options]]:
    """With gentcp as of the wanted commit in them, if one is wanted."""
    if wanted is None:
        yield workloads, options
        return
    try:
        with checked_out(wanted) as commit:
            print(f"against {commit.name}, {commit.subject}", flush=True)
            yield beside(commit, workloads), replace(options, against=commit.hash)
    except CannotCompare as why:
        raise SystemExit(f"--against {wanted}: {why}") from None


def _run(workloads: list[Workload], options: Options, *, check: bool) -> bool:
    """Each printed when it is done.  False when the user has had enough; what there is then is printed, too."""
    for workload in workloads:
        try:
            if workload.impossible() is None:
                workload.run(options, _say)
                if check and workload.missed():
                    workload.run(options, _say)  # a second chance, the first rounds still counting
        except KeyboardInterrupt:
            _say("")
            if workload.samples:
                print(f"\n{table(summary(workload))}")
            print("\ninterrupted")
            return False
        _say("")
        print(f"\n{table(summary(workload))}", flush=True)
    return True


def _write(run: Data, json_file: Path | None, html_file: Path | None) -> None:
    for file in filter(None, (json_file, html_file)):
        file.parent.mkdir(parents=True, exist_ok=True)
    if json_file:
        json_file.write_text(json.dumps(run, indent=1) + "\n")
    if html_file:
        from .page import page

        html_file.write_text(page(run))


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="gentcp, raw sockets, and its peers")
    parser.add_argument("--quick", action="store_true", help="few and short rounds, to see where things stand")
    parser.add_argument("--check", action="store_true", help="exit with 1 when a goal is missed, at the second attempt")
    parser.add_argument(
        "--only", nargs="+", type=lambda name: name.replace("ping-pong", "pingpong"), choices=WORKLOADS,
        metavar="NAME", help=f"of {', '.join(WORKLOADS)}",
    )  # fmt: skip
    parser.add_argument("--contestants", nargs="+", metavar="NAME", help="those whose name has one of these in it")
    parser.add_argument(
        "--against", metavar="COMMIT", help="gentcp as of that commit, too, round by round, and the ratio to it"
    )
    parser.add_argument("--rounds", type=int, help=f"how often each contestant is measured; {ROUNDS} if not given")
    parser.add_argument("--seconds", type=float, help=f"how long; {SECONDS} if not given")
    parser.add_argument(
        "--nice", type=int, metavar="N", help="priority of everything, -15 to be ahead of others (root)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all samples, and what was measured on")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with plots")
    given = parser.parse_args(arguments)
    lacking = [name for name in ("matplotlib", "jinja2") if given.html and importlib.util.find_spec(name) is None]
    if lacking:
        parser.error(f"--html needs {' and '.join(lacking)}: pip install --group bench")
    return given


def _prefer(nice: int) -> None:
    """Give this process, and what it starts, another priority."""
    try:
        os.nice(nice)
    except PermissionError:
        raise SystemExit(f"--nice {nice} takes root") from None
    group = Path("/proc/self/autogroup")  # where there is such a thing, Linux weighs whole sessions first
    if group.exists():
        atexit.register(group.write_text, group.read_text().split()[-1])
        group.write_text(str(nice))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _say(text: str) -> None:
    """Progress, for people only."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
