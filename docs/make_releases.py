"""Write the page of OTP's release notes: `python docs/make_releases.py` writes docs/releases.md.

A test runs this script and compares.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from gentcp_conformance.case import load as load_cases
from gentcp_conformance.release_notes import Note, load, release_of

HEAD = """# What OTP's releases changed

The release notes of the applications kernel and erts, from OTP 24 to 29, on `gen_tcp`, `inet` and the two backends:
{notes} changes, of which {shown} are shown by cases of the suite.
Each stands under the newest release that has it; further versions, with their release, are those of older ones.
`gentcp find OTP-20257` and `gentcp find otp#11319` list the cases of a number;
`gentcp show CASE` tells what each release does.

Left out are UDP, SCTP, the resolver, distribution, and functions of the socket module that gen_tcp does not call.
This page is generated from `conformance/gentcp_conformance/release_notes.toml`: `python docs/make_releases.py`.
"""
ISSUES = "https://github.com/erlang/otp/issues/"


def main(file: Path) -> None:
    """Write the page."""
    file.write_text(page(load(load_cases().ids())), encoding="utf-8")


def page(notes: Iterable[Note]) -> str:
    """All of it, the newest release first."""
    ordered = sorted(notes, key=lambda note: -note.release)
    parts = [HEAD.format(notes=len(ordered), shown=sum(bool(note.cases) for note in ordered))]
    for release, found in groupby(ordered, lambda note: note.release):
        parts.append(f"## OTP {release}\n\n" + table(found))
    return "\n".join(parts)


def table(notes: Iterable[Note]) -> str:
    """In markdown."""
    rows = [("ticket", "in", "what changed", "case"), ("---",) * 4, *map(row, notes)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def row(note: Note) -> tuple[str, ...]:
    """The cells of a change."""
    return ("<br>".join(numbers(note)), versions(note), note.changed, shown(note))


def numbers(note: Note) -> Iterator[str]:
    """The ticket, and links to the issues."""
    yield note.ticket
    for issue in note.also:
        number = issue.partition("#")[2]
        yield f"[#{number}]({ISSUES}{number})"


def versions(note: Note) -> str:
    """By release, the newest first: "erts 17.0.4; 28: erts 16.4.0.4"."""
    by_release: dict[int, list[str]] = {}
    for version in note.versions:
        by_release.setdefault(release_of(version), []).append(version)
    texts = {release: ", ".join(found) for release, found in sorted(by_release.items(), reverse=True)}
    return "<br>".join(text if release == note.release else f"{release}: {text}" for release, text in texts.items())


def shown(note: Note) -> str:
    """The cases, or why there is none."""
    if note.no_case:
        return f"no case: {note.no_case}"
    return "<br>".join(f"`{pattern}`" for pattern in note.patterns)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "releases.md")
