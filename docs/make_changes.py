"""Write the page of what changes: `python docs/make_changes.py` writes docs/changes.md from the rules of gentcp check.

A test runs this script and compares.  It needs the extra `check`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from gentcp_conformance.case import load as load_cases
from gentcp_conformance.check.rules import Rule, load
from gentcp_conformance.check.speaking import Change, changes
from gentcp_conformance.record import recordings
from gentcp_conformance.severity import SEVERITIES

HEAD = """# What changes, place by place

What [`gentcp check`](check.md) looks for in sources, {count} rules, and what they say of three switches.
[The guide](differences.md) explains the greatest of them; `gentcp show CASE` tells what each case does on each release.

This page is generated from `conformance/gentcp_conformance/check/rules.toml` and from what OTP was recorded to do:
`python docs/make_changes.py`.
"""
PAIRS = (
    ("From inet to socket, on OTP 29", "29:inet", "29:socket"),
    ("From OTP 25 to 29, on inet", "25:inet", "29:inet"),
    ("From OTP 25 to 29, on socket", "25:socket", "29:socket"),
)
_CASES = 3


def main(file: Path) -> None:
    """Write the page."""
    file.write_text(page(load(load_cases().ids())), encoding="utf-8")


def page(rules: Sequence[Rule]) -> str:
    """All of it."""
    known = recordings()
    parts = [HEAD.format(count=len(rules))]
    for title, before, after in PAIRS:
        parts += [f"## {title}\n", *section(changes(rules, before, after, known))]
    return "\n".join(parts)


def section(found: Sequence[Change]) -> Iterator[str]:
    """The worst first."""
    levels = list(SEVERITIES)
    ordered = sorted(found, key=lambda change: levels.index(change.rule.severity))
    for severity, some in groupby(ordered, lambda change: change.rule.severity):
        yield f"### {SEVERITIES[severity].capitalize()}\n"
        yield from map(entry, some)


def entry(change: Change) -> str:
    """A rule."""
    more = f" and {len(change.cases) - _CASES} more" if len(change.cases) > _CASES else ""
    shown = ", ".join(f"`{case}`" for case in change.cases[:_CASES])
    return (
        f"**{change.rule.title}** (`{change.rule.id}`)\n\n"
        f"- before: {change.before}\n- after: {change.after}\n- instead: {change.rule.advice}\n- cases: {shown}{more}\n"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "changes.md")
