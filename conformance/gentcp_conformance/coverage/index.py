"""Which case uses what: `uses.jsonl`, a line for each case, between a header and a footer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

from gentcp_conformance.matrix import ORACLE_COLUMNS
from gentcp_conformance.record import RecordError

FORMAT = 1
FILE = Path(__file__).parent / "uses.jsonl"

Uses = Mapping[str, frozenset[str]]
"""What a case uses, by backend."""


@dataclass(frozen=True)
class Index:
    """Uses by case id."""

    cases: Mapping[str, Uses] = field(default_factory=dict[str, "Uses"])

    @property
    def used(self) -> frozenset[str]:
        """Everything that some case uses."""
        return frozenset().union(*(uses for each in self.cases.values() for uses in each.values()))

    def of(self, case: str, backend: str) -> frozenset[str]:
        """What a case uses on a backend; nothing when it is not known."""
        return self.cases.get(case, {}).get(backend, frozenset())

    def words(self, case: str) -> tuple[str, ...]:
        """What a case uses on some backend, as people write it: gen_tcp:send/2, send_timeout, packet=4, emsgsize."""
        uses = {use.partition("@")[0] for each in self.cases.get(case, {}).values() for use in each}
        return tuple(sorted({_word(use) for use in uses}))

    def missing(self, cases: Iterable[str]) -> list[str]:
        """Those of `cases` that are not in here."""
        return [case for case in cases if case not in self.cases]

    def plus(self, other: Index, order: Iterable[str]) -> Index:
        """This and `other`, which wins, in the `order` of case ids; cases that are not in it go."""
        both = {**self.cases, **other.cases}
        return Index({case: both[case] for case in order if case in both})


def _word(use: str) -> str:
    section, _, name = use.partition("/")
    if ":" in section:
        return use
    return f"packet={name}" if section == "packet" else name


def common(several: Iterable[Uses]) -> Uses:
    """What several runs of one case have in common."""

    def both(left: Uses, right: Uses) -> Uses:
        return {backend: left[backend] & right.get(backend, frozenset()) for backend in left}

    return reduce(both, several)


def load() -> Index:
    """The index that comes with the kit; an empty one when there is none.  Raises RecordError."""
    return read(FILE.read_text(encoding="utf-8")) if FILE.is_file() else Index()


def read(text: str) -> Index:
    """The index in `text`.  Raises RecordError when it is not whole."""
    try:
        header, *lines, footer = [json.loads(line) for line in text.splitlines()]
        if header != _header() or footer != _footer(len(lines)):
            raise RecordError(f"index of uses: wants a header of format {FORMAT} and a footer with the number of cases")
        return Index({line["case"]: _read_uses(line) for line in lines})
    except (ValueError, KeyError, TypeError) as error:
        raise error if isinstance(error, RecordError) else RecordError(f"index of uses: {error!r}") from None


def text(index: Index) -> str:
    """The index as JSON lines: the same index gives the same text."""
    lines = [_header(), *(_line(case, uses) for case, uses in index.cases.items()), _footer(len(index.cases))]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _header() -> dict[str, Any]:
    return {"is": "header", "format": FORMAT}


def _footer(cases: int) -> dict[str, Any]:
    return {"is": "footer", "cases": cases}


def _line(case: str, uses: Uses) -> dict[str, Any]:
    both = frozenset.intersection(*(uses.get(backend, frozenset()) for backend in ORACLE_COLUMNS))
    line: dict[str, Any] = {"case": case, "both": sorted(both)}
    for backend in ORACLE_COLUMNS:
        if more := sorted(uses.get(backend, frozenset()) - both):
            line[backend] = more
    return line


def _read_uses(line: Mapping[str, Any]) -> Uses:
    return {backend: frozenset((*line["both"], *line.get(backend, ()))) for backend in ORACLE_COLUMNS}
