"""`gentcp diff` and `gentcp report`: results that were stored earlier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.padding import Padding
from rich.text import Text
from rich_click import RichCommand

from gentcp_conformance import differences, reports
from gentcp_conformance.case import load
from gentcp_conformance.changed import NoColumn, Way, changes, pairs
from gentcp_conformance.contrast import contrast
from gentcp_conformance.formats import junit, markdown, results, stored
from gentcp_conformance.formats.stored import StoredError
from gentcp_conformance.matrix import Oracle, build, recorded_columns
from gentcp_conformance.record import RecordError, recordings

from . import arguments, screen
from .compare import html
from .printing import print_failures, print_summary
from .table import marked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gentcp_conformance.changed import Change
    from gentcp_conformance.formats.stored import Cell, Stored
    from gentcp_conformance.matrix import Matrix

_STYLES = {Way.WORSE: "bold red", Way.OTHER: "yellow", Way.BETTER: "green", Way.GONE: "yellow", Way.NEW: "dim"}
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("diff", cls=RichCommand)
@click.argument("before", type=_FILE, metavar="BEFORE.json")
@click.argument("after", type=_FILE, metavar="AFTER.json")
@click.option(
    "--column", "wanted", multiple=True, metavar="KEY[=KEY]",
    help="Compare this column, or one of BEFORE with one of AFTER: otp-25-inet=otp-29-inet; repeatable.  "
    "[default: all that both have run]",
)  # fmt: skip
@click.pass_context
def diff_command(context: click.Context, before: Path, after: Path, wanted: tuple[str, ...]) -> None:
    """Show what is better, worse or otherwise in one results.json than in another.

    Both are files that `gentcp compare --json` has written.  The exit status is 1 if something is worse.
    """
    old, new = _loaded(before), _loaded(after)
    try:
        compared = pairs(old, new, wanted)
    except NoColumn as error:
        raise click.UsageError(str(error)) from None
    console = screen.console()
    found = [(left, right, changes(old.cells[left], new.cells[right])) for left, right in compared]
    for left, right, listed in found:
        _print_changes(console, left if left == right else f"{left} and {right}", listed, {**old.titles, **new.titles})
    context.exit(1 if any(change.way is Way.WORSE for _, _, listed in found for change in listed) else 0)


@click.command("report", cls=RichCommand)
@click.argument("file", type=_FILE, metavar="RESULTS.json")
@arguments.file("--html", "html_file", "Write one self-contained page, with the recordings of all releases.")
@arguments.file("--markdown", "markdown_file", "Write counts, failures and divergences as Markdown.")
@arguments.file("--junit", "junit_file", "Write JUnit XML, a test suite for each backend.")
@arguments.file("--json", "json_file", "Write it anew, judged by the recordings that are installed.")
@click.pass_context
def report_command(
    context: click.Context, file: Path, html_file: Path | None, markdown_file: Path | None, junit_file: Path | None,
    json_file: Path | None,
) -> None:  # fmt: skip
    """Render results that were stored earlier, without a run.

    RESULTS.json is what `gentcp compare --json` has written.  It is judged anew, by the recordings and accepted
    differences that are installed; cases that are not known any more are left out.
    """
    matrix = _matrix(_loaded(file))
    for path, render in (
        (markdown_file, markdown.render), (junit_file, junit.render), (json_file, results.render),
    ):  # fmt: skip
        if path is not None:
            arguments.save(path, render(matrix))
    if html_file is not None:
        arguments.save(html_file, html()(matrix))
    console = screen.console()
    print_failures(console, matrix)
    print_summary(console, matrix)
    context.exit(1 if matrix.failed else 0)


def _loaded(path: Path) -> Stored:
    try:
        return stored.load(path)
    except StoredError as error:
        raise click.ClickException(str(error)) from None


def _matrix(document: Stored) -> Matrix:
    registry = load()
    ids = registry.ids()
    try:
        oracle = Oracle(recordings(), differences.load(ids), document.release)
        named = reports.load(ids)
    except (RecordError, differences.DifferencesError, reports.ReportsError) as error:
        raise click.ClickException(str(error)) from None
    cases = [
        case for case in registry.select() if all(_has(document, case.id, column.key) for column in document.columns)
    ]
    if not cases:
        raise click.ClickException(f"{document.name}: none of its cases is known")
    columns = document.columns + recorded_columns(sorted(oracle.recordings, key=int, reverse=True))
    return build(cases, columns, document.record, oracle, named)


def _has(document: Stored, case: str, key: str) -> bool:
    return case in document.cells[key]


def _print_changes(console: Console, name: str, listed: Sequence[Change], titles: dict[str, str]) -> None:
    console.print(Text(name, style="bold"))
    for change in listed:
        if change.way in {Way.NEW, Way.GONE}:
            continue
        console.print()
        console.print(
            Text.assemble((str(change.way), _STYLES[change.way]), "  ", (change.case, "bold")), soft_wrap=True
        )
        console.print(Text(f"  {titles.get(change.case, '')}", style="dim"))
        _print_cell(console, "before", change.before, change.after)
        _print_cell(console, "after", change.after, change.before)
    counted = [(way, sum(change.way is way for change in listed)) for way in Way]
    parts = [Text(f"{count} {way}", style=_STYLES[way]) for way, count in counted if count]
    console.print()
    console.print(Text(", ").join(parts) if parts else Text("nothing has changed"))


def _print_cell(console: Console, label: str, cell: Cell | None, other: Cell | None) -> None:
    if cell is None or other is None:
        return
    console.print(Text.assemble((f"  {label}  ", "dim"), str(cell.judgement)))
    for text in sorted(cell.outcomes):
        pieces = contrast(text, min(other.outcomes))
        console.print(Padding(marked(pieces, console.width - 4), (0, 0, 0, 4)))
