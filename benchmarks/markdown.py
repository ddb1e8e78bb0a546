"""Tables for the documentation: `python -m benchmarks.markdown results.json docs/performance.md`.

What stands between the two marks of the page is replaced by the tables of that run.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from .environment import line
from .record import Data, measured
from .table import headings, notes, row

BEGIN, END = "<!-- results -->\n", "<!-- end of results -->\n"


def inserted(page: str, run: Data) -> str:
    """The page with the tables of this run.  ValueError when a mark is missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page needs the lines {BEGIN.strip()} and {END.strip()}")
    return "".join([before, begin, *tables(run), end, after])


def tables(run: Data) -> Iterator[str]:
    options = run["options"]
    yield f"\n{'; '.join(line(run['environment']).splitlines())}.\n"
    yield f"{options['rounds']} rounds of {options['seconds']} s, finished {run['finished']}.\n"
    for workload in run["workloads"]:
        yield f"\n### {workload['name']}\n\n{workload['title']}.\n\n"
        yield from _table(workload)
    yield "\n"


def _table(workload: Data) -> Iterator[str]:
    rows = [headings(workload), *(row(workload, one) for one in measured(workload))]
    used = [column for column, cells in enumerate(zip(*rows[1:], strict=True)) if any(cells)]
    for number, cells in enumerate(rows):
        yield f"| {' | '.join(cells[column] for column in used)} |\n"
        if number == 0:
            yield f"|{'|'.join('---' if column == 0 else '---:' for column in used)}|\n"
    for note in notes(workload):
        yield f"\n{note}\n"


if __name__ == "__main__":
    results, target = map(Path, sys.argv[1:])
    target.write_text(inserted(target.read_text(), json.loads(results.read_text())))
