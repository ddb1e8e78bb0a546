"""Waiting for events that nothing announces, with a bound, and classes of duration."""

from __future__ import annotations

import time
from collections.abc import Callable

from .term import Term

_POLL = 0.002


class CaseError(Exception):
    """The stage of a case did not come about (no connection, a wait that ran out): the case shows nothing."""


class Unsupported(Exception):
    """The machine or the backend cannot do what the case is about."""


def wait_until(condition: Callable[[], bool], within: float = 5.0, what: str = "the condition") -> None:
    """Return as soon as `condition()` holds; raises CaseError naming `what` after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() >= deadline:
            raise CaseError(f"waited {within:g} s in vain for {what}")
        time.sleep(_POLL)


def duration_class(seconds: float) -> Term:
    """'immediate' below 50 ms, otherwise {blocked, Ms} with Ms to the nearest 100."""
    milliseconds = int(seconds * 1000)
    if milliseconds < 50:
        return "immediate"
    return ("blocked", (milliseconds + 5) // 100 * 100)
