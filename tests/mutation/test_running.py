from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.mutation import overlay
from tests.mutation.index import Trial
from tests.mutation.listing import Mutant
from tests.mutation.places import Module, modules
from tests.mutation.running import Outcome, run

TRIALS = (Trial("send/data/empty", "inet", 1.0, True, {}), Trial("send/data/empty", "socket", 1.0, True, {}))


@dataclass(frozen=True)
class Planted(Mutant):
    """A mutant that is made by replacing text, without cosmic-ray."""

    old: str = ""
    new: str = ""

    @property
    def code(self) -> str:
        assert self.old in self.module.source
        return self.module.source.replace(self.old, self.new, 1)


def planted(old: str, new: str) -> Planted:
    return Planted(module(), "planted", 0, 1, old, new)


def module() -> Module:
    return modules(["gentcp_inet._sending"])[0]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with overlay.copied() as path:
        yield path


HEAD = "from __future__ import annotations\n"


def test_what_raises_when_something_is_sent_is_caught(folder: Path) -> None:
    finding = run(planted("port.tx.add(len(frame))\n    if not", "port.tx.sum(len(frame))\n    if not"), TRIALS, folder)
    assert finding.outcome is Outcome.CAUGHT
    assert finding.by.startswith("send/data/empty on inet: ")


def test_what_changes_nothing_survives(folder: Path) -> None:
    finding = run(planted(HEAD, f"{HEAD}\n_UNUSED = 1\n"), TRIALS, folder)
    assert finding.outcome is Outcome.SURVIVED


def test_the_same_program_proves_nothing(folder: Path) -> None:
    assert run(planted(HEAD, f"{HEAD}\n# a comment\n"), TRIALS, folder).outcome is Outcome.BROKEN


def test_what_is_no_python_proves_nothing(folder: Path) -> None:
    assert run(planted(HEAD, f"{HEAD}\n(\n"), TRIALS, folder).outcome is Outcome.BROKEN


def test_what_cannot_be_imported_proves_nothing(folder: Path) -> None:
    assert run(planted(HEAD, f"{HEAD}\n1 / 0\n"), TRIALS, folder).outcome is Outcome.BROKEN


def test_a_line_that_no_case_runs_is_not_reached(folder: Path) -> None:
    assert run(planted(HEAD, f"{HEAD}\n_UNUSED = 1\n"), (), folder).outcome is Outcome.UNREACHED


def test_the_copy_is_whole_again_and_the_checkout_untouched(folder: Path) -> None:
    before = module().source
    copy = overlay.place(folder, module())
    with overlay.changed(folder, module(), "1 / 0\n"):
        assert copy.read_text(encoding="utf-8") == "1 / 0\n"
        assert module().source == before
    assert copy.read_text(encoding="utf-8") == before
