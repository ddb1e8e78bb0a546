"""What the commands' arguments mean, and what is said of wrong ones."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gentcp_conformance.run import JOBS, MOST_JOBS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from gentcp_conformance.case import Case, Registry

_Command = TypeVar("_Command", bound="Callable[..., Any]")


def _in_a_folder(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    # Before the run: nobody wants to learn of a misspelt folder after it.
    if value is not None and not value.parent.is_dir():
        raise click.BadParameter(f"there is no folder {value.parent}")
    return value


prefixes = click.option(
    "--case", "prefixes", multiple=True, metavar="CASE",
    help="Only this case, those whose ids begin so (send, send/timeout), or a pattern with *; repeatable.",
)  # fmt: skip

uses = click.option(
    "--uses", "uses", multiple=True, metavar="NAME",
    help="Only cases that use an option, function, packet type, counter or message: send_timeout, packet=4, recv, "
    "gen_tcp:send/2, active@setopts; repeatable, all of them.",
)  # fmt: skip


def _two_columns(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[str, str] | None:
    if value is None:
        return None
    before, comma, after = value.partition(",")
    if not comma or not before or not after or "," in after:
        raise click.BadParameter(f"want two columns, such as 29:inet,29:socket, not {value!r}")
    return before, after


differs = click.option(
    "--differs", "differ", callback=_two_columns, metavar="COLUMN,COLUMN",
    help="Only cases that came out otherwise in two columns of the recordings: 29:inet,29:socket.",
)  # fmt: skip

jobs = click.option(
    "--jobs", type=click.IntRange(1, MOST_JOBS), default=JOBS, show_default=True,
    help="Cases to run at a time, on however few cores: they mostly wait.  More than "
    f"{MOST_JOBS} would only be in each other's way.  What does not come out as expected is run again, alone.",
)  # fmt: skip


def file(flag: str, name: str, what: str) -> Callable[[_Command], _Command]:
    """An option for a file to write, whose folder is there."""
    kind = click.Path(dir_okay=False, path_type=Path)
    return click.option(flag, name, type=kind, callback=_in_a_folder, metavar="FILE", help=what)


def save(path: Path, text: str) -> None:
    """Write a file; an error names it, whatever the system says."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def select(prefixes: tuple[str, ...], registry: Registry) -> list[Case]:
    """The cases that begin with one of the prefixes, or all; raises UsageError for a prefix that no case has."""
    for prefix in prefixes:
        if not registry.select([prefix]):
            raise unknown(prefix, registry)
    return registry.select(prefixes)


def unknown(id: str, registry: Registry) -> click.UsageError:
    """The error for a case that there is not, naming similar ones."""
    return click.UsageError(f"no case {id!r}" + (hint(id, registry.ids()) or "; `gentcp list` has all"))


def hint(word: str, known: Collection[str]) -> str:
    """What may have been meant, a line each; empty when nothing is like it."""
    near = [each for each in sorted(known) if word in each][:5]
    near += [each for each in difflib.get_close_matches(word, known, n=5, cutoff=0.5) if each not in near]
    return "; did you mean" + "".join(f"\n  {each}" for each in near) if near else ""
