"""The commands."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from importlib import import_module

import click
from rich.table import Table
from rich_click import RichGroup

import gentcp
from gentcp_conformance import differences, reports
from gentcp_conformance.case import load
from gentcp_conformance.environment import describe_backend
from gentcp_conformance.matrix import RELEASE
from gentcp_conformance.record import RecordError, recordings

from . import arguments, screen
from .show import show

_ELSEWHERE = {
    "compare": "compare", "check": "check", "watch": "watch", "list": "listing", "find": "find", "diff": "stored",
    "report": "stored", "record": "record", "coverage": "coverage", "explore": "explore",
}  # fmt: skip
"""The modules of the commands that are not here."""
_INTERRUPTED = 130


class _Group(RichGroup):
    """Imports the modules of its commands when they are asked for, so that a short one starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_ELSEWHERE, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        found: click.Command = getattr(import_module(f".{_ELSEWHERE[cmd_name]}", __package__), f"{cmd_name}_command")
        return found

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; Ctrl-C is exit status 130, and a full disk or the like a line."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            ctx.exit(_INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # whoever read has had enough: click ends quietly
            if not error.filename:
                _drop_output()
            what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
            raise click.ClickException(str(what)) from None


def _drop_output() -> None:
    """What could not be written is still in a buffer, and would fail once more when Python ends."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(gentcp.__version__, prog_name="gentcp")
def app() -> None:
    """Erlang's gen_tcp for Python: compare its backends."""


@app.command("show")
@click.argument("prefixes", metavar="CASE...", nargs=-1, required=True)
def show_command(prefixes: tuple[str, ...]) -> None:
    """Explain cases: what they mean for your code, how they are done, and what each release of OTP does.

    CASE is an id, the beginning of one (send/rest-data), or a pattern ('*/rest-data/*').
    """
    registry = load()
    cases = arguments.select(prefixes, registry)
    try:
        known, accepted = recordings(), differences.load(registry.ids())
        named = reports.load(registry.ids())
    except (RecordError, differences.DifferencesError, reports.ReportsError) as error:
        raise click.ClickException(str(error)) from None
    console = screen.console()
    for number, case in enumerate(cases):
        if number:
            console.print()
            console.rule(characters="=", style="dim")
        show(console, case, known, accepted, named.of(case.id), RELEASE)


@app.command("backends")
def backends_command() -> None:
    """List the backends that are installed."""
    table = Table("name", "what it is", "distribution", box=None, pad_edge=False, header_style="bold")
    for name in gentcp.available_backends():
        described = describe_backend(name)
        table.add_row(name, described["description"], described["distribution"])
    screen.console().print(table)
