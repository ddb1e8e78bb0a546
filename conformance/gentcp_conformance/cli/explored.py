"""What `gentcp explore` prints: the bar, the kinds with their programs and logs, the counts."""

from __future__ import annotations

import time
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from gentcp_conformance.explore.erlang_code import erlang
from gentcp_conformance.explore.finding import ENDED, Finding, grouped
from gentcp_conformance.explore.python_code import python

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from rich.console import Console
    from rich.progress import TaskID

    from gentcp_conformance.explore.hunt import Counted
    from gentcp_conformance.explore.hunt import Progress as HuntProgress

_OFTEN = 0.1
_NAMED = 6


class Quiet:
    """Progress that nobody looks at."""

    def at(self, doing: str, counted: Counted) -> None:
        """Nothing."""


class _Bar:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task, self._shown = progress, task, 0.0

    def at(self, doing: str, counted: Counted) -> None:
        """Show it, but not too often."""
        if time.monotonic() - self._shown < _OFTEN:
            return
        self._shown = time.monotonic()
        found = f"{counted.different} differ, {counted.unstable} unstable"
        self._progress.update(self._task, completed=counted.programs, doing=f"{found}; {doing}")


@contextmanager
def bar(console: Console, total: int) -> Generator[HuntProgress]:
    """Progress over `total` programs; nothing is shown where `console` is no terminal."""
    if not console.is_terminal:
        yield Quiet()
        return
    shown = (BarColumn(20), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[doing]}", markup=False))
    with Progress(*shown, console=console, transient=True) as progress:
        yield _Bar(progress, progress.add_task("", total=total, doing=""))


def print_findings(console: Console, findings: Sequence[Finding], pair: tuple[str, str]) -> None:
    """Each kind once, the most frequent first."""
    kinds = grouped(findings)
    for number, (small, group) in enumerate(kinds, 1):
        many = f"{len(group)} program{'s' if len(group) > 1 else ''}"
        console.rule(Text(f"kind {number} of {len(kinds)}: {many}", style="bold"), align="left")
        print_finding(console, small, pair)
        names = list(dict.fromkeys(finding.name for finding in group))
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        console.print(Text(f"found by {', '.join(names[:_NAMED])}{more}", style="dim"), soft_wrap=True)


def print_finding(console: Console, finding: Finding, pair: tuple[str, str]) -> None:
    """The program in Python and in Erlang, and both logs with the first difference marked."""
    _code(console, python(finding.program, finding.name, pair), "python")
    _code(console, erlang(finding.program, finding.name), "erlang")
    console.print(_logs(finding, pair))


def print_subject(console: Console, name: str, about: Mapping[str, str]) -> None:
    """Which VM a subject is, if it is one."""
    if "release" in about:
        versions = ", ".join(f"{key} {about[key]}" for key in ("erts", "kernel") if key in about)
        console.print(Text(f"{name} is OTP {about['release']} ({versions})", style="dim"), soft_wrap=True)


def print_counts(console: Console, counted: Counted, pair: tuple[str, str], kinds: int) -> None:
    """The counts, and what was known."""
    rate = counted.programs / counted.running if counted.running else 0.0
    console.print()
    known = sum(counted.known.values())
    many = f"{counted.programs} program{'' if counted.programs == 1 else 's'}"
    console.print(
        Text.assemble(
            (f"{many} on {pair[0]} and {pair[1]}", "bold"),
            f", {rate:.1f} a second, and what differs looked into in {counted.seconds - counted.running:.0f} s: "
            f"{counted.same} the same, {counted.different} differ "
            f"({known} known, {counted.different - known} new of {kinds} kinds), {counted.unstable} unstable, "
            f"{counted.lacking} skipped for a missing function, {counted.lost} lost with their subject",
        ),
        soft_wrap=True,
    )
    for entry, count in counted.known.most_common():
        case = f" ({entry.case})" if entry.case else ""
        console.print(Text(f"  {count} known: {entry.reason}{case}", style="dim"), soft_wrap=True)


def _code(console: Console, code: str, language: str) -> None:
    if console.is_terminal:
        console.print(Syntax(code, language, background_color="default", word_wrap=True))
    else:
        console.print(Text(code), soft_wrap=True)


def _logs(finding: Finding, pair: tuple[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("", *pair):
        table.add_column(title, overflow="fold")
    first, _, _ = finding.first
    for number, (left, right) in enumerate(zip_longest(finding.left, finding.right, fillvalue=ENDED)):
        mark, style = ("->", "bold red") if number == first else ("", "" if left == right else "red")
        table.add_row(mark, Text(left, style=style), Text(right, style=style))
    return table
