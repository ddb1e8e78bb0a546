"""Write the page of options from the table in the code: `python docs/make_options.py` writes docs/options.md.

A test runs this script and compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from socket import AF_INET, AF_INET6, AF_UNIX

from gentcp.options import ALL, ALLOWED, OPENING, TABLE, VARIES, Behaviour, Option

COLUMNS = ("inet", "socket")
FAMILIES: dict[int, str] = {AF_INET: "IPv4", AF_INET6: "IPv6", AF_UNIX: "local"}
CALLS = {"c": "connect", "l": "listen", "s": "setopts"}
EFFECTS = {
    "ignored": "no effect",
    "unsupported": "not on Linux",
    "foreign": "an error",
    "own": "",
}
"""Of roles in which a backend keeps no value."""

HEAD = """# Options

Every option, and what each backend makes of it.
This page is generated from `gentcp/options.py`: `python docs/make_options.py`.
Tests hold each row against the sockets of gentcp, and against those of a VM of OTP 29.

Values are those of the Erlang face; where the Python face spells them otherwise, see `gentcp/_keywords.py`.
"""
READING = """## How to read it

- *value*: what it may be; of numbers the least and the most that the Python face takes
- *of*: the kinds of addresses whose sockets have it; on others setting it changes nothing
- `inet`, `socket`: the default, as getopts tells it, or what becomes of the option instead
- *accepted*: whether an accepted socket has what its listener has; *before*: if that was set before somebody connected
- *swallowed*: when the system refuses a value the old one stays, and setopts says ok
- *unchecked*: setopts takes any value
"""


def main(file: Path) -> None:
    """Write the page."""
    file.write_text(page(), encoding="utf-8")


def page() -> str:
    """All of it."""
    settable = [row for row in TABLE if "s" in row.where]
    others = [row for row in TABLE if not row.where]
    parts = [
        HEAD,
        "## Of a socket\n",
        table(("option", "value", "given to", "of", *map(code, COLUMNS), "accepted", ""), map(of_socket, settable)),
        "## For making a socket\n",
        table(("option", "value", "given to", ""), map(opening, OPENING.values())),
        "## Others that OTP knows\n\nThe Python face has none of them.\n",
        table(("option", "value", *(f"setopts on `{name}`" for name in COLUMNS), ""), map(other, others)),
        READING,
    ]
    return "\n".join(parts)


def table(head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    """In markdown."""
    lines = [tuple(head)]
    lines += [("---",) * len(lines[0]), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def of_socket(row: Option) -> tuple[str, ...]:
    """The cells of an option that setopts takes."""
    cells = [cell(row.on.get(name)) for name in COLUMNS]
    return (code(row.name), value(row), where(row), families(row.families), *cells, accepted(row), row.doc)


def opening(row: Option) -> tuple[str, ...]:
    """Of one that only connect and listen take."""
    return (code(row.name), value(row), where(row), row.doc)


def other(row: Option) -> tuple[str, ...]:
    """Of one that is not in the manual for these sockets."""
    return (code(row.name), value(row), *(cell(row.on.get(name)) for name in COLUMNS), row.doc)


def value(row: Option) -> str:
    """What it may be."""
    return f"{row.bounds[0]} to {row.bounds[1]}" if row.bounds else ALLOWED[row.kind].replace("|", "\\|")


def where(row: Option) -> str:
    """The calls that take it."""
    return ", ".join(CALLS[letter] for letter in row.where)


def families(found: tuple[int, ...]) -> str:
    """In words; nothing for all."""
    return "" if set(found) == set(ALL) else ", ".join(FAMILIES[family] for family in found) or "none"


def cell(on: Behaviour | None) -> str:
    """What a backend makes of it."""
    if on is None:
        return "an error"
    return ", ".join(_parts(on))


def _parts(on: Behaviour) -> Iterator[str]:
    if on.role in EFFECTS and on.default is VARIES:
        yield EFFECTS[on.role] or "settable"
    elif on.default is VARIES:
        yield "the system's" if on.role == "system" else "readable"
    else:
        yield "none" if on.default is None else ("always " if on.role == "constant" else "") + code(repr(on.default))
    if on.role == "process":
        yield "unchecked"
    if families(on.families):
        yield f"{families(on.families)} only"
    if on.told == "error" and on.role != "foreign":
        yield "cannot be read"
    if not on.reports:
        yield "swallowed"


def accepted(row: Option) -> str:
    """Whether accepted sockets have it, by backend where that differs."""
    found = {name: _inherited(row, row.on[name]) for name in COLUMNS}
    words = dict.fromkeys(filter(None, found.values()))
    if len(words) < 2:
        return next(iter(words), "")
    return "; ".join(f"`{name}`: {text}" for name, text in found.items() if text)


def _inherited(row: Option, on: Behaviour) -> str:
    if on.role not in ("kept", "process", "system") and row.name != "active":
        return ""
    always = [family for family in row.families if family in on.inherited]
    handed = row.system is not None and row.system.handed_down
    before = [family for family in row.families if family not in always and handed and family != AF_UNIX]
    if not always:
        return "before" if before else "no"
    if not before:
        return "yes"
    return f"{families(tuple(always))} yes, {families(tuple(before))} before"


def code(text: str) -> str:
    """As it is typed."""
    return f"`{text}`"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "options.md")
