"""Differences that are known, by what they look like: `known.toml`, read, checked and matched with what was found."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from .finding import option_names

if TYPE_CHECKING:
    from .finding import Finding

_TEXTS = ("reason", "case")
_LISTS = ("pair", "lines", "steps", "options")


class KnownError(ValueError):
    """The file is malformed; says which entry and why."""


@dataclass(frozen=True)
class Known:
    """One entry; its keys are those of the file.

    `pair` are two backends and `lines` what the first lines that differ look like on each of them, as regular
    expressions for the whole line.  `steps` are kinds of steps in their order, others may be between them; `options`
    names of options that must be there.  `case` is the one that shows it, if there is one.
    """

    pair: tuple[str, ...]
    lines: tuple[str, ...]
    reason: str
    case: str = ""
    steps: tuple[str, ...] = ()
    options: tuple[str, ...] = ()

    def covers(self, finding: Finding, pair: tuple[str, str]) -> bool:
        """Whether the finding of these two backends is one of this kind."""
        _, left, right = finding.first
        if self.pair == pair[::-1]:
            left, right = right, left
        elif self.pair != pair:
            return False
        return (
            all(re.fullmatch(pattern, line) for pattern, line in zip(self.lines, (left, right), strict=True))
            and _in_order(self.steps, [step.kind for step in finding.program.steps])
            and set(self.options) <= _names(finding)
        )


def _names(finding: Finding) -> set[str]:
    set_later = {
        str(option[0])
        for step in finding.program.steps
        if step.kind in {"setopts", "go_active"}
        for option in step.args[0]
    }
    return option_names(finding.program) | set_later


def _in_order(wanted: Sequence[str], there: Sequence[str]) -> bool:
    left = iter(there)
    return all(any(re.fullmatch(pattern, kind) for kind in left) for pattern in wanted)


def find(entries: Sequence[Known], finding: Finding, pair: tuple[str, str]) -> Known | None:
    """The entry that covers a finding."""
    return next((entry for entry in entries if entry.covers(finding, pair)), None)


def load(cases: Collection[str]) -> tuple[Known, ...]:
    """The list that comes with the kit.  Raises KnownError."""
    return parse((files("gentcp_conformance.explore") / "known.toml").read_text(encoding="utf-8"), cases)


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
    for key in ("pair", "lines"):
        if len(_texts(raw, key, where)) != 2:
            raise KnownError(f"{where}: {key!r} must have two strings")
    given: dict[str, Any] = {key: _texts(raw, key, where) for key in _LISTS if key in raw}
    given |= {key: _text(raw, key, where) for key in _TEXTS if key in raw or key == "reason"}
    entry = Known(**given)
    _check(entry, where, cases)
    return entry


def _check(entry: Known, where: str, cases: Collection[str]) -> None:
    if entry.case and entry.case not in cases:
        raise KnownError(f"{where}: unknown case {entry.case!r}")
    for pattern in (*entry.lines, *entry.steps):
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
