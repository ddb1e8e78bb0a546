"""Faults of recv, packets and active mode."""

from __future__ import annotations

import socket
from typing import Any

from ..support import inspection, seams, tamper
from .mutants import Original, mutant


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
    return ("error", "ealready") if inspection.receivers(handle) else original(handle, length)


def forget_on_timeout(original: Original, handle: Any, length: int, **details: Any) -> None:
    tamper.forget_unread(handle)


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
    if at_the_end_of_the_stream(inspection.system_socket(handle)):
        owner = inspection.owner(handle)
        earlier = owner.take(lambda found: found[1] is handle.term)
        with inspection.lock(handle):
            seams.call("end of the stream", handle)
        for each in earlier:
            owner.post(each)


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
        tamper.set_active(handle, False)
    return original(handle, value)


def once_for_ever(original: Original, handle: Any, data: Any) -> None:
    once = inspection.active(handle) == "once"
    original(handle, data)
    if once:
        tamper.set_active(handle, "once")


def no_passive(original: Original, handle: Any, data: Any) -> None:
    active = inspection.active(handle)
    if type(active) is int and active == 1:
        tamper.set_active(handle, "once")
    original(handle, data)


def reset_is_shown(original: Original, handle: Any, reason: str) -> Any:
    tamper.change_setting(handle, "show_econnreset", True)
    return original(handle, reason)


def reset_is_hidden(original: Original, handle: Any, reason: str) -> Any:
    tamper.change_setting(handle, "show_econnreset", False)
    return original(handle, reason)


def half_open_never(original: Original, *arguments: Any, **details: Any) -> Any:
    return original(*arguments, **{**details, "exit_on_close": True})


def close_on_misframed(original: Original, handle: Any) -> None:
    seams.call("transition", handle, "unreadable", "emsgsize")


def keep_open_on_misframed(original: Original, port: Any) -> None:
    tamper.forget_unread(port)
    seams.call("a message for the owner", port, "tcp_error", "emsgsize")
    tamper.set_active(port, False)


MUTANTS = [
    *mutant(
        "line not cut", "a line longer than the buffer comes whole",
        "line length", line_whole, "packet/line/longer-than-buffer",
    ),
    *mutant(
        "packet_size ignored", "packets may be of any size", "settings",
        no_packet_size, "active/error/oversized-packet",
    ),
    *mutant(
        "packet_size with header", "the header counts against packet_size",
        "settings", header_limited_too, "active/error/behind-a-good-packet",
    ),
    *mutant(
        "ealready missing", "a second recv waits as well", "recv refused",
        never_already, "recv/concurrent/two-receivers", only="inet",
    ),
    *mutant(
        "ealready everywhere", "a second recv is refused", "recv refused",
        always_already, "recv/concurrent/two-receivers", only="socket",
    ),
    *mutant(
        "timeout loses bytes", "what came before a recv timed out is dropped",
        "recv expired",
        forget_on_timeout, "recv/timeout/keeps-bytes",
    ),
    *mutant(
        "length is a limit", "recv(S, N) gives what is there, up to N bytes",
        "so many bytes", as_much_as_there_is, "recv/timeout/keeps-bytes",
    ),
    *mutant(
        "unrecv at the end", "unrecv puts data behind what is buffered",
        "put back", at_the_end, "recv/unrecv/packets",
    ),
    *mutant("tcp_closed twice", "the owner hears of the end twice", "a message for the owner", closed_twice,
            "active/once/then-end"),
    *mutant(
        "tcp_closed before data", "the end overtakes the last packets",
        "data for the mailbox", closed_first, "packet/line/end-without-newline-active",
    ),
    *mutant("tcp_error missing", "the owner is not told why", "a message for the owner", without_error,
            "ownership/transfer/tcp-error-stays"),
    *mutant("active N off by one", "one packet too many before tcp_passive", "the next active", one_more,
            "active/n/counts-down-to-passive"),
    *mutant("active N replaces", "a number does not add to the count", "the next active", replaced,
            "active/n/limits"),
    *mutant("once for ever", "a socket set active once stays so", "a packet for the owner", once_for_ever,
            "active/once/one-message"),
    *mutant("tcp_passive missing", "the count runs out in silence", "a packet for the owner", no_passive,
            "active/n/packets-waiting"),
    *mutant("show_econnreset always on", "a reset is shown unasked", "reading failed", reset_is_shown,
            "recv/end/reset"),
    *mutant("show_econnreset ignored", "a reset always looks like a close", "reading failed", reset_is_hidden,
            "recv/end/reset-shown"),
    *mutant(
        "exit_on_close ignored", "the socket closes with the peer's side",
        "step",
        half_open_never, "close-shutdown/exit-on-close/reset",
    ),
    *mutant("framing error closes", "a packet that is too long ends the connection", "no packet",
            close_on_misframed, "active/error/oversized-packet", only="socket"),
    *mutant("framing error keeps open", "a packet that is too long does not end the connection",
            "no packet", keep_open_on_misframed, "active/error/oversized-packet", only="inet"),
]  # fmt: skip
