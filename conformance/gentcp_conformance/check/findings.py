"""Where somebody's code does what a rule is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gentcp_conformance.severity import SEVERITIES

from .matching import Signal
from .occurrences import Occurrence, occurrences
from .speaking import Change
from .tree import Source

_HEADER = ".hrl"
"""Such a file is a part of others: what is in these is near."""
_IGNORE = re.compile(r"gentcp:\s*ignore(?P<file>-file)?\s*(?P<rules>[\w\s,-]*)")


@dataclass(frozen=True)
class Finding:
    """A place whose behaviour changes.  `line` and `column` count from 1; `code` is the line without its indent."""

    file: str
    line: int
    column: int
    change: Change
    code: str = ""

    @property
    def rank(self) -> tuple[int, str, str, int, int]:
        """The worst first."""
        rule = self.change.rule
        return list(SEVERITIES).index(rule.severity), rule.id, self.file, self.line, self.column


@dataclass(frozen=True)
class Checked:
    """What a file does, and what it does not want to hear of."""

    source: Source
    found: tuple[Occurrence, ...]

    def ignores(self, rule: str, line: int) -> bool:
        """Whether a comment there, or in the line before, or one about the file, says so."""
        for comment in self.source.comments:
            match = _IGNORE.search(comment.text)
            if match and (match["file"] or comment.line in {line, line - 1}):
                rules = match["rules"].replace(",", " ").split()
                if not rules or rule in rules:
                    return True
        return False


def look(source: Source) -> Checked:
    """What a file does."""
    return Checked(source, tuple(occurrences(source)))


def findings(checked: Iterable[Checked], changes: Sequence[Change]) -> list[Finding]:
    """The places whose behaviour changes, the worst first; one for each rule and line, or file if that is enough."""
    files = list(checked)
    by_signal = Occurring([each.found for each in files])
    speaking = [change for change in changes if by_signal.may_happen(change.rule.needs, change.rule.unless)]
    about = _About(speaking)
    found: dict[tuple[str, int, str], Finding] = {}
    for each in files:
        here = by_signal if each.source.path.endswith(_HEADER) else Occurring([each.found])
        speak_here = {change.rule.id for change in speaking if here.may_happen(change.rule.here, change.rule.not_here)}
        for occurrence in each.found:
            for change, signal in about.of(occurrence):
                if change.rule.id in speak_here and signal.matches(occurrence):
                    _add(found, each, occurrence, change)
    return sorted(found.values(), key=lambda finding: finding.rank)


def _add(found: dict[tuple[str, int, str], Finding], checked: Checked, occurrence: Occurrence, change: Change) -> None:
    node, path = occurrence.node, checked.source.path
    key = path, 0 if change.rule.once else node.line, change.rule.id
    if key not in found and not checked.ignores(change.rule.id, node.line):
        found[key] = Finding(path, node.line, node.column, change, checked.source.line(node.line))


class _About:
    """The signals of some changes by what they are about, since most are about something else."""

    def __init__(self, changes: Iterable[Change]) -> None:
        self._all = [(change, signal) for change in changes for signal in change.rule.signals]
        self._known: dict[tuple[str, str], list[tuple[Change, Signal]]] = {}

    def of(self, found: Occurrence) -> list[tuple[Change, Signal]]:
        """Those that an occurrence may be of."""
        key = found.what, found.name
        if key not in self._known:
            self._known[key] = [pair for pair in self._all if pair[1].is_about(*key)]
        return self._known[key]


class Occurring:
    """What there is in all that is checked."""

    def __init__(self, found: Iterable[Sequence[Occurrence]]) -> None:
        self._by_what: dict[str, list[Occurrence]] = {}
        for each in found:
            for occurrence in each:
                self._by_what.setdefault(occurrence.what, []).append(occurrence)
        self._known: dict[int, bool] = {}

    def may_happen(self, needs: Iterable[Signal], unless: Iterable[Signal]) -> bool:
        """Whether all that a rule needs is there, and nothing that rules it out."""
        return all(map(self._occurs, needs)) and not any(map(self._occurs, unless))

    def _occurs(self, signal: Signal) -> bool:
        if id(signal) not in self._known:
            self._known[id(signal)] = any(map(signal.matches, self._by_what.get(signal.what, ())))
        return self._known[id(signal)]


def counts(found: Iterable[Finding]) -> Mapping[str, int]:
    """How many there are by severity, the worst first."""
    severities = [finding.change.rule.severity for finding in found]
    return {name: severities.count(name) for name in SEVERITIES if name in severities}
