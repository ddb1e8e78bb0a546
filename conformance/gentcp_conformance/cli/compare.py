"""`gentcp compare`: run, judge, show, write."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text
from rich_click import RichCommand

from gentcp_conformance import differences, reports
from gentcp_conformance.case import load
from gentcp_conformance.environment import about, describe_subject
from gentcp_conformance.formats import junit, markdown, results
from gentcp_conformance.matrix import ORACLE_COLUMNS, RELEASE, Matrix, Oracle, build, recorded_columns
from gentcp_conformance.record import Record, RecordError, index, recordings, releases, write
from gentcp_conformance.run import Runner
from gentcp_conformance.wanted import Wanted, parse

from . import arguments, screen
from .ending import print_ending
from .listing import chosen
from .oracle import Mode, Source, find, print_source
from .printing import print_failures, print_lists, print_recorded, print_retried, print_summary, print_table
from .progress import bar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from rich.console import Console

    from gentcp_conformance.case import Case
    from gentcp_conformance.matrix import Column
    from gentcp_conformance.outcome import Result
    from gentcp_conformance.reports import Reports

    Renderer = Callable[[Matrix], str]

ALL = "all"


@dataclass(frozen=True)
class Comparison:
    """What to run, and what to judge it by."""

    cases: Sequence[Case]
    columns: tuple[Column, ...]
    oracle: Oracle
    reports: Reports
    jobs: int = 1
    reruns: int = 2
    stop: bool = False

    def run(self, console: Console) -> tuple[Record, Matrix]:
        """Run everything, with a bar if `console` is a terminal: what came out, and what that means.

        The matrix has the columns of all recordings as well; and all cases, or, where `stop` has ended the run at one
        that is not as expected, those up to this.
        """
        subjects = tuple(describe_subject(column.subject) for column in self.columns)
        with bar(console, len(self.cases) * len(self.columns)) as progress:
            runner = Runner(self._as_expected, progress, self.jobs, self.reruns, self.stop)
            found = runner.run(self.cases, [column.subject for column in self.columns])
        record = Record(subjects, about(), index(found))
        columns = self.columns + recorded_columns(sorted(self.oracle.recordings, key=int, reverse=True))
        ran = {case for case, _ in record.results}
        cases = [case for case in self.cases if case.id in ran or not self.columns]
        return record, build(cases, columns, record, self.oracle, self.reports)

    def _as_expected(self, result: Result) -> bool:
        column = next(each for each in self.columns if each.subject == result.subject)
        return self.oracle.as_expected(result, column)


def _backends(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[Wanted, ...]:
    try:
        wanted = tuple(parse(value) for value in dict.fromkeys(values))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    names = [each.name for each in wanted]
    if twice := {name for name in names if names.count(name) > 1}:
        raise click.BadParameter(f"{min(twice)} can follow one of OTP's backends at a time")
    return wanted


def _no_cases(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> None:
    if values:
        raise click.UsageError(f"cases are chosen with --case: gentcp compare --case {' --case '.join(values)}")


def _releases(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    known = releases()
    wanted = tuple(dict.fromkeys(value for given in values for value in (known[::-1] if given == ALL else [given])))
    if missing := [release for release in wanted if release not in known]:
        raise click.BadParameter(f"there is no recording of OTP {missing[0]}; there are {', '.join(known)}")
    return wanted


@click.command("compare", cls=RichCommand)
@arguments.prefixes
@arguments.uses
@click.option(
    "--backend", "wanted", multiple=True, metavar="NAME[:inet|:socket]", callback=_backends,
    help="Backend to run, and which of OTP's it follows when it is none of these; repeatable.  [default: inet, socket]",
)  # fmt: skip
@click.option(
    "--otp", type=click.Choice([str(mode) for mode in Mode]),
    help="What OTP does, next to the backends: a live VM (the erl on PATH, or GENTCP_ERL=COMMAND), as recorded, or "
    "not at all.  [default: live if there is a VM, else recorded]",
)  # fmt: skip
@click.option(
    "--release", "releases", multiple=True, metavar="N", default=(RELEASE,), show_default=True, callback=_releases,
    help='Release of OTP that the backends are judged by; repeated, or "all": further ones to be shown.',
)  # fmt: skip
@click.option("--table", is_flag=True, help="Print what each case came to, in a table.")
@click.option(
    "--only-differences", is_flag=True,
    help="The table of the cases in which the backends differ, or one of them is not what is recorded of OTP.  Without "
    "--backend: in which OTP's two differ, from the recordings, at once.",
)  # fmt: skip
@click.option(
    "--list-divergences", is_flag=True,
    help="List the cases in which OTP's backends diverge, its releases differ, or its manual is wrong; without "
    "--backend from the recordings, at once.",
)  # fmt: skip
@click.option("-x", "stop", is_flag=True, help="End with the first case that fails.")
@click.option(
    "--reruns", type=click.IntRange(0, 100), default=2, show_default=True, metavar="N",
    help="How often a case that is not as expected is run again, to tell FLAKY from DIFFERENT.",
)  # fmt: skip
@arguments.file("--html", "html_file", "Write one self-contained page, with the recordings of all releases.")
@arguments.file("--markdown", "markdown_file", "Write counts, failures and divergences as Markdown.")
@arguments.file("--junit", "junit_file", "Write JUnit XML, a test suite for each backend.")
@arguments.file("--json", "json_file", "Write everything as one JSON document, by results.schema.json.")
@arguments.file("--record", "record_file", "Write the outcomes as a record, in JSON lines.")
@arguments.jobs
@click.argument("extra", nargs=-1, callback=_no_cases, metavar="")
@click.pass_context
def compare_command(
    context: click.Context,
    prefixes: tuple[str, ...],
    uses: tuple[str, ...],
    wanted: tuple[Wanted, ...],
    otp: str | None,
    releases: tuple[str, ...],
    table: bool,
    only_differences: bool,
    list_divergences: bool,
    stop: bool,
    reruns: int,
    html_file: Path | None,
    markdown_file: Path | None,
    junit_file: Path | None,
    json_file: Path | None,
    record_file: Path | None,
    jobs: int,
    extra: None,
) -> None:
    """Run the cases on backends and show where they differ.

    The exit status is 1 when a backend is not what is recorded of OTP, or an accepted difference is no longer one.
    """
    del extra
    files: list[tuple[Path | None, Renderer]] = [(html_file, html())] if html_file else []
    files += [(markdown_file, markdown.render), (junit_file, junit.render), (json_file, results.render)]
    oracle, named = _oracle(releases[0])
    cases = chosen(prefixes, uses, None)
    console = screen.console()
    if not wanted and (only_differences or list_divergences) and not any((otp, html_file, json_file, record_file)):
        _from_recordings(console, Comparison(cases, (), oracle, named), releases, table=only_differences)
        return
    wanted = wanted or tuple(map(parse, ORACLE_COLUMNS))
    source = find(Mode(otp) if otp else None, wanted)
    began = time.monotonic()
    comparison = Comparison(cases, source.columns(wanted, oracle.release), oracle, named, jobs, reruns, stop)
    run, matrix = comparison.run(console)
    if table or only_differences:
        print_table(console, matrix, _shown(matrix, source, releases), only_differences=only_differences)
    print_failures(console, matrix)
    if list_divergences:
        print_lists(console, matrix)
    print_summary(console, matrix)
    print_source(console, source, matrix, oracle)
    print_retried(console, matrix)
    _print_times(console, run, time.monotonic() - began)
    _write(files, matrix)
    if record_file:
        with record_file.open("w", encoding="utf-8") as file:
            write(run, file, matrix.verdicts())
    print_ending(console, matrix, html_file)
    context.exit(1 if matrix.failed else 0)


def _from_recordings(console: Console, comparison: Comparison, releases: Sequence[str], *, table: bool) -> None:
    """What OTP's own columns say, without a run."""
    _, matrix = comparison.run(console)
    if table:
        print_recorded(console, matrix, recorded_columns(releases))
    else:
        print_lists(console, matrix)
    print_summary(console, matrix)


def _oracle(release: str) -> tuple[Oracle, Reports]:
    ids = load().ids()
    try:
        return Oracle(recordings(), differences.load(ids), release), reports.load(ids)
    except (RecordError, differences.DifferencesError, reports.ReportsError) as error:
        raise click.ClickException(str(error)) from None


def html() -> Renderer:
    """What renders a page.  Raises ImportError without jinja2."""
    # Before the run: after it would be late to learn that jinja2 is missing.
    from gentcp_conformance.report import render
    from gentcp_conformance.traces import load_traces

    return partial(render, traces=load_traces())


def _shown(matrix: Matrix, source: Source, releases: Sequence[str]) -> list[Column]:
    recorded = recorded_columns(releases) if source.mode is not Mode.NONE else ()
    return [*matrix.run, *recorded]


def _write(files: Iterable[tuple[Path | None, Renderer]], matrix: Matrix) -> None:
    for path, render in files:
        if path:
            arguments.save(path, render(matrix))


def _print_times(console: Console, run: Record, seconds: float) -> None:
    by_subject: dict[str, float] = {}
    for result in run.results.values():
        by_subject[result.subject] = by_subject.get(result.subject, 0.0) + result.seconds
    parts = ", ".join(f"{name} {spent:.1f} s" for name, spent in by_subject.items())
    console.print(Text.assemble(("took ", "bold"), f"{seconds:.1f} s: {parts}"))
