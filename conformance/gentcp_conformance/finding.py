"""Which cases a word leads to: by what they say, what they use, what OTP does in them, and who reported it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING

from .matrix import ORACLE_COLUMNS

if TYPE_CHECKING:
    from .case import Case
    from .coverage import Index
    from .outcome import Result
    from .release_notes import Note
    from .reports import Report, Reports

_SECTIONS = {
    "packet": "packet type",
    "stat": "counter",
    "text": "text of",
    "info": "key of info",
    "decode_option": "option of decode_packet",
    "port_command_option": "option of port_command",
}
"""Sections of the inventory whose rows have another name here."""

_ATOM = re.compile(r"(?<![\w'@])[a-z][\w@]*")
_WORD = re.compile(r"[a-z0-9][\w-]+")


@dataclass(frozen=True)
class Fact:
    """Something that is known of a case.

    `where` says what it is, or who says so, and `text` what it says.  A word matches if it is one of `names`, or, where
    there are none, if a word of `text` begins with it.
    """

    where: str
    text: str
    names: frozenset[str] = frozenset()

    def matches(self, word: str) -> bool:
        """Whether a word, in lower case, leads here."""
        if self.names:
            return word in self.names
        text = self.text.lower()
        return word in text and re.search(rf"(?<![a-z0-9_]){re.escape(word)}", text) is not None


@dataclass(frozen=True)
class Found:
    """A case, and the facts that the words match."""

    case: Case
    facts: tuple[Fact, ...]


@dataclass(frozen=True)
class Library:
    """All that is known of the cases.

    `recorded` gives the recorded results that have a text in them, or more; all of them for an empty text.
    """

    cases: Sequence[Case]
    index: Index
    recorded: Callable[[str], Iterable[Result]]
    reports: Reports
    notes: Sequence[Note] = ()
    _came: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]], init=False)

    def find(self, words: Sequence[str]) -> list[Found]:
        """The cases that all words lead to, the closest first."""
        found: list[tuple[int, Found]] = []
        for case in self.cases:
            matches = [self._match(case, word.lower()) for word in words]
            there = [match for match in matches if match]
            if len(there) == len(matches):
                facts = tuple(dict.fromkeys(fact for _, fact in there))
                found.append((sum(rank for rank, _ in there), Found(case, facts)))
        return [each for _, each in sorted(found, key=lambda pair: pair[0])]

    def near(self, word: str) -> list[str]:
        """Words that lead to cases and are spelt much like this one."""
        return difflib.get_close_matches(word.lower(), self._vocabulary, n=5, cutoff=0.7)

    def _match(self, case: Case, word: str) -> tuple[int, Fact] | None:
        """The most telling fact that a word matches, with its rank."""
        for rank, facts in enumerate(self._ranked(case, word)):
            for fact in facts:
                if fact.matches(word):
                    return rank, fact
        return None

    def _ranked(self, case: Case, word: str) -> Iterator[Iterable[Fact]]:
        """What is known of a case, the most telling first; of its outcomes whether `word` is in one."""
        reports, notes = self.reports.of(case.id), self._notes.get(case.id, ())
        yield [Fact("id", case.id)]
        yield [_called("reported", report) for report in reports] + [_called("release note", note) for note in notes]
        yield [Fact("title", case.title)]
        yield [used(use) for use in self._uses(case)]
        yield self._outcomes(case, word)
        yield [Fact("source", case.source)]
        yield [Fact(report.id, report.said) for report in reports]
        yield [Fact(note.ticket, note.changed) for note in notes]
        yield [Fact("means", case.means)]

    def _uses(self, case: Case) -> list[str]:
        return sorted({use.partition("@")[0] for name in ORACLE_COLUMNS for use in self.index.of(case.id, name)})

    def _outcomes(self, case: Case, word: str) -> Iterator[Fact]:
        if word not in self._came:
            self._came[word] = self._where(word)
        if backends := self._came[word].get(case.id):
            yield Fact("outcome", f"{word} on {backends}", frozenset([word]))

    def _where(self, word: str) -> dict[str, str]:
        """By case, the backends of OTP that came to a term with this atom in it."""
        found: dict[str, dict[str, None]] = {}
        for result in self.recorded(word):
            if any(word in _ATOM.findall(text) for text in result.terms):
                found.setdefault(result.case, {})[result.subject] = None
        return {case: ", ".join(backends) for case, backends in found.items()}

    @cached_property
    def _notes(self) -> dict[str, tuple[Note, ...]]:
        found: dict[str, tuple[Note, ...]] = {}
        for note in self.notes:
            for case in note.cases:
                found[case] = (*found.get(case, ()), note)
        return found

    @cached_property
    def _vocabulary(self) -> list[str]:
        words: dict[str, None] = {}
        for fact in (fact for case in self.cases for facts in self._ranked(case, "") for fact in facts):
            words.update(dict.fromkeys(sorted(fact.names) or _WORD.findall(fact.text.lower())))
        atoms = (_ATOM.findall(text) for result in self.recorded("") for text in result.terms)
        return list(words | dict.fromkeys(atom for found in atoms for atom in found))


@cache
def used(use: str) -> Fact:
    """What a row of the index of uses, without its place, answers to."""
    section, _, name = use.partition("/")
    if ":" in section:
        bare = section.partition(":")[2]
        return Fact("calls", use, frozenset([use, section, bare, f"{bare}/{name}"]))
    return Fact(_SECTIONS.get(section, section), name, frozenset([name.lower(), use.lower()]))


def _called(where: str, what: Report | Note) -> Fact:
    return Fact(where, ", ".join(what.numbers), _names(what.numbers))


@cache
def _names(numbers: tuple[str, ...]) -> frozenset[str]:
    """What a report answers to: "otp#11319", "#11319", "11319"."""
    found: set[str] = set()
    for number in numbers:
        mark = "#" if "#" in number else "-"
        found |= {number.lower(), number.rpartition(mark)[2]}
        if mark == "#":
            found.add(f"#{number.rpartition(mark)[2]}")
    return frozenset(found)
