"""The VM as a process of the operating system, and frames through its standard input and output.

A frame is a term in the external format behind its length in four bytes.  Frames go out under a lock by whoever has
one; they come in on a thread of their own, which never writes, so that neither side waits for the other.
"""

from __future__ import annotations

import contextlib
import io
import os
import struct
import subprocess
import tempfile
import threading
from collections.abc import Callable
from typing import IO, Any, cast

from . import _command, _terms

_FAREWELL = 5.0
"""Seconds that a VM may take to end when its input has."""
_LONGEST = 0x08000000
"""Bytes of a frame.  Text that something prints to standard output begins like a longer one."""
_TAIL = 600
"""Bytes of its standard error that stand in messages."""


class Pipe:
    """A VM that is starting, running or ended.  `on_frame` and `on_end` are called on the reading thread."""

    def __init__(self, on_frame: Callable[[tuple[Any, ...]], None], on_end: Callable[[], None]) -> None:
        self._on_frame = on_frame
        self._on_end = on_end
        self.command: list[str] = _command.program()
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  as long as the VM
        self._popen = subprocess.Popen(  # noqa: S603  the user's own command
            [*self.command, *_command.FLAGS],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=_command.environment(),
            bufsize=0,
        )
        self._input, self._output = self._popen.stdin, self._popen.stdout
        self._writing = threading.RLock()  # which knows whose it is
        self._reader = threading.Thread(target=self._read, name="gentcp-otp", daemon=True)
        self.last_words: str = ""
        """Once it has ended: the end of what it wrote to standard error, in one line."""

    def start(self) -> None:
        """Read what it says, and send it the harness, which it compiles."""
        self._reader.start()
        with contextlib.suppress(OSError):  # it has ended already; the reader finds out
            self.write(_command.harness())

    def write(self, frame: bytes) -> None:
        """Send a frame.  OSError when the VM has ended."""
        left = memoryview(struct.pack(">I", len(frame)) + frame)
        try:
            self._writing.acquire()
            if self._input is None:
                raise BrokenPipeError
            number = self._input.fileno()
            try:
                while left:
                    left = left[os.write(number, left) :]
            except BaseException:
                self._popen.kill()  # interrupted within a frame: it could not tell where the next one begins
                raise
        finally:
            # Not `with`: on Python 3.14 a Ctrl-C right behind its first step would leave the lock held.
            with contextlib.suppress(RuntimeError):  # interrupted before it was ours
                self._writing.release()

    def _read(self) -> None:
        output = io.BufferedReader(cast("io.RawIOBase", self._output))
        with output, contextlib.suppress(OSError, struct.error, SyntaxError):  # the last: what came is no frame
            while True:
                (length,) = struct.unpack(">I", output.read(4))
                if length > _LONGEST:
                    break
                self._on_frame(_terms.decode(output.read(length)))
        self._bury()
        self._on_end()

    def _bury(self) -> None:
        self._popen.terminate()
        try:
            self._popen.wait(_FAREWELL)
        except subprocess.TimeoutExpired:
            self._popen.kill()
            self._popen.wait()
        with self._writing:
            self.let_go()
        with self._log as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL))
            self.last_words = " ".join(log.read().decode(errors="replace").split()) or "it says nothing"

    def stop(self) -> None:
        """End it and wait for its end."""
        with self._writing:
            self.let_go()
        self._reader.join(2 * _FAREWELL)

    def let_go(self) -> None:
        """Close our end of its input: it ends, unless another process has that open too (the parent, after a fork)."""
        if self._input is not None:
            with contextlib.suppress(OSError):
                self._input.close()
        self._input = None
