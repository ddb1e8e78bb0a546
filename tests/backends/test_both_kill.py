"""A killed process leaves the call it is blocked in, at once, and takes nothing along that is somebody else's."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet

from ..support import Net, Peer, Task, eventually, inspection, seams, stopwatch

PROMPTLY = 2.0
"""Seconds, on a busy machine; without a wake-up it would take the minute of `only_wakes`."""
PAYLOAD = bytes(4_000_000)


def end(task: Task, limit: float = PROMPTLY) -> None:
    """Kill the process in `task`; its call raises ProcessKilled within `limit` seconds."""
    assert not task.done
    passed = stopwatch()
    task.kill()
    assert task.result() == "killed"
    assert passed() < limit
    assert not task.process.alive


pytestmark = pytest.mark.usefixtures("only_wakes")


def test_in_receive() -> None:
    task = Task(gentcp.receive)
    eventually(lambda: inspection.in_receive(task.process))
    end(task)


def test_in_receive_with_a_timeout_and_a_predicate() -> None:
    task = Task(gentcp.receive, lambda _message: False, 60.0)
    eventually(lambda: inspection.in_receive(task.process))
    end(task)


def test_in_a_timed_recv(net: Net) -> None:
    sock, peer = net.pair()
    end(net.blocked(sock, "recv", 0, 60_000))
    peer.send(b"for the next one")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"for the next one")


@pytest.mark.parametrize(
    ("entry", "length", "timeout"),
    [
        ("blocking", 12, "infinity"),
        ("first poll", 0, 60_000),
        ("polling", 12, 60_000),
    ],
)
def test_on_the_way_into_recv(net: Net, monkeypatch: pytest.MonkeyPatch, entry: str, length: int, timeout: Any) -> None:
    """It has lined up and not begun to wait; what comes after its end is not for it."""
    original = seams.found(f"recv, {entry}")
    sock, peer = net.pair()

    def late(self: Any, *args: Any) -> Any:
        if gentcp.current_process() is task.process:
            task.kill()
            peer.send(b"for the next")
        return original(self, *args)

    monkeypatch.setattr(*seams.seam(f"recv, {entry}"), late)
    task = net.spawn(lambda: gentcp.receive() and gen_tcp.recv(sock, length, timeout))
    task.process.post("begin")
    assert task.result() == "killed"
    assert gen_tcp.recv(sock, 0, 1000) == ("ok", b"for the next")


@pytest.mark.parametrize("net", ["socket"], indirect=True)
def test_in_a_recv_that_waits_for_its_turn(net: Net) -> None:
    sock, peer = net.pair()
    first = net.blocked(sock, "recv", 0, 60_000)
    end(net.blocked(sock, "recv", 0, 60_000))
    peer.send(b"for the first")
    assert first.result() == ("ok", b"for the first")


def test_a_killed_recv_hands_what_came_in_part_to_the_next(net: Net) -> None:
    sock, peer = net.pair()
    task = net.blocked(sock, "recv", 10, 60_000)
    peer.send(b"abcd")
    eventually(lambda: inspection.unread_bytes(sock) == 4)
    end(task)
    peer.send(b"efghij")
    assert gen_tcp.recv(sock, 10, 5000) == ("ok", b"abcdefghij")


def test_in_accept(net: Net) -> None:
    listener = net.listen()
    end(net.blocked(listener, "accept"))
    net.dial(listener)
    assert net.ok(gen_tcp.accept(listener, 5000))


def test_in_an_accept_that_waits_for_its_turn(net: Net) -> None:
    listener = net.listen()
    first = net.blocked(listener, "accept")
    end(net.blocked(listener, "accept"))
    net.dial(listener)
    assert first.result()[0] == "ok"


def test_the_first_of_two_in_accept(net: Net) -> None:
    listener = net.listen()
    first = net.blocked(listener, "accept")
    second = net.blocked(listener, "accept")
    end(first)
    net.dial(listener)
    assert second.result()[0] == "ok"


def blocked_sender(net: Net, *options: Any) -> tuple[gentcp.Socket, Peer, Task]:
    """A stalled pair, and a process blocked in send: on inet that is the second one."""
    sock, peer = net.stalled(*options)
    if net.backend == "inet":
        assert gen_tcp.send(sock, PAYLOAD) == "ok"
        return sock, peer, net.blocked(sock, "send", b"1")
    return sock, peer, net.blocked(sock, "send", PAYLOAD)


def test_in_send(net: Net) -> None:
    sock, peer, task = blocked_sender(net)
    net.full(sock)
    end(task)
    if net.backend == "socket":
        assert inspection.blocked_sender(sock) is None
    else:  # as on OTP: its data is queued, and what the port waits for is the business of the port
        assert inspection.blocked_sender(sock) is task.process
        assert peer.recv_exact(len(PAYLOAD) + 1) == PAYLOAD + b"1"
        eventually(lambda: inspection.blocked_sender(sock) is None)
    peer.close()


def test_a_sender_killed_in_the_middle_leaves_the_socket_usable(net: Net) -> None:
    """Case send/blocked/sender-killed: inet delivers what it has queued, socket leaves a prefix on the wire."""
    sock, peer, task = blocked_sender(net, ("packet", 4))
    end(task)
    reader = net.spawn(peer.drain)
    eventually(lambda: net.backend == "socket" or inet.getstat(sock, ["send_pend"]) == ("ok", [("send_pend", 0)]))
    assert gen_tcp.send(sock, b"next") == "ok"
    assert gen_tcp.close(sock) == "ok"
    stream = reader.result()
    whole = len(PAYLOAD).to_bytes(4, "big") + PAYLOAD
    if net.backend == "inet":
        assert stream == whole + b"\0\0\0\x011" + b"\0\0\0\x04next"
    else:
        assert stream.endswith(b"\0\0\0\x04next")
        assert whole.startswith(stream[:-8])
        assert len(stream) < len(whole)


def test_a_sender_that_waits_behind_another(net: Net) -> None:
    sock, peer, first = blocked_sender(net)
    end(net.blocked(sock, "send", b"2"))
    reader = net.spawn(peer.recv_exact, len(PAYLOAD))
    assert first.result() == "ok"
    assert reader.result() == PAYLOAD


def syn_sent(port: int) -> bool:
    """Is a connection to that port still being made?  Column 2 is the remote address, 3 the state, 02 is SYN_SENT."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[2].endswith(f":{port:04X}") and row[3] == "02" for row in rows)


def test_in_connect_to_a_full_backlog(net: Net) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), 5.0):
            task = net.spawn(gen_tcp.connect, (127, 0, 0, 1), port, net.options())
            eventually(lambda: syn_sent(port))
            end(task)


@pytest.mark.parametrize("net", ["inet"], indirect=True)
def test_in_close_that_waits_for_the_queue(net: Net) -> None:
    sock, peer = net.stalled()
    assert gen_tcp.send(sock, PAYLOAD) == "ok"
    task = net.spawn(gen_tcp.close, sock)
    eventually(lambda: inspection.suspended(sock))
    end(task)
    assert gen_tcp.recv(sock, 0, 0) == ("error", "timeout")  # still open
    reader = net.spawn(peer.recv_exact, len(PAYLOAD))
    assert reader.result() == PAYLOAD


@pytest.mark.parametrize("net", ["inet", "socket"], indirect=True)
class TestInfiniteRecv:
    """A plain system call: it alone may take a second to notice."""

    @pytest.fixture(autouse=True)
    def _quantum(self, monkeypatch: pytest.MonkeyPatch, only_wakes: None) -> None:
        monkeypatch.setattr(*seams.seam("receive quantum"), 1)

    def test_it_ends(self, net: Net) -> None:
        sock, _peer = net.pair()
        task = net.blocked(sock, "recv", 0)
        eventually(lambda: inspection.in_system_call(sock))
        end(task, 1 + PROMPTLY)

    def test_its_place_is_free_at_once(self, net: Net) -> None:
        """OTP leaves the operation of a dead process behind (recv/pending/receiver-killed), and loses data to it."""
        sock, peer = net.pair()
        task = net.blocked(sock, "recv", 0)
        eventually(lambda: inspection.in_system_call(sock))
        task.kill()
        following = net.spawn(gen_tcp.recv, sock, 0, 10_000)
        eventually(lambda: inspection.receivers(sock) == 1)
        peer.send(b"not for the dead")
        assert following.result() == ("ok", b"not for the dead")
        assert task.result() == "killed"

    def test_what_it_reads_after_its_end_is_for_the_next(self, net: Net) -> None:
        sock, peer = net.pair()
        task = net.blocked(sock, "recv", 0)
        eventually(lambda: inspection.in_system_call(sock))
        task.kill()
        peer.send(b"kept")
        assert task.result() == "killed"
        assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"kept")
        assert inet.getopts(sock, ["active"]) == ("ok", [("active", False)])

    def test_a_socket_that_became_active_meanwhile_is_served_afterwards(self, net: Net) -> None:
        sock, peer = net.pair()
        task = net.blocked(sock, "recv", 0)
        eventually(lambda: inspection.in_system_call(sock))
        assert inet.setopts(sock, [("active", True)]) == "ok"
        end(task, 1 + PROMPTLY)
        peer.send(b"for the owner")
        assert gentcp.receive(timeout=5.0) == ("tcp", sock, b"for the owner")
