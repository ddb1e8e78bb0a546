"""Accepted differences of a subject from its oracle: `differences.toml`, read and checked."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field, fields
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

VERDICTS = ("DIFFERENT", "FLAKY", "UNSUPPORTED", "UNKNOWN")

_RELEASES = re.compile(r"(\d+)(?:-(\d+))?")


class DifferencesError(ValueError):
    """The differences file is malformed; says which entry and why."""


@dataclass(frozen=True)
class Difference:
    """One entry; its keys are those of the file."""

    case: str
    subject: str
    release: str
    verdict: str
    reason: str
    link: str

    def covers(self, release: str) -> bool:
        """Whether the entry is about this release of OTP."""
        match = _RELEASES.fullmatch(self.release)
        if match is None:
            return False
        first, last = match[1], match[2] or match[1]
        return int(first) <= int(release) <= int(last)


@dataclass(frozen=True)
class Differences:
    """All entries.  `like` has the subjects that differ wherever another one does, with that one."""

    entries: tuple[Difference, ...] = ()
    like: Mapping[str, str] = field(default_factory=dict)

    def find(self, case: str, subject: str, release: str) -> Difference | None:
        """The entry for a case on a subject judged against a release."""
        subjects = (subject, self.like.get(subject))
        for entry in self.entries:
            if entry.case == case and entry.subject in subjects and entry.covers(release):
                return entry
        return None


def merged(lists: Sequence[Differences]) -> Differences:
    """All of them; the first ones take precedence."""
    like = {subject: other for each in reversed(lists) for subject, other in each.like.items()}
    return Differences(tuple(entry for each in lists for entry in each.entries), like)


def load(known_cases: Collection[str]) -> Differences:
    """The list that comes with the kit.  Raises DifferencesError."""
    return parse((files("gentcp_conformance") / "differences.toml").read_text(encoding="utf-8"), known_cases)


def parse(text: str, known_cases: Collection[str]) -> Differences:
    """Read and check a list.  Raises DifferencesError, for an unknown key or case too."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DifferencesError(f"differences: {error}") from None
    if unknown := set(content) - {"difference", "like"}:
        raise DifferencesError(f"differences: unknown key {min(unknown)!r}; entries are [[difference]], besides [like]")
    listed: list[dict[str, Any]] = content.get("difference", [])
    entries = tuple(_entry(raw, f"difference {number}", known_cases) for number, raw in enumerate(listed, 1))
    _refuse_doubles(entries)
    return Differences(entries, _like(content.get("like", {})))


def _like(raw: dict[str, Any]) -> dict[str, str]:
    for subject, other in raw.items():
        if not isinstance(other, str) or other in raw:
            raise DifferencesError(f"like: {subject} = {other!r}: want a subject that is like no other")
    return raw


def _entry(raw: dict[str, Any], where: str, known_cases: Collection[str]) -> Difference:
    wanted = [field.name for field in fields(Difference)]
    if unknown := set(raw) - set(wanted):
        raise DifferencesError(f"{where}: unknown key {min(unknown)!r}; known: {', '.join(wanted)}")
    for key in wanted:
        if not isinstance(raw.get(key), str) or not raw[key].strip():
            raise DifferencesError(f"{where}: {key!r} is missing, empty or no string")
    entry = Difference(**raw)
    if entry.case not in known_cases:
        raise DifferencesError(f"{where}: unknown case {entry.case!r}")
    if entry.verdict not in VERDICTS:
        raise DifferencesError(f"{where}: verdict {entry.verdict!r} is none of {', '.join(VERDICTS)}")
    if not _RELEASES.fullmatch(entry.release):
        raise DifferencesError(f'{where}: release {entry.release!r}: want "29" or "27-29"')
    return entry


def _refuse_doubles(entries: Sequence[Difference]) -> None:
    seen: set[tuple[str, str, str]] = set()
    for entry in entries:
        key = (entry.case, entry.subject, entry.release)
        if key in seen:
            raise DifferencesError(f"{entry.case} on {entry.subject}, release {entry.release}: there twice")
        seen.add(key)
