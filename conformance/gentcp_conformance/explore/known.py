"""Differences that are known, by what they look like: the lists, read, checked and matched with what was found."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ..term import Term, notation

if TYPE_CHECKING:
    from .finding import Finding, Log
    from .program import Step

_FILES = ("known.toml", "known_backends.toml", "known_releases.toml")
_WHO = re.compile(r"^(?:end )?(?:[A-Z] )?")
_WHERE = re.compile(r"^(\w+) \w+: ")
_COMMAS = re.compile(r"(?<=\[),|,(?=[\],])")
_TEXTS = ("reason", "case")
_LISTS = ("pair", "lines", "parts", "among", "steps", "options")
_PAIRS = ("pair", "lines", "parts", "among")


class KnownError(ValueError):
    """The file is malformed; says which entry and why."""


@dataclass(frozen=True)
class Known:
    """One entry; its keys are those of the file.

    `pair` are two backends, with or without the release of their VM.  `lines` are what lines that differ look like on
    each of them, as regular expressions for a whole line, or for one without who, where and whether in the end.
    `parts` are what can be taken out of such lines for them to be the same, together with parts of other entries.
    `among` are what there must be anywhere in their logs.  `steps` are kinds of steps in their order, others may be
    between them, or whole steps as `unrecv(b'')`; `options` are those that must be set, as regular expressions for
    `NAME`, `NAME=VALUE` or `NAME twice`.  `case` is the one that shows it, if there is one.  `goes_on` says that all
    goes on as before, so that what differs later is of another kind.
    """

    pair: tuple[str, ...]
    lines: tuple[str, ...]
    reason: str
    parts: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    case: str = ""
    steps: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    goes_on: bool = False

    def covers(self, finding: Finding, pair: tuple[str, str]) -> bool:
        """Whether the finding of these two backends is one of this kind."""
        _, left, right = finding.first
        sides = ((left, finding.left, pair[0]), (right, finding.right, pair[1]))
        return self._is_of(finding) and (self._matches(*sides) or self._matches(*sides[::-1]))

    def is_for(self, names: Sequence[str]) -> bool:
        """Whether these two backends, in this order, are its pair."""
        return all(given in {name, name.partition("@")[0]} for given, name in zip(self.pair, names, strict=True))

    def without(self, lines: Sequence[str]) -> list[str]:
        """Lines without its parts, if they are there."""
        if not all(re.search(part, line) for part, line in zip(self.parts, lines, strict=True)):
            return list(lines)
        return [
            _COMMAS.sub("", re.sub(part, "", line) if part else line)
            for part, line in zip(self.parts, lines, strict=True)
        ]

    def _is_of(self, finding: Finding) -> bool:
        names = _names(finding)
        return _in_order(self.steps, finding.program.steps) and all(
            any(re.fullmatch(pattern, name) for name in names) for pattern in self.options
        )

    def _matches(self, *sides: tuple[str, Log, str]) -> bool:
        lines, logs, names = zip(*sides, strict=True)
        return (
            bool(self.lines)
            and self.is_for(names)
            and all(_fits(pattern, line) for pattern, line in zip(self.lines, lines, strict=True))
            and all(
                re.search(pattern, "\n".join(log)) for pattern, log in zip(self.among, logs, strict=bool(self.among))
            )
        )


def _fits(pattern: str, line: str) -> bool:
    plain = _WHO.sub("", line)
    return any(re.fullmatch(pattern, each) for each in (line, plain, _WHERE.sub(r"\1: ", plain)))


def _names(finding: Finding) -> set[str]:
    """The options that are set, at the beginning or later: NAME, NAME=VALUE, and NAME twice."""
    program = finding.program
    lists = [program.options, program.other, *(options for _, options in program.environment)]
    lists += [step.args[0] for step in program.steps if step.kind in {"setopts", "go_active"}]
    seen = {text for options in lists for each in options for text in _texts_of(each)}
    values = (Counter(_texts_of(each)[0] for each in dict.fromkeys(map(_hashable, options))) for options in lists)
    return seen | {f"{name} twice" for count in values for name, number in count.items() if number > 1}


def _hashable(option: Term) -> Term:
    return option if not isinstance(option, list) else tuple(option)


def _texts_of(option: Term) -> tuple[str, ...]:
    match option:
        case (name, value):
            return str(name), f"{name}={notation(value)}"
        case _:
            return (str(option),)


def _in_order(wanted: Sequence[str], there: Sequence[Step]) -> bool:
    left = iter(there)
    return all(any(_is_kind(pattern, step) for step in left) for pattern in wanted)


def _is_kind(pattern: str, step: Step) -> bool:
    written = f"{step.kind}({', '.join(map(repr, step.args))})"
    return bool(re.fullmatch(pattern, step.kind) or re.fullmatch(pattern, written))


def judged(entries: Sequence[Known], finding: Finding, pair: tuple[str, str]) -> tuple[Known | None, Finding]:
    """The entry that covers a finding; if there is none, the finding from the first line on that none covers."""
    seen: Known | None = None
    for number in finding.differences:
        finding = replace(finding, since=number)
        entry = next((entry for entry in entries if entry.covers(finding, pair)), None)
        entry = entry or _of_parts(entries, finding, pair)
        if entry is None:
            return None, finding
        seen = seen or entry
        if not entry.goes_on:
            break
    return seen, finding


def _of_parts(entries: Sequence[Known], finding: Finding, pair: tuple[str, str]) -> Known | None:
    """The first of the entries without whose parts the lines are the same."""
    _, *lines = finding.first
    for names, rest in ((pair, lines), (pair[::-1], lines[::-1])):
        seen = list[Known]()
        for entry in entries:
            if entry.parts and entry.is_for(names) and entry.without(rest) != rest:
                seen.append(entry)
                rest[:] = entry.without(rest)
        if seen and rest[0] == rest[1]:
            return seen[0]
    return None


def shared(entries: Sequence[Known], like: Mapping[str, str]) -> list[Known]:
    """The entries, and each once more for the subjects that are like one of its pair; `like` as in `Differences`."""
    found = list(entries)
    for subject, other in like.items():
        found += [
            replace(entry, pair=tuple(subject if name == other else name for name in entry.pair))
            for entry in entries
            if other in entry.pair
        ]
    return found


def load(cases: Collection[str]) -> tuple[Known, ...]:
    """The lists that come with the kit.  Raises KnownError."""
    folder = files("gentcp_conformance.explore")
    return tuple(entry for name in _FILES for entry in parse((folder / name).read_text(encoding="utf-8"), cases))


def parse(text: str, cases: Collection[str]) -> tuple[Known, ...]:
    """Read and check a list.  Raises KnownError, for an unknown key or case too."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KnownError(f"known: {error}") from None
    if unknown := set(content) - {"known"}:
        raise KnownError(f"known: unknown key {min(unknown)!r}; entries are [[known]]")
    return tuple(_entry(raw, f"known {number}", cases) for number, raw in enumerate(content.get("known", []), 1))


def _entry(raw: dict[str, Any], where: str, cases: Collection[str]) -> Known:
    names = {field.name for field in fields(Known)}
    if unknown := set(raw) - names:
        raise KnownError(f"{where}: unknown key {min(unknown)!r}; known: {', '.join(sorted(names))}")
    for key in _PAIRS:
        if (key in raw or key == "pair") and len(_texts(raw, key, where)) != 2:
            raise KnownError(f"{where}: {key!r} must have two strings")
    if ("lines" in raw) == ("parts" in raw):
        raise KnownError(f"{where}: want either 'lines' or 'parts'")
    given: dict[str, Any] = {"lines": ()} | {key: _texts(raw, key, where) for key in _LISTS if key in raw}
    given |= {key: _text(raw, key, where) for key in _TEXTS if key in raw or key == "reason"}
    if not isinstance(goes_on := raw.get("goes_on", False), bool):
        raise KnownError(f"{where}: 'goes_on' is no boolean")
    entry = Known(**given, goes_on=goes_on)
    _check(entry, where, cases)
    return entry


def _check(entry: Known, where: str, cases: Collection[str]) -> None:
    if entry.case and entry.case not in cases:
        raise KnownError(f"{where}: unknown case {entry.case!r}")
    for pattern in (*entry.lines, *entry.parts, *entry.among, *entry.steps, *entry.options):
        try:
            re.compile(pattern)
        except re.error as error:
            raise KnownError(f"{where}: {pattern!r}: {error}") from None


def _text(raw: dict[str, Any], key: str, where: str) -> str:
    value = raw.get(key)
    if not isinstance(value, str) or not value.strip():
        raise KnownError(f"{where}: {key!r} is missing, empty or no string")
    return value


def _texts(raw: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = raw.get(key, ())
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise KnownError(f"{where}: {key!r} is missing, or no list of strings")
    return tuple(value)
