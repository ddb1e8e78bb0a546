"""A close(2) that lingers on the inet backend, and what comes only when it is over.

Source: OTP 29, where the port is inside close(2): with `{linger, {true, 2}}`, a peer that does not read, and each of
these calls made by a process of its own 200 ms after the close, all answers and messages come after two seconds.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable
from typing import Any

import pytest

import gentcp
from gentcp.engine import inspection
from gentcp.erl import erlang, gen_tcp, inet, prim_inet

from ..support import Net, Peer, Task, catch, eventually, mailbox, stuck

pytestmark = pytest.mark.parametrize("net", ["inet"], indirect=True)

PART = bytes(range(256)) * 16
MUCH = PART * 1000
"""More than the buffers of a stalled pair hold."""
LINGER = ("linger", (True, 60))
CLOSED, EINVAL = ("error", "closed"), ("error", "einval")
Call = Callable[[gentcp.Socket], Any]

LATER: dict[str, tuple[Call, Any]] = {
    "send": (lambda sock: gen_tcp.send(sock, b"more"), CLOSED),
    "send, iodata": (lambda sock: gen_tcp.send(sock, [b"more"]), CLOSED),
    "recv": (lambda sock: gen_tcp.recv(sock, 0), CLOSED),
    "recv with a timeout that is over": (lambda sock: gen_tcp.recv(sock, 0, 1), CLOSED),
    "unrecv": (lambda sock: gen_tcp.unrecv(sock, b"x"), CLOSED),
    "shutdown": (lambda sock: gen_tcp.shutdown(sock, "write"), CLOSED),
    "sockname": (inet.sockname, EINVAL),
    "peername": (inet.peername, EINVAL),
    "port": (inet.port, EINVAL),
    "setopts": (lambda sock: inet.setopts(sock, [("active", True)]), EINVAL),
    "getopts": (lambda sock: inet.getopts(sock, ["active"]), EINVAL),
    "getstat": (lambda sock: inet.getstat(sock, ["recv_cnt"]), EINVAL),
    "getstatus": (prim_inet.getstatus, EINVAL),
    "port_info": (lambda sock: erlang.port_info(sock, "connected"), "undefined"),
    "controlling_process": (lambda sock: gen_tcp.controlling_process(sock, gentcp.current_process()), CLOSED),
    "close": (gen_tcp.close, "ok"),
}
"""Each call, and its answer when close(2) is over."""


def filled(net: Net, *options: Any) -> tuple[gentcp.Socket, Peer]:
    """A stalled pair with nothing queued, and unsent data in the kernel."""
    sock, peer = net.stalled(LINGER, *options)
    with socket.socket(fileno=os.dup(sock.fileno())) as raw:
        while not stuck(raw.fileno()):
            with contextlib.suppress(BlockingIOError):
                raw.send(PART, socket.MSG_DONTWAIT)
    return sock, peer


def waiting(net: Net, sock: gentcp.Socket, call: Call) -> Task:
    """A process that waits in `call` until close(2) is over."""
    before = inspection.waiting_for_close(sock)
    task = net.spawn(call, sock)
    eventually(lambda: inspection.waiting_for_close(sock) > before)
    return task


def lingering(sock: gentcp.Socket) -> None:
    """Wait until close(2) lingers."""
    eventually(lambda: sock.handle.closing)


@pytest.mark.parametrize("call", LATER)
def test_everything_waits(net: Net, call: str) -> None:
    sock, peer = filled(net)
    closer = waiting(net, sock, gen_tcp.close)
    function, answer = LATER[call]
    task = waiting(net, sock, lambda sock: catch(function, sock))
    assert not closer.done
    peer.reset()
    assert task.result() == answer
    assert closer.result() == "ok"
    assert mailbox() == []


def test_monitors_fire_when_it_is_over(net: Net) -> None:
    sock, peer = filled(net)
    before = inet.monitor(sock)
    waiting(net, sock, gen_tcp.close)

    def watch(sock: gentcp.Socket) -> Any:
        inet.monitor(sock)
        return gentcp.receive(timeout=5.0)[2:]

    late = waiting(net, sock, watch)
    assert mailbox() == []
    peer.reset()
    assert gentcp.receive(timeout=5.0) == ("DOWN", before, "port", sock, "normal")
    assert late.result() == ("port", sock, "noproc")


@pytest.mark.parametrize("timeout", ["infinity", 60_000])
def test_a_recv_that_waited_is_answered_when_it_is_over(net: Net, timeout: Any) -> None:
    sock, peer = filled(net)
    reader = net.blocked(sock, "recv", 0, timeout)
    waiting(net, sock, gen_tcp.close)
    assert not reader.done
    peer.reset()
    assert reader.result() == CLOSED


def test_the_end_of_the_stream_is_told_when_it_is_over(net: Net) -> None:
    """What is queued is dropped at once."""
    sock, peer = net.stalled(LINGER, ("active", True))
    ref = inet.monitor(sock)
    assert gen_tcp.send(sock, MUCH) == "ok"
    net.full(sock)
    peer.finish()
    lingering(sock)
    assert mailbox() == []
    task = waiting(net, sock, LATER["getopts"][0])
    peer.reset()
    assert gentcp.receive(timeout=5.0) == ("tcp_closed", sock)
    assert gentcp.receive(timeout=5.0) == ("DOWN", ref, "port", sock, "normal")
    assert task.result() == EINVAL


def test_a_recv_that_finds_the_end_is_answered_when_it_is_over(net: Net) -> None:
    """The port stays."""
    sock, peer = filled(net)
    reader = net.blocked(sock, "recv", 0)
    peer.finish()
    lingering(sock)
    asked = waiting(net, sock, LATER["getopts"][0])
    assert not reader.done
    peer.reset()
    assert reader.result() == CLOSED
    assert asked.result() == ("ok", [("active", False)])


@pytest.mark.parametrize("active", [False, True])
def test_send_timeout_close_answers_when_it_is_over(net: Net, active: bool) -> None:
    """A suspended sender waits as well."""
    sock, peer = net.stalled(LINGER, ("send_timeout", 50), ("send_timeout_close", True), ("active", active))
    assert gen_tcp.send(sock, MUCH) == "ok"
    sender = net.blocked_writer(sock, b"x")
    lingering(sock)
    behind = waiting(net, sock, LATER["send"][0])
    assert not sender.done
    peer.reset()
    assert sender.result() == ("error", "timeout")
    assert behind.result() == (CLOSED if active else ("error", "enotconn"))
    assert [message[0] for message in mailbox()] == (["tcp_closed"] if active else [])


@pytest.mark.parametrize("active", [False, True])
def test_the_end_of_the_owner_lingers_too(net: Net, active: bool) -> None:
    sock, peer = filled(net)
    owner = net.spawn(gentcp.receive)
    assert gen_tcp.controlling_process(sock, owner.process) == "ok"
    assert inet.setopts(sock, [("active", active)]) == "ok"
    ref = inet.monitor(sock)
    owner.end()
    lingering(sock)
    tasks = [waiting(net, sock, LATER[call][0]) for call in ("recv", "setopts", "close")]
    assert mailbox() == []
    peer.reset()
    assert [task.result() for task in tasks] == [CLOSED, EINVAL, "ok"]
    assert eventually(mailbox) == [("DOWN", ref, "port", sock, "killed")]


def test_the_owner_may_end_meanwhile(net: Net) -> None:
    sock, peer = filled(net)
    owner = net.spawn(gentcp.receive)
    assert gen_tcp.controlling_process(sock, owner.process) == "ok"
    ref = inet.monitor(sock)
    reader = net.blocked(sock, "recv", 0)
    peer.finish()
    lingering(sock)
    owner.end()
    assert mailbox() == []
    peer.reset()
    assert reader.result() == CLOSED
    assert eventually(mailbox) == [("DOWN", ref, "port", sock, "killed")]


def test_what_is_left_is_delivered(net: Net) -> None:
    sock, peer = filled(net)
    closer = waiting(net, sock, gen_tcp.close)
    assert len(peer.drain()) > len(PART)
    assert peer.ended_by == "fin"
    assert closer.result() == "ok"


def test_who_closes_may_be_killed(net: Net) -> None:
    sock, peer = filled(net)
    closer = waiting(net, sock, gen_tcp.close)
    closer.process.kill()
    task = waiting(net, sock, LATER["getopts"][0])
    peer.reset()
    assert task.result() == EINVAL


def test_it_looks_as_if_it_were_closing(net: Net) -> None:
    sock, _peer = filled(net)
    waiting(net, sock, gen_tcp.close)
    assert repr(sock) == "<gentcp.Socket inet closing>"


@pytest.mark.parametrize("data", [b"more", [b"more"]])
@pytest.mark.parametrize("queued", [False, True])
def test_a_send_that_ends_the_connection_returns_when_it_is_over(net: Net, queued: bool, data: Any) -> None:
    """After shutdown: the descriptor is closed because that send has failed."""
    sock, peer = filled(net)
    if queued:
        assert gen_tcp.send(sock, PART) == "ok"
    assert gen_tcp.shutdown(sock, "write") == "ok"
    sender = waiting(net, sock, lambda sock: gen_tcp.send(sock, data))
    assert not sender.done
    peer.reset()
    assert sender.result() == CLOSED
