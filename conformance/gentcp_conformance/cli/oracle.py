"""Which VM or recording a comparison is judged by, and the columns that makes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

import click
from rich.text import Text

from gentcp.errors import NoBackend
from gentcp_conformance import environment
from gentcp_conformance.matrix import LIVE, Column
from gentcp_conformance.wanted import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from gentcp_conformance.matrix import Matrix, Oracle


class Mode(StrEnum):
    """Where what OTP does is taken from, next to judging."""

    LIVE = "live"
    RECORDED = "recorded"
    NONE = "none"


@dataclass(frozen=True)
class Source:
    """What was found: `vm` is what it says of itself, empty when there is none or it is not asked for.

    `missing` says why there is no VM although one would have been used.
    """

    mode: Mode
    vm: Mapping[str, str] = field(default_factory=dict[str, str])
    missing: str = ""

    def columns(self, wanted: Sequence[Wanted], release: str) -> tuple[Column, ...]:
        """The columns to run: what is wanted, and the VM's of the same kind.  Gentcp's follow `release`."""
        names = [each.name for each in wanted]
        if self.mode is Mode.LIVE:
            kinds = dict.fromkeys(each.follows for each in wanted)
            wanted = [*wanted, *(Wanted(LIVE[kind], kind) for kind in kinds if LIVE[kind] not in names)]
        return tuple(
            Column(each.name, each.follows, self.vm["release"] if each.name in LIVE.values() else release)
            for each in wanted
        )


def find(mode: Mode | None, wanted: Sequence[Wanted]) -> Source:
    """Start the VM if it is needed; without a `mode`, if there is one.  Raises ClickException if it cannot be had."""
    needed = mode is Mode.LIVE or any(each.name in LIVE.values() for each in wanted)
    if mode is not None and not needed:
        return Source(mode)
    try:
        return Source(mode or Mode.LIVE, environment.about_vm())
    except NoBackend as error:
        if needed:
            raise click.ClickException(f"{error}\n--otp recorded does without a VM") from None
        return Source(Mode.RECORDED, missing=str(error))


def print_source(console: Console, source: Source, matrix: Matrix, oracle: Oracle) -> None:
    """Where the oracle came from, and how to have another."""
    said = [Text(f"judged by what was recorded of {_recording(oracle, matrix.release)}")]
    if source.vm:
        release = source.vm["release"]
        by = "by its own recording" if release in oracle.recordings else "not judged: there is no recording of it"
        said.append(Text(f"live: OTP {release} ({_versions(source.vm)}), {by}"))
    console.print(Text("oracle: ", style="bold") + Text("; ").join(said))
    console.print(Text(f"  {_hint(source)}", style="dim"))


def _hint(source: Source) -> str:
    if source.vm:
        return "--otp recorded leaves the VM out; GENTCP_ERL=COMMAND takes another; --release N judges by another"
    if source.missing:
        return f"no live VM: {source.missing}"
    return "--otp live runs a VM as well; --release N judges by another release"


def _recording(oracle: Oracle, release: str) -> str:
    return f"OTP {release} ({_versions(oracle.recordings[release].about)})"


def _versions(about: Mapping[str, str]) -> str:
    known = [f"{key} {about[key]}" for key in ("erts", "kernel") if key in about]
    if runs := about.get("runs"):
        known.append(f"{runs} runs of each case")
    if command := about.get("command"):
        known.append(f"by `{command}`")
    return ", ".join(known) or "versions unknown"
