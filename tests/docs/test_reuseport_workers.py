"""The example whose workers share a port: they share the connections, are replaced, and lose nobody when they stop."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from ..support.programs import BACKENDS, PATIENCE, exactly, example, running
from ..support.waiting import eventually

EXAMPLE = "reuseport_workers.py"
ON_BOTH = pytest.mark.parametrize("backend", BACKENDS)
ENOUGH = 100
"""Connections among which there is one of each of two workers: Linux chooses by a hash of the addresses."""


class Server:
    """The supervisor, and what it says; its clients are closed at the end."""

    def __init__(self, process: subprocess.Popen[str], stack: ExitStack) -> None:
        assert process.stdout
        self.process, self.said, self._stack = process, process.stdout, stack
        self.pids: dict[str, int] = {}
        """By number of the worker."""
        self.port = int(self.until("listening on port ").split()[-1])

    def until(self, start: str) -> str:
        """The next line that starts like this; the workers that are named before are remembered."""
        while not (line := self.said.readline()).startswith(start):
            assert line, f"it ended without saying {start!r}"
            word, number, pid, *rest = line.split()
            assert (word, rest) == ("worker", ["is", "ready"]), line
            self.pids[number] = int(pid.strip("()"))
        return line

    def dial(self) -> socket.socket:
        return self._stack.enter_context(socket.create_connection(("127.0.0.1", self.port), PATIENCE))

    def one_of(self, pid: int) -> socket.socket:
        """A connection to that worker."""
        for _ in range(ENOUGH):
            client = self.dial()
            if whose(client) == pid:
                return client
            client.close()
        pytest.fail(f"none of {ENOUGH} connections went to {pid}")

    def states(self) -> list[str]:
        """Of the workers' processes, as ps(1) calls them."""
        return [Path(f"/proc/{pid}/stat").read_text().split()[2] for pid in self.pids.values()]

    def signal(self, number: int) -> None:
        for pid in self.pids.values():
            os.kill(pid, number)

    def end(self) -> tuple[int, str]:
        """The exit code, and the rest of what it and its workers say; they have all ended then."""
        assert self.process.stderr
        said, complaints = self.said.read(), self.process.stderr.read()
        assert complaints == ""
        return self.process.wait(PATIENCE), said


@contextmanager
def serving(backend: str, *arguments: str) -> Generator[Server]:
    command = example(EXAMPLE, "--backend", backend, "--workers", "2", *arguments)
    with running(command, subprocess.PIPE, subprocess.PIPE) as process, ExitStack() as stack:
        yield Server(process, stack)


def packet(data: bytes) -> bytes:
    return struct.pack("!I", len(data)) + data


def reply(client: socket.socket) -> tuple[int, bytes]:
    """Who answers, and what."""
    pid, data = exactly(client, int.from_bytes(exactly(client, 4), "big")).split(b": ")
    return int(pid), data


def whose(client: socket.socket) -> int:
    """Which worker has this connection."""
    client.sendall(packet(b"who"))
    return reply(client)[0]


@ON_BOTH
def test_the_workers_share_the_connections(backend: str) -> None:
    with serving(backend) as server:
        assert {whose(server.dial()) for _ in range(ENOUGH)} == set(server.pids.values())


@ON_BOTH
def test_a_worker_that_is_killed_is_replaced(backend: str) -> None:
    with serving(backend) as server:
        first, second = server.pids["1"], server.pids["2"]
        lost, kept = server.one_of(first), server.one_of(second)
        os.kill(first, signal.SIGKILL)
        assert server.until("worker 1 ") == f"worker 1 ({first}) died: SIGKILL\n"
        assert lost.recv(1) == b""
        replaced = int(server.until("worker 1 ").split()[2].strip("()"))
        assert replaced not in {first, second}
        assert whose(kept) == second
        assert whose(server.one_of(replaced)) == replaced


@ON_BOTH
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_planned_stop_finishes_what_was_begun(backend: str, number: int) -> None:
    with serving(backend) as server:
        clients = [server.one_of(pid) for pid in server.pids.values()]
        for client in clients:
            client.sendall(packet(b"a whole")[:5])
        server.process.send_signal(number)
        assert server.until("stopping")
        eventually(lambda: refused(server.dial))
        for client, pid in zip(clients, server.pids.values(), strict=True):
            client.sendall(packet(b"a whole")[5:])
            assert reply(client) == (pid, b"a whole")
        for client in clients:
            client.close()
        assert server.end() == (0, "bye\n")


def refused(dial: Callable[[], socket.socket]) -> bool:
    """Whether nobody listens any more."""
    try:
        dial().close()
    except ConnectionError:
        return True
    return False


@ON_BOTH
def test_who_waits_in_the_queue_is_served_before_the_stop(backend: str) -> None:
    with serving(backend) as server:
        server.signal(signal.SIGSTOP)
        eventually(lambda: server.states() == ["T", "T"])
        clients = [server.dial() for _ in range(30)]
        for client in clients:
            client.sendall(packet(b"here"))
        server.process.send_signal(signal.SIGTERM)
        server.until("stopping")
        server.signal(signal.SIGCONT)
        assert {reply(client) for client in clients} <= {(pid, b"here") for pid in server.pids.values()}
        for client in clients:
            client.close()
        assert server.end() == (0, "bye\n")


@ON_BOTH
def test_a_stop_for_the_whole_group_is_the_supervisors_alone(backend: str) -> None:
    with serving(backend) as server:
        client = server.dial()
        pid = whose(client)
        server.signal(signal.SIGINT)
        server.signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGINT)
        server.until("stopping")
        assert whose(client) == pid
        client.close()
        assert server.end() == (0, "bye\n")


@ON_BOTH
def test_clients_that_stay_are_cut_off(backend: str) -> None:
    with serving(backend, "--workers", "1", "--grace", "0.1") as server:
        client = server.dial()
        pid = whose(client)
        server.process.send_signal(signal.SIGTERM)
        server.until("stopping")
        assert server.end() == (3, f"worker 1 ({pid}) was killed after 0.1 s\nbye\n")


@ON_BOTH
def test_workers_that_die_too_often_are_given_up(backend: str) -> None:
    with serving(backend, "--restarts", "1", "--within", "1000") as server:
        for death in range(2):
            os.kill(server.pids["1"], signal.SIGKILL)
            server.until("worker 1 ")
            if death == 0:
                server.pids["1"] = int(server.until("worker 1 ").split()[2].strip("()"))
        assert server.end() == (1, "more than 1 deaths in 1000 s, giving up\nbye\n")


def test_deaths_are_forgotten_in_time() -> None:
    with serving("inet", "--restarts", "1", "--within", "0") as server:
        for _ in range(3):
            os.kill(server.pids["1"], signal.SIGKILL)
            server.until("worker 1 ")
            server.pids["1"] = int(server.until("worker 1 ").split()[2].strip("()"))
        server.process.send_signal(signal.SIGTERM)
        assert server.end() == (0, "stopping\nbye\n")


@ON_BOTH
def test_workers_stop_when_the_supervisor_is_gone(backend: str) -> None:
    with serving(backend) as server:
        client = server.dial()
        pid = whose(client)
        server.process.kill()
        server.process.wait(PATIENCE)
        assert whose(client) == pid
        client.close()
        assert server.end() == (-signal.SIGKILL, "")  # nobody has the other end of our pipes any more


def test_a_taken_port_is_refused() -> None:
    with socket.create_server(("", 0)) as taken:
        command = example(EXAMPLE, "--port", str(taken.getsockname()[1]))
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "reuseport_workers: [Errno 98]" in done.stderr
