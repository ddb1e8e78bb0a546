"""What was found, as one JSON document, and findings read from it again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from . import program as programs
from .erlang_code import erlang
from .finding import Finding, grouped
from .python_code import python

if TYPE_CHECKING:
    from pathlib import Path

    from .hunt import Hunt

About = dict[str, str]

SMALL = "/small"
"""What the name of a program ends with that has been made small."""


def document(
    hunt: Hunt, pair: tuple[str, str], about: tuple[dict[str, str], dict[str, str]], seed: int
) -> dict[str, Any]:
    """Everything, for `json`."""
    counted = dict(vars(hunt.counted))
    known = counted.pop("known")
    return {
        "subjects": [{"subject": name, **said} for name, said in zip(pair, about, strict=True)],
        "seed": seed,
        "counts": counted,
        "known": [{"reason": entry.reason, "case": entry.case, "programs": count} for entry, count in known.items()],
        "kinds": [_kind(small, group, pair) for small, group in grouped(hunt.findings)],
    }


def _kind(small: Finding, group: list[Finding], pair: tuple[str, str]) -> dict[str, Any]:
    number, _, _ = small.first
    return {
        "id": small.name + SMALL,
        "programs": [finding.name for finding in group],
        "program": programs.as_json(small.program),
        "logs": [list(small.left), list(small.right)],
        "first_difference": number,
        "python": python(small.program, small.name, pair),
        "erlang": erlang(small.program, small.name),
    }


def read(path: Path, name: str) -> Finding | None:
    """The finding of that name in a document.  ValueError when the file is none."""
    try:
        kinds = json.loads(path.read_text(encoding="utf-8"))["kinds"]
        found = next((kind for kind in kinds if kind["id"] == name), None)
        if found is None:
            return None
        left, right = (tuple(log) for log in found["logs"])
        return Finding(name, programs.from_json(found["program"]), left, right)
    except (OSError, KeyError, TypeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no document of `gentcp explore --json`: {error}") from None
