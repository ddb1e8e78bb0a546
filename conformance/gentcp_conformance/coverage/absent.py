"""The functions of OTP that gentcp does not have: `absent.toml`, read and checked."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files


@cache
def load() -> dict[str, tuple[str, ...]]:
    """The functions, as "module:name/arity", by the reason why they are not there."""
    return dict(_groups((files("gentcp_conformance.coverage") / "absent.toml").read_text(encoding="utf-8")))


def _groups(text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for group in tomllib.loads(text)["absent"]:
        yield " ".join(str(group["reason"]).split()), tuple(group["functions"])
