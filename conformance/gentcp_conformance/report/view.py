"""What the page shows of a matrix.

A case has few distinct outcomes and many columns.  So each outcome stands there once, with a letter, and a column
says which letters it came to: "A", or "AB" when it is not always the same.  A is what OTP's inet does in the release
that is followed, if that has a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, groupby, pairwise
from typing import TYPE_CHECKING

from gentcp_conformance.contrast import Piece, contrast, shorten, tokens
from gentcp_conformance.matrix import ORACLE_COLUMNS
from gentcp_conformance.outcome import Kind, Outcome
from gentcp_conformance.severity import severity
from gentcp_conformance.verdict import Divergence, Judgement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gentcp_conformance.case import Case
    from gentcp_conformance.matrix import Cell, Column, Matrix, Row

NO_LETTER = "-"

# Characters of an outcome in the closed row, and how many of them are compared with each other at most.
_PEEK = 60
_COMPARED = 8


@dataclass(frozen=True)
class Seat:
    """One column in one case.

    `letters` is empty where nothing can be compared: unsupported, or never recorded.  `note` and `link` are what goes
    with the verdict; `spread` says of each letter how often it came, if there are several.
    """

    column: Column
    letters: tuple[str, ...]
    judgement: Judgement
    verdict: str
    note: str
    link: str
    spread: Mapping[str, str]

    @property
    def text(self) -> str:
        """The letters as they are shown."""
        return "".join(self.letters) or NO_LETTER

    @property
    def tone(self) -> str:
        """The class for its colour."""
        return tone(self.text)

    @property
    def judged(self) -> bool:
        """Whether there is a verdict to show."""
        return self.judgement is not Judgement.RECORDED


@dataclass(frozen=True)
class Shown:
    """One distinct outcome of a case: marked where it differs from the one it is closest to."""

    letter: str
    kind: str
    pieces: Sequence[Piece]
    peek: Sequence[Piece]
    seats: Sequence[Seat]

    @property
    def tone(self) -> str:
        """The class for its colour."""
        return tone(self.letter)

    @property
    def who(self) -> Sequence[tuple[str, Seat]]:
        """Who came to it, with a seat each; releases that were recorded to do so in one."""
        return [(_names([seat.column for seat in found]), found[0]) for found in _together(self.seats)]

    @property
    def said(self) -> str:
        """Who came to it, in words."""
        return f"{self.letter}: {', '.join(names for names, _ in self.who)}"


@dataclass(frozen=True)
class Part:
    """One case."""

    row: Row
    seats: Sequence[Seat]
    outcomes: Sequence[Shown]

    @property
    def case(self) -> Case:
        """The case itself."""
        return self.row.case

    @property
    def severity(self) -> str:
        """How bad it is that OTP's backends or releases differ in it; empty where they do not."""
        differs = self.row.divergence in {Divergence.DOCUMENTED, Divergence.UNDOCUMENTED} or self.row.changes
        return severity(self.case.id) if differs else ""

    @property
    def pattern(self) -> str:
        """The letters of all columns, "-" for none; what the page's script compares columns by."""
        return " ".join(".".join(seat.letters) or "-" for seat in self.seats)

    @property
    def worst(self) -> Sequence[Seat]:
        """Of each judgement other than SAME the first seat, in order."""
        found: dict[Judgement, Seat] = {}
        for seat in self.seats:
            if seat.judged and seat.judgement is not Judgement.SAME:
                found.setdefault(seat.judgement, seat)
        return list(found.values())

    @property
    def judgements(self) -> str:
        """The columns that were run with their judgements, for the filter."""
        return " ".join(f"{seat.column.key}:{seat.judgement}" for seat in self.seats if seat.judged)


@dataclass(frozen=True)
class Group:
    """Columns that stand together, under one heading."""

    label: str
    columns: Sequence[Column]


@dataclass(frozen=True)
class Pair:
    """Two columns that somebody may want to compare, and in how many cases they differ."""

    left: Column
    right: Column
    count: int


def tone(letters: str) -> str:
    """The class for the colour of an outcome: "o0" for A, and so on; all from F on look alike."""
    return "none" if letters == NO_LETTER else f"o{min(ord(letters[0]) - ord('A'), 5)}"


def name(column: Column) -> str:
    """The column's label, by which gentcp's own backends cannot be taken for OTP's."""
    return f"gentcp {column.label}" if _own(column) else column.label


def short(column: Column) -> str:
    """Its name below the heading of its group."""
    return column.follows if column.recorded or column.live else column.subject


def part(row: Row, release: str) -> Part:
    """What to show of one row; OTP's `release` has the first letters."""
    letters = _letters(row, release)
    seats = [_seat(cell, letters) for cell in row.cells]
    return Part(row, seats, _outcomes(row, seats, letters))


def groups(columns: Sequence[Column]) -> list[Group]:
    """The columns by what made them: gentcp, a live VM, other backends, or one release's recording."""
    return [Group(label, list(found)) for label, found in groupby(columns, _group)]


def starts(columns: Sequence[Column]) -> list[int]:
    """Which columns, counted from 1, begin a group other than the first."""
    ends = accumulate(len(group.columns) for group in groups(columns))
    return [end + 1 for end in ends if end < len(columns)]


def pairs(matrix: Matrix, parts: Sequence[Part]) -> list[Pair]:
    """The pairs worth a link of their own, in an order that tells the story."""
    found = dict.fromkeys(_pairs(matrix.columns))
    return [Pair(left, right, sum(differ(each, left, right) for each in parts)) for left, right in found]


def differ(part: Part, left: Column, right: Column) -> bool:
    """Whether two columns differ in a case.

    Not if they have an outcome in common: of several possible ones a few runs need not show all.
    """
    seats = {seat.column: seat.letters for seat in part.seats}
    one, two = seats[left], seats[right]
    return bool(one and two) and set(one).isdisjoint(two)


def _together(seats: Sequence[Seat]) -> list[list[Seat]]:
    found: dict[object, list[Seat]] = {}
    for seat in seats:
        alone = seat.judged or seat.spread
        found.setdefault(seat.column if alone else seat.column.follows, []).append(seat)
    return list(found.values())


def _names(columns: Sequence[Column]) -> str:
    if len(columns) == 1:
        return name(columns[0])
    releases = sorted({column.release for column in columns}, key=int)
    return f"OTP {', '.join(releases)} {columns[0].follows}"


def _own(column: Column) -> bool:
    return not column.recorded and column.subject in ORACLE_COLUMNS


def _group(column: Column) -> str:
    if column.recorded:
        return f"OTP {column.release}"
    if column.live:
        return f"live {column.release}"
    return "gentcp" if _own(column) else "other"


def _pairs(columns: Sequence[Column]) -> Iterator[tuple[Column, Column]]:
    run = [column for column in columns if not column.recorded]
    recorded = [column for column in columns if column.recorded]
    yield from pairwise(run[:2])
    for release in reversed(groups(recorded)):
        yield from pairwise(release.columns)
    for _, same in groupby(sorted(recorded, key=lambda each: each.follows), lambda each: each.follows):
        yield from pairwise(same)


def _letters(row: Row, release: str) -> dict[Outcome, str]:
    cells = sorted(row.cells, key=lambda cell: not (cell.column.recorded and cell.column.release == release))
    outcomes = dict.fromkeys(outcome for cell in cells for outcome, _ in cell.result.outcomes)
    comparable = [outcome for outcome in outcomes if outcome.kind is not Kind.UNSUPPORTED]
    found = {outcome: _letter(number) for number, outcome in enumerate(comparable)}
    return {outcome: found.get(outcome, "") for outcome in outcomes}


def _letter(number: int) -> str:
    turn, place = divmod(number, 26)
    return chr(ord("A") + place) + (str(turn + 1) if turn else "")


def _seat(cell: Cell, letters: dict[Outcome, str]) -> Seat:
    found = sorted(letters[outcome] for outcome, _ in cell.result.outcomes if letters[outcome])
    judgement, note, link = cell.verdict.judgement, cell.verdict.note, cell.verdict.link
    if judgement is Judgement.FLAKY or note == cell.result.outcomes[0][0].text:
        note = ""  # the verdict or the outcome says it already
    return Seat(cell.column, tuple(found), judgement, str(cell.verdict), note, link, _spread(cell, letters))


def _spread(cell: Cell, letters: dict[Outcome, str]) -> dict[str, str]:
    if len(cell.result.outcomes) == 1:
        return {}
    return {letters[each] or NO_LETTER: f"{count} of {cell.result.runs}" for each, count in cell.result.outcomes}


def _outcomes(row: Row, seats: Sequence[Seat], letters: dict[Outcome, str]) -> list[Shown]:
    terms = [outcome.text for outcome in letters if outcome.kind is Kind.TERM]
    found: list[Shown] = []
    for outcome, letter in letters.items():
        came = [{each for each, _ in cell.result.outcomes} for cell in row.cells]
        pieces = contrast(outcome.text, _closest(outcome.text, terms)) if outcome.kind is Kind.TERM else []
        pieces = pieces or [Piece(outcome.text, differs=False)]
        kind = "" if outcome.kind in {Kind.TERM, Kind.UNSUPPORTED} else str(outcome.kind)
        mine = [seat for seat, those in zip(seats, came, strict=True) if outcome in those]
        found.append(Shown(letter or NO_LETTER, kind, pieces, shorten(pieces, _PEEK), mine))
    return found


def _closest(text: str, texts: Sequence[str]) -> str:
    """Of the other texts the one with the most tokens in common; the text itself when there is no other."""
    mine = tokens(text)
    others = [each for each in texts[:_COMPARED] if each != text]
    return max(others, key=lambda each: SequenceMatcher(None, mine, tokens(each), autojunk=False).ratio(), default=text)
