"""OTP's release notes on sockets, and the cases that show what changed: `release_notes.toml`, read and checked."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from .reports import ReportsError, matching

if TYPE_CHECKING:
    from collections.abc import Collection

_KEYS = {"ticket", "in", "also", "changed", "cases", "no_case"}
_TICKET = re.compile(r"OTP-\d+")
_ISSUE = re.compile(r"otp#\d+")
_VERSION = re.compile(r"(?P<application>kernel|erts) (?P<major>\d+)\.(?P<minor>\d+)(\.\d+)*")

# The first version of kernel in each release; the major number of erts is that of the release less twelve.
_KERNEL = {(8, 0): 24, (8, 4): 25, (9, 0): 26, (10, 0): 27, (10, 3): 28, (11, 0): 29}
_ERTS = 12


class ReleaseNotesError(ValueError):
    """The file is malformed; says which entry and why."""


@dataclass(frozen=True)
class Note:
    """One change.

    `ticket` is "OTP-20257", `also` are issues such as "otp#11319"; `versions` are those of the applications, "erts
    17.0.4", the newest of each first.  `patterns` are the file's and `cases` the ids that they match; where there are
    none, `no_case` says why.
    """

    ticket: str
    versions: tuple[str, ...]
    changed: str
    patterns: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    no_case: str = ""
    also: tuple[str, ...] = ()

    @property
    def release(self) -> int:
        """The newest release of OTP that it is in."""
        return max(map(release_of, self.versions))

    @property
    def numbers(self) -> tuple[str, ...]:
        """All that it is called."""
        return (self.ticket, *self.also)


def release_of(version: str) -> int:
    """The release of OTP that a version belongs to: 29 for "kernel 11.0.4".  Raises ReleaseNotesError."""
    match = _VERSION.fullmatch(version)
    if match is None:
        raise ReleaseNotesError(f'{version!r}: want a version such as "kernel 11.0.4" or "erts 17.1"')
    numbers = (int(match["major"]), int(match["minor"]))
    if match["application"] == "erts":
        return numbers[0] + _ERTS
    return max((release for first, release in _KERNEL.items() if first <= numbers), default=0)


def load(known_cases: Collection[str]) -> tuple[Note, ...]:
    """The notes that come with the kit, in the order of the file.  Raises ReleaseNotesError."""
    return parse((files("gentcp_conformance") / "release_notes.toml").read_text(encoding="utf-8"), known_cases)


def parse(text: str, known_cases: Collection[str]) -> tuple[Note, ...]:
    """Read and check them.  Raises ReleaseNotesError, for a ticket that is there twice and for unknown cases too."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ReleaseNotesError(f"release notes: {error}") from None
    if unknown := set(content) - {"note"}:
        raise ReleaseNotesError(f"release notes: unknown key {min(unknown)!r}; entries are [[note]]")
    notes = tuple([_note(raw, known_cases) for raw in content.get("note", [])])
    tickets = [note.ticket for note in notes]
    if twice := {ticket for ticket in tickets if tickets.count(ticket) > 1}:
        raise ReleaseNotesError(f"{min(twice)} is there twice")
    return notes


def _note(raw: dict[str, Any], known_cases: Collection[str]) -> Note:
    where = f"note {raw.get('ticket')!r}"
    _check(raw, where)
    for version in raw["in"]:
        release_of(version)
    patterns, also = tuple(raw.get("cases", ())), tuple(raw.get("also", ()))
    try:
        cases = matching(patterns, known_cases, where)
    except ReportsError as error:
        raise ReleaseNotesError(str(error)) from None
    return Note(raw["ticket"], tuple(raw["in"]), raw["changed"], patterns, cases, raw.get("no_case", ""), also)


def _check(raw: dict[str, Any], where: str) -> None:
    if unknown := set(raw) - _KEYS:
        raise ReleaseNotesError(f"{where}: unknown key {min(unknown)!r}; known: {', '.join(sorted(_KEYS))}")
    if missing := [key for key in ("ticket", "in", "changed") if not raw.get(key)]:
        raise ReleaseNotesError(f"{where}: {missing[0]!r} is missing or empty")
    if bool(raw.get("cases")) == bool(raw.get("no_case")):
        raise ReleaseNotesError(f"{where}: wants one of 'cases' and 'no_case'")
    if not _TICKET.fullmatch(raw["ticket"]) or not all(map(_ISSUE.fullmatch, raw.get("also", ()))):
        raise ReleaseNotesError(f'{where}: want "OTP-20257" as ticket, and issues such as "otp#11319"')
