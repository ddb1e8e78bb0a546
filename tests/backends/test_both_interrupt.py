"""An exception from a signal handler (Ctrl-C is one) leaves every blocked call, and the socket as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet

from ..support import Net, eventually, inspection, seams, unread

PAYLOAD = bytes(3_000_000)


class Interrupted(Exception):
    """What the handler raises."""


ARMED = threading.Event()
"""The handler raises once each time this is set, so that a signal may be sent again."""


@pytest.fixture(autouse=True)
def _handler() -> Iterator[None]:
    def handler(_number: int, _frame: object) -> None:
        if ARMED.is_set():
            ARMED.clear()
            raise Interrupted

    before = signal.signal(signal.SIGUSR1, handler)
    yield
    signal.signal(signal.SIGUSR1, before)


def interrupted(net: Net, waits: Callable[[], object], call: Callable[[], Any]) -> None:
    """`call` is interrupted as soon as it `waits`.

    The signal is sent until the exception has come: Python notes one that comes just before a system call and makes the
    call all the same, which then blocks.
    """
    me = threading.get_ident()
    assert me == threading.main_thread().ident, "signals reach the main thread only"
    over = threading.Event()

    def signals() -> None:
        eventually(waits)
        ARMED.set()
        end = monotonic() + 10.0
        while ARMED.is_set():
            assert monotonic() < end
            signal.pthread_kill(me, signal.SIGUSR1)
            over.wait(0.01)

    task = net.spawn(signals)
    try:
        with pytest.raises(Interrupted):
            call()
    finally:
        over.set()
        ARMED.clear()
    task.result()


@pytest.mark.parametrize("timeout", ["infinity", 60_000])
def test_recv(net: Net, timeout: Any) -> None:
    sock, peer = net.pair()
    interrupted(net, lambda: inspection.receivers(sock), lambda: gen_tcp.recv(sock, 5, timeout))
    assert inspection.receivers(sock) == 0
    peer.send(b"abcde")
    assert gen_tcp.recv(sock, 5, 5000) == ("ok", b"abcde")


def test_a_recv_that_had_got_a_part(net: Net) -> None:
    sock, peer = net.pair()
    peer.send(b"abc")
    interrupted(net, lambda: inspection.unread_bytes(sock) == 3, lambda: gen_tcp.recv(sock, 5, "infinity"))
    peer.send(b"de")
    assert gen_tcp.recv(sock, 5, 5000) == ("ok", b"abcde")


def test_a_recv_that_was_all_but_over(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it had got is lost; the next one has nothing to do with it."""
    read_one = seams.found("recv, one read")

    def interrupt(self: Any, *args: Any) -> None:
        read_one(self, *args)
        raise Interrupted

    sock, peer = net.pair()
    monkeypatch.setattr(*seams.seam("recv, one read"), interrupt)
    peer.send(b"abc")
    eventually(lambda: unread(sock.fileno()) == 3)
    with pytest.raises(Interrupted):
        gen_tcp.recv(sock, 0, 5000)
    monkeypatch.setattr(*seams.seam("recv, one read"), read_one)
    assert gen_tcp.recv(sock, 0, 10) == ("error", "timeout")
    peer.send(b"de")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"de")


def test_accept(net: Net) -> None:
    listener = net.listen()
    interrupted(net, lambda: inspection.acceptors(listener), lambda: gen_tcp.accept(listener))
    assert inspection.acceptors(listener) == 0
    net.dial(listener)
    assert net.ok(gen_tcp.accept(listener, 5000))


def test_receive(net: Net) -> None:
    sock, peer = net.pair(("active", True))
    me = gentcp.current_process()
    interrupted(net, lambda: inspection.in_receive(me), lambda: gentcp.receive(lambda _message: False))
    peer.send(b"abc")
    assert gentcp.receive(timeout=5.0) == ("tcp", sock, b"abc")


def test_send(net: Net) -> None:
    sock, peer = net.stalled()
    if net.backend == "inet":
        assert gen_tcp.send(sock, PAYLOAD) == "ok"
        interrupted(net, lambda: inspection.senders(sock), lambda: gen_tcp.send(sock, b"x"))
        assert peer.recv_exact(len(PAYLOAD) + 1) == PAYLOAD + b"x"
    else:
        interrupted(net, lambda: inspection.senders(sock), lambda: gen_tcp.send(sock, PAYLOAD))
        assert inspection.blocked_sender(sock) is None
        reader = net.spawn(peer.drain)
        assert gen_tcp.send(sock, b"next") == "ok"
        assert gen_tcp.close(sock) == "ok"
        assert reader.result().endswith(b"next")


@pytest.mark.parametrize("net", ["inet"], indirect=True)
def test_close_that_waits_for_the_queue(net: Net) -> None:
    sock, peer = net.stalled()
    assert gen_tcp.send(sock, PAYLOAD) == "ok"
    interrupted(net, lambda: inspection.suspended(sock), lambda: gen_tcp.close(sock))
    assert inet.getopts(sock, ["active"]) == ("ok", [("active", False)])
    assert peer.recv_exact(len(PAYLOAD)) == PAYLOAD


# ---- at any moment

PROGRAM = Path(__file__).with_name("interrupt_program.py").read_text()
COUNT = os.environ.get("GENTCP_INTERRUPTS", "40")
"""How often each of them is interrupted."""


@pytest.mark.parametrize("kind", ["echo", "timed", "receive", "once", "full", "accept", "connecting"])
@pytest.mark.parametrize("backend", ["inet", "socket"])
def test_no_later_call_hangs(backend: str, kind: str) -> None:
    """Ctrl-C that comes into a finaliser is reported and dropped by Python, so that not all that is printed counts."""
    command = [sys.executable, "-c", PROGRAM, backend, kind, COUNT, "1"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60 + int(COUNT))
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr
