"""`gentcp show`: one case explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from gentcp_conformance.contrast import contrast
from gentcp_conformance.matrix import ORACLE_COLUMNS, changes, since
from gentcp_conformance.verdict import divergence

from .table import marked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from gentcp_conformance.case import Case
    from gentcp_conformance.differences import Differences
    from gentcp_conformance.record import Record
    from gentcp_conformance.reports import Report

    Terms = Mapping[tuple[str, str], tuple[str, ...]]


def show(
    console: Console,
    case: Case,
    recordings: Mapping[str, Record],
    accepted: Differences,
    reports: Sequence[Report],
    release: str,
) -> None:
    """Print what a case is about, its code, what is recorded of OTP, and what differs from that on purpose.

    `recordings` are by release, the oldest first; `reports` lead to the case; `release` is the one that gentcp follows.
    """
    console.print(Text(case.title, style="bold"))
    console.print(Text(case.id, style="dim"))
    console.print()
    console.print(Text(case.means))
    console.print()
    console.print(Text.assemble(("source  ", "dim"), case.source))
    if case.needs:
        console.print(Text.assemble(("needs   ", "dim"), ", ".join(case.needs)))
    console.print(Text.assemble(("run     ", "dim"), f"gentcp compare --case {case.id}"))
    _print_reports(console, reports)
    if case.contradicts:
        console.print(Rule("what the manual says, and OTP does not do", style="dim", align="left"))
        console.print(Text(case.contradicts))
    _print_code(console, "in Python", case.code, "python")
    from gentcp_conformance.traces import traces_of

    views = traces_of(case.id, release)
    if erlang := views.erlang(case.id):
        _print_code(console, "in Erlang, for its shell", erlang, "erlang")
    if elixir := views.elixir(case.id):
        _print_code(console, "in Elixir, for iex", elixir, "elixir")
    _print_steps(console, views.steps(case.id))
    console.print(Rule("what OTP does", style="dim", align="left"))
    terms = {(each, name): recordings[each].expected(case.id, name) for each in recordings for name in ORACLE_COLUMNS}
    for name in ORACLE_COLUMNS:
        _print_column(console, terms, name, release)
    _print_verdict(console, case, terms, release)
    _print_accepted(console, case, accepted)


def _print_code(console: Console, title: str, code: str, language: str) -> None:
    console.print(Rule(title, style="dim", align="left"))
    console.print(Syntax(code, language, theme="ansi_dark", background_color="default", word_wrap=True))


def _print_steps(console: Console, steps: Sequence[tuple[str, str, bool]]) -> None:
    """What happens on both, side by side; where they differ first is marked."""
    if not steps:
        return
    console.print(Rule("step by step", style="dim", align="left"))
    table = Table("", "inet", "socket", box=None, pad_edge=False, header_style="bold")
    for number, (inet, socket, differs) in enumerate(steps, 1):
        style = "bold yellow" if differs else ""
        mark = f"{number} {'>' if differs else ' '}"
        table.add_row(Text(mark, style=style or "dim"), Text(inet, style=style), Text(socket, style=style))
    console.print(table)


def _print_reports(console: Console, reports: Sequence[Report]) -> None:
    if reports:
        console.print(Rule("who ran into it", style="dim", align="left"))
    for report in reports:
        console.print(Text.assemble((", ".join(report.numbers), "bold"), f"  {report.said}"))
        if report.link:
            console.print(Text(f"  {report.link}", style="dim"), soft_wrap=True)


def _print_column(console: Console, terms: Terms, name: str, release: str) -> None:
    """Each outcome with the releases that have it, the newest first, contrasted with the other backend's."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for each, column in list(terms)[::-1]:
        if column == name:
            groups.setdefault(terms[each, column], []).append(each)
    other = next(terms.get((release, each), ()) for each in ORACLE_COLUMNS if each != name)
    for texts, releases in groups.items():
        console.print(Text.assemble((name, "bold"), f" OTP {', '.join(reversed(releases))}"))
        for text in texts or ("nothing recorded",):
            pieces = contrast(text, other[0] if other else text)
            console.print(Padding(marked(pieces, console.width - 2), (0, 0, 0, 2)))
        if len(texts) > 1:
            console.print(Text("  any of these: it is not the same each time", style="dim"))


def _print_verdict(console: Console, case: Case, terms: Terms, release: str) -> None:
    columns = [terms.get((release, name), ()) for name in ORACLE_COLUMNS]
    verdict = str(divergence(*columns, documented=case.documented))
    console.print(Text.assemble(("verdict ", "dim"), (verdict, "bold"), f" in OTP {release}"))
    if changed := since(changes(terms)):
        console.print(Text.assemble(("since   ", "dim"), changed))


def _print_accepted(console: Console, case: Case, accepted: Differences) -> None:
    entries = [entry for entry in accepted.entries if entry.case == case.id]
    if entries:
        console.print(Rule("what differs from that on purpose", style="dim", align="left"))
    for entry in entries:
        console.print(Text.assemble((entry.subject, "bold"), f" from OTP {entry.release}"))
        console.print(Padding(Text(entry.reason), (0, 0, 0, 2)))
        console.print(Text(f"  {entry.link}", style="dim"), soft_wrap=True)
