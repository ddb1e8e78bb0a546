"""Faults of owners, options, listeners and the end."""

from __future__ import annotations

from typing import Any

from gentcp.options import BY_NAME

from .mutants import Original, both, mutant


def drop_messages(original: Original, handle: Any, new: Any) -> None:
    handle.owner.take(lambda found: found[0] in {"tcp", "tcp_closed"} and found[1] is handle.term)
    original(handle, new)


def anybody_may(original: Original, handle: Any, process: Any) -> Any:
    result = original(handle, process)
    if result != ("error", "not_owner"):
        return result
    with handle.lock:
        handle.hand_over(process)
    process.own(handle)
    return "ok"


def with_defaults(original: Original, listener: Any, timeout: Any) -> Any:
    result = original(listener, timeout)
    if result[0] == "ok":
        handle = result[1]
        handle.settings = handle.settings.changed("packet", 0)
    return result


def passive_at_first(original: Original, listener: Any, timeout: Any) -> Any:
    active, listener.active = listener.active, False
    try:
        return original(listener, timeout)
    finally:
        listener.active = active


def in_silence(original: Original, handle: Any, reason: Any) -> None:
    handle.monitors = None


def without_linger(original: Original, sock: Any, option: Any, value: Any) -> None:
    if option is not BY_NAME["linger"].system:
        original(sock, option, value)


def in_order_given(original: Original, handle: Any, options: list[Any]) -> Any:
    return original(handle, options[::-1])


def closes_again(original: Original, handle: Any) -> Any:
    return original(handle) if handle.fd >= 0 else ("error", "closed")


def unchecked(original: Original, *arguments: Any) -> Any:
    result = original(*arguments)
    return "ok" if result == ("error", "einval") else result


_HANDLE = {"inet": "gentcp_inet._port:Port", "socket": "gentcp_socket._handle:SocketSocket"}


def of(method: str, *backends: str) -> dict[str, str]:
    """A method that each backend has its own of."""
    return {name: f"{where}.{method}" for name, where in _HANDLE.items() if not backends or name in backends}


MUTANTS = [
    *mutant("messages lost on hand-over", "what the old owner has not taken is gone",
            both("gentcp.engine.stream:Stream.hand_over"), drop_messages, "ownership/transfer/under-load"),
    *mutant("anybody hands over", "controlling_process by another process than the owner succeeds",
            of("controlling_process"), anybody_may, "ownership/transfer/not-owner"),
    *mutant("accept does not inherit", "accepted sockets have not the packet type of their listener", of("accept"),
            with_defaults, "options/inherit/from-listen"),
    *mutant("accepted sockets passive", "active is not inherited", of("accept"), passive_at_first,
            "active/listener/once-is-inherited"),
    *mutant("monitors silent", "DOWN is not sent", both("gentcp.engine.endpoint:Endpoint.fire_monitors"), in_silence,
            "close-shutdown/monitor/passive"),
    *mutant("linger not set", "close after linger 0 sends no reset",
            {"inet": "gentcp_inet._options:set_option", "socket": "gentcp_socket._options:set_option"},
            without_linger, "close-shutdown/close/linger-zero"),
    *mutant("options in the wrong order", "of two values for one option the other one counts",
            {"inet": "gentcp_inet._options:apply", "socket": "gentcp_socket._options:apply"},
            in_order_given, "active/setopts/same-option-twice"),
    *mutant("second close fails", "closing a closed socket is an error", of("close"), closes_again,
            "close-shutdown/close/twice"),
    *mutant("nonsense accepted", "setopts says ok to what it refuses", of("setopts"), unchecked,
            "active/setopts/refused-in-the-middle"),
]  # fmt: skip
