"""The commands and their arguments."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table
from rich_click import RichGroup

import gentcp
from gentcp_conformance import differences
from gentcp_conformance.case import Case, Registry, load
from gentcp_conformance.environment import describe_backend
from gentcp_conformance.matrix import ORACLE_COLUMNS, Column
from gentcp_conformance.record import RecordError, recorded, write

from .compare import Comparison, print_matrix
from .show import show

if TYPE_CHECKING:
    from collections.abc import Callable

    from gentcp_conformance.matrix import Matrix

# Next to live VMs, other releases will be a choice; so far there is one recording.
RELEASE = "29"


def _column(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Column, ...]:
    return tuple(_parse_column(value) for value in dict.fromkeys(values))


def _parse_column(value: str) -> Column:
    name, _, follows = value.partition(":")
    installed = gentcp.available_backends()
    if name not in installed:
        raise click.BadParameter(f"no backend {name!r} is installed; there are {', '.join(installed)}")
    follows = follows or name
    if follows not in ORACLE_COLUMNS:
        raise click.BadParameter(f"say which of OTP's backends it follows: {name}:inet or {name}:socket")
    return Column(name, follows)


def _file(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    # Before the run: nobody wants to learn of a misspelt folder after it.
    if value is not None and not value.parent.is_dir():
        raise click.BadParameter(f"there is no folder {value.parent}")
    return value


def _unknown(id: str, registry: Registry) -> click.UsageError:
    near = [known for known in registry.ids() if id in known][:5]
    near += [known for known in difflib.get_close_matches(id, registry.ids(), n=5, cutoff=0.5) if known not in near]
    hint = "".join(f"\n  {known}" for known in near)
    return click.UsageError(f"no case {id!r}" + (f"; did you mean{hint}" if hint else "; `gentcp compare` lists them"))


def _select(prefixes: tuple[str, ...], registry: Registry) -> list[Case]:
    for prefix in prefixes:
        if not registry.select([prefix]):
            raise _unknown(prefix, registry)
    return registry.select(prefixes)


def _renderer() -> Callable[[Matrix], str]:
    # Before the run: after it would be late to learn that jinja2 is missing.
    from gentcp_conformance.report import render

    return render


_FILE = click.Path(dir_okay=False, path_type=Path)


@click.group(cls=RichGroup, context_settings={"help_option_names": ["-h", "--help"]})
def app() -> None:
    """Erlang's gen_tcp for Python: compare its backends."""


@app.command("compare")
@click.option(
    "--only-differences", is_flag=True,
    help="Only the cases in which the backends differ, or one of them is not what is recorded of OTP.",
)  # fmt: skip
@click.option("--case", "prefixes", multiple=True, metavar="PREFIX", help="Only cases whose id begins so; repeatable.")
@click.option(
    "--backend", "columns", multiple=True, metavar="NAME[:inet|:socket]", default=ORACLE_COLUMNS, callback=_column,
    show_default=True,
    help="Backend to run, and which of OTP's it follows when it is not one of those; repeatable.",
)  # fmt: skip
@click.option("--json", "json_file", type=_FILE, callback=_file, help="Write the run's record, as JSON lines.")
@click.option("--html", "html_file", type=_FILE, callback=_file, help="Write one self-contained page.")
@click.option("--jobs", type=click.IntRange(1, 16), default=1, show_default=True, help="Cases to run at a time.")
@click.pass_context
def compare_command(
    context: click.Context,
    only_differences: bool,
    prefixes: tuple[str, ...],
    columns: tuple[Column, ...],
    json_file: Path | None,
    html_file: Path | None,
    jobs: int,
) -> None:
    """Run the cases on backends and show where they differ.

    The exit status is 1 when a backend is not what is recorded of OTP, or an accepted difference is no longer one.
    """
    registry = load()
    cases = _select(prefixes, registry)
    try:
        recording, accepted = recorded(RELEASE), differences.load(registry.ids())
    except (RecordError, differences.DifferencesError) as error:
        raise click.ClickException(str(error)) from None
    render = _renderer() if html_file else None
    console = Console()
    run, matrix = Comparison(cases, columns, recording, accepted, RELEASE, jobs).run(console)
    print_matrix(console, matrix, only_differences=only_differences)
    if json_file:
        with json_file.open("w", encoding="utf-8") as file:
            write(run, file, matrix.verdicts())
    if html_file and render:
        html_file.write_text(render(matrix), encoding="utf-8")
    context.exit(1 if matrix.failed else 0)


@app.command("show")
@click.argument("id", metavar="CASE")
def show_command(id: str) -> None:
    """Explain one case: what it means for your code, how it is done, and what OTP does."""
    registry = load()
    case = registry.get(id)
    if case is None:
        raise _unknown(id, registry)
    show(Console(), case, recorded(RELEASE), differences.load(registry.ids()), RELEASE)


@app.command("backends")
def backends_command() -> None:
    """List the backends that are installed."""
    table = Table("name", "what it is", "distribution", box=None, pad_edge=False, header_style="bold")
    for name in gentcp.available_backends():
        described = describe_backend(name)
        table.add_row(name, described["description"], described["distribution"])
    Console().print(table)
