"""Public reports and the cases that show what they are about: `reports.toml`, read and checked."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_KEYS = {"id", "also", "said", "cases"}
_ISSUE = re.compile(r"(?P<project>[A-Za-z][\w-]*)#(?P<number>\d+)")
_TICKET = re.compile(r"(OTP|ERL)-\d+")


class ReportsError(ValueError):
    """The reports file is malformed; says which entry and why."""


@dataclass(frozen=True)
class Report:
    """One report.

    `id` is "otp#11319" or "OTP-19199", `also` are other numbers of it, `said` is what was reported; `cases` are ids,
    and `link` is where it can be read, or "".
    """

    id: str
    said: str
    cases: tuple[str, ...]
    also: tuple[str, ...] = ()
    link: str = ""

    @property
    def numbers(self) -> tuple[str, ...]:
        """All that it is called."""
        return (self.id, *self.also)


@dataclass(frozen=True)
class Reports:
    """All of them, in the order of the file."""

    entries: tuple[Report, ...] = ()
    by_case: Mapping[str, tuple[Report, ...]] = field(default_factory=dict[str, tuple[Report, ...]])

    def of(self, case: str) -> tuple[Report, ...]:
        """Those that lead to a case."""
        return self.by_case.get(case, ())


def load(known_cases: Collection[str]) -> Reports:
    """The list that comes with the kit.  Raises ReportsError."""
    return parse((files("gentcp_conformance") / "reports.toml").read_text(encoding="utf-8"), known_cases)


def parse(text: str, known_cases: Collection[str]) -> Reports:
    """Read and check a list.  Raises ReportsError, for a number that is there twice and for unknown cases too."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ReportsError(f"reports: {error}") from None
    if unknown := set(content) - {"projects", "report"}:
        raise ReportsError(f"reports: unknown key {min(unknown)!r}; entries are [[report]], besides [projects]")
    projects = content.get("projects", {})
    entries = tuple([_entry(raw, projects, known_cases) for raw in content.get("report", [])])
    _refuse_doubles(entries)
    by_case: dict[str, tuple[Report, ...]] = {}
    for entry in entries:
        for case in entry.cases:
            by_case[case] = (*by_case.get(case, ()), entry)
    return Reports(entries, by_case)


def matching(patterns: Collection[str], known_cases: Collection[str], where: str) -> tuple[str, ...]:
    """The cases that the patterns mean, once each.  Raises ReportsError for one that no case matches."""
    found: dict[str, None] = {}
    for pattern in patterns:
        ids = fnmatch.filter(known_cases, pattern) if "*" in pattern else [pattern] * (pattern in known_cases)
        if not ids:
            raise ReportsError(f"{where}: no case {pattern!r}")
        found.update(dict.fromkeys(ids))
    return tuple(found)


def _entry(raw: dict[str, Any], projects: Mapping[str, str], known_cases: Collection[str]) -> Report:
    where = f"report {raw.get('id')!r}"
    if unknown := set(raw) - _KEYS:
        raise ReportsError(f"{where}: unknown key {min(unknown)!r}; known: {', '.join(sorted(_KEYS))}")
    if missing := [key for key in ("id", "said", "cases") if not raw.get(key)]:
        raise ReportsError(f"{where}: {missing[0]!r} is missing or empty")
    numbers = (raw["id"], *raw.get("also", ()))
    links = [_link(number, projects, where) for number in numbers]
    link = next(filter(None, links), "")
    return Report(raw["id"], raw["said"], matching(raw["cases"], known_cases, where), numbers[1:], link)


def _link(number: str, projects: Mapping[str, str], where: str) -> str:
    """Where a number leads to; nowhere for a ticket, as OTP's tracker is not public."""
    if _TICKET.fullmatch(number):
        return ""
    issue = _ISSUE.fullmatch(number)
    if issue is None:
        raise ReportsError(f'{where}: {number!r}: want "otp#11319", "OTP-19199" or "ERL-871"')
    if issue["project"] not in projects:
        raise ReportsError(f"{where}: {issue['project']} is not in [projects]")
    return f"https://github.com/{projects[issue['project']]}/issues/{issue['number']}"


def _refuse_doubles(entries: Collection[Report]) -> None:
    seen: set[str] = set()
    for entry in entries:
        if twice := seen & set(entry.numbers):
            raise ReportsError(f"report {entry.id!r}: {min(twice)} is there twice")
        seen.update(entry.numbers)
