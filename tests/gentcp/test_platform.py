"""Wake-ups and pollers: the fast ones of Linux and the plain ones keep the same promises."""

from __future__ import annotations

import os
import select
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest

import gentcp
from gentcp import _platform as platform
from gentcp._platform import READ, WRITE

from ..support import Net, Task, eventually, seams, stopwatch
from ..support.fixtures import nothing_left_behind as nothing_left_behind

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


def readable(fd: int) -> bool:
    return bool(select.select([fd], [], [], 0)[0])


# ---- wake-ups


@pytest.fixture(params=["eventfd", "pipe"])
def waker(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    if request.param == "pipe":
        monkeypatch.delattr(os, "eventfd", raising=False)
    elif not hasattr(os, "eventfd"):
        pytest.skip("this system has no eventfd")
    made = platform.Waker()
    yield made
    made.close()


def test_a_wake_up_makes_it_readable_until_drained(waker: Any) -> None:
    assert not readable(waker.fd)
    waker.wake()
    waker.wake()
    assert readable(waker.fd)
    waker.drain()
    assert not readable(waker.fd)


def test_a_wake_up_in_the_middle_of_one(waker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket that the garbage collector finds there wakes the driver too."""
    write = os.write

    def collecting(fd: int, data: bytes) -> int:
        monkeypatch.setattr(os, "write", write)
        waker.wake()
        return write(fd, data)

    monkeypatch.setattr(os, "write", collecting)
    Task(waker.wake).result()
    assert readable(waker.fd)


def test_draining_nothing_does_not_block(waker: Any) -> None:
    waker.drain()
    assert not readable(waker.fd)


def test_no_number_of_wake_ups_blocks(waker: Any) -> None:
    for _ in range(20_000):
        waker.wake()
    assert readable(waker.fd)


def test_a_wake_up_reaches_a_thread_that_waits(waker: Any) -> None:
    task = Task(select.select, [waker.fd], [], [], 20.0)
    waker.wake()
    assert task.result()[0] == [waker.fd]


# ---- pollers


@pytest.fixture(params=["epoll", "portable"])
def poller(request: pytest.FixtureRequest) -> Iterator[Any]:
    if request.param == "epoll" and not hasattr(select, "epoll"):
        pytest.skip("this system has no epoll")
    made = select.epoll() if request.param == "epoll" else platform.PortablePoller()
    yield made
    made.close()


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    one, other = socket.socketpair()
    yield one, other
    one.close()
    other.close()


Ends = tuple[socket.socket, socket.socket]


def test_nothing_registered_is_nothing_ready(poller: Any) -> None:
    assert poller.poll(0) == []


def test_what_is_readable_is_reported_as_often_as_asked(poller: Any, ends: Ends) -> None:
    poller.register(ends[0].fileno(), READ)
    assert poller.poll(0) == []
    ends[1].send(b"x")
    expected = [(ends[0].fileno(), READ)]
    assert until_reported(poller) == expected
    assert poller.poll(0) == expected


def until_reported(poller: Any) -> list[tuple[int, int]]:
    """A registration may make one poll return early and empty."""
    found: list[tuple[int, int]] = eventually(lambda: poller.poll(1.0))
    return found


def test_what_is_writable_is_reported(poller: Any, ends: Ends) -> None:
    poller.register(ends[0].fileno(), WRITE)
    assert until_reported(poller) == [(ends[0].fileno(), WRITE)]


def test_modify_changes_what_is_looked_for(poller: Any, ends: Ends) -> None:
    poller.register(ends[0].fileno(), READ)
    poller.modify(ends[0].fileno(), WRITE)
    ends[1].send(b"x")
    assert until_reported(poller) == [(ends[0].fileno(), WRITE)]


def test_the_end_of_the_peer_is_reported(poller: Any, ends: Ends) -> None:
    poller.register(ends[0].fileno(), READ)
    ends[1].close()
    assert until_reported(poller)[0][0] == ends[0].fileno()


def test_what_is_unregistered_is_not_reported(poller: Any, ends: Ends) -> None:
    poller.register(ends[0].fileno(), READ)
    ends[1].send(b"x")
    poller.unregister(ends[0].fileno())
    assert poller.poll(0) == []
    assert poller.poll(0) == []


def test_unregistering_what_is_not_there_is_an_error(poller: Any) -> None:
    with pytest.raises((OSError, KeyError)):
        poller.unregister(0)


def test_a_timeout_is_kept(poller: Any) -> None:
    passed = stopwatch()
    assert poller.poll(0.02) == []
    assert 0.015 <= passed() < 5.0


def test_a_registration_from_another_thread_is_seen_by_who_waits(poller: Any, ends: Ends) -> None:
    ends[1].send(b"x")
    task = Task(until_reported, poller)
    poller.register(ends[0].fileno(), READ)
    assert task.result() == [(ends[0].fileno(), READ)]


def test_the_fast_one_is_taken_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    if hasattr(select, "epoll"):
        made = platform.new_poller()
        assert isinstance(made, select.epoll)
        made.close()
        monkeypatch.delattr(select, "epoll")
    made = platform.new_poller()
    assert isinstance(made, platform.PortablePoller)
    assert made.fileno() == -1
    made.close()


# ---- what stands on them


@pytest.fixture
def _portable(monkeypatch: pytest.MonkeyPatch) -> None:
    """New processes have the plain poller and the plain wake-up; who has them already keeps them."""
    monkeypatch.setattr(*seams.seam("new poller"), platform.PortablePoller)
    monkeypatch.delattr(os, "eventfd", raising=False)


@pytest.fixture(params=["inet", "socket"])
def net(request: pytest.FixtureRequest) -> Iterator[Net]:
    kit = Net(request.param)
    yield kit
    kit.close()


@pytest.mark.usefixtures("_portable")
def test_active_mode_works_on_the_plain_poller(net: Net) -> None:
    def owner() -> list[Any]:
        sock, peer = net.pair(("active", True), ("packet", 1))
        peer.send(b"\1a\1b")
        got = [gentcp.receive(timeout=5.0)[2] for _ in range(2)]
        waits.set()
        got.append(gentcp.receive(lambda message: message == "post", 5.0))
        peer.close()
        got.append(gentcp.receive(timeout=5.0)[0])
        del sock
        return got

    waits = threading.Event()
    task = net.spawn(owner)
    assert waits.wait(5.0)
    task.process.post("post")
    assert task.result() == [b"a", b"b", "post", "tcp_closed"]


def test_the_receive_quantum_is_in_seconds(ends: Ends) -> None:
    platform.set_receive_quantum(ends[0], 1)
    seconds, micros = struct.unpack("ll", ends[0].getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16))
    assert (seconds, micros) == (1, 0)
