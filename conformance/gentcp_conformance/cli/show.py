"""`gentcp show`: one case explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.rule import Rule
from rich.syntax import Syntax
from rich.text import Text

from gentcp_conformance.contrast import contrast
from gentcp_conformance.matrix import ORACLE_COLUMNS
from gentcp_conformance.verdict import divergence

from .table import marked

if TYPE_CHECKING:
    from rich.console import Console

    from gentcp_conformance.case import Case
    from gentcp_conformance.differences import Differences
    from gentcp_conformance.record import Record


def show(console: Console, case: Case, recording: Record, accepted: Differences, release: str) -> None:
    """Print what a case is about, its code, what is recorded of OTP, and what differs from that on purpose."""
    console.print(Text(case.title, style="bold"))
    console.print(Text(case.id, style="dim"))
    console.print()
    console.print(Text(case.means))
    console.print()
    console.print(Text.assemble(("source  ", "dim"), case.source))
    if case.needs:
        console.print(Text.assemble(("needs   ", "dim"), ", ".join(case.needs)))
    console.print(Text.assemble(("run     ", "dim"), f"gentcp compare --case {case.id}"))
    console.print(Rule("code", style="dim", align="left"))
    console.print(Syntax(case.code, "python", theme="ansi_dark", background_color="default", word_wrap=True))
    console.print(Rule(f"what OTP {release} does", style="dim", align="left"))
    _print_outcomes(console, case, recording)
    _print_accepted(console, case, accepted, release)


def _print_outcomes(console: Console, case: Case, recording: Record) -> None:
    columns = {name: recording.expected(case.id, name) for name in ORACLE_COLUMNS}
    texts = {name: found[0] if found else "" for name, found in columns.items()}
    for name, found in columns.items():
        other = next(text for each, text in texts.items() if each != name)
        console.print(Text(name, style="bold"))
        for text in found or ("nothing recorded",):
            pieces = contrast(text, other or text)
            console.print(Padding(marked(pieces, console.width - 2), (0, 0, 0, 2)))
        if len(found) > 1:
            console.print(Text("  any of these: it is not the same each time", style="dim"))
    verdict = divergence(*columns.values(), documented=case.documented)
    console.print(Text.assemble(("verdict ", "dim"), (str(verdict), "bold")))


def _print_accepted(console: Console, case: Case, accepted: Differences, release: str) -> None:
    entries = [entry for entry in accepted.entries if entry.case == case.id and entry.covers(release)]
    if entries:
        console.print(Rule("what differs from that on purpose", style="dim", align="left"))
    for entry in entries:
        console.print(Text(entry.subject, style="bold"))
        console.print(Padding(Text(entry.reason), (0, 0, 0, 2)))
        console.print(Text(f"  {entry.link}", style="dim"), soft_wrap=True)
