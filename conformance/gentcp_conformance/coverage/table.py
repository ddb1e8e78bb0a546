"""Rows of the inventory with the cases that show them, and what these come to on each backend."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from gentcp_conformance.matrix import ORACLE_COLUMNS, Column, Oracle, changes
from gentcp_conformance.verdict import Divergence, divergence

from .inventory import Inventory, Row, is_there

if TYPE_CHECKING:
    from gentcp_conformance.case import Case
    from gentcp_conformance.differences import Difference

    from .index import Index
    from .reasons import Reasons


# Where no case names a row, those that use the fewest other things speak for it.
_FEW = 5


# The area of the cases that are about a section.
_HOME = {"option": "options", "packet": "packet", "http": "decode", "message": "active", "address": "connect"}


class State(StrEnum):
    """What a backend does about a row."""

    SAME = "as OTP"
    """All cases about it come to what is recorded of OTP."""
    ACCEPTED = "as OTP, but"
    """As before, except for accepted differences."""
    NONE = "none, as OTP"
    """The cases show that it does not occur there, nor in OTP."""
    UNRECORDED = "not compared"
    """Nothing is recorded of some case about it."""
    ABSENT = "not there"
    """gentcp does not have it."""
    UNSHOWN = "no case"
    """gentcp may have it; no case shows it."""


@dataclass(frozen=True)
class Cell:
    """A row on a backend; `accepted` are the differences of the cases about it."""

    state: State
    accepted: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Entry:
    """A row with its cases.

    `about` are those that name it, the best first, or a few if none does; of these `diverging` are the ones in which
    OTP's backends differ, and `changed` those in which its releases do.  `users` are all, by use; `unshown` uses that
    no case makes, each with the reason for that, or "".
    """

    row: Row
    about: tuple[Case, ...]
    users: Mapping[str, tuple[str, ...]]
    cells: Mapping[str, Cell]
    diverging: tuple[Case, ...]
    changed: tuple[Case, ...]
    unshown: Mapping[str, str]

    @property
    def cases(self) -> int:
        """How many cases use it."""
        return len({case for ids in self.users.values() for case in ids})


@dataclass(frozen=True)
class Table:
    """All entries, by section; all accepted `differences`; `unneeded` are reasons for what a case shows."""

    entries: tuple[Entry, ...]
    differences: tuple[Difference, ...]
    unneeded: tuple[str, ...]
    release: str

    def sections(self) -> dict[str, list[Entry]]:
        """Entries by section, in order."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.row.section, []).append(entry)
        return found

    @property
    def without_reason(self) -> list[str]:
        """Uses that no case makes, and nothing says why."""
        return [use for entry in self.entries for use, reason in entry.unshown.items() if not reason]

    @property
    def complete(self) -> bool:
        """Whether every row has a case or a reason, and every reason is needed."""
        return not self.without_reason and not self.unneeded


@dataclass(frozen=True)
class Builder:
    """What a table is made of: `cases` are all cases of the kit."""

    cases: Sequence[Case]
    index: Index
    oracle: Oracle
    reasons: Reasons
    inventory: Inventory

    def build(self) -> Table:
        """The table of all rows."""
        entries = tuple(self._entry(row) for row in self.inventory.shown(self.index.used))
        missing = [use for entry in entries for use in entry.unshown]
        accepted = tuple(each for case in self.cases for name in ORACLE_COLUMNS for each in self._accepted(case, name))
        return Table(entries, accepted, tuple(self.reasons.unneeded(missing)), self.oracle.release)

    def _entry(self, row: Row) -> Entry:
        users = {use: tuple(self._users.get(use, ())) for use in row.uses}
        every = {case.id: case for ids in users.values() for case in map(self._by_id.__getitem__, ids)}
        about = self._about(row, list(every.values()))
        unshown = {use: self.reasons.of(use) for use, ids in users.items() if not ids}
        return Entry(
            row, tuple(about), users, {name: self._cell(row, about, name) for name in ORACLE_COLUMNS},
            tuple(case for case in about if self._diverges(case)),
            tuple(case for case in about if self._changes(case)), unshown,
        )  # fmt: skip

    @cached_property
    def _names(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.inventory.rows:
            found.setdefault(row.section, []).append(row.name)
        return found

    @cached_property
    def _by_id(self) -> dict[str, Case]:
        return {case.id: case for case in self.cases}

    @cached_property
    def _users(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for case in self.cases:
            for use in sorted(self._all(case)):
                found.setdefault(use, []).append(case.id)
        return found

    def _about(self, row: Row, users: list[Case]) -> list[Case]:
        longer = [name for name in self._names.get(row.section, ()) if name.startswith(f"{row.name}_")]
        ranked = [(rank(row, case, longer), case) for case in users]
        ranked.sort(key=lambda each: (-each[0], -self._shows(row, each[1]), self._size(each[1]), each[1].id))
        return [case for score, case in ranked if score] or [case for _, case in ranked[:_FEW]]

    def _shows(self, row: Row, case: Case) -> int:
        """How many of the ways to use a row a case has."""
        return len(self._all(case).intersection(row.uses))

    def _size(self, case: Case) -> int:
        return len(self._all(case))

    def _all(self, case: Case) -> frozenset[str]:
        return frozenset().union(*(self.index.of(case.id, name) for name in ORACLE_COLUMNS))

    def _cell(self, row: Row, about: Sequence[Case], name: str) -> Cell:
        if not is_there(row):
            return Cell(State.ABSENT)
        if not about:
            return Cell(State.UNSHOWN)
        accepted = tuple(each for case in about for each in self._accepted(case, name))
        if not all(self._recorded(case, self.oracle.release, name) for case in about):
            return Cell(State.UNRECORDED, accepted)
        if accepted:
            return Cell(State.ACCEPTED, accepted)
        occurs = any(use in self.index.of(case.id, name) for case in about for use in row.uses)
        return Cell(State.SAME if occurs else State.NONE)

    def _accepted(self, case: Case, name: str) -> list[Difference]:
        found = self.oracle.difference(case.id, Column(name, name, self.oracle.release))
        return [found] if found else []

    def _recorded(self, case: Case, release: str, name: str) -> tuple[str, ...]:
        return self.oracle.expected(case.id, Column(name, name, release))

    def _diverges(self, case: Case) -> bool:
        columns = [self._recorded(case, self.oracle.release, name) for name in ORACLE_COLUMNS]
        return divergence(*columns, documented=False) is Divergence.UNDOCUMENTED

    def _changes(self, case: Case) -> bool:
        releases = sorted(self.oracle.recordings, key=int)
        return bool(
            changes({(each, name): self._recorded(case, each, name) for each in releases for name in ORACLE_COLUMNS})
        )


def rank(row: Row, case: Case, longer: Sequence[str] = ()) -> int:
    """How much a case is about a row: whether its id, its source and its title name it.

    `longer` are names that begin with that of the row: where one of those stands, the row is not named.
    """
    name = row.function[1] if row.function else row.name
    parts = [_without(longer, part.replace("-", "_")) for part in case.id.split("/")]
    in_id = _word(row, name.lower())
    exact = name in parts and not name.isdigit()
    by_id = 16 * exact or 8 * any(in_id.search(part) for part in (*parts, "_".join(parts[:2])))
    in_text = _word(row, row.name)
    source, title = (bool(in_text.search(_without(longer, text))) for text in (case.source, case.title))
    score = by_id + 4 * source + 2 * title
    return score + (case.area == _HOME.get(row.section)) if score else 0


def _without(names: Sequence[str], text: str) -> str:
    for name in names:
        text = text.replace(name, "")
    return text


def _word(row: Row, name: str) -> re.Pattern[str]:
    """`name` as a word; a number has to be that of a packet type."""
    before = "packet[ ,_]" if name.isdigit() else r"(?<![\w:])" if row.section != "packet" else r"(?<![a-zA-Z])"
    return re.compile(rf"{before}{re.escape(name)}(?![a-zA-Z0-9])")
