"""`gentcp check`: what changes in somebody's sources."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich_click import RichCommand

from gentcp_conformance.choosing import ColumnError, recordings_of
from gentcp_conformance.record import RecordError
from gentcp_conformance.severity import SEVERITIES

from . import arguments, screen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console

    from gentcp_conformance.check.findings import Finding
    from gentcp_conformance.check.report import Report
    from gentcp_conformance.check.rules import Rule
    from gentcp_conformance.check.speaking import Change

_STYLES = {"data": "bold red", "hang": "bold red", "crash": "bold red", "messages": "yellow", "reasons": "yellow"}
GRAMMARS = "tree_sitter_language_pack"
_MOST = 12
"""Places of a rule that the terminal shows; files have all."""


@click.command("check", cls=RichCommand)
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path), metavar="PATH...")
@click.option(
    "--from", "before", default="29:inet", show_default=True, metavar="RELEASE:BACKEND", help="What it runs on."
)
@click.option(
    "--to", "after", default="29:socket", show_default=True, metavar="RELEASE:BACKEND", help="What it is to run on."
)
@click.option("--rule", "only", multiple=True, metavar="RULE", help="Only this rule; repeatable.")
@click.option("--all", "everywhere", is_flag=True, help=f"Show more than {_MOST} places of a rule.")
@click.option(
    "--fail-on",
    type=click.Choice(list(SEVERITIES)),
    help="Exit status 1 if there is something of this severity or worse.",
)
@arguments.file("--json", "json_file", "Write the findings as JSON.")
@arguments.file("--sarif", "sarif_file", "Write them as SARIF, for services that scan code.")
@arguments.file("--markdown", "markdown_file", "Write them as a page.")
@click.pass_context
def check_command(
    context: click.Context, paths: tuple[Path, ...], before: str, after: str, only: tuple[str, ...], everywhere: bool,
    fail_on: str | None, json_file: Path | None, sarif_file: Path | None, markdown_file: Path | None,
) -> None:  # fmt: skip
    """List the places in sources whose behaviour changes between two columns of the recordings.

    PATH is a file or folder with Erlang (.erl, .hrl, .escript), Elixir (.ex, .exs) or LFE.  The worst comes first; what
    cannot happen, since an option is set nowhere, is not shown.  A comment "gentcp: ignore RULE" in a line or the one
    before it is heeded, "gentcp: ignore-file RULE" anywhere.
    """
    if find_spec(GRAMMARS) is None:
        raise click.ClickException("gentcp check needs the grammars of Erlang and Elixir: pip install 'gentcp[check]'")
    from gentcp_conformance.check import report as reports

    report = _checked(paths, before, after, only)
    for file, render in (
        (json_file, reports.as_json), (sarif_file, reports.as_sarif), (markdown_file, reports.as_markdown),
    ):  # fmt: skip
        if file is not None:
            arguments.save(file, render(report))
    _print(screen.console(), report, everywhere=everywhere)
    found = {finding.change.rule.severity for finding in report.findings}
    worst = list(SEVERITIES)[: list(SEVERITIES).index(fail_on) + 1] if fail_on else ()
    context.exit(1 if found.intersection(worst) else 0)


def _checked(paths: Iterable[Path], before: str, after: str, only: Sequence[str]) -> Report:
    from gentcp_conformance.check import rules, speaking
    from gentcp_conformance.check.files import Files
    from gentcp_conformance.check.findings import findings, look
    from gentcp_conformance.check.report import Report

    try:
        known = recordings_of(before, after)
        listed = rules.load(list(dict.fromkeys(case for record in known.values() for case, _ in record.results)))
        changes = speaking.changes(_chosen(listed, only), before, after, known)
    except (RecordError, rules.RulesError) as error:
        raise click.ClickException(str(error)) from None
    except ColumnError as error:
        raise click.UsageError(str(error)) from None
    files = Files(list(paths))
    looked_at = [look(source) for source in files.sources()]
    return Report(
        before, after, findings(looked_at, changes), files.read, files.lines, files.skipped,
        {each.source.path: each.source.broken for each in looked_at if each.source.broken}, files.unreadable,
    )  # fmt: skip


def _chosen(rules: Sequence[Rule], only: Sequence[str]) -> list[Rule]:
    known = {rule.id for rule in rules}
    for each in only:
        if each not in known:
            raise click.UsageError(f"no rule {each!r}{arguments.hint(each, known)}")
    return [rule for rule in rules if not only or rule.id in only]


def _print(console: Console, report: Report, *, everywhere: bool) -> None:
    from gentcp_conformance.check.report import left_out, named, summary

    console.print(Text(f"From {named(report.before)} to {named(report.after)}", style="bold"))
    severity = ""
    for change, found in report.by_rule():
        if change.rule.severity != severity:
            severity = change.rule.severity
            console.print()
            console.rule(Text(SEVERITIES[severity], style=_STYLES.get(severity, "")), align="left", style="dim")
        _print_rule(console, change, found if everywhere else found[:_MOST], len(found))
    console.print()
    console.print(Text(summary(report)))
    for line in left_out(report):
        console.print(Text(line, style="dim"))


def _print_place(console: Console, finding: Finding) -> None:
    """The code behind its place, if there is room, or below it."""
    path = Path(finding.file)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    place = f"  {shown}:{finding.line}  "
    lines = [Text.assemble((place, "cyan"), finding.code)]
    if lines[0].cell_len > console.width and len(place) > console.width // 2:
        lines = [Text(place.rstrip(), "cyan"), Text(f"      {finding.code}")]
    for line in lines:
        line.truncate(console.width, overflow="ellipsis")
        console.print(line, soft_wrap=True)


def _print_rule(console: Console, change: Change, shown: Sequence[Finding], count: int) -> None:
    console.print()
    console.print(Text.assemble((change.rule.title, "bold"), "  ", (change.rule.id, "dim")))
    for finding in shown:
        _print_place(console, finding)
    if count > len(shown):
        console.print(Text(f"  and {count - len(shown)} more; --all shows them", style="dim"))
    print_said(console, change)


def print_said(console: Console, change: Change) -> None:
    """What happens before and after, what to write instead, and the cases."""
    said = Table.grid(padding=(0, 2))
    said.add_column(style="dim")
    said.add_column()
    cases = ", ".join(change.cases[:3]) + (f" and {len(change.cases) - 3} more" if len(change.cases) > 3 else "")
    for label, text in (
        ("before", change.before), ("after", change.after), ("instead", change.rule.advice), ("cases", cases),
    ):  # fmt: skip
        said.add_row(label, Text(text))
    console.print(Padding(said, (0, 0, 0, 2)))
