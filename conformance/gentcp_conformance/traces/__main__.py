"""`python -m gentcp_conformance.traces --output FILE [--case PREFIX]` records traces."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from gentcp_conformance.case import load

from .events import Trace
from .recording import LIVE, record_traces
from .store import write


def main(arguments: list[str] | None = None) -> None:
    """Record the traces of the cases chosen and write them to a file."""
    parser = argparse.ArgumentParser(prog="python -m gentcp_conformance.traces", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    parser.add_argument("--case", action="append", default=[], metavar="PREFIX", help="repeatable; all by default")
    parser.add_argument(
        "--backends", nargs=2, default=LIVE, metavar=("INET", "SOCKET"), help="what stands for OTP's two"
    )
    parser.add_argument("--jobs", type=int, default=4, help="programs to run at a time")
    chosen = parser.parse_args(arguments)
    cases = load().select(chosen.case)
    found = record_traces(cases, tuple(chosen.backends), jobs=chosen.jobs, told=_tell)
    with chosen.output.open("w", encoding="utf-8") as file:
        write(found, file)
    sys.stderr.write(f"{len(found.traces)} traces of {len(cases)} cases\n")


def _tell(trace: Trace) -> None:
    for note in trace.notes:
        sys.stderr.write(f"{trace.case} on {trace.subject}: {note}\n")


if __name__ == "__main__":
    main()
