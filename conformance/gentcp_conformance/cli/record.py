"""`gentcp record`: what a VM does, for others to be judged by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text
from rich_click import RichCommand

from gentcp.errors import NoBackend
from gentcp_conformance import recorder
from gentcp_conformance.case import load
from gentcp_conformance.record import RecordError

from . import arguments, screen
from .printing import print_outcomes
from .progress import bar
from .table import STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from gentcp_conformance.case import Case
    from gentcp_conformance.record import Record
    from gentcp_conformance.recorder import Finding

_RUNS = 3


@click.command("record", cls=RichCommand)
@click.option("--otp", is_flag=True, help="Record the VM at hand: the erl on PATH, or GENTCP_ERL=COMMAND.")
@arguments.prefixes
@click.option("--runs", type=click.IntRange(1, 100), help=f"How often to run each case.  [default: {_RUNS}]")
@click.option(
    "--output", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER",
    help="Folder of the recordings.  [default: in the package]",
)  # fmt: skip
@click.option("--add", is_flag=True, help="Count what is recorded already too: for cases that seldom do otherwise.")
@click.option(
    "--check", is_flag=True, help="Write nothing; fail if the VM does not do what is recorded of its release."
)
@arguments.jobs
@click.pass_context
def record_command(
    context: click.Context,
    otp: bool,
    prefixes: tuple[str, ...],
    runs: int | None,
    folder: Path | None,
    add: bool,
    check: bool,
    jobs: int,
) -> None:
    """Record what Erlang/OTP does, into otp-NN.jsonl.

    With --case the recording keeps what it has of other cases.  New cases are run alone, whatever --jobs says.
    """
    if not otp:
        raise click.UsageError("say --otp: so far a VM is all that can be recorded")
    if check and add:
        raise click.UsageError("--check writes nothing: leave --add out")
    if check and runs:
        raise click.UsageError("--check runs a case once, and what is not as recorded twice more: leave --runs out")
    cases, folder, console = arguments.select(prefixes, load()), folder or recorder.FOLDER, screen.console()
    try:
        if check:
            fine = _check(console, cases, folder, jobs)
        else:
            fine = _record(console, cases, folder, jobs, runs or _RUNS, partial=bool(prefixes), add=add)
    except (NoBackend, RecordError) as error:
        raise click.ClickException(str(error)) from None
    context.exit(0 if fine else 1)


def _record(
    console: Console, cases: Sequence[Case], folder: Path, jobs: int, runs: int, *, partial: bool, add: bool
) -> bool:
    with bar(console, 2 * runs * len(cases)) as progress:
        vm = recorder.vm(progress, jobs)
        known = recorder.stored(vm.release, folder)
        old = known if partial or add else None
        if old:
            recorder.refuse_other_versions(old, vm.about)
        made = vm.record(cases, runs, known)
        made = recorder.add(old, made) if old and add else made
    path = recorder.store(recorder.merge(old, made, load().ids()) if old else made, folder)
    console.print(Text(f"{path.name}: {len(cases)} cases recorded, {runs} runs each", style="bold"), soft_wrap=True)
    _print_unstable(console, made)
    _print_missing(console, made)
    return not _print_spoilt(console, made)


def _print_unstable(console: Console, made: Record) -> None:
    for result in (result for result in made.results.values() if not result.stable):
        console.print(Text(f"not stable: {result.case} on {result.subject}", style="yellow"))
        for outcome, count in result.outcomes:
            console.print(Text(f"  {count} of {result.runs}: {outcome.shown}"))


def _print_missing(console: Console, made: Record) -> None:
    for why, cases in recorder.missing(made).items():
        console.print(Text(f"{len(cases)} cases could not be recorded: {why}", style="bold yellow"))
        for case in cases:
            console.print(f"  {case}")


def _print_spoilt(console: Console, made: Record) -> bool:
    spoilt = recorder.spoilt(made)
    for result in spoilt:
        console.print(Text(f"record again: {result.case} on {result.subject}: {result.text}", style="bold red"))
    return bool(spoilt)


def _check(console: Console, cases: Sequence[Case], folder: Path, jobs: int) -> bool:
    with bar(console, 2 * len(cases)) as progress:
        vm = recorder.vm(progress, jobs)
        recording = recorder.stored(vm.release, folder)
        if recording is None:
            raise RecordError(f"there is no recording of OTP {vm.release}")
        findings = vm.check(cases, recording)
    odd = [finding for finding in findings if not finding.as_recorded]
    for finding in odd:
        _print_finding(console, finding)
    stale = sum(finding.stale for finding in odd)
    fate = f"{stale} not as recorded" if stale else "as recorded"
    console.print(Text(f"OTP {vm.release}: {len(cases)} cases seen again, {fate}", style="bold"))
    return not stale


def _print_finding(console: Console, finding: Finding) -> None:
    style = STYLES[finding.verdict.judgement]
    console.print(Text.assemble((str(finding.verdict), style), f" {finding.result.case} on {finding.result.subject}"))
    print_outcomes(console, finding.expected, finding.result)
