"""Subjects as a command line names them: a backend, and for a VM which: `inet`, `otp_inet@25`, `otp_inet@COMMAND`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import gentcp

COMMAND = "GENTCP_ERL"
_CHECKOUT = Path(__file__).parents[2] / "otp" / "erl"


@dataclass(frozen=True)
class Subject:
    """A backend, and the command of its VM if one is named.  `text` is how it was written."""

    text: str
    backend: str
    command: str = ""
    release: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """What is in the environment of its workers besides ours."""
        return {COMMAND: self.command} if self.command else {}


def parse(text: str) -> Subject:
    """The subject.  ValueError, for people: there is no such backend, or nothing says where that release is."""
    backend, at, which = text.partition("@")
    installed = gentcp.available_backends()
    if backend not in installed:
        raise ValueError(f"no backend {backend!r} is installed; there are {', '.join(installed)}")
    if not at:
        return Subject(text, backend)
    if not which.isdigit():
        return Subject(text, backend, which)
    return Subject(text, backend, _command(which), which)


def _command(release: str) -> str:
    named = os.environ.get(f"{COMMAND}_{release}")
    if named:
        return named
    if _CHECKOUT.exists() and (_CHECKOUT.parents[2] / ".otp" / release).exists():
        return f"{_CHECKOUT} {release}"
    raise ValueError(f"where is OTP {release}? Name its command by {COMMAND}_{release}, or write NAME@COMMAND")
