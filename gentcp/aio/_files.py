"""Sending files in steps: with the backend's sendfile, or where there is none by reading and sending."""

from __future__ import annotations

import os
from typing import Any

from gentcp._files import LARGEST_CHUNK, close, duplicate
from gentcp.abc import Result
from gentcp.engine import Endpoint, Operation, Steps
from gentcp.errors import reason_of
from gentcp.process import Process


def begin_file(endpoint: Endpoint, process: Process, file: Any, offset: int, count: int) -> Steps:
    """`("ok", sent)` or an error: `count` bytes (0: all there are) of an open file from `offset` on."""
    try:
        descriptor = duplicate(file)
    except OSError as error:
        return ("error", reason_of(error))
    try:
        result = yield from _waited(endpoint.begin_sendfile(process, descriptor, offset, count))
        if result == ("error", "enotsup") and descriptor >= 0:
            return (yield from _read_and_send(endpoint, process, descriptor, offset, count))
        return result
    finally:
        close(descriptor)


def _waited(found: Result | Operation) -> Steps:
    if not isinstance(found, Operation):
        return found
    yield found
    return found.result


def _read_and_send(endpoint: Endpoint, process: Process, file: int, offset: int, count: int) -> Steps:
    sent = 0
    while not count or sent < count:
        data = os.pread(file, min(LARGEST_CHUNK, count - sent) if count else LARGEST_CHUNK, offset + sent)
        if not data:
            break
        result = yield from _waited(endpoint.begin_send(process, data))
        if result != "ok":
            return result
        sent += len(data)
    return ("ok", sent)
