"""A backend as a command line names it: `NAME`, or `NAME:inet` or `NAME:socket`."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import gentcp

from .matrix import LIVE, ORACLE_COLUMNS


@dataclass(frozen=True)
class Wanted:
    """A backend to run, and which of OTP's it follows."""

    name: str
    follows: str


def parse(spec: str) -> Wanted:
    """A backend that is named like one of OTP's, or is one, follows that.  ValueError: what is wrong, for people."""
    name, _, follows = spec.partition(":")
    installed = gentcp.available_backends()
    if name not in installed:
        near = difflib.get_close_matches(name, installed, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise ValueError(f"no backend {name!r} is installed; {meant}there are {', '.join(installed)}")
    follows = follows or {vm: column for column, vm in LIVE.items()}.get(name, name)
    if follows not in ORACLE_COLUMNS:
        raise ValueError(f"say which of OTP's it follows, {name}:inet or {name}:socket")
    return Wanted(name, follows)
