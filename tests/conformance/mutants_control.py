"""Faults of owners, options, listeners and the end."""

from __future__ import annotations

from typing import Any

from gentcp.options import BY_NAME

from ..support import inspection, seams, tamper
from .mutants import Original, mutant


def drop_messages(original: Original, handle: Any, new: Any, **details: Any) -> None:
    inspection.owner(handle).take(lambda found: found[0] in {"tcp", "tcp_closed"} and found[1] is handle.term)
    original(handle, new, **details)


def anybody_may(original: Original, handle: Any, process: Any) -> Any:
    result = original(handle, process)
    if result != ("error", "not_owner"):
        return result
    with inspection.lock(handle):
        seams.call("hand over", handle, process)
    process.own(handle)
    return "ok"


def with_defaults(original: Original, listener: Any, timeout: Any) -> Any:
    result = original(listener, timeout)
    if result[0] == "ok":
        tamper.change_setting(result[1], "packet", 0)
    return result


def passive_at_first(original: Original, listener: Any, timeout: Any) -> Any:
    active = inspection.active(listener)
    tamper.set_active(listener, False)
    try:
        return original(listener, timeout)
    finally:
        tamper.set_active(listener, active)


def in_silence(original: Original, handle: Any, reason: Any) -> None:
    tamper.forget_monitors(handle)


def without_linger(original: Original, sock: Any, option: Any, value: Any) -> None:
    if option is not BY_NAME["linger"].system:
        original(sock, option, value)


def in_order_given(original: Original, handle: Any, options: list[Any]) -> Any:
    return original(handle, options[::-1])


def closes_again(original: Original, handle: Any) -> Any:
    return original(handle) if inspection.descriptor(handle) >= 0 else ("error", "closed")


def unchecked(original: Original, *arguments: Any) -> Any:
    result = original(*arguments)
    return "ok" if result == ("error", "einval") else result


MUTANTS = [
    *mutant("messages lost on hand-over", "what the old owner has not taken is gone",
            "hand over", drop_messages, "ownership/transfer/under-load"),
    *mutant("anybody hands over", "controlling_process by another process than the owner succeeds",
            "controlling_process", anybody_may, "ownership/transfer/not-owner"),
    *mutant("accept does not inherit", "accepted sockets have not the packet type of their listener", "accept",
            with_defaults, "options/inherit/from-listen"),
    *mutant("accepted sockets passive", "active is not inherited", "accept", passive_at_first,
            "active/listener/once-is-inherited"),
    *mutant("monitors silent", "DOWN is not sent", "monitors", in_silence,
            "close-shutdown/monitor/passive"),
    *mutant("linger not set", "close after linger 0 sends no reset",
            "system option", without_linger, "close-shutdown/close/linger-zero"),
    *mutant("options in the wrong order", "of two values for one option the other one counts",
            "apply options", in_order_given, "active/setopts/same-option-twice"),
    *mutant("second close fails", "closing a closed socket is an error", "close", closes_again,
            "close-shutdown/close/twice"),
    *mutant("nonsense accepted", "setopts says ok to what it refuses", "setopts", unchecked,
            "active/setopts/refused-in-the-middle"),
]  # fmt: skip
