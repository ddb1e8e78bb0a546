"""What the asyncio face refuses, and that it says what to do instead."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any

import pytest

import gentcp
from gentcp import aio

from ..scripted import ScriptedBackend, scripted_socket
from .kit import Link, Run, turns


async def nothing() -> None:
    """A coroutine function."""


@pytest.mark.parametrize("function", [nothing, functools.partial(nothing)])
def test_a_coroutine_function_is_not_for_threads(function: Callable[[], Any]) -> None:
    with pytest.raises(gentcp.OptionError, match=r"function: .*gentcp\.aio\.spawn") as caught:
        gentcp.spawn(function)
    assert caught.value.option == "function"


@pytest.mark.parametrize("function", [print, len, "text"])
def test_a_plain_function_is_not_for_tasks(run: Run, function: Any) -> None:
    async def test() -> None:
        with pytest.raises(gentcp.OptionError, match=r"function: .*gentcp\.spawn") as caught:
            aio.spawn(function)
        assert caught.value.option == "function"

    run(test())


@pytest.mark.parametrize("name", ["scripted", "otp_inet", "otp_socket"])
def test_a_backend_that_blocks_threads_says_so(run: Run, name: str) -> None:
    async def test() -> None:
        for call in (aio.connect("127.0.0.1", 9, inet_backend=name), aio.listen(inet_backend=name)):
            with pytest.raises(gentcp.OptionError, match=f"inet_backend: '{name}' does not work with gentcp.aio"):
                await call

    gentcp.register(ScriptedBackend())
    try:
        run(test())
    finally:
        gentcp.unregister("scripted")


def test_a_socket_of_such_a_backend_is_refused_too() -> None:
    sock, _ = scripted_socket()
    with pytest.raises(gentcp.OptionError, match="'scripted' does not work"):
        aio.awaitable(sock)
    sock.close()


@pytest.mark.parametrize("sock", [None, 3, "text"])
def test_only_a_socket_is_made_awaitable(sock: Any) -> None:
    with pytest.raises(gentcp.OptionError, match="sock: expected"):
        aio.awaitable(sock)


@pytest.mark.parametrize(
    ("call", "instead"),
    [
        (aio.current_process, "for threads"),
        (lambda: aio.monitor(gentcp.current_process()), "for threads"),
        (lambda: aio.spawn(nothing), "gentcp.spawn"),
    ],
    ids=["current_process", "monitor", "spawn"],
)
def test_outside_of_tasks_there_are_other_calls(call: Callable[[], object], instead: str) -> None:
    with pytest.raises(RuntimeError, match=instead):
        call()


def test_a_callback_of_the_loop_is_no_task(run: Run) -> None:
    async def test() -> None:
        said: list[str] = []

        def callback() -> None:
            try:
                aio.current_process()
            except RuntimeError as error:
                said.append(str(error))

        asyncio.get_running_loop().call_soon(callback)
        await turns(2)
        assert len(said) == 1
        assert "no task" in said[0]

    run(test())


def test_the_process_of_a_task_is_not_received_from_by_a_thread(run: Run) -> None:
    async def test() -> None:
        process = aio.current_process()
        with pytest.raises(RuntimeError, match=r"gentcp\.aio\.receive"):
            process.receive(timeout=0)

    run(test())


def test_arguments_are_looked_at_as_for_threads(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            sock, _ = await net.dial()
            for call, option in (
                (sock.recv(-1), "length"),
                (sock.recv(timeout=-1), "timeout"),
                (sock.recv_many(0), "limit"),
                (sock.send("text"), "data"),  # type: ignore[arg-type]
                (sock.shutdown("all"), "how"),  # type: ignore[arg-type]
                (sock.setopts(nothing=1), "nothing"),  # type: ignore[call-arg]
                (sock.getopts("nothing"), "nothing"),
                (sock.getstat("nothing"), "names"),
                (sock.controlling_process("nobody"), "process"),  # type: ignore[arg-type]
                (sock.sendfile(b"/nothing", -1), "offset"),
                (aio.connect("127.0.0.1", 1, nothing=1), "nothing"),  # type: ignore[call-overload]
                (aio.listen("http"), "port"),  # type: ignore[call-overload]
            ):
                with pytest.raises(gentcp.OptionError) as caught:
                    await call
                assert caught.value.option == option

    run(test())


def test_the_state_of_a_socket_says_what_may_be_called(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            sock, _ = await net.dial(active=True)
            with pytest.raises(gentcp.InvalidState, match="active"):
                await sock.recv()
            stranger = aio.spawn(strange, sock)
            await stranger.task

    async def strange(sock: aio.Socket) -> None:
        with pytest.raises(gentcp.NotOwner):
            await sock.controlling_process(aio.current_process())

    run(test())
