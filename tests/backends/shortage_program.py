"""A program that runs out of descriptors, or of threads, at the first use of something, and gets them back.

Arguments: the backend, and what to do.  Run by `test_both_shortage.py`; it prints "ok".
"""

from __future__ import annotations

import contextlib
import gc
import os
import resource
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import gentcp
from gentcp.engine import inspection
from gentcp.erl import file, gen_tcp, inet, prim_inet

PATIENCE = 20.0
BIG = bytes(range(256)) * 12_000
LOCALHOST = (127, 0, 0, 1)
BACKEND = sys.argv[1]
EMFILE = ("error", "emfile")


@contextlib.contextmanager
def no_descriptors() -> Generator[None]:
    """There is not one left."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (128, hard))
    taken: list[int] = []
    with contextlib.suppress(OSError):
        while True:
            taken.append(os.open(os.devnull, os.O_RDONLY))
    try:
        yield
    finally:
        for fd in taken:
            os.close(fd)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextlib.contextmanager
def no_threads() -> Generator[None]:
    """There is no address space for the stack of another one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + (4 << 20), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def options(*more: Any) -> list[Any]:
    return [("inet_backend", BACKEND), "binary", ("active", False), *more]


def raw_listener() -> socket.socket:
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(PATIENCE)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    return server


def pair(*more: Any) -> tuple[Any, socket.socket]:
    with raw_listener() as server:
        sock = gen_tcp.connect(LOCALHOST, server.getsockname()[1], options(("sndbuf", 65536), *more))[1]
        peer = server.accept()[0]
    peer.settimeout(PATIENCE)
    return sock, peer


def in_the_background(function: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread


def read(peer: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        got = peer.recv(1 << 20)
        assert got, f"{len(data)} of {size} bytes"
        data += got
    return bytes(data)


def until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


# ---- no descriptors


def first_connect() -> None:
    with raw_listener() as server:
        port = server.getsockname()[1]
        with no_descriptors():
            assert gen_tcp.connect(LOCALHOST, port, options()) == EMFILE
            assert gen_tcp.listen(0, options()) == EMFILE
            for call in (lambda: gentcp.connect(LOCALHOST, port, inet_backend=BACKEND), gentcp.listen):
                try:
                    call()
                except gentcp.Error as error:
                    assert error.reason == "emfile"
                else:
                    raise AssertionError
        assert gen_tcp.connect(LOCALHOST, port, options())[0] == "ok"
        assert gen_tcp.connect("localhost", port, options())[0] == "ok"


def first_queued_send() -> None:
    sock, peer = pair()
    with no_descriptors():
        if BACKEND == "inet":
            assert gen_tcp.send(sock, BIG) == "ok"
            assert read(peer, len(BIG)) == BIG
        else:
            peer.close()
            assert gen_tcp.send(sock, b"x") == "ok"


def blocked_send() -> None:
    sock, peer = pair()
    sent: list[Any] = []
    sender = gentcp.spawn(lambda: sent.extend(gen_tcp.send(sock, BIG) for _ in range(2)))
    with no_descriptors():
        assert read(peer, 2 * len(BIG)) == 2 * BIG
        assert sender.join(PATIENCE)
    assert sent == ["ok", "ok"]


def close_with_queue() -> None:
    sock, peer = pair()
    with no_descriptors():
        if BACKEND == "inet":
            assert gen_tcp.send(sock, BIG) == "ok"
        closed: list[Any] = []
        closing = gentcp.spawn(lambda: closed.append(gen_tcp.close(sock)))
        size = len(BIG) if BACKEND == "inet" else 0
        assert read(peer, size) == BIG[:size]
        assert peer.recv(1) == b""
        assert closing.join(PATIENCE)
    assert closed == ["ok"]


def recv_timed() -> None:
    sock, peer = pair()
    with no_descriptors():
        assert gen_tcp.recv(sock, 0, 20) == ("error", "timeout")
        later = in_the_background(lambda: peer.sendall(b"hello"))
        assert gen_tcp.recv(sock, 5, 10_000) == ("ok", b"hello")
        later.join()


def set_active() -> None:
    sock, peer = pair()
    with no_descriptors():
        assert inet.setopts(sock, [("active", True)]) == "ok"
        peer.sendall(b"hello")
        assert gentcp.receive(timeout=PATIENCE) == ("tcp", sock, b"hello")
    peer.sendall(b"again")
    assert gentcp.receive(timeout=PATIENCE) == ("tcp", sock, b"again")


def active_and_away() -> None:
    """Nobody is in receive; its owner is served all the same, and hears of the end."""
    sock, peer = pair()
    with no_descriptors():
        assert inet.setopts(sock, [("active", True)]) == "ok"
        peer.sendall(b"hello")
        peer.close()
        until(lambda: inet.getopts(sock, ["active"]) != ("ok", [("active", True)]))
    assert gentcp.receive(timeout=PATIENCE) == ("tcp", sock, b"hello")
    assert gentcp.receive(timeout=PATIENCE) == ("tcp_closed", sock)


def accept_active() -> None:
    listener = gen_tcp.listen(0, options(("ip", LOCALHOST), ("active", True)))[1]
    peer = socket.create_connection(("127.0.0.1", inet.port(listener)[1]))
    peer.sendall(b"hello")
    with no_descriptors():
        assert gen_tcp.accept(listener, 100) == EMFILE
    accepted = gen_tcp.accept(listener, 10_000)[1]
    assert gentcp.receive(timeout=PATIENCE) == ("tcp", accepted, b"hello")


def accept_with_one_left() -> None:
    """The connection gets the last one, so there is none to be woken by."""
    listener = gen_tcp.listen(0, options(("ip", LOCALHOST), ("active", True)))[1]
    peer = socket.create_connection(("127.0.0.1", inet.port(listener)[1]))
    peer.sendall(b"hello")
    spare = os.open(os.devnull, os.O_RDONLY)
    with no_descriptors():
        os.close(spare)
        accepted = gen_tcp.accept(listener, 10_000)[1]
        assert gentcp.receive(timeout=PATIENCE) == ("tcp", accepted, b"hello")
        assert gen_tcp.close(accepted) == "ok"


def dropped() -> None:
    with raw_listener() as server:
        sock = gentcp.connect(LOCALHOST, server.getsockname()[1], inet_backend=BACKEND)
        peer = server.accept()[0]
    peer.settimeout(PATIENCE)
    with no_descriptors():
        del sock
        gc.collect()
        assert peer.recv(1) == b""


def hand_over() -> None:
    sock, peer = pair(("active", True))
    got: list[Any] = []
    process = gentcp.spawn(lambda: got.append(gentcp.receive(timeout=PATIENCE)))
    with no_descriptors():
        assert gen_tcp.controlling_process(sock, process) == "ok"
        peer.sendall(b"hello")
        assert process.join(PATIENCE)
    assert got == [("tcp", sock, b"hello")]


def asynchronous() -> None:
    sock, peer = pair()
    with no_descriptors():
        number = prim_inet.async_recv(sock, 5, 10_000)[1]
        peer.sendall(b"hello")
        assert gentcp.receive(timeout=PATIENCE) == ("inet_async", sock, number, ("ok", b"hello"))


def detach_and_sendfile() -> None:
    sock, peer = pair()
    with Path(os.__file__).open("rb") as opened, no_descriptors():
        assert file.sendfile(opened, sock, 0, 0, []) == EMFILE
        try:
            sock.detach()
        except gentcp.Error as error:
            assert error.reason == "emfile"
    assert file.sendfile(os.__file__, sock)[0] == "ok"
    assert peer.recv(10)
    os.close(sock.detach())


# ---- no threads


def send_without_thread() -> None:
    sock, peer = pair()
    with no_threads():
        assert gen_tcp.send(sock, b"x" * 1000) == ("error", "system_limit")
        try:
            gentcp.spawn(print)
        except gentcp.Error as error:
            assert error.reason == "system_limit"
        else:
            raise AssertionError
    assert inspection.queued(sock) == 0
    assert gen_tcp.send(sock, BIG) == "ok"
    assert read(peer, len(BIG)) == BIG


def away_without_thread() -> None:
    sock, peer = pair()
    with no_threads():
        assert inet.setopts(sock, [("active", True)]) == "ok"
        peer.sendall(b"hello")
        assert gentcp.receive(timeout=PATIENCE) == ("tcp", sock, b"hello")
    pair()  # the next need
    peer.close()
    until(lambda: sock.fileno() < 0 or not inspection.active(sock))
    assert gentcp.receive(timeout=PATIENCE) == ("tcp_closed", sock)


def dropped_without_thread() -> None:
    with raw_listener() as server:
        sock = gentcp.connect(LOCALHOST, server.getsockname()[1], inet_backend=BACKEND)
        peer = server.accept()[0]
    peer.settimeout(PATIENCE)
    with no_threads():
        del sock
        gc.collect()
    pair()  # the next need
    assert peer.recv(1) == b""


def asynchronous_without_thread() -> None:
    sock, peer = pair()
    with no_threads():
        assert prim_inet.async_recv(sock, 5, 10_000) == ("error", "system_limit")
    number = prim_inet.async_recv(sock, 5, 10_000)[1]
    peer.sendall(b"hello")
    assert gentcp.receive(timeout=PATIENCE) == ("inet_async", sock, number, ("ok", b"hello"))


if __name__ == "__main__":
    warnings.simplefilter("ignore", ResourceWarning)
    if sys.argv[2] != "first_connect":
        gen_tcp.close(gen_tcp.listen(0, options())[1])
    globals()[sys.argv[2]]()
    sys.stdout.write("ok\n")
