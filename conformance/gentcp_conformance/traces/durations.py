"""How long calls took that nobody but the clock ended."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from .events import Kind
from .order import BLOCKED, WAITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .recorder import Act, Log

# These take their time without a timeout.
_LINGER = frozenset({"gen_tcp:close", "gen_tcp:shutdown", "inet:close"})
_LINGERED = 0.4
# What inet's close waits for a queue that does not move, in milliseconds.
_GIVES_UP = 5000
# So much later a call may be back, in milliseconds, and one that takes large data to another program and back.
_LATE = 150
_LATE_WITH_DATA = 700
_LARGE = 1 << 20
# Lists longer than this are data.
_OPTIONS = 50


def durations(log: Log) -> dict[int, str]:
    """How long calls took that only the clock ended, by number of the act."""
    found: dict[int, str] = {}
    meant = set(chain.from_iterable(_times(arg) for act in log.acts for arg in act.args)) | {_GIVES_UP}
    for act, is_end, when in log.entries:
        if is_end and act.kind is Kind.CALL and _by_clock(act, when - act.began):
            others = [entry for entry in log.entries if abs(entry[2] - when) < BLOCKED and entry[0] is not act]
            if not any(_caused(act, *entry) for entry in others):
                late = _LATE if not any(map(_is_large, act.args)) else _LATE_WITH_DATA
                found[act.number] = _rounded((when - act.began) * 1000, meant, late)
    return found


def _times(term: Any) -> Iterator[int]:
    """Milliseconds in arguments: a timeout, or options that have one."""
    match term:
        case bool():
            return
        case int():
            yield term
        case ("linger", (True, int(seconds))):
            yield seconds * 1000
        case ("send_timeout", int(milliseconds)):
            yield milliseconds
        case list() if len(term) < _OPTIONS:
            yield from chain.from_iterable(map(_times, term))
        case _:
            return


def _by_clock(act: Act, seconds: float) -> bool:
    """Whether a call lasted as long as it was meant to, rather than as long as data took to get through."""
    match act.value:
        case ("error", "timeout" | ("timeout", _)):
            return seconds > BLOCKED
        case _:
            return seconds > _LINGERED and act.verb in _LINGER


def _caused(ended: Act, other: Act, is_end: bool, _when: float) -> bool:
    """Whether another's doing may have ended a call: if several end at once, it is the youngest that was waited for."""
    if other.lane == ended.lane or (is_end and other.kind in WAITS) or other.began > (ended.ended or 0):
        return False
    return not is_end or other.began > ended.began


def _is_large(term: Any) -> bool:
    return isinstance(term, bytes) and len(term) > _LARGE


def _rounded(milliseconds: float, meant: Iterable[int], late: int) -> str:
    """Rather one of the times that somebody asked for than what a busy machine made of it."""
    near = [time for time in meant if time >= BLOCKED * 1000 and time - 5 <= milliseconds <= time * 1.04 + late]
    if milliseconds < 100 or near:
        return _words(max(near, default=50))
    return _words(int(milliseconds + 5) // 100 * 100)


def _words(milliseconds: int) -> str:
    return f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds / 1000:g} s"
