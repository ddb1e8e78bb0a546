"""Active mode: what `active` becomes.  Nothing else says so.  No I/O.

`active` is False (data waits for recv), True (all of it comes as messages), "once" (one packet does), or the number of
packets that still do.  A number that has been used up, or is set to 0 or below, ends with the message `tcp_passive`.
"""

from __future__ import annotations

from typing import Any, Final

Active = bool | str | int

MOST: Final = 32767
"""Packets that may be outstanding."""


def requested(now: Active, value: Any) -> tuple[Active, bool] | None:
    """The mode after `{active, value}`, and whether `tcp_passive` is due; None: the number is out of range.

    Numbers add up.
    """
    if isinstance(value, bool) or value == "once":
        return value, False
    count: int = value + (now if type(now) is int else 0)
    if count > MOST:
        return None
    if count > 0:
        return count, False
    return False, True


def delivered(now: Active, packets: int = 1) -> tuple[Active, bool]:
    """The mode after so many packets, not more than were wanted; and whether `tcp_passive` is due."""
    if now is True:
        return True, False
    if type(now) is not int:
        return False, False
    left = now - packets
    if left:  # two returns: compiled, one for both would make the False a number
        return left, False
    return False, True


def wanted(now: Active) -> int | None:
    """How many packets may be delivered; None: any number."""
    if now is True:
        return None
    return int(now) if type(now) is int else 1 if now == "once" else 0
