"""Faults of send, its queue and its timeouts."""

from __future__ import annotations

import copy
from typing import Any

from gentcp.terms import iodata_to_bytes

from .mutants import Original, mutant


def rest_off_by_one(original: Original, frame: bytes, written: int, head: int) -> Any:
    return original(frame, written + 1, head)


def header_not_counted(original: Original, frame: bytes, written: int, head: int) -> Any:
    return original(frame, max(written, head), head)


def rest_as_one_binary(original: Original, frame: bytes, written: int, head: int) -> Any:
    return frame[written:]


def no_rest(original: Original, *arguments: Any) -> Any:
    result = original(*arguments)
    return ("error", "timeout") if result[0] == "error" else result


def drop_what_timed_out(original: Original, port: Any, *arguments: Any) -> Any:
    result = original(port, *arguments)
    if result == ("error", "timeout"):
        port.queue.size -= len(port.queue._parts.pop())
    return result


def no_high_watermark(original: Original, settings: Any) -> None:
    original(settings)
    settings.high = 1 << 62


def low_is_high(original: Original, settings: Any) -> None:
    original(settings)
    settings.low = settings.high


def shut_at_once(original: Original, port: Any, how: int) -> Any:
    port.sock.shutdown(how)
    return "ok"


def drop_the_queue(original: Original, port: Any, *arguments: Any) -> None:
    port.drop_queue()


def do_not_wait(original: Original, *arguments: Any) -> None:
    pass


def keep_open(original: Original, handle: Any, *arguments: Any) -> Any:
    handle.settings = handle.settings.changed("send_timeout_close", False)
    return original(handle, *arguments)


def little_endian(original: Original, handle: Any, data: Any) -> Any:
    settings = handle.settings
    if not settings.head:
        return original(handle, data)
    frame, bare = settings.framed(iodata_to_bytes(data)), copy.copy(settings)
    bare.head = 0
    handle.settings = bare
    try:
        return original(handle, frame[: settings.head][::-1] + frame[settings.head :])
    finally:
        handle.settings = settings


def queue_hidden(original: Original, port: Any, name: str) -> int:
    return 0 if name == "send_pend" else int(original(port, name))


_SENDING = "gentcp_inet._sending:SendingPort"
_SOCKET = "gentcp_socket._sending"

MUTANTS = [
    *mutant(
        "rest off by one", "the rest data of a timeout lacks a byte", {"socket": f"{_SOCKET}:rest_of"},
        rest_off_by_one, "send/rest-data/packet-4-nothing-written",
    ),
    *mutant(
        "header not counted", "the rest data is that of the payload alone", {"socket": f"{_SOCKET}:rest_of"},
        header_not_counted, "send/rest-data/packet-4-nothing-written",
    ),
    *mutant(
        "rest in one piece", "the rest of a torn packet is a binary, not a list", {"socket": f"{_SOCKET}:rest_of"},
        rest_as_one_binary, "send/rest-data/packet-4-header-counts",
    ),
    *mutant(
        "no rest data", "a timeout does not say what was not sent", {"socket": f"{_SOCKET}:SendingSocket._overdue"},
        no_rest, "send/rest-data/raw-nothing-written",
    ),
    *mutant(
        "timed-out data dropped", "what a send queued before its timeout is not delivered",
        {"inet": f"{_SENDING}._block"}, drop_what_timed_out, "send/timeout/each-adds",
    ),
    *mutant(
        "watermark ignored", "send never blocks, however long the queue",
        {"inet": "gentcp_inet._settings:InetSettings._derive"}, no_high_watermark, "send/non-blocking/second-send",
    ),
    *mutant(
        "low watermark ignored", "a blocked sender goes on as soon as the queue is below the high watermark",
        {"inet": "gentcp_inet._settings:InetSettings._derive"}, low_is_high, "send/queue/low-watermark",
    ),
    *mutant(
        "shutdown not postponed", "shutdown overtakes what is queued", {"inet": f"{_SENDING}.shut"},
        shut_at_once, "close-shutdown/queued/shutdown-write",
    ),
    *mutant(
        "close drops the queue", "what was queued is gone", {"inet": "gentcp_inet._port:Port._wait_for_queue"},
        drop_the_queue, "close-shutdown/queued/shutdown-then-close",
    ),
    *mutant(
        "close does not wait", "close returns before the queue is written",
        {"inet": "gentcp_inet._port:Port._wait_for_queue"}, do_not_wait, "close-shutdown/queued/shutdown-then-close",
    ),
    *mutant(
        "send_timeout_close ignored", "the socket stays open after the timeout",
        {"inet": f"{_SENDING}.overdue", "socket": f"{_SOCKET}:SendingSocket._overdue"},
        keep_open, "send/timeout-close/owner-sends",
    ),
    *mutant(
        "header little-endian", "the length of a packet is sent with its bytes in the wrong order",
        {"inet": f"{_SENDING}.send", "socket": f"{_SOCKET}:SendingSocket.send"}, little_endian,
        "send/data/large-iolist",
    ),
    *mutant(
        "queue not counted", "send_pend is always 0", {"inet": "gentcp_inet._port:Port.counted"},
        queue_hidden, "send/queue/size-is-visible",
    ),
]  # fmt: skip
