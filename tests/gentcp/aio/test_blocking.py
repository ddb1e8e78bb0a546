"""Calls of the thread faces in a thread in which a loop runs: they work, and a warning says what to do instead."""

from __future__ import annotations

import asyncio
import socket
import threading
import warnings
from collections.abc import Callable

import pytest

import gentcp
from gentcp import aio

from ...support import Task, inspection
from .kit import loops, new_loop, until


@pytest.fixture(params=loops())
def loop_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def warned(loop_name: str, call: Callable[[], object], before: Callable[[], object] = lambda: None) -> list[str]:
    """What is said when a new thread calls that in a loop; `before`, when no loop runs yet."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")

        async def main() -> None:
            call()
            call()

        def work() -> None:
            before()
            with asyncio.Runner(loop_factory=lambda: new_loop(loop_name)) as runner:
                runner.run(main())

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert {warning.category for warning in caught} <= {RuntimeWarning}
    assert {warning.filename for warning in caught} <= {__file__}
    return [str(warning.message) for warning in caught]


def listening(backend: str) -> object:
    with gentcp.listen(ip="loopback", inet_backend=backend) as listener:
        return listener.port


def connecting(backend: str) -> object:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        gentcp.connect("127.0.0.1", port, inet_backend=backend).close()
    return port


def looking_up(backend: str) -> object:
    with pytest.raises(gentcp.AddressError):
        gentcp.connect("no-such-host.invalid", 1, inet_backend=backend)
    return None


def accepting(backend: str) -> object:
    with gentcp.listen(ip="loopback", inet_backend=backend) as listener, pytest.raises(gentcp.Timeout):
        listener.accept(timeout=0.01)
    return None


@pytest.mark.parametrize(
    ("call", "name", "known"),
    [
        (listening, "listen", False),
        (connecting, "connect", False),
        (connecting, "connect", True),
        (looking_up, "connect", True),
        (accepting, "accept", True),
    ],
)  # fmt: skip
def test_a_call_that_blocks_warns_once(
    loop_name: str, backend: str, call: Callable[[str], object], name: str, known: bool
) -> None:
    """`known`: the thread has a process already."""
    said = warned(loop_name, lambda: call(backend), gentcp.current_process if known else lambda: None)
    assert len(said) == 1
    assert said[0].startswith(f"gentcp: {name}()")
    assert "gentcp.aio" in said[0]


def test_a_receive_that_waits_warns(loop_name: str) -> None:
    def call() -> None:
        with pytest.raises(TimeoutError):
            gentcp.receive(timeout=0.01)

    (said,) = warned(loop_name, call, gentcp.current_process)
    assert said.startswith("gentcp: receive()")


def test_a_recv_that_waits_warns(loop_name: str, backend: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as peer:
        socks: list[gentcp.Socket] = []

        def before() -> None:
            socks.append(gentcp.connect("127.0.0.1", server.getsockname()[1], inet_backend=backend))

        def call() -> None:
            with pytest.raises(gentcp.Timeout):
                socks[0].recv(10, timeout=0.01)

        (said,) = warned(loop_name, call, before)
        assert said.startswith("gentcp: recv()")
        assert peer.fileno() >= 0
        socks[0].close()


def test_what_does_not_wait_says_nothing(loop_name: str, backend: str) -> None:
    def call() -> None:
        with gentcp.listen(ip="loopback", inet_backend=backend), pytest.raises(TimeoutError):
            gentcp.receive(timeout=0)
        gentcp.current_process().post("message")
        assert gentcp.receive() == "message"

    assert warned(loop_name, call, gentcp.current_process) == []


def test_the_asyncio_face_makes_no_process_for_the_thread(loop_name: str, backend: str) -> None:
    """Which would own nothing, and say so."""

    async def echo() -> None:
        async with (
            await aio.listen(ip="loopback", inet_backend=backend, active=True) as listener,
            await aio.connect("127.0.0.1", listener.port, inet_backend=backend) as sock,
            await listener.accept(),
        ):
            await sock.send(b"data")
            assert (await aio.receive())[2] == b"data"
            waiting.append(Task(listener.blocking.accept))
            await until(lambda: inspection.acceptors(listener) == 1)
            await listener.close()  # which wakes a thread

    waiting: list[Task] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        def work() -> None:
            with asyncio.Runner(loop_factory=lambda: new_loop(loop_name)) as runner:
                runner.run(echo())
            made.append(hasattr(gentcp.process.local, "process"))

        made: list[bool] = []
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    with pytest.raises(gentcp.Closed):
        waiting[0].result()
    assert made == [False]
