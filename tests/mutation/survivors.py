"""Mutants that no case can catch, with the reason, in `survivors.toml`: they do not count."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from .listing import Mutant

FILE = Path(__file__).parent / "survivors.toml"


@dataclass(frozen=True)
class Survivor:
    """`text` is what is changed, as `Mutant.text` has it."""

    module: str
    text: str
    reason: str


@dataclass(frozen=True)
class Survivors:
    """All that are known."""

    listed: tuple[Survivor, ...]

    def reason(self, mutant: Mutant) -> str:
        """Why it does not count; empty when it does."""
        near = [each for each in self.listed if each.module == mutant.module.name]
        # To make the mutant takes long.
        line = " ".join(mutant.module.source.splitlines()[mutant.line - 1].split()) if near else ""
        near = [each for each in near if line in each.text]
        return next((each.reason for each in near if each.text == mutant.text), "")


def load(path: Path = FILE) -> Survivors:
    """Those in a file.  ValueError when an entry is not whole."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("survivor", [])
    for entry in entries:
        if set(entry) != {"module", "text", "reason"} or not all(entry.values()):
            raise ValueError(f"{path.name}: an entry has module, text and reason: {entry}")
    return Survivors(tuple(Survivor(**entry) for entry in entries))
