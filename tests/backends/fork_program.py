"""A program that forks while a socket is in some state, and then looks whether the parent's connection is as before.

Arguments: the backend and the state.  Run by `test_both_fork.py`; it prints a line for each child.
"""

from __future__ import annotations

import gc
import os
import socket
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gentcp
from gentcp.engine import inspection
from gentcp.erl import ErlangError, erlang, gen_tcp, inet, prim_inet

PATIENCE = 20.0
BIG = bytes(range(256)) * 12_000


def say(text: str) -> None:
    """For the test."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def until(condition: Callable[[], bool]) -> None:
    """Wait, for what another thread is about to do."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


class Case:
    """A connected socket in one state; `other` is the peer."""

    def __init__(self, backend: str, **options: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            port = server.getsockname()[1]
            self.sock = gentcp.connect("127.0.0.1", port, inet_backend=backend, sndbuf=65536, **options)
            self.other = server.accept()[0]
        self.other.settimeout(PATIENCE)
        self.fd = self.sock.fileno()
        self.told: list[Any] = []

    def in_a_process(self, function: Callable[[], Any]) -> gentcp.Process:
        """Its result, or what it raises, is what the parent is told."""

        def run() -> None:
            try:
                self.told.append(function())
            except gentcp.Error as error:
                self.told.append(error)

        return gentcp.spawn(run)

    def hears(self, data: bytes) -> None:
        """What the peer sends reaches whoever waits."""
        self.other.sendall(data)
        until(lambda: bool(self.told))
        assert self.told == [data], self.told

    def speaks(self, expected: bytes) -> None:
        """The peer gets just that, and nothing more."""
        got = bytearray()
        while len(got) < len(expected):
            got += self.other.recv(len(expected) - len(got))
        assert bytes(got) == expected
        self.sock.close()
        assert self.other.recv(1) == b""


Made = tuple[Case, Callable[[], None]]
"""It, and how to see that all is well with it."""


def idle(backend: str) -> Made:
    case = Case(backend)

    def check() -> None:
        case.other.sendall(b"hello")
        assert case.sock.recv(5, timeout=PATIENCE) == b"hello"
        case.sock.send(b"answer")
        case.speaks(b"answer")

    return case, check


def recv(backend: str, timeout: float | None = None) -> Made:
    case = Case(backend)
    case.in_a_process(lambda: case.sock.recv(timeout=timeout))
    until(lambda: inspection.receivers(case.sock) == 1)

    def check() -> None:
        case.hears(b"hello")
        case.sock.send(b"answer")
        case.speaks(b"answer")

    return case, check


def timed_recv(backend: str) -> Made:
    return recv(backend, PATIENCE)


def receive(backend: str) -> Made:
    case = Case(backend)

    def wait() -> Any:
        case.sock.setopts(active=True)
        return gentcp.receive(lambda message: message[0] == "tcp")[2]

    process = case.in_a_process(lambda: gentcp.receive() and wait())
    case.sock.controlling_process(process)
    process.post("go")
    until(lambda: inspection.active(case.sock) is True and inspection.in_receive(process))
    return case, lambda: case.hears(b"hello")


def away(backend: str) -> Made:
    """An active socket whose owner does something else: the driver reads."""
    case = Case(backend, active=True)
    case.other.sendall(b"before")
    until(lambda: inspection.messages(gentcp.current_process()) == 1)

    def check() -> None:
        assert gentcp.receive(timeout=PATIENCE) == ("tcp", case.sock, b"before")
        case.other.sendall(b"hello")
        assert gentcp.receive(timeout=PATIENCE) == ("tcp", case.sock, b"hello")
        case.sock.send(b"answer")
        case.speaks(b"answer")

    return case, check


def blocked_send(backend: str) -> Made:
    case = Case(backend)

    def send() -> str:
        case.sock.send(BIG)
        case.sock.send(BIG)
        return "sent"

    case.in_a_process(send)
    until(lambda: inspection.senders(case.sock) == 1)

    def check() -> None:
        case.speaks(BIG + BIG)
        until(lambda: case.told == ["sent"])

    return case, check


def queue(backend: str) -> Made:
    """Only where a send queues."""
    case = Case(backend)
    case.sock.send(BIG)
    return case, lambda: case.speaks(BIG)


def accept(backend: str) -> Made:
    case = Case(backend)
    listener = gentcp.listen(0, inet_backend=backend)
    case.in_a_process(lambda: listener.accept().recv())
    until(lambda: inspection.acceptors(listener) == 1)

    def check() -> None:
        with socket.create_connection(("127.0.0.1", listener.port)) as client:
            client.sendall(b"hello")
            until(lambda: bool(case.told))
        assert case.told == [b"hello"]

    return case, check


# ---- what children do


def exits(case: Case) -> None:
    sys.exit(0)


def calls(case: Case) -> None:
    for call in (
        lambda: case.sock.send(b"of the child"),
        lambda: case.sock.recv(timeout=0.1),
        lambda: case.sock.shutdown("read_write"),
        lambda: case.sock.setopts(active=True),
        lambda: case.sock.controlling_process(gentcp.current_process()),
        lambda: case.sock.sendfile(sys.executable),
        case.sock.getopts,
        case.sock.getstat,
        lambda: case.sock.sockname,
    ):
        try:
            call()
        except gentcp.Inherited as error:
            assert "belongs to the parent" in str(error)
        else:
            raise AssertionError("nothing was raised")
    assert "inherited" in repr(case.sock)
    assert gen_tcp.send(case.sock, b"of the child") == ("error", "einval")
    assert inet.getstat(case.sock) == ("error", "einval")
    inet.info(case.sock)


def primitives(case: Case) -> None:
    """What is below gen_tcp: on `inet` the port is closed for it, `socket` has none."""
    sock = case.sock
    for call in (
        lambda: prim_inet.send(sock, b"of the child"),
        lambda: prim_inet.async_recv(sock, 0, -1),
        lambda: prim_inet.recv(sock, 0, 100),
        lambda: prim_inet.shutdown(sock, "read_write"),
        lambda: prim_inet.setopts(sock, [("linger", (True, 0)), ("active", True)]),
        lambda: prim_inet.getopts(sock, ["active"]),
        lambda: prim_inet.unrecv(sock, b"x"),
        lambda: erlang.port_command(sock, b"of the child"),
        lambda: erlang.port_connect(sock, erlang.self()),
        lambda: prim_inet.close(sock),
        lambda: erlang.port_close(sock),
    ):
        try:
            call()
        except ErlangError:
            pass


def closes(case: Case) -> None:
    case.sock.close()
    case.sock.close()
    assert case.sock.fileno() == -1


def drops(case: Case) -> None:
    del case.sock
    gc.collect()
    assert inspection.settled(PATIENCE)


def closes_all(case: Case) -> None:
    assert gentcp.close_inherited() >= 1
    assert gentcp.close_inherited() == 0
    assert not Path(f"/proc/self/fd/{case.fd}").exists()


def works(case: Case) -> None:
    """With sockets of its own, and an empty mailbox."""
    mine = Case(case.sock.inet_backend, active=True)
    mine.other.sendall(b"hello")
    assert gentcp.receive(timeout=PATIENCE) == ("tcp", mine.sock, b"hello")
    mine.sock.send(b"answer")
    mine.speaks(b"answer")
    assert gentcp.process.processes() == [gentcp.current_process()]


STATES: tuple[Callable[[str], Made], ...] = (
    idle,
    recv,
    timed_recv,
    receive,
    away,
    blocked_send,
    queue,
    accept,
)
CHILDREN = (exits, calls, primitives, closes, drops, closes_all, works)


def in_child(child: Callable[[Case], None], case: Case) -> None:
    """The program ends here, by exit as usual if the child says so."""
    try:
        child(case)
    except Exception:  # noqa: BLE001  whatever it is, the child must end here
        say(f"{child.__name__}: failed")
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main(backend: str, state: str) -> None:
    warnings.simplefilter("ignore")  # of forks with threads about, and of peers left open
    case, check = {function.__name__: function for function in STATES}[state](backend)
    for child in CHILDREN:
        pid = os.fork()
        if not pid:
            in_child(child, case)
        say(f"{child.__name__} {os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}")
    check()
    say("parent ok")


if __name__ == "__main__":
    main(*sys.argv[1:])
