"""What came of mutants, in JSON lines: what is there is not run again."""

from __future__ import annotations

import json
from pathlib import Path

from .listing import Mutant
from .running import Finding, Outcome


class Results:
    """Findings by the mutant's id, in a file that grows by a line for each.

    A line that was cut off, as when a run was ended, is passed over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._findings: dict[str, Finding] = {}
        if path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                self._read(line)

    def get(self, mutant: Mutant) -> Finding | None:
        """What is known of a mutant."""
        return self._findings.get(mutant.id)

    def add(self, mutant: Mutant, finding: Finding) -> None:
        """Keep what came of a mutant; the last one counts."""
        line = {
            "mutant": mutant.id,
            "line": mutant.line,
            "text": mutant.text,
            "outcome": finding.outcome,
            "by": finding.by,
            "seconds": finding.seconds,
        }
        self._findings[mutant.id] = finding
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _read(self, line: str) -> None:
        try:
            kept = json.loads(line)
            self._findings[kept["mutant"]] = Finding(Outcome(kept["outcome"]), kept["by"], kept["seconds"])
        except (ValueError, KeyError, TypeError):
            return
