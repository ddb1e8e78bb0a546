"""Programs that a test starts on a free port and ends again."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import IO

import pytest

PATIENCE = 20.0
_ATTEMPTS = 3


def need(program: str) -> str:
    """Path of an optional program; skips the test, saying why, when it is not installed."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


@contextmanager
def listening(command: Callable[[int], Sequence[str]], folder: Path) -> Generator[int]:
    """Run the server that `command` makes of a port; the port, once somebody answers there."""
    log = folder / "server.log"
    for _ in range(_ATTEMPTS):  # a free port may be taken before the server gets there
        port = _free_port()
        with log.open("ab") as output, running(command(port), output, output) as process:
            if _answers(port, process):
                yield port
                return
    pytest.fail(f"the server did not start: {log.read_text(errors='replace')}")


@contextmanager
def running(
    command: Sequence[str], stdout: int | IO[bytes], stderr: int | IO[bytes]
) -> Generator[subprocess.Popen[str]]:
    """A program in the foreground; it, and nothing else, is ended on the way out."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _answers(port: int, process: subprocess.Popen[str]) -> bool:
    deadline = monotonic() + PATIENCE
    while process.poll() is None and monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            threading.Event().wait(0.02)  # nothing says when epmd is ready
        else:
            return True
    return False
