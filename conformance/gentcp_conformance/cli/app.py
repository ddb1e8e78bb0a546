"""The commands."""

from __future__ import annotations

from importlib import import_module

import click
from rich.console import Console
from rich.table import Table
from rich_click import RichGroup

import gentcp
from gentcp_conformance import differences, reports
from gentcp_conformance.case import load
from gentcp_conformance.environment import describe_backend
from gentcp_conformance.matrix import RELEASE
from gentcp_conformance.record import RecordError, recordings

from . import arguments
from .show import show

_ELSEWHERE = ("compare", "record", "coverage", "explore", "find", "check")


class _Group(RichGroup):
    """Imports the modules of its commands when they are asked for, so that a short one starts quickly."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_ELSEWHERE, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        found: click.Command = getattr(import_module(f".{cmd_name}", __package__), f"{cmd_name}_command")
        return found


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
def app() -> None:
    """Erlang's gen_tcp for Python: compare its backends."""


@app.command("show")
@click.argument("id", metavar="CASE")
def show_command(id: str) -> None:
    """Explain one case: what it means for your code, how it is done, and what each release of OTP does."""
    registry = load()
    case = registry.get(id)
    if case is None:
        raise arguments.unknown(id, registry)
    try:
        known, accepted = recordings(), differences.load(registry.ids())
        named = reports.load(registry.ids()).of(case.id)
    except (RecordError, differences.DifferencesError, reports.ReportsError) as error:
        raise click.ClickException(str(error)) from None
    show(Console(), case, known, accepted, named, RELEASE)


@app.command("backends")
def backends_command() -> None:
    """List the backends that are installed."""
    table = Table("name", "what it is", "distribution", box=None, pad_edge=False, header_style="bold")
    for name in gentcp.available_backends():
        described = describe_backend(name)
        table.add_row(name, described["description"], described["distribution"])
    Console().print(table)
