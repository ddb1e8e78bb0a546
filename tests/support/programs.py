"""Programs that a test starts and ends again: examples of the documentation, and peers that nobody here wrote."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import monotonic
from typing import IO

import pytest

import gentcp_otp

from .waiting import PATIENCE as PATIENCE

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
BACKENDS = ("inet", "socket")
_no_erl = pytest.mark.skipif(gentcp_otp.find() is None, reason="no erl on PATH, nor in GENTCP_ERL")
ON_ALL = pytest.mark.parametrize(
    "backend", [*BACKENDS, *(pytest.param(f"otp_{name}", marks=_no_erl) for name in BACKENDS)]
)
"""With each backend of gentcp, and with those of a real VM where there is one."""
_SWITCHES = 27
"""25 does not, 27 does."""
_ATTEMPTS = 3
_PLACES = ("/usr/sbin", "/sbin")
"""Where servers are; not everybody has that on PATH."""


def need(program: str) -> str:
    """Path of an optional program; skips the test, saying why, when it is not installed."""
    found = where(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def where(program: str) -> str | None:
    """Path of a program, None when it is not installed."""
    return shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *_PLACES)))


def need_switching(backend: str) -> None:
    """Skips a test on a VM that does not decode what is here already when it is switched from raw to lines."""
    if backend == "otp_socket" and _release() < _SWITCHES:
        pytest.skip(f"{backend} of OTP {_release()} waits for more data when the packet type is switched")


@cache
def _release() -> int:
    command = gentcp_otp.find()
    assert command is not None
    return int(output([*command, "-noshell", "-eval", "io:put_chars(erlang:system_info(otp_release)), halt()."]))


# ---- examples


def example(name: str, *arguments: str) -> list[str]:
    """The command that runs an example; a warning in it is an error."""
    return [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments]


def run(name: str, *arguments: str) -> str:
    """What an example prints; it must succeed, and without complaints."""
    done = subprocess.run(example(name, *arguments), capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def refused(name: str, *arguments: str) -> str:
    """What an example says when it gives up."""
    done = subprocess.run(example(name, *arguments), capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@contextmanager
def serving(name: str, *arguments: str) -> Generator[str]:
    """Run an example that serves until Ctrl-C; the last word of what it prints first, as a rule its port."""
    with running(example(name, *arguments), subprocess.PIPE, subprocess.PIPE) as server:
        assert server.stdout
        yield server.stdout.readline().split()[-1]
        server.send_signal(signal.SIGINT)
        printed, complaints = server.communicate(timeout=PATIENCE)
        if not any(argument.startswith("otp_") for argument in arguments):  # a VM may be gone before those who use it
            assert (server.returncode, printed, complaints) == (0, "bye\n", ""), complaints


# ---- other programs


def output(command: Sequence[str]) -> str:
    """What a program prints; it must succeed."""
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr or done.stdout
    return done.stdout.decode()


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
    command: Sequence[str],
    stdout: int | IO[bytes],
    stderr: int | IO[bytes],
    environment: Mapping[str, str] | None = None,
) -> Generator[subprocess.Popen[str]]:
    """A program in the foreground; it, and nothing else, is ended on the way out."""
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, text=True, env=environment
    ) as process:
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
            threading.Event().wait(0.02)  # nothing says when a server is ready
        else:
            return True
    return False


def exactly(sock: socket.socket, length: int) -> bytes:
    """So many bytes, or fewer when the stream ends before."""
    data = b""
    while len(data) < length and (piece := sock.recv(length - len(data))):
        data += piece
    return data
