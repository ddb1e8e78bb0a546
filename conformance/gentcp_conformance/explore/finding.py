"""What was found: a program whose logs have nothing in common on two subjects, and which findings are of one kind."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from .outcomes import abstract

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .program import Program

Log = tuple[str, ...]
ENDED = "(no more)"


@dataclass(frozen=True)
class Name:
    """Where a program comes from: seed, number and area.  Written `SEED/NUMBER/AREA`."""

    seed: int
    number: int
    area: str

    def __str__(self) -> str:
        return f"{self.seed}/{self.number}/{self.area}"


def parse_name(text: str) -> Name | None:
    """The name, or None where it is none."""
    match = re.fullmatch(r"(\d+)/(\d+)/([a-z0-9_]+)", text)
    return Name(int(match[1]), int(match[2]), match[3]) if match else None


@dataclass(frozen=True)
class Finding:
    """A program, and its log on each side: the most frequent one where there are several.

    What differs before line `since` is known.
    """

    name: str
    program: Program
    left: Log
    right: Log
    since: int = 0

    @property
    def differences(self) -> list[int]:
        """The numbers of all lines that differ."""
        both = enumerate(zip_longest(self.left, self.right, fillvalue=ENDED))
        return [number for number, (left, right) in both if left != right]

    @property
    def first(self) -> tuple[int, str, str]:
        """Where the logs first differ in a way that is not known, and the lines there."""
        number = next((each for each in self.differences if each >= self.since), len(self.left))
        return number, _line(self.left, number), _line(self.right, number)

    @property
    def kind(self) -> tuple[str, ...]:
        """What findings of one kind have in common."""
        _, left, right = self.first
        last = self.program.steps[-1].kind if self.program.steps else self.program.opening
        return (last, abstract(left), abstract(right), *sorted(option_names(self.program)))


def _line(log: Log, number: int) -> str:
    return log[number] if number < len(log) else ENDED


def option_names(program: Program) -> set[str]:
    """The names of the options that are left."""
    given = (*program.options, *program.other, *(each for _, options in program.environment for each in options))
    return {str(each[0] if isinstance(each, tuple) else each) for each in given}


def grouped(findings: Iterable[Finding]) -> list[tuple[Finding, list[Finding]]]:
    """The shortest finding of each kind, with all of them; the most frequent kinds first."""
    kinds: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault(finding.kind, []).append(finding)
    rows = [(min(group, key=_length), group) for group in kinds.values()]
    return sorted(rows, key=lambda row: -len(row[1]))


def _length(finding: Finding) -> tuple[int, int]:
    return len(finding.program.steps), len(finding.program.options)
