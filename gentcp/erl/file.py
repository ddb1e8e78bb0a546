"""`file`: sending files over sockets, and what it needs to open them."""

from __future__ import annotations

import io
import os
from typing import Any

from gentcp._face import Face
from gentcp._files import LARGEST_CHUNK, feed_file, send_file
from gentcp.abc import Result, Term
from gentcp.errors import ErlangError, reason_of
from gentcp.terms import charlist_to_str, is_int

_MODES = ("raw", "read", "binary")


def open(name: Term, modes: Term) -> Result:  # noqa: A001  OTP's name
    """`open(Filename, Modes)`: `("ok", file)` for reading; modes: "raw", "read" and "binary", no others.

    The file is a Python file object; any other that is open for reading will do for `sendfile/5`.
    """
    if not isinstance(modes, list) or "raw" not in modes or any(mode not in _MODES for mode in modes):
        return ("error", "badarg")
    path = _path(name)
    if path is None:
        return ("error", "badarg")
    try:
        return ("ok", io.FileIO(path))
    except OSError as error:
        return ("error", reason_of(error))


def close(file: Term) -> Result:
    """`close(IoDevice)`: "ok"; einval for a file that is closed, badarg for what is none."""
    if not isinstance(file, io.IOBase):
        return ("error", "badarg")
    if file.closed:
        return ("error", "einval")
    file.close()
    return "ok"


def sendfile(file: Term, socket: Term, *rest: Term) -> Result:
    """`sendfile(Filename, Socket)`, `sendfile(RawFile, Socket, Offset, Bytes, Opts)`: `("ok", sent)`.

    Bytes 0 is everything from Offset on.  No packet header is written, no counter counts, and no `send_timeout`
    applies.  Errors of both backends: enoent and others of the file, badarg, einval, closed.  `inet`: not_owner,
    enotconn; the connection is lost when the file cannot be read.  `socket`: anybody may call it; epipe, econnreset,
    and `(reason, sent)` when a part had been written.
    """
    if not rest:
        return _send_named(file, socket)
    if len(rest) != 3:
        raise ErlangError("undef")
    offset, count, options = rest
    chunk = _chunk_size(options)
    if chunk is None or not hasattr(file, "fileno") or not is_int(offset) or not is_int(count):
        return ("error", "badarg")
    return _send(file, socket, offset, count, chunk)


def _send_named(name: Term, socket: Term) -> Result:
    result: Result = open(name, ["read", "raw", "binary"])
    if result[0] != "ok":
        return result
    with result[1] as file:
        return _send(file, socket, 0, 0, LARGEST_CHUNK)


def _send(file: Any, socket: Term, offset: int, count: int, chunk: int) -> Result:
    if isinstance(socket, Face):
        return send_file(socket.handle, file, offset, count, chunk)
    if callable(socket):
        return feed_file(socket, file, offset, count, chunk)
    raise ErlangError(("case_clause", socket))


def _path(name: Term) -> bytes | None:
    if isinstance(name, (str, list)):
        text = charlist_to_str(name)
        try:
            name = None if text is None else os.fsencode(text)
        except UnicodeEncodeError:
            return None
    return name if isinstance(name, bytes) and b"\0" not in name else None


def _chunk_size(options: Term) -> int | None:
    """`{chunk_size, Bytes}` (`proplists:get_value/3`); None for what is no such list."""
    if not isinstance(options, list):
        return None
    for option in options:
        if option == "chunk_size":
            return None
        if isinstance(option, tuple) and option[:1] == ("chunk_size",) and len(option) == 2:
            return min(option[1], LARGEST_CHUNK) if is_int(option[1]) else None
    return LARGEST_CHUNK
