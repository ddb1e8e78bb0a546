"""docs/coverage.md: the table as Markdown.  The same table gives the same text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from gentcp_conformance.matrix import ORACLE_COLUMNS

from .inventory import Row, title
from .table import Entry, State, Table

if TYPE_CHECKING:
    from gentcp_conformance.case import Case
    from gentcp_conformance.differences import Difference

# What differs in one place on purpose is as OTP in all others.
_AS_OTP = (State.SAME, State.NONE, State.ACCEPTED)

_INTRODUCTION = """\
Every function, option, packet type and message that OTP {release} has for users of `gen_tcp`, and the error reasons
that its manual names: what gentcp's backends do about it, and the conformance case that shows it.
`gentcp show CASE` prints a case, `gentcp compare --case CASE` runs it.

This page is generated: `gentcp coverage --run --markdown docs/coverage.md` runs every case on both backends and notes
what it calls, gives and gets.
The rows are those of `conformance/gentcp_conformance/coverage/inventory.toml`, which a test holds against a VM."""

_LEGEND = """\
- **as OTP**: each case about the row comes to what was recorded of OTP {release} (`gentcp compare` fails otherwise)
- **none, as OTP**: those cases show that there is no such thing on this backend, nor in OTP
- **as OTP, but**: and with a number, an [accepted difference](#accepted-differences)
- **not compared**: nothing is recorded of OTP for some of its cases
- **not there**: gentcp does not have it
- **no case**: no case shows what gentcp does

*Shown by* has the case that is most about the row, and how many more use it.
*Where OTP differs* says in how many of the cases that name the row OTP's two backends, or its releases, do not do the
same, and names the first of those.
The manual does not tell of what is in *italics*."""

_USES = {
    "option": "The numbers are those of cases that give the option to connect, to listen or to setopts, or ask for it.",
    "packet": "The numbers are those of cases that set the type on a socket, or hand it to `erlang:decode_packet/3`.",
    "text": "What `inet:format_error/1` makes of them.",
}


def render(table: Table, absent: Mapping[str, Sequence[str]] = MappingProxyType({})) -> str:
    """The page.  `absent`: functions by the reason why they are not there."""
    parts = [
        "# Coverage",
        _INTRODUCTION.format(release=table.release),
        _counts(table),
        _LEGEND.format(release=table.release),
        *(part for name, entries in table.sections().items() for part in _section(name, entries, table.differences)),
        "## Accepted differences",
        _differences(table.differences, table.release),
        "## Without a case",
        _unshown(table),
        *(("## Not there", _not_there(absent)) if absent else ()),
    ]
    return "\n\n".join(parts) + "\n"


def _counts(table: Table) -> str:
    head = ["", "rows", "with a case", "without, with a reason", *(f"`{name}`: as OTP" for name in ORACLE_COLUMNS)]
    body = [_count(title(name), entries) for name, entries in table.sections().items()]
    return _table([*head, "with accepted differences"], [*body, _count("**all**", table.entries)])


def _count(name: str, entries: Sequence[Entry]) -> list[str]:
    shown = sum(bool(entry.about) for entry in entries)
    explained = sum(not entry.about and all(entry.unshown.values()) for entry in entries)
    accepted = sum(any(cell.accepted for cell in entry.cells.values()) for entry in entries)
    as_otp = (sum(entry.cells[each].state in _AS_OTP for entry in entries) for each in ORACLE_COLUMNS)
    return [name, *map(str, (len(entries), shown, explained, *as_otp, accepted))]


def _section(name: str, entries: Sequence[Entry], accepted: Sequence[Difference]) -> Iterator[str]:
    yield f"## {title(name)}"
    if said := _USES.get(name):
        yield said
    alike: dict[tuple[str, ...], list[Entry]] = {}
    for entry in entries:
        alike.setdefault(tuple(_cells(entry, accepted)), []).append(entry)
    # Rows of which there is the same to be said are one, where there are many.
    groups = [(found, list(cells)) for cells, found in alike.items()] if name == "text" else _each(entries, accepted)
    aspects = [
        aspect for aspect in ("connect", "listen", "setopts", "getopts", "stream", "decode") if _has(entries, aspect)
    ]
    head = ["", *aspects, *(f"`{each}`" for each in ORACLE_COLUMNS), "shown by", "where OTP differs"]
    yield _table(
        head, [[_names(found), *(_aspect(found[0], each) for each in aspects), *cells] for found, cells in groups]
    )


def _each(entries: Iterable[Entry], accepted: Sequence[Difference]) -> list[tuple[list[Entry], list[str]]]:
    return [([entry], _cells(entry, accepted)) for entry in entries]


def _has(entries: Iterable[Entry], aspect: str) -> bool:
    return any(aspect in entry.row.aspects for entry in entries)


def _names(entries: Iterable[Entry]) -> str:
    return ", ".join(_name(entry.row) for entry in entries)


def _name(row: Row) -> str:
    name = f"`{row.name.rpartition(':')[2]}`" if row.function else f"`{row.name}`"
    return name if row.documented else f"*{name}*"


def _aspect(entry: Entry, aspect: str) -> str:
    if aspect not in entry.row.aspects:
        return ""
    return str(len(entry.users[f"{entry.row.key}@{aspect}"]) or "**none**")


def _cells(entry: Entry, accepted: Sequence[Difference]) -> list[str]:
    states = [_state(entry, name, accepted) for name in ORACLE_COLUMNS]
    others = f" and {entry.cases - 1} more" if entry.cases > 1 else ""
    best = f"`{entry.about[0].id}`{others}" if entry.about else ""
    differs = [_some("backends", entry.diverging), _some("releases", entry.changed)]
    return [*states, best, "; ".join(filter(None, differs))]


def _state(entry: Entry, name: str, accepted: Sequence[Difference]) -> str:
    cell = entry.cells[name]
    numbers = ", ".join(f"[{accepted.index(each) + 1}](#accepted-differences)" for each in cell.accepted)
    loud = cell.state in {State.ABSENT, State.UNSHOWN, State.UNRECORDED}
    return f"**{cell.state}**" if loud else f"{cell.state} {numbers}".rstrip()


def _some(what: str, cases: Sequence[Case]) -> str:
    return f"{what} in {len(cases)}: `{cases[0].id}`" if cases else ""


def _differences(accepted: Sequence[Difference], release: str) -> str:
    if not accepted:
        return "None."
    body = [
        [str(number), f"`{each.case}`", f"`{each.subject}`", f"{_escaped(each.reason)} ([source]({each.link}))"]
        for number, each in enumerate(accepted, 1)
    ]
    return f"What gentcp does otherwise than OTP {release}, on purpose.\n\n" + _table(
        ["", "case", "backend", "why"], body
    )


def _unshown(table: Table) -> str:
    reasons: dict[str, list[str]] = {}
    for entry in table.entries:
        for use, reason in entry.unshown.items():
            reasons.setdefault(reason, []).append(use)
    if not reasons:
        return "Every row has a case."
    body = [
        [", ".join(f"`{use}`" for use in uses), _escaped(reason) or "**no reason**"] for reason, uses in reasons.items()
    ]
    said = "What no case shows, and why; `option/x@listen` is the option in listen, and nowhere else."
    return said + "\n\n" + _table(["row", "why"], body)


def _not_there(absent: Mapping[str, Sequence[str]]) -> str:
    body = [[", ".join(f"`{name}`" for name in names), _escaped(reason)] for reason, names in absent.items()]
    said = "What the modules of OTP export besides; a test holds this list against a VM."
    return said + "\n\n" + _table(["function", "why"], body)


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    rows = [list(head), ["---"] * len(head), *body]
    return "\n".join("| " + " | ".join(" ".join(cell.split()) for cell in cells) + " |" for cells in rows)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
