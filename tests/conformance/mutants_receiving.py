"""Faults of recv, packets and active mode."""

from __future__ import annotations

import socket
from typing import Any

from .mutants import Original, both, mutant


def line_whole(original: Original, settings: Any) -> int:
    return 0


def no_packet_size(original: Original, settings: Any) -> None:
    original(settings)
    settings.limits = settings.limits._replace(packet_size=0)


def header_limited_too(original: Original, settings: Any) -> None:
    original(settings)
    if settings.limits.packet_size:
        settings.most = settings.limits.packet_size - settings.head
        settings.limits = settings.limits._replace(packet_size=settings.most)


def never_already(original: Original, handle: Any, length: int) -> Any:
    result = original(handle, length)
    return None if result == ("error", "ealready") else result


def always_already(original: Original, handle: Any, length: int) -> Any:
    return ("error", "ealready") if handle.receiver is not None else original(handle, length)


def forget_on_timeout(original: Original, handle: Any, length: int) -> None:
    handle.inbound.clear()


def as_much_as_there_is(original: Original, inbound: Any, length: int) -> Any:
    return original(inbound, min(length, len(inbound)) or length)


def at_the_end(original: Original, inbound: Any, data: bytes) -> None:
    inbound.feed(data)


def closed_twice(original: Original, handle: Any, *message: Any) -> None:
    original(handle, *message)
    if message[0] == "tcp_closed":
        original(handle, *message)


def closed_first(original: Original, handle: Any, events: int) -> None:
    original(handle, events)
    if at_the_end_of_the_stream(handle.sock):
        earlier = handle.owner.take(lambda found: found[1] is handle.term)
        with handle.lock:
            handle._on_fin()
        for each in earlier:
            handle.owner.post(each)


def at_the_end_of_the_stream(sock: socket.socket) -> bool:
    try:
        return sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except OSError:
        return False


def without_error(original: Original, handle: Any, *message: Any) -> None:
    if message[0] != "tcp_error":
        original(handle, *message)


def one_more(original: Original, handle: Any, value: Any) -> Any:
    return original(handle, value + 1 if type(value) is int else value)


def replaced(original: Original, handle: Any, value: Any) -> Any:
    if type(value) is int:
        handle.active = False
    return original(handle, value)


def once_for_ever(original: Original, handle: Any, data: Any) -> None:
    once = handle.active == "once"
    original(handle, data)
    if once:
        handle.active = "once"


def no_passive(original: Original, handle: Any, data: Any) -> None:
    if type(handle.active) is int and handle.active == 1:
        handle.active = "once"
    original(handle, data)


def reset_is_shown(original: Original, handle: Any, reason: str) -> Any:
    handle.settings = handle.settings.changed("show_econnreset", True)
    return original(handle, reason)


def reset_is_hidden(original: Original, handle: Any, reason: str) -> Any:
    handle.settings = handle.settings.changed("show_econnreset", False)
    return original(handle, reason)


def half_open_never(original: Original, *arguments: Any, **details: Any) -> Any:
    return original(*arguments, **{**details, "exit_on_close": True})


def close_on_misframed(original: Original, handle: Any) -> None:
    handle.transit("unreadable", "emsgsize")


def keep_open_on_misframed(original: Original, port: Any) -> None:
    port.inbound.clear()
    port.tell("tcp_error", "emsgsize")
    port.active = False


_RECEIVING = {"inet": "gentcp_inet._base:PortBase", "socket": "gentcp_socket._base:SocketBase"}
_STREAM = "gentcp.engine.stream:Stream"


def of(method: str, *backends: str) -> dict[str, str]:
    """A method that each backend has its own of."""
    return {name: f"{where}.{method}" for name, where in _RECEIVING.items() if not backends or name in backends}


MUTANTS = [
    *mutant(
        "line not cut", "a line longer than the buffer comes whole",
        {"inet": "gentcp_inet._settings:InetSettings.line_length"}, line_whole, "packet/line/longer-than-buffer",
    ),
    *mutant(
        "packet_size ignored", "packets may be of any size", both("gentcp.engine.settings:Settings._derive"),
        no_packet_size, "active/error/oversized-packet",
    ),
    *mutant(
        "packet_size with header", "the header counts against packet_size",
        both("gentcp.engine.settings:Settings._derive"), header_limited_too, "active/error/behind-a-good-packet",
    ),
    *mutant(
        "ealready missing", "a second recv waits as well", of("_refuse_recv", "inet"),
        never_already, "recv/concurrent/two-receivers",
    ),
    *mutant(
        "ealready everywhere", "a second recv is refused", of("_refuse_recv", "socket"),
        always_already, "recv/concurrent/two-receivers",
    ),
    *mutant(
        "timeout loses bytes", "what came before a recv timed out is dropped",
        {"inet": "gentcp_inet._base:PortBase._on_expired", "socket": "gentcp.engine.receiving:Receiving._on_expired"},
        forget_on_timeout, "recv/timeout/keeps-bytes",
    ),
    *mutant(
        "length is a limit", "recv(S, N) gives what is there, up to N bytes",
        both("gentcp.engine.inbound:Inbound.take_bytes"), as_much_as_there_is, "recv/timeout/keeps-bytes",
    ),
    *mutant(
        "unrecv at the end", "unrecv puts data behind what is buffered",
        {"inet": "gentcp.engine.inbound:Inbound.push_back"}, at_the_end, "recv/unrecv/packets",
    ),
    *mutant("tcp_closed twice", "the owner hears of the end twice", both(f"{_STREAM}.tell"), closed_twice,
            "active/once/then-end"),
    *mutant(
        "tcp_closed before data", "the end overtakes the last packets",
        both("gentcp.engine.quick:Quick.on_ready"), closed_first, "packet/line/end-without-newline-active",
    ),
    *mutant("tcp_error missing", "the owner is not told why", both(f"{_STREAM}.tell"), without_error,
            "ownership/transfer/tcp-error-stays"),
    *mutant("active N off by one", "one packet too many before tcp_passive", both(f"{_STREAM}.next_active"), one_more,
            "active/n/counts-down-to-passive"),
    *mutant("active N replaces", "a number does not add to the count", both(f"{_STREAM}.next_active"), replaced,
            "active/n/limits"),
    *mutant("once for ever", "a socket set active once stays so", both(f"{_STREAM}._tell_data"), once_for_ever,
            "active/once/one-message"),
    *mutant("tcp_passive missing", "the count runs out in silence", both(f"{_STREAM}._tell_data"), no_passive,
            "active/n/packets-waiting"),
    *mutant("show_econnreset always on", "a reset is shown unasked", of("_on_broken"), reset_is_shown,
            "recv/end/reset"),
    *mutant("show_econnreset ignored", "a reset always looks like a close", of("_on_broken"), reset_is_hidden,
            "recv/end/reset-shown"),
    *mutant(
        "exit_on_close ignored", "the socket closes with the peer's side",
        {"inet": "gentcp_inet._base:step", "socket": "gentcp_socket._base:step"},
        half_open_never, "close-shutdown/exit-on-close/reset",
    ),
    *mutant("framing error closes", "a packet that is too long ends the connection", of("_on_misframed", "socket"),
            close_on_misframed, "active/error/oversized-packet"),
    *mutant("framing error keeps open", "a packet that is too long does not end the connection",
            of("_on_misframed", "inet"), keep_open_on_misframed, "active/error/oversized-packet"),
]  # fmt: skip
