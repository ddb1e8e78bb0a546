"""`gentcp list`: the cases, and which of them use something or differ somewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text
from rich_click import RichCommand

from gentcp_conformance.case import load
from gentcp_conformance.choosing import ColumnError, Filter, recordings_of
from gentcp_conformance.coverage import index
from gentcp_conformance.record import RecordError

from . import arguments, screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gentcp_conformance.case import Case


@click.command("list", cls=RichCommand)
@click.argument("prefixes", nargs=-1, metavar="[CASE]...")
@arguments.uses
@arguments.differs
@click.option("--areas", is_flag=True, help="Only the areas, with how many cases each has.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list: case and title.")
@click.pass_context
def list_command(
    context: click.Context, prefixes: tuple[str, ...], uses: tuple[str, ...], differ: tuple[str, str] | None,
    areas: bool, as_json: bool,
) -> None:  # fmt: skip
    """List cases with their titles.

    CASE is an id, the beginning of one (send, send/timeout), or a pattern ('*/rest-data/*').  The exit status is 1 when
    there is no such case.
    """
    cases = chosen(prefixes, uses, differ)
    if as_json:
        click.echo(json.dumps([{"case": case.id, "title": case.title} for case in cases], ensure_ascii=False, indent=1))
    else:
        _print(screen.console(), cases, areas=areas)
    context.exit(0 if cases else 1)


def chosen(prefixes: tuple[str, ...], wanted: tuple[str, ...], differ: tuple[str, str] | None) -> list[Case]:
    """The cases that a command line means.  Raises UsageError for what there is not."""
    registry = load()
    cases = arguments.select(prefixes, registry)
    if not wanted and differ is None:
        return cases
    try:
        known_uses = index.load()
        known = recordings_of(*differ) if differ else {}
    except RecordError as error:
        raise click.ClickException(str(error)) from None
    except ColumnError as error:
        raise click.UsageError(str(error)) from None
    wants = Filter(wanted, differ)
    if unused := wants.unused(registry.ids(), known_uses):
        raise click.UsageError(f"no case uses {unused!r}; `gentcp coverage` has all that some case uses")
    return wants.of(cases, known_uses, known)


def _print(console: Console, cases: Sequence[Case], *, areas: bool) -> None:
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    if areas:
        counts = {area: sum(case.area == area for case in cases) for area in dict.fromkeys(case.area for case in cases)}
        for area, count in counts.items():
            table.add_row(Text(area, style="bold"), Text(str(count), justify="right"))
    else:
        for case in cases:
            table.add_row(Text(case.id, style="bold", no_wrap=True), Text(case.title))
    if console.is_terminal:
        console.print(table)
    else:  # a pipe gets whole lines
        for row in zip(*(column.cells for column in table.columns), strict=True):
            click.echo("\t".join(str(cell) for cell in row))
    console.stderr = True
    console.print(Text(f"{len(cases)} case{'' if len(cases) == 1 else 's'}", style="dim"))
