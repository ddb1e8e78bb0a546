"""`gentcp watch`: what changes in what a program really did."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table
from rich.text import Text
from rich_click import RichCommand

from gentcp_conformance.choosing import ColumnError, recordings_of
from gentcp_conformance.record import RecordError

from . import screen
from .check import GRAMMARS, print_said
from .table import SEVERITY_STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gentcp_conformance.check.speaking import Change
    from gentcp_conformance.watch.happened import Happened
    from gentcp_conformance.watch.tracing import Run

_PLACES = 6


@click.command("watch", cls=RichCommand, context_settings={"ignore_unknown_options": True})
@click.option(
    "--from", "before", default="29:inet", show_default=True, metavar="RELEASE:BACKEND", help="What it runs on."
)
@click.option(
    "--to", "after", default="29:socket", show_default=True, metavar="RELEASE:BACKEND", help="What it is to run on."
)
@click.option(
    "--switch", is_flag=True, help="Run it a second time with inet_backend socket, and show what came out otherwise."
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
@click.pass_context
def watch_command(context: click.Context, before: str, after: str, switch: bool, command: tuple[str, ...]) -> None:
    """Run a program on a BEAM, and say what of all it did with sockets changes between two columns.

    COMMAND is run as it is: mix test, rebar3 ct, an escript.  Each VM that it starts has a tracer, by ERL_AFLAGS, which
    notes the calls of gen_tcp and inet with their options and results, where they come from, and the messages of
    sockets.  What happened most often comes first.  The exit status is the command's.
    """
    if find_spec(GRAMMARS) is None:
        raise click.ClickException("gentcp watch needs the grammar of Erlang: pip install 'gentcp[check]'")
    changes = _changes(before, after)
    run = _run(command, switch=False)
    console = screen.console()
    _print(console, run, changes, before, after)
    if switch:
        _print_otherwise(console, run, _run(command, switch=True))
    context.exit(run.status)


def _changes(before: str, after: str) -> list[Change]:
    from gentcp_conformance.check import rules, speaking

    try:
        known = recordings_of(before, after)
        cases = list(dict.fromkeys(case for record in known.values() for case, _ in record.results))
        return speaking.changes(rules.load(cases), before, after, known)
    except (RecordError, rules.RulesError) as error:
        raise click.ClickException(str(error)) from None
    except ColumnError as error:
        raise click.UsageError(str(error)) from None


def _run(command: Sequence[str], *, switch: bool) -> Run:
    from gentcp_conformance.watch.tracing import watch

    with tempfile.TemporaryDirectory(prefix="gentcp-watch-") as folder:
        try:
            return watch(command, Path(folder), switch=switch)
        except OSError as error:
            raise click.ClickException(f"{command[0]}: {error.strerror}") from None


def _print(console: Console, run: Run, changes: Sequence[Change], before: str, after: str) -> None:
    from gentcp_conformance.check.report import named
    from gentcp_conformance.watch.happened import happened

    console.print()
    console.rule(Text("gentcp watch"), align="left", style="dim")
    console.print(Text(f"From {named(before)} to {named(after)}", style="bold"))
    found = happened(run.seen, changes)
    for each in found:
        _print_happened(console, each)
    calls = sum(each.times for each in run.seen if each.name)
    messages = sum(each.times for each in run.seen if not each.name)
    console.print()
    told = f"{len(found)} rules speak of it" if found else "nothing of it changes"
    console.print(Text(f"{calls:,} calls and {messages:,} messages of sockets were seen; {told}"))
    if not run.seen:
        console.print(
            Text("was it a program on a BEAM, from OTP 25 on?  VMs get the tracer by ERL_AFLAGS", style="dim")
        )


def _print_happened(console: Console, found: Happened) -> None:
    rule = found.change.rule
    console.print()
    console.print(
        Text.assemble(
            (f"{found.times:,} x ", "bold"),
            (rule.severity, SEVERITY_STYLES[rule.severity]),
            f"  {rule.title}  ",
            (rule.id, "dim"),
        )
    )
    for place, times in found.places[:_PLACES]:
        console.print(Text.assemble((f"  {place}", "cyan"), f"  {times:,}"), soft_wrap=True)
    if len(found.places) > _PLACES:
        console.print(Text(f"  and {len(found.places) - _PLACES} more places", style="dim"))
    print_said(console, found.change)


def _print_otherwise(console: Console, before: Run, after: Run) -> None:
    from gentcp_conformance.watch.happened import otherwise

    console.print()
    console.rule(Text("with inet_backend socket"), align="left", style="dim")
    console.print(Text(f"exit status {before.status}, and {after.status} with socket"))
    found = otherwise(before.seen, after.seen)
    table = Table("where", "what", "before", "after", box=None, pad_edge=False, header_style="bold")
    for place, function, old, new in found:
        table.add_row(Text(place, style="cyan"), function, Text(old), Text(new))
    console.print(table if found else Text("every call came to the same"))
