"""Sockets that nobody closes, and how sockets show themselves."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp

from ..support import PATIENCE, eventually
from .faces import Connect, Dial, has_queue
from .scripted import scripted_socket


@pytest.fixture
def warned() -> Iterator[list[warnings.WarningMessage]]:
    """The warnings of the test, which are no errors."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield caught


def leaks(warned: list[warnings.WarningMessage]) -> list[str]:
    return [str(warning.message) for warning in warned if warning.category is ResourceWarning]


# Leaks


def test_a_socket_that_nobody_has_is_closed_with_a_warning(
    backend: str, nothing_left_behind: None, warned: list[warnings.WarningMessage]
) -> None:
    with gentcp.listen(ip="loopback", inet_backend=backend) as listener:
        sock = gentcp.connect("127.0.0.1", listener.port, inet_backend=backend)
        fd = sock.fileno()
        with listener.accept(timeout=PATIENCE) as accepted:
            del sock
            with pytest.raises(gentcp.Closed):
                accepted.recv(timeout=PATIENCE)
    assert leaks(warned) == [f"unclosed <gentcp.Socket {backend} fd={fd}>"]


def test_a_leak_in_a_cycle_is_found_by_the_collector(
    backend: str, nothing_left_behind: None, warned: list[warnings.WarningMessage]
) -> None:
    listener = gentcp.listen(ip="loopback", inet_backend=backend)
    cycle: list[Any] = [listener]
    cycle.append(cycle)
    del listener, cycle
    gc.collect()
    assert len(leaks(warned)) == 1
    assert leaks(warned)[0].startswith(f"unclosed <gentcp.Listener {backend} fd=")


def test_closed_and_detached_sockets_do_not_warn(connect: Connect, warned: list[warnings.WarningMessage]) -> None:
    sock, other = connect()
    raw = sock.detach()
    other.close()
    del sock, other
    gc.collect()
    os.close(raw)
    assert leaks(warned) == []


def test_a_socket_whose_owner_has_ended_does_not_warn(
    backend: str, nothing_left_behind: None, warned: list[warnings.WarningMessage]
) -> None:
    socks: list[gentcp.Listener] = []
    process = gentcp.spawn(lambda: socks.append(gentcp.listen(ip="loopback", inet_backend=backend)))
    assert process.join(PATIENCE)
    assert socks.pop().fileno() == -1
    gc.collect()
    assert leaks(warned) == []


class _Holds:
    """Belongs to a process, whose end has to wait for it."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def owner_down(self, reason: object) -> None:
        self.let_go.wait(PATIENCE)

    def inherit(self) -> None:
        """Nothing is to be done in the child of a fork."""


def test_a_socket_whose_owner_is_being_killed_does_not_warn(
    backend: str, nothing_left_behind: None, warned: list[warnings.WarningMessage]
) -> None:
    holds, listens = _Holds(), threading.Event()

    def use_it() -> None:
        sock = gentcp.listen(ip="loopback", inet_backend=backend)
        assert sock.fileno() >= 0
        listens.set()
        while True:  # who kills it has yet to wake it
            with contextlib.suppress(gentcp.Timeout):
                gentcp.receive(timeout=0)

    def main() -> None:
        gentcp.current_process().own(holds)
        try:
            use_it()
        except gentcp.ProcessKilled:  # which has left use_it, so nobody has the socket
            holds.let_go.set()
            raise

    process = gentcp.spawn(main)
    assert listens.wait(PATIENCE)
    process.kill()
    assert holds.let_go.is_set()
    assert process.join(PATIENCE)
    assert leaks(warned) == []


def test_an_active_socket_lives_for_its_messages(dial: Dial, warned: list[warnings.WarningMessage]) -> None:
    sock, peer = dial(active=True)
    fd = sock.fileno()
    del sock
    gc.collect()
    peer.send(b"still here")
    tag, again, data = gentcp.receive(timeout=PATIENCE)
    assert (tag, again.fileno(), data) == ("tcp", fd, b"still here")
    again.close()
    assert leaks(warned) == []


def test_the_erlang_face_has_no_leaks(
    backend: str, nothing_left_behind: None, warned: list[warnings.WarningMessage]
) -> None:
    _, listener = gen_tcp.listen(0, [("inet_backend", backend)])
    handle = listener.handle
    del listener
    gc.collect()
    assert handle.fileno() >= 0
    gen_tcp.close(handle.term)
    assert leaks(warned) == []


def test_a_backend_without_descriptors_is_told_but_nobody_is_warned(warned: list[warnings.WarningMessage]) -> None:
    sock, handle = scripted_socket()
    del sock
    eventually(lambda: handle.calls == [("close",)])
    assert leaks(warned) == []


def test_closing_what_is_closed_does_no_harm() -> None:
    sock, _ = scripted_socket(close=("error", "closed"))
    sock.close()
    sock, _ = scripted_socket(close=("error", "eio"))
    with pytest.raises(gentcp.Error, match="eio|Input"):
        sock.close()


# repr


def test_repr_shows_what_there_is_to_know(connect: Connect) -> None:
    sock, other = connect(packet=4)
    queue = " queue=0" if has_queue(sock) else ""
    ends = f"127.0.0.1:{sock.port} -> 127.0.0.1:{other.port}"
    shown = f"<gentcp.Socket {sock.inet_backend} fd={sock.fileno()} {ends} mode=binary active="
    assert repr(sock) == f"{shown}False{queue}>"
    sock.setopts(active=3)
    assert repr(sock) == f"{shown}3{queue}>"
    sock.close()
    assert repr(sock) == f"<gentcp.Socket {sock.inet_backend} closed>"


def test_repr_of_a_listener(backend: str, nothing_left_behind: None) -> None:
    with gentcp.listen(ip="loopback", inet_backend=backend) as listener:
        begin = f"<gentcp.Listener {backend} fd={listener.fileno()} 127.0.0.1:{listener.port} mode=binary active=False"
        assert repr(listener).startswith(begin)
    assert repr(listener) == f"<gentcp.Listener {backend} closed>"


def test_repr_of_a_connection_that_the_peer_has_ended(dial: Dial) -> None:
    sock, peer = dial()
    peer.close()
    with pytest.raises(gentcp.Closed):
        sock.recv(timeout=PATIENCE)
    assert repr(sock).startswith(f"<gentcp.Socket {sock.inet_backend} ")


# Log


def test_the_log_has_the_life_of_sockets(connect: Connect, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "gentcp"):
        sock, _ = connect()
        shown = repr(sock)
        sock.close()
    assert {record.name for record in caplog.records} == {"gentcp"}
    lines = caplog.text.splitlines()
    assert [line.partition("<")[0].split()[-1] for line in lines] == ["listen", "connect", "accept", "close"]
    assert [line.endswith(shown) for line in lines] == [False, True, False, True]
