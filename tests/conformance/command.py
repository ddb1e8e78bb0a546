"""The command line in tests: with cases, recordings and VMs that are toys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from click.testing import CliRunner

from gentcp.errors import NoBackend
from gentcp_conformance import differences, environment, reports
from gentcp_conformance.cli.app import app
from gentcp_conformance.differences import Difference, Differences
from gentcp_conformance.reports import Reports

from .toys import record

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pytest
    from click.testing import Result as Ran

    from gentcp_conformance.case import Registry
    from gentcp_conformance.outcome import Result
    from gentcp_conformance.record import Record

WIDE = {"COLUMNS": "120", "TERM": "dumb"}
NARROW = {"COLUMNS": "80", "TERM": "dumb"}

NO_VM = "there is no `erl` here"


def run(*arguments: str, env: Mapping[str, str] = WIDE) -> Ran:
    """What `gentcp` with these arguments came to."""
    return CliRunner().invoke(app, arguments, env=env, terminal_width=int(env["COLUMNS"]))


def use_cases(monkeypatch: pytest.MonkeyPatch, registry: Registry) -> None:
    """Let the kit have these cases, no accepted difference and no report."""
    for module in ("app", "compare", "coverage", "find", "listing", "record", "stored"):
        monkeypatch.setattr(f"gentcp_conformance.cli.{module}.load", lambda: registry)
    monkeypatch.setattr(differences, "load", lambda _: Differences())
    monkeypatch.setattr(reports, "load", lambda _: Reports())


def use_recordings(monkeypatch: pytest.MonkeyPatch, recordings: Mapping[str, Record]) -> None:
    """Let the kit have these recordings, by release."""
    for module in ("app", "compare", "coverage"):
        monkeypatch.setattr(f"gentcp_conformance.cli.{module}.recordings", lambda: recordings)
    monkeypatch.setattr("gentcp_conformance.cli.compare.releases", lambda: list(recordings))


def use_recording(monkeypatch: pytest.MonkeyPatch, *results: Result) -> None:
    """Let the kit have a recording of OTP 29 with these results."""
    use_recordings(monkeypatch, {"29": record(*results)})


def accept(monkeypatch: pytest.MonkeyPatch, *entries: Difference) -> None:
    """Let these be the accepted differences."""
    monkeypatch.setattr(differences, "load", lambda _: Differences(entries))


def have_no_vm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be no VM."""

    def refuse() -> dict[str, str]:
        raise NoBackend(NO_VM)

    monkeypatch.setattr(environment, "about_vm", refuse)
