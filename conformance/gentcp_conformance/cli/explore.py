"""`gentcp explore`: random programs on two subjects."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich_click import RichCommand

from gentcp_conformance import differences
from gentcp_conformance.case import load
from gentcp_conformance.explore import files, known, subjects
from gentcp_conformance.explore.areas import AREAS, generate
from gentcp_conformance.explore.case_code import NoCase, case_code
from gentcp_conformance.explore.finding import Finding, grouped, parse_name
from gentcp_conformance.explore.hunt import Hunt, Planned
from gentcp_conformance.explore.side import AT_A_TIME, NoSubject, Side

from . import arguments, screen
from .explored import Quiet, bar, print_counts, print_finding, print_findings, print_subject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from gentcp_conformance.explore.hunt import Progress
    from gentcp_conformance.explore.known import Known

_HOW = "Say which two subjects to compare: gentcp explore inet otp_inet, or otp_inet@25 otp_inet@29"


@dataclass(frozen=True)
class Both:
    """The two sides, running."""

    left: Side
    right: Side

    @property
    def names(self) -> tuple[str, str]:
        """As they were written."""
        return self.left.subject.text, self.right.subject.text

    def hunt(self, entries: Sequence[Known], progress: Progress, jobs: int) -> Hunt:
        """A hunt on both."""
        pair = (_name(self.left), _name(self.right))
        return Hunt(self.left, self.right, pair, entries, progress, 2 * jobs * AT_A_TIME)


def _name(side: Side) -> str:
    """A backend with the release of its VM, if it is one."""
    release = side.about.get("release")
    return side.subject.backend + (f"@{release}" if release else "")


def _subjects(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> list[subjects.Subject]:
    if len(values) != 2:
        raise click.UsageError(_HOW)
    try:
        return [subjects.parse(value) for value in values]
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def _known(_context: click.Context, _parameter: click.Parameter, paths: tuple[Path, ...]) -> list[Known]:
    cases = load().ids()
    try:
        own = [known.parse(path.read_text(encoding="utf-8"), cases) for path in paths]
        entries = [entry for listed in (*own, known.load(cases)) for entry in listed]
        return known.shared(entries, differences.load(cases).like)
    except known.KnownError as error:
        raise click.BadParameter(str(error)) from None


@click.command("explore", cls=RichCommand)
@click.argument("wanted", nargs=-1, metavar="A B", callback=_subjects)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="What the programs are drawn from.")
@click.option("--programs", type=click.IntRange(1), default=500, show_default=True, help="How many to run.")
@click.option("--seconds", type=click.FloatRange(0), help="Begin no further program after so many seconds.")
@click.option(
    "--jobs", type=click.IntRange(1, 16), default=2, show_default=True,
    help=f"Workers of each side; each runs {AT_A_TIME} programs at a time.",
)  # fmt: skip
@click.option(
    "--area",
    "areas",
    multiple=True,
    type=click.Choice(list(AREAS)),
    help="Only these areas; repeatable.  [default: all]",
)
@arguments.file(
    "--json", "json_file", "Write what is found as JSON; with --replay or --as-case, look for the ID in it."
)
@click.option(
    "--known", "entries", multiple=True, callback=_known, metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Kinds of differences to be counted and not shown, besides those that come with the kit; repeatable.",
)  # fmt: skip
@click.option(
    "--replay", metavar="ID", help="Run one program, SEED/NUMBER/AREA or one of a JSON file, and show its logs."
)
@click.option("--as-case", "as_case", metavar="ID", help="Print one program as a case, ready to be put into cases/.")
@click.pass_context
def explore_command(
    context: click.Context,
    wanted: list[subjects.Subject],
    seed: int,
    programs: int,
    seconds: float | None,
    jobs: int,
    areas: tuple[str, ...],
    json_file: Path | None,
    entries: list[Known],
    replay: str | None,
    as_case: str | None,
) -> None:
    """Run random programs of socket calls on two subjects and show where they differ.

    A and B are backends; NAME@RELEASE or NAME@COMMAND names the VM of otp_inet and otp_socket.  What differs is run
    again alone, made small, and grouped by kind.  Ctrl-C ends the run and shows what it has.  The exit status is 1 when
    something is found that is not known.
    """
    console = screen.console()
    wanted_id = replay or as_case
    one = _one(wanted_id, json_file) if wanted_id else None
    with ExitStack() as stack:
        sides = _begin(stack, wanted, 1 if one else jobs)
        if one is not None:
            context.exit(_show(console, sides, one, as_case=bool(as_case)))
        with bar(screen.console(stderr=True), programs) as progress:
            hunt = sides.hunt(entries, progress, jobs)
            write = partial(_write, json_file, hunt, sides, seed)
            with suppress(KeyboardInterrupt):  # what has been found is shown
                chosen = _planned(seed, programs, areas or tuple(AREAS))
                hunt.run(chosen, float("inf") if seconds is None else seconds, write)
        print_findings(console, hunt.findings, sides.names)
        for side in (sides.left, sides.right):
            print_subject(console, side.subject.text, side.about)
        print_counts(console, hunt.counted, sides.names, len(grouped(hunt.findings)))
        write()
    context.exit(1 if hunt.findings else 0)


def _write(file: Path | None, hunt: Hunt, sides: Both, seed: int) -> None:
    """What there is so far, if there is a file for it."""
    if file is not None:
        document = files.document(hunt, sides.names, (sides.left.about, sides.right.about), seed)
        file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def _begin(stack: ExitStack, wanted: Sequence[subjects.Subject], jobs: int) -> Both:
    """Both sides.  ClickException when one does not start, or is another release."""
    try:
        left, right = (stack.enter_context(closing(Side(subject, jobs))) for subject in wanted)
    except NoSubject as error:
        raise click.ClickException(str(error)) from None
    for side in (left, right):
        release = side.about.get("release", "")
        if side.subject.release and release != side.subject.release:
            raise click.ClickException(f"{side.subject.text}: {side.subject.command} runs OTP {release}")
    return Both(left, right)


def _planned(seed: int, count: int, areas: Sequence[str]) -> Iterator[Planned]:
    """The programs by their numbers, the areas in turn."""
    for index in range(count):
        number, area = divmod(index, len(areas))
        yield Planned(f"{seed}/{number}/{areas[area]}", generate(seed, number, areas[area]))


def _one(id: str, json_file: Path | None) -> Planned:
    """The program with that name.  UsageError when there is none."""
    name = parse_name(id)
    if name is not None and name.area in AREAS:
        return Planned(id, generate(name.seed, name.number, name.area))
    if json_file is None:
        raise click.UsageError(f"no program {id!r}: want SEED/NUMBER/AREA, or --json FILE and the id of one in it")
    try:
        found = files.read(json_file, id)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if found is None:
        raise click.UsageError(f"{json_file} has no program {id!r}")
    return Planned(id, found.program)


def _show(console: Console, sides: Both, one: Planned, *, as_case: bool) -> int:
    """One program, run again; the exit status."""
    hunt = sides.hunt([], Quiet(), 1)
    found = hunt.confirmed(one)
    if found is not None and as_case:
        found = hunt.small(found)
    if found is None:
        log = sides.left.submit(one.program, 2.0).result().lines
        found = Finding(one.name, one.program, log, log)
    if as_case:
        try:
            console.print(case_code(found, sides.names), markup=False, highlight=False, soft_wrap=True)
        except NoCase as why:
            raise click.ClickException(str(why)) from None
        return 0
    print_finding(console, found, sides.names)
    if found.left == found.right:
        console.print("no stable difference: some runs of both sides have the same log")
    return int(found.left != found.right)
