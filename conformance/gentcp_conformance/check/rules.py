"""What may change in somebody's code, and the cases that say whether it does: `rules.toml`, read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from typing import Any, get_args

from gentcp_conformance.severity import SEVERITIES

from . import erlang
from .matching import Signal
from .occurrences import What
from .tree import Node

_KEYS = {"id", "severity", "title", "signals", "cases", "does", "advice", "needs", "here", "unless", "not_here", "once"}
_WANTED = {"id", "severity", "title", "signals", "cases", "does", "advice"}
_SIGNALS = ("signals", "needs", "unless", "here", "not_here")
_FLAGS = ("on_socket", "asserted", "seen", "spawned", "flushed")
_LISTS = ("at", "beside", "not_beside", "inside", "outside")
_PATTERNS = ("value", "unlike")
_SIGNAL_KEYS = {*_FLAGS, *_LISTS, *_PATTERNS}


class RulesError(ValueError):
    """The rules file is malformed; says which rule and why."""


@dataclass(frozen=True)
class Rule:
    """One rule.

    `needs` and `unless` are signals that have to occur, or must not, somewhere in what is checked; those of `here` and
    `not_here` in the same file.  `once`: the first place in a file is enough.  `does` says what OTP does by column:
    "29:inet", or "inet" for all releases that are not named.
    """

    id: str
    severity: str
    title: str
    signals: tuple[Signal, ...]
    cases: tuple[str, ...]
    does: Mapping[str, str]
    advice: str
    needs: tuple[Signal, ...] = ()
    unless: tuple[Signal, ...] = ()
    here: tuple[Signal, ...] = ()
    not_here: tuple[Signal, ...] = ()
    once: bool = False

    def said(self, column: str) -> str:
        """What a column such as "29:inet" does."""
        return self.does.get(column) or self.does.get(column.partition(":")[2], "")


def load(known_cases: Collection[str]) -> tuple[Rule, ...]:
    """The rules that come with the kit.  Raises RulesError."""
    return parse((files("gentcp_conformance.check") / "rules.toml").read_text(encoding="utf-8"), known_cases)


def parse(text: str, known_cases: Collection[str]) -> tuple[Rule, ...]:
    """Read and check rules.  Raises RulesError, for a pattern that no case matches too."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesError(f"rules: {error}") from None
    known = dict.fromkeys(known_cases)
    rules = tuple(_rule(raw, known) for raw in content.get("rule", ()))
    ids = [rule.id for rule in rules]
    if doubled := {id for id in ids if ids.count(id) > 1}:
        raise RulesError(f"rules: {min(doubled)} is there twice")
    return rules


def _rule(raw: Mapping[str, Any], known_cases: Collection[str]) -> Rule:
    where = f"rule {raw.get('id', '?')}"
    if wrong := (set(raw) - _KEYS) | (_WANTED - set(raw)):
        raise RulesError(f"{where}: {min(wrong)!r} is unknown or missing; known: {', '.join(sorted(_KEYS))}")
    if raw["severity"] not in SEVERITIES:
        raise RulesError(f"{where}: severity {raw['severity']!r} is none of {', '.join(SEVERITIES)}")
    signals = {key: tuple(_signal(each, where) for each in raw.get(key, ())) for key in _SIGNALS}
    return Rule(
        raw["id"], raw["severity"], raw["title"], signals["signals"], _cases(raw["cases"], known_cases, where),
        _does(raw["does"], where), " ".join(raw["advice"].split()), signals["needs"], signals["unless"],
        signals["here"], signals["not_here"], raw.get("once") is True,
    )  # fmt: skip


def _does(raw: Mapping[str, str], where: str) -> dict[str, str]:
    """Keys may name several columns: "25:inet 27:inet"."""
    found: dict[str, str] = {}
    for columns, text in raw.items():
        for column in columns.split():
            if column.rpartition(":")[2] not in {"inet", "socket"}:
                raise RulesError(f'{where}: column {column!r}: want "inet", "socket" or "29:inet"')
            found[column] = " ".join(text.split())
    return found


def _cases(patterns: Sequence[str], known_cases: Collection[str], where: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for pattern in patterns:
        matching = [pattern] if pattern in known_cases else [case for case in known_cases if fnmatchcase(case, pattern)]
        if not matching:
            raise RulesError(f"{where}: no case {pattern!r}")
        found.update(dict.fromkeys(matching))
    return tuple(found)


def _signal(raw: Mapping[str, Any], where: str) -> Signal:
    whats = [what for what in get_args(What) if what in raw]
    if len(whats) != 1 or set(raw) - _SIGNAL_KEYS - set(whats):
        raise RulesError(f"{where}: a signal has one of {', '.join(get_args(What))}, and {', '.join(_SIGNAL_KEYS)}")
    lists = {key: _names(raw.get(key, ())) for key in _LISTS}
    flags = {key: raw.get(key) is True for key in _FLAGS}
    value, unlike = (_patterns(raw.get(key, ()), where) for key in _PATTERNS)
    return Signal(
        whats[0], _names(raw[whats[0]]), value, unlike, lists["at"], lists["beside"], lists["not_beside"],
        flags["on_socket"], flags["asserted"], flags["seen"], flags["spawned"], flags["flushed"],
        lists["inside"], lists["outside"],
    )  # fmt: skip


_pattern = cache(erlang.pattern)


def _patterns(raw: str | Sequence[str], where: str) -> tuple[Node, ...]:
    try:
        return tuple(_pattern(text) for text in ([raw] if isinstance(raw, str) else raw))
    except ValueError as error:
        raise RulesError(f"{where}: {error}") from None


def _names(raw: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(raw.split()) if isinstance(raw, str) else tuple(raw)
