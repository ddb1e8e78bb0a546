"""The commands."""

from __future__ import annotations

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
from .compare import compare_command
from .coverage import coverage_command
from .record import record_command
from .show import show


@click.group(cls=RichGroup, context_settings={"help_option_names": ["-h", "--help"]})
def app() -> None:
    """Erlang's gen_tcp for Python: compare its backends."""


app.add_command(compare_command)
app.add_command(record_command)
app.add_command(coverage_command)


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
