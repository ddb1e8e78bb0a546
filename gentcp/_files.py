"""Sending files, for both faces: with the backend's sendfile, or where there is none by reading and sending."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
from collections.abc import Callable
from typing import Any

from .abc import Result, SocketHandle
from .errors import OptionError, reason_of

LARGEST_CHUNK = 1 << 20
"""Bytes read at a time where there is no sendfile."""


def send_file(handle: SocketHandle, file: Any, offset: int, count: int, chunk: int = LARGEST_CHUNK) -> Result:
    """`("ok", sent)` or an error: `count` bytes (0: all there are) of an open file from `offset` on."""
    try:
        descriptor = duplicate(file)
    except OSError as error:
        return ("error", reason_of(error))
    try:
        result = handle.sendfile(descriptor, offset, count)
        if result == ("error", "enotsup") and descriptor >= 0:
            return _read_and_send(handle.send, descriptor, offset, count, chunk)
        return result
    finally:
        close(descriptor)


def feed_file(send: Callable[[bytes], Result], file: Any, offset: int, count: int, chunk: int) -> Result:
    """The same with a function that sends a piece."""
    try:
        descriptor = duplicate(file)
    except OSError as error:
        return ("error", reason_of(error))
    if descriptor < 0:
        return ("error", "einval")
    try:
        return _read_and_send(send, descriptor, offset, count, chunk)
    finally:
        close(descriptor)


def duplicate(file: Any) -> int:
    """A descriptor that nobody else closes and uses for something else meanwhile; -1 when it is closed.

    OSError when the system has no descriptor for that.
    """
    try:
        return os.dup(file if isinstance(file, int) else file.fileno())
    except ValueError:
        return -1
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            raise
        return -1


def close(descriptor: int) -> None:
    """Close what `duplicate` gave, unless a socket that was closed behind its back had the number, and has done so."""
    with contextlib.suppress(OSError):
        if descriptor >= 0:
            os.close(descriptor)


def _read_and_send(send: Callable[[bytes], Result], file: int, offset: int, count: int, chunk: int) -> Result:
    if offset < 0 or count < 0 or chunk <= 0:
        return ("error", "einval")
    sent = 0
    while not count or sent < count:
        try:
            data = os.pread(file, min(chunk, count - sent) if count else chunk, offset + sent)
        except OSError as error:
            return ("error", reason_of(error))
        if not data:
            break
        result = send(data)
        if result != "ok":
            return result
        sent += len(data)
    return ("ok", sent)


def opened(path: str | bytes | os.PathLike[Any]) -> io.FileIO:
    """The file of that name; OSError when it cannot be opened."""
    try:
        return io.FileIO(os.fspath(path), opener=_open_at_once)
    except ValueError:
        raise OptionError("file", f"{path!r} cannot be a path") from None


def _open_at_once(name: str, flags: int) -> int:
    """To open a pipe with a name would wait for its writer, only for `within` to refuse it."""
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def within(file: object, offset: int) -> int:
    """`offset`, or the end of the file if that comes first.

    OptionError for what sendfile cannot send; on `inet` to find that out would cost the connection, and so would an
    offset that is beyond what the file system knows.
    """
    try:
        found = os.fstat(file.fileno())  # type: ignore[attr-defined]
        readable = getattr(file, "readable", lambda: True)()
    except (AttributeError, TypeError, OSError):
        raise OptionError("file", f"expected a path or an open file, not {file!r}") from None
    except ValueError:
        raise OptionError("file", "it is closed") from None
    if not readable:
        raise OptionError("file", "it is not open for reading")
    if stat.S_ISREG(found.st_mode) and found.st_size:  # in /proc files have none, and contents all the same
        return min(offset, found.st_size)
    if stat.S_ISREG(found.st_mode) or stat.S_ISBLK(found.st_mode):
        return offset
    raise OptionError("file", "expected a regular file; read from this one, and send what it gives")
