"""`gentcp find`: the cases that words lead to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text
from rich_click import RichCommand

from gentcp_conformance import release_notes, reports
from gentcp_conformance.case import load
from gentcp_conformance.coverage import index as uses
from gentcp_conformance.finding import Library
from gentcp_conformance.record import RecordError, mentions

from . import screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gentcp_conformance.finding import Fact, Found


@click.command("find", cls=RichCommand)
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list: case, title, and what matched.")
@click.pass_context
def find_command(context: click.Context, words: tuple[str, ...], as_json: bool) -> None:
    """List the cases that all of the words lead to.

    A word is what an id, a title or an explanation has in it; a function (send, gen_tcp:send/2), an option, a packet
    type, a counter; an atom that OTP came to (emsgsize); or a public report (otp#11319, OTP-19199, ranch#319).
    The exit status is 1 when there is no such case.
    """
    library = _library()
    wanted = [word for given in words for word in given.split()]
    found = library.find(wanted)
    if as_json:
        click.echo(json.dumps([_plain(each) for each in found], ensure_ascii=False, indent=1))
    elif found:
        _print(screen.console(), found)
    if not found:
        _hint(screen.console(stderr=True), library, wanted)
    context.exit(0 if found else 1)


def _library() -> Library:
    registry = load()
    ids = registry.ids()
    try:
        return Library(registry.select(), uses.load(), mentions, reports.load(ids), release_notes.load(ids))
    except (RecordError, reports.ReportsError, release_notes.ReleaseNotesError) as error:
        raise click.ClickException(str(error)) from None


def _plain(found: Found) -> dict[str, object]:
    matched = [{"where": fact.where, "text": fact.text} for fact in found.facts]
    return {"case": found.case.id, "title": found.case.title, "matched": matched}


def _print(console: Console, found: Sequence[Found]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("case", min_width=max(len(each.case.id) for each in found))
    table.add_column("what matched")
    for each in found:
        case = Text.assemble((each.case.id, "bold"), "\n", (each.case.title, "dim"))
        table.add_row(case, Text("\n").join(map(_shown, each.facts)))
    console.print(table)
    console.print(
        Text(f"{len(found)} case{'' if len(found) == 1 else 's'}; gentcp show CASE explains one", style="dim")
    )


def _shown(fact: Fact) -> Text:
    """What matched; of an id or a title, which stand beside it, only that."""
    text = "" if fact.where in {"id", "title"} else f" {fact.text}"
    return Text.assemble((fact.where, "dim"), text)


def _hint(console: Console, library: Library, words: Sequence[str]) -> None:
    """What there would be: words that are spelt alike, or how many cases each of the words has by itself."""
    counts = {word: len(library.find([word])) for word in words}
    if len(words) > 1 and all(counts.values()):
        each = ", ".join(f"{word} {count}" for word, count in counts.items())
        console.print(Text(f"no case has all of these; by itself each has some: {each}"), soft_wrap=True)
    for word, count in counts.items():
        if count == 0:
            near = library.near(word)
            hint = "; did you mean " + ", ".join(near) if near else ""
            console.print(Text(f"no case has {word!r}{hint}"), soft_wrap=True)
