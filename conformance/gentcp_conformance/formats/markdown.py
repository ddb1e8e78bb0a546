"""Markdown: the counts, what is not as recorded, and the lists of divergences; for a pull request or a wiki."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gentcp_conformance.contrast import contrast, shorten
from gentcp_conformance.matrix import ORACLE_COLUMNS
from gentcp_conformance.summary import counts, listings
from gentcp_conformance.verdict import Judgement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gentcp_conformance.matrix import Cell, Matrix, Row
    from gentcp_conformance.summary import Listing

# Longer outcomes make a table nobody reads; `gentcp show` has them whole.
_LONGEST = 120

_TICKS = re.compile("`+")
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def render(matrix: Matrix) -> str:
    """The document."""
    return "\n".join(line for part in _parts(matrix) for line in (*part, "")).rstrip("\n") + "\n"


def _parts(matrix: Matrix) -> Iterator[list[str]]:
    yield ["# gentcp conformance"]
    yield [_summary(matrix)]
    yield _judgements(matrix)
    yield from _problems(matrix)
    for listing in listings(matrix):
        if listing.rows:
            yield [f"## {listing.title} ({len(listing.rows)})"]
            yield _listed(listing, matrix.release)
    yield ["## Environment"]
    yield _table(("what", "value"), [(_plain(key), _plain(text)) for key, text in matrix.about.items()])


def _summary(matrix: Matrix) -> str:
    found = counts(matrix)
    return (
        f"{found.cases} cases. OTP {matrix.release}'s backends diverge in {found.diverging}: {found.documented} "
        f"documented, {found.undocumented} undocumented. Releases differ in {found.changed}; "
        f"the manual is contradicted in {found.contradictions}."
    )


def _judgements(matrix: Matrix) -> list[str]:
    used = [each for each in Judgement if any(matrix.judgements(column)[each] for column in matrix.run)]
    rows = [
        (
            _plain(column.label),
            f"OTP {column.release} {column.follows}",
            *(str(matrix.judgements(column)[each]) for each in used),
        )
        for column in matrix.run
    ]
    return _table(("backend", "judged by", *map(str, used)), rows)


def _problems(matrix: Matrix) -> Iterator[list[str]]:
    cells = [(row, cell) for row in matrix.rows for cell in row.run]
    kinds = {
        "Not as recorded": [each for each in cells if each[1].verdict.failed],
        "Flaky": [each for each in cells if each[1].verdict.judgement is Judgement.FLAKY],
        "Different on purpose": [each for each in cells if each[1].verdict.judgement is Judgement.ACCEPTED],
    }
    for title, found in kinds.items():
        if found:
            yield [f"## {title} ({len(found)})"]
            yield _table(("case", "backend", "verdict", "outcome", "note"), [_problem(*each) for each in found])
    if matrix.stale:
        yield [f"## Stale entries of differences.toml ({len(matrix.stale)})"]
        yield [f"- {_code(entry.case)} on {_plain(entry.subject)}: SAME by now" for entry in matrix.stale]


def _problem(row: Row, cell: Cell) -> tuple[str, ...]:
    label = _plain(cell.column.label)
    outcomes = "<br>".join(_term(outcome.shown, cell.expected) for outcome, _ in cell.result.outcomes)
    return (_code(row.case.id), label, str(cell.verdict), outcomes, _plain(cell.verdict.note))


def _listed(listing: Listing, release: str) -> list[str]:
    rows: list[tuple[str, ...]] = []
    for row, note in listing.rows:
        inet, socket = (row.recorded.get((release, name), ()) for name in ORACLE_COLUMNS)
        about = f"{_code(row.case.id)}<br>{_plain(row.case.title)}" + (f"<br>*{_plain(note)}*" if note else "")
        rows.append((about, _terms(inet, socket), _terms(socket, inet)))
    return _table(("case", *(f"OTP {release} {name}" for name in ORACLE_COLUMNS)), rows)


def _terms(texts: Sequence[str], other: Sequence[str]) -> str:
    return " or ".join(_term(text, other) for text in texts) or "nothing recorded"


def _term(text: str, other: Sequence[str]) -> str:
    """A term in code, so shortened that where it differs from the first of `other` can be seen."""
    pieces = shorten(contrast(text, other[0] if other else text), _LONGEST)
    return _code("".join(piece.text for piece in pieces))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows)]


def _code(text: str) -> str:
    """A code span that may stand in a table."""
    ticks = "`" * (max((len(run) for run in _TICKS.findall(text)), default=0) + 1)
    inner = " ".join(text.split("\n")).replace("|", "\\|")
    return f"{ticks}{inner}{ticks}" if "`" not in (inner[:1], inner[-1:]) else f"{ticks} {inner} {ticks}"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
