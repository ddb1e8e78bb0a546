"""The example that takes its listeners from systemd: started as systemd starts it, and by systemd-socket-activate."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from ..support.programs import PATIENCE, example, need, refused, running

EXAMPLE = "socket_activation.py"
BACKENDS = pytest.mark.parametrize("backend", ["inet", "socket"])
# Descriptors are moved out of the way first, since each may have the number of another.
LAUNCHER = """
import fcntl, os, sys
given = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 50) for fd in sys.argv[1].split(",")]
for number, fd in enumerate(given):
    os.dup2(fd, 3 + number)
    os.close(fd)
os.environ["LISTEN_PID"] = str(os.getpid())
os.environ["LISTEN_FDS"] = str(len(given))
os.execv(sys.argv[2], sys.argv[2:])
"""


def as_systemd(sockets: Sequence[socket.socket], command: list[str]) -> list[str]:
    """A command that runs another one with these sockets, from descriptor 3 on."""
    return [sys.executable, "-c", LAUNCHER, ",".join(str(sock.fileno()) for sock in sockets), *command]


def echoed(address: tuple[str, int] | str) -> str:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as client:
        client.settimeout(PATIENCE)
        client.connect(address)
        client.sendall(b"hello\n")
        with client.makefile() as lines:
            return lines.readline()


@BACKENDS
def test_it_serves_what_it_is_given(backend: str, tmp_path: Path) -> None:
    with ExitStack() as stack:
        four = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        six = stack.enter_context(socket.create_server(("::1", 0), family=socket.AF_INET6))
        local = stack.enter_context(socket.socket(socket.AF_UNIX))
        local.bind(str(tmp_path / "socket"))
        local.listen()
        given = [four, six, local]
        command = as_systemd(given, example(EXAMPLE, "--backend", backend))
        environment = {**os.environ, "LISTEN_FDNAMES": "web:six:local"}
        service = stack.enter_context(
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
                pass_fds=[sock.fileno() for sock in given],
            )
        )  # fmt: skip
        stack.callback(service.kill)
        assert service.stdout
        said = [service.stdout.readline().split()[0] for _ in given]
        assert sorted(said) == ["local", "six", "web"]
        addresses = [four.getsockname(), six.getsockname()[:2], local.getsockname()]
        for sock in given:
            sock.close()  # only the service has them now
        assert [echoed(address) for address in addresses] == ["web: hello\n", "six: hello\n", "local: hello\n"]
        service.send_signal(signal.SIGINT)
        assert service.communicate(timeout=PATIENCE) == ("bye\n", "")


@BACKENDS
def test_systemd_starts_it_when_somebody_connects(backend: str, tmp_path: Path) -> None:
    path = tmp_path / "socket"
    activate = [need("systemd-socket-activate"), "-l", str(path), "--fdname=here"]
    with running([*activate, *example(EXAMPLE, "--backend", backend)], subprocess.PIPE, subprocess.PIPE) as service:
        assert service.stderr
        assert str(path) in service.stderr.readline()  # it listens
        assert echoed(str(path)) == "here: hello\n"


def test_it_says_when_it_is_started_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LISTEN_PID", "1")
    monkeypatch.setenv("LISTEN_FDS", "1")
    assert "systemd-socket-activate" in refused(EXAMPLE)
