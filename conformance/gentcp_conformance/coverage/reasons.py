"""Why no case shows a row: `reasons.toml`, read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib.resources import files


@dataclass(frozen=True)
class Reasons:
    """Reasons by pattern of what they are for."""

    by_pattern: Mapping[str, str] = field(default_factory=dict[str, str])

    def of(self, use: str) -> str:
        """The reason for a use, that of the first pattern that fits it; "" when there is none."""
        return next((reason for pattern, reason in self.by_pattern.items() if _fits(pattern, use)), "")

    def unneeded(self, missing: Iterable[str]) -> list[str]:
        """Patterns that fit nothing of what is missing."""
        uses = list(missing)
        return [pattern for pattern in self.by_pattern if not any(_fits(pattern, use) for use in uses)]


def load() -> Reasons:
    """The reasons that come with the kit."""
    return parse((files("gentcp_conformance.coverage") / "reasons.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Reasons:
    """The reasons in a TOML text.  Raises ValueError for an empty one."""
    found = {pattern: " ".join(str(reason).split()) for pattern, reason in tomllib.loads(text)["reasons"].items()}
    if empty := [pattern for pattern, reason in found.items() if not reason]:
        raise ValueError(f"reasons.toml: no reason for {empty[0]}")
    return Reasons(found)


def _fits(pattern: str, use: str) -> bool:
    return fnmatchcase(use, pattern) or fnmatchcase(use.partition("@")[0], pattern)
