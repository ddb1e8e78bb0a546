"""Faults of send, its queue and its timeouts."""

from __future__ import annotations

import copy
import socket
from typing import Any

from gentcp.terms import iodata_to_bytes

from ..support import inspection, seams, tamper
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
        tamper.forget_last_queued(port)
    return result


def no_high_watermark(original: Original, settings: Any) -> None:
    original(settings)
    settings.high = 1 << 62


def low_is_high(original: Original, settings: Any) -> None:
    original(settings)
    settings.low = settings.high


def below_the_low_watermark(original: Original, port: Any) -> None:
    if port.own_settings.low != port.writer.queue.size:
        original(port)


def half_a_header_joined(original: Original, frame: bytes, written: int, head: int) -> Any:
    rest = original(frame, written, head)
    return [b"".join(rest)] if 0 < written < head else rest


def queued_counts_twice(original: Original, port: Any, data: bytes, start: int = 0) -> None:
    if not start:
        port.tx.add(len(data))
    original(port, data, start)


def reading_is_shut_behind(original: Original, port: Any, how: int) -> Any:
    if port.writer.queue and how == socket.SHUT_RD:
        port.writer.shut_pending = how
        return "ok"
    return original(port, how)


def shut_at_once(original: Original, port: Any, how: int) -> Any:
    inspection.system_socket(port).shutdown(how)
    return "ok"


def drop_the_queue(original: Original, port: Any, *arguments: Any) -> None:
    seams.call("drop the queue", port)


def do_not_wait(original: Original, *arguments: Any) -> None:
    pass


def keep_open(original: Original, handle: Any, *arguments: Any) -> Any:
    tamper.change_setting(handle, "send_timeout_close", False)
    tamper.keep_open(*arguments)
    return original(handle, *arguments)


def little_endian(original: Original, handle: Any, data: Any) -> Any:
    settings = inspection.settings(handle)
    if not settings.head:
        return original(handle, data)
    frame, bare = settings.framed(iodata_to_bytes(data)), copy.copy(settings)
    bare.head = 0
    tamper.put_settings(handle, bare)
    try:
        return original(handle, frame[: settings.head][::-1] + frame[settings.head :])
    finally:
        tamper.put_settings(handle, settings)


def queue_hidden(original: Original, port: Any, name: str) -> int:
    return 0 if name == "send_pend" else int(original(port, name))


MUTANTS = [
    *mutant(
        "rest off by one", "the rest data of a timeout lacks a byte", "the rest of a send",
        rest_off_by_one, "send/rest-data/packet-4-nothing-written",
    ),
    *mutant(
        "header not counted", "the rest data is that of the payload alone", "the rest of a send",
        header_not_counted, "send/rest-data/packet-4-nothing-written",
    ),
    *mutant(
        "rest in one piece", "the rest of a torn packet is a binary, not a list", "the rest of a send",
        rest_as_one_binary, "send/rest-data/packet-4-header-counts",
    ),
    *mutant(
        "no rest data", "a timeout does not say what was not sent", "send overdue",
        no_rest, "send/rest-data/raw-nothing-written", only="socket",
    ),
    *mutant(
        "timed-out data dropped", "what a send queued before its timeout is not delivered",
        "send blocked", drop_what_timed_out, "send/timeout/each-adds",
    ),
    *mutant(
        "watermark ignored", "send never blocks, however long the queue",
        "watermarks", no_high_watermark, "send/non-blocking/second-send",
    ),
    *mutant(
        "low watermark ignored", "a blocked sender goes on as soon as the queue is below the high watermark",
        "watermarks", low_is_high, "send/queue/low-watermark",
    ),
    *mutant(
        "shutdown not postponed", "shutdown overtakes what is queued", "shutdown",
        shut_at_once, "close-shutdown/queued/shutdown-write",
    ),
    *mutant(
        "close drops the queue", "what was queued is gone", "close waits",
        drop_the_queue, "close-shutdown/queued/shutdown-then-close",
    ),
    *mutant(
        "close does not wait", "close returns before the queue is written",
        "close waits", do_not_wait, "close-shutdown/queued/shutdown-then-close",
    ),
    *mutant(
        "send_timeout_close ignored", "the socket stays open after the timeout",
        "send overdue",
        keep_open, "send/timeout-close/owner-sends",
    ),
    *mutant(
        "header little-endian", "the length of a packet is sent with its bytes in the wrong order",
        "send", little_endian,
        "send/data/large-iolist",
    ),
    *mutant(
        "queue not counted", "send_pend is always 0", "statistics",
        queue_hidden, "send/queue/size-is-visible",
    ),
    *mutant(
        "below the low watermark", "a blocked sender waits until the queue is below the low watermark",
        "down to the low watermark", below_the_low_watermark, "send/queue/low-watermark-reached",
    ),
    *mutant(
        "half a header in one piece", "the rest of a packet torn in its header is one binary, not two",
        "the rest of a send", half_a_header_joined, "send/rest-data/half-a-header",
    ),
    *mutant(
        "queued counts twice", "a send that is queued counts when it is made and when it is queued",
        "a send is queued", queued_counts_twice, "send/delay-send/queue-at-once", "inet/getstat/queued-and-blocked",
    ),
    *mutant(
        "reading is shut behind the queue", "shutdown(read) waits for what is queued", "shutdown",
        reading_is_shut_behind, "close-shutdown/queued/shutdown-read-at-once",
    ),
]  # fmt: skip
