"""`gentcp coverage`: what of OTP the cases cover."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table as Shown
from rich.text import Text
from rich_click import RichCommand

from gentcp_conformance import differences
from gentcp_conformance.case import load
from gentcp_conformance.coverage import absent, inventory, page, reasons
from gentcp_conformance.coverage import index as uses
from gentcp_conformance.coverage.survey import Surveyor
from gentcp_conformance.coverage.table import Builder
from gentcp_conformance.matrix import ORACLE_COLUMNS, RELEASE, Oracle
from gentcp_conformance.record import RecordError, recordings

from . import arguments, screen
from .progress import bar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gentcp_conformance.case import Case, Registry
    from gentcp_conformance.coverage import Index, Table
    from gentcp_conformance.coverage.reasons import Reasons
    from gentcp_conformance.coverage.survey import Survey


@click.command("coverage", cls=RichCommand)
@click.option("--run", "run", is_flag=True, help="Run the cases on inet and socket, and note what each uses.")
@click.option("--check", is_flag=True, help="Run them and write nothing; fail if a case uses what is not noted of it.")
@arguments.prefixes
@arguments.file("--markdown", "markdown_file", "Write the page, docs/coverage.md.")
@arguments.jobs
@click.pass_context
def coverage_command(
    context: click.Context,
    run: bool,
    check: bool,
    prefixes: tuple[str, ...],
    markdown_file: Path | None,
    jobs: int,
) -> None:
    """Show which functions, options, packet types and messages of OTP the cases cover.

    The exit status is 1 when something has neither a case nor, in reasons.toml, a reason for that.
    """
    if run and check:
        raise click.UsageError("--check writes nothing: leave one of --run and --check out")
    if prefixes and not (run or check):
        raise click.UsageError("--case is for --run and --check")
    console, registry = screen.console(), load()
    cases = arguments.select(prefixes, registry)
    oracle, index, known = _sources(registry)
    fine = True
    if run or check:
        survey = _survey(console, cases, oracle, index, jobs)
        fine = _print_survey(console, survey, check=check)
        if run:
            index = index.plus(survey.index, registry.ids())
            uses.FILE.write_text(uses.text(index), encoding="utf-8")
    table = Builder(registry.select(), index, oracle, known, inventory.load()).build()
    if markdown_file:
        markdown_file.write_text(page.render(table, absent.load()), encoding="utf-8")
    _print_counts(console, table)
    complete = _print_missing(console, table, index, registry.ids())
    context.exit(0 if fine and complete else 1)


def _sources(registry: Registry) -> tuple[Oracle, Index, Reasons]:
    try:
        oracle = Oracle(recordings(), differences.load(registry.ids()), RELEASE)
        return oracle, uses.load(), reasons.load()
    except (RecordError, ValueError) as error:
        raise click.ClickException(str(error)) from None


def _survey(console: Console, cases: Sequence[Case], oracle: Oracle, old: Index, jobs: int) -> Survey:
    with bar(console, len(ORACLE_COLUMNS) * len(cases)) as progress:
        return Surveyor(oracle, progress, jobs).survey(cases, old)


def _print_survey(console: Console, survey: Survey, *, check: bool) -> bool:
    """What was noted; whether that is as it should be."""
    for result, verdict in survey.odd:
        console.print(Text(f"{verdict} {result.case} on {result.subject}: {result.text}", style="bold red"))
    for case in survey.stale if check else ():
        console.print(Text(f"not what is noted of it: {case}", style="bold red"))
    noted = "not as noted" if check else "noted anew"
    console.print(Text(f"{len(survey.index.cases)} cases run, {len(survey.stale)} {noted}", style="bold"))
    return not survey.odd and not (check and survey.stale)


def _print_counts(console: Console, table: Table) -> None:
    shown = Shown("", "rows", "with a case", "without", "of these with no reason", box=None, header_style="bold")
    for name, entries in table.sections().items():
        covered = sum(bool(entry.about) for entry in entries)
        bare = sum(not entry.about and not all(entry.unshown.values()) for entry in entries)
        shown.add_row(inventory.title(name), *map(str, (len(entries), covered, len(entries) - covered, bare)))
    console.print(shown)


def _print_missing(console: Console, table: Table, index: Index, ids: Sequence[str]) -> bool:
    """What there is no case or reason for; whether there is nothing of the kind."""
    missing = index.missing(ids)
    for use in table.without_reason:
        console.print(Text(f"no case, and no reason: {use}", style="red"), soft_wrap=True)
    for pattern in table.unneeded:
        console.print(Text(f"a reason for what has a case: {pattern}: take it out of reasons.toml", style="red"))
    if missing:
        console.print(Text(f"{len(missing)} cases have not been run: gentcp coverage --run", style="red"))
    return table.complete and not missing
