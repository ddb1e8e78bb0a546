"""Calls that are cancelled at a chosen moment, and what is left of them."""

from __future__ import annotations

import asyncio
import struct
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import gentcp
from gentcp import aio
from gentcp.erl import gen_tcp

from ...support import Peer, inspection, stuck
from .kit import Link, Run, turns, until

PACKET = bytes(range(256)) * 8000
"""More than the buffers of a stalled pair hold."""
PART = PACKET[:90_000]
"""More than the peer's buffer holds; the rest is in the kernel's."""
ON_INET = pytest.mark.parametrize("backend", ["inet"])
"""There it has a queue."""
ON_SOCKET = pytest.mark.parametrize("backend", ["socket"])
"""There it writes by itself, and closes at once."""
HEADED = struct.pack("!I", len(PACKET)) + PACKET


async def cancelled(task: asyncio.Task[object]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def cut(sock: aio.Socket) -> None:
    """Cancel a send of PACKET in the middle: the system is full."""
    task = asyncio.create_task(sock.send(PACKET))
    await turns()
    await until(lambda: stuck(sock.fileno()))
    await turns()  # it has been told of all the room there was
    await cancelled(task)


async def drained(peer: Peer, size: int) -> bytes:
    return await asyncio.to_thread(peer.recv_exact, size)


# ---- send


@ON_SOCKET
def test_a_send_that_is_cut_leaves_its_rest(run: Run, link: Link, backend: str) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(stalled=True, packet=4)
            assert sock.unsent == b""
            await cut(sock)
            rest = sock.unsent
            assert HEADED.endswith(rest)
            assert 0 < len(rest) < len(HEADED)
            for call in (sock.send(b"next"), aio.awaitable(sock.blocking).send(b"next")):
                with pytest.raises(gentcp.InvalidState, match=f"{len(rest)} bytes .* unsent"):
                    await call
            with pytest.raises(gentcp.InvalidState):
                sock.blocking.send(b"next")
            assert gen_tcp.send(sock.blocking, b"next") == ("error", "einval")
            sending = asyncio.create_task(sock.send_unsent())
            assert await drained(peer, len(HEADED)) == HEADED
            await sending
            assert sock.unsent == b""
            await sock.send(b"next")
            assert await drained(peer, 8) == b"\0\0\0\4next"

    run(test())


@ON_SOCKET
def test_the_rest_may_be_cut_again(run: Run, link: Link, backend: str) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(stalled=True, packet=4)
            await cut(sock)
            before, got = sock.unsent, b""
            for _ in range(2):
                sending = asyncio.create_task(sock.send_unsent())
                await turns()
                await cancelled(sending)
                assert sock.unsent == before
            while len(sock.unsent) == len(before):
                sending = asyncio.create_task(sock.send_unsent())
                got += await drained(peer, 100_000)
                await turns()
                sending.cancel()
                await asyncio.wait([sending])
            assert HEADED.endswith(sock.unsent)
            sending = asyncio.create_task(sock.send_unsent())
            assert got + await drained(peer, len(HEADED) - len(got)) == HEADED
            await sending

    run(test())


@ON_SOCKET
def test_the_rest_may_be_given_up(run: Run, link: Link, backend: str) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(stalled=True, packet=4)
            await cut(sock)
            rest = sock.unsent
            assert sock.forget_unsent() == rest
            assert (sock.unsent, sock.forget_unsent()) == (b"", b"")
            sending = asyncio.create_task(sock.send(b"next"))
            sent = HEADED.removesuffix(rest) + b"\0\0\0\4next"
            assert await drained(peer, len(sent)) == sent
            await sending

    run(test())


@ON_SOCKET
def test_the_rest_of_a_send_that_timed_out_goes_as_it_is(run: Run, link: Link, backend: str) -> None:
    """Whatever happens to the call: too late again, cancelled, and what that left is sent."""

    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(stalled=True, packet=4, active=True, send_timeout=0.01)
            with pytest.raises(gentcp.SendTimeout) as caught:
                await sock.send(HEADED[4:])
            rest = caught.value.rest
            assert rest is not None
            with pytest.raises(gentcp.SendTimeout) as caught:
                await sock.send_rest(rest)
            assert caught.value.rest is not None
            assert (caught.value.mid_packet, caught.value.sent) == (True, len(rest) - len(caught.value.rest))
            assert rest.endswith(caught.value.rest)
            assert sock.unsent == b""
            rest = caught.value.rest
            await sock.setopts(send_timeout=None)
            sending = asyncio.create_task(sock.send_rest(rest))
            await turns()
            await cancelled(sending)
            assert sock.unsent
            assert rest.endswith(sock.unsent)
            with pytest.raises(gentcp.InvalidState, match="unsent"):
                await sock.send_rest(rest)
            sending = asyncio.create_task(sock.send_unsent())
            assert await drained(peer, len(HEADED)) == HEADED
            await sending
            await sock.send_rest(b"\0\0\0\1x")
            await sock.send(b"next")
            assert await drained(peer, 13) == b"\0\0\0\1x\0\0\0\4next"

    run(test())


@pytest.mark.parametrize("backend", ["inet"])
def test_where_nothing_is_torn_there_is_no_rest_to_send(run: Run, link: Link, backend: str) -> None:
    async def test() -> None:
        async with link() as net:
            sock, _ = await net.dial(packet=4)
            with pytest.raises(gentcp.Error, match="nothing is torn"):
                await sock.send_rest(b"rest")
            with pytest.raises(gentcp.OptionError, match="left none"):
                await sock.send_rest(None)

    run(test())


@ON_SOCKET
def test_a_rest_that_takes_too_long_stays(run: Run, link: Link, backend: str) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(stalled=True, packet=4)
            await cut(sock)
            rest = sock.unsent
            await sock.setopts(send_timeout=0.01)
            with pytest.raises(gentcp.SendTimeout) as caught:
                await sock.send_unsent()
            assert (caught.value.rest, caught.value.sent, sock.unsent) == (rest, 0, rest)
            await sock.setopts(send_timeout=None)
            sending = asyncio.create_task(sock.send_unsent())
            assert await drained(peer, len(HEADED)) == HEADED
            await sending

    run(test())


@ON_SOCKET
def test_those_behind_a_send_that_is_cut_do_not_write(run: Run, link: Link, backend: str) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(stalled=True, packet=4)
            first = asyncio.create_task(sock.send(PACKET))
            await turns()
            others = [asyncio.create_task(sock.send(b"other")) for _ in range(2)]
            others.append(asyncio.create_task(asyncio.to_thread(sock.blocking.send, b"thread")))
            await until(lambda: inspection.senders(sock) == 4)
            await until(lambda: stuck(sock.fileno()))
            await turns()
            await cancelled(first)
            for other in others:
                with pytest.raises(gentcp.InvalidState):
                    await other
            sending = asyncio.create_task(sock.send_unsent())
            assert await drained(peer, len(HEADED)) == HEADED
            await sending

    run(test())


def test_a_send_that_waits_for_its_turn_leaves_nothing(run: Run, link: Link, backend: str) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(stalled=True, packet=4, high_watermark=100, low_watermark=10)
            first = asyncio.create_task(sock.send(PACKET))
            await turns()
            if backend == "inet":
                await first  # it is queued
                first = asyncio.create_task(sock.send(PACKET))  # which makes the port busy
                await turns()
            second = asyncio.create_task(sock.send(b"not sent"))
            await turns()
            await cancelled(second)
            assert sock.unsent == b""
            for _ in range(2 if backend == "inet" else 1):
                assert await drained(peer, len(HEADED)) == HEADED
            await first
            await sock.send(b"next")
            assert await drained(peer, 8) == b"\0\0\0\4next"

    run(test())


@ON_INET
def test_what_a_cancelled_send_has_queued_is_sent(run: Run, link: Link, backend: str) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(stalled=True, packet=4, high_watermark=100, low_watermark=10)
            await sock.send(PACKET)
            task = asyncio.create_task(sock.send(b"second"))
            await turns()
            await cancelled(task)
            assert sock.unsent == b""
            third = asyncio.create_task(sock.send(b"third"))
            await turns()
            assert not third.done()
            assert await drained(peer, len(HEADED)) == HEADED
            assert await drained(peer, 19) == b"\0\0\0\6second\0\0\0\5third"
            await third

    run(test())


@ON_INET
def test_the_time_of_a_cancelled_send_goes_on(run: Run, link: Link, backend: str) -> None:
    """Its port is busy until then; the next sender gets in, and has a time of its own."""

    async def test() -> None:
        async with link() as net:
            sock, _ = await net.dial(stalled=True, send_timeout=0.05, high_watermark=100, low_watermark=10)
            await sock.send(PACKET)
            task = asyncio.create_task(sock.send(PACKET))
            await turns()
            await cancelled(task)
            with pytest.raises(gentcp.SendTimeout):
                await sock.send(b"third")

    run(test())


# ---- recv, in the turn in which the data comes


@pytest.mark.parametrize("length", [0, 4])
def test_a_recv_is_cancelled_as_its_data_comes(run: Run, link: Link, length: int) -> None:
    """Two sockets become readable in one turn; whoever goes on first cancels the other."""

    async def test() -> None:
        async with link() as net:
            pairs = [await net.dial() for _ in range(2)]
            tasks = list[asyncio.Task[bytes]]()

            async def receive(sock: aio.Socket, other: int) -> bytes:
                data = await sock.recv(length)
                tasks[other].cancel()
                return data

            for _ in range(50):
                tasks[:] = [asyncio.create_task(receive(sock, 1 - n)) for n, (sock, _) in enumerate(pairs)]
                await turns(2)
                for _, peer in pairs:
                    peer.send(b"data")
                results = await asyncio.gather(*tasks, return_exceptions=True)
                assert results.count(b"data") >= 1
                for result, (sock, _) in zip(results, pairs, strict=True):
                    if result != b"data":
                        assert isinstance(result, asyncio.CancelledError)
                        assert await sock.recv(length) == b"data"

    run(test())


@pytest.mark.parametrize("timeout", [None, 20.0])
def test_what_another_call_makes_a_packet_is_not_taken(run: Run, link: Link, timeout: float | None) -> None:
    """It is the receiver's, which is cancelled before it takes it."""

    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(packet="line")
            task = asyncio.create_task(sock.recv(timeout=timeout))
            peer.send(b"half")
            await until(lambda: inspection.unread_bytes(sock) == 4)
            await sock.setopts(packet="raw")
            await cancelled(task)
            assert await sock.recv() == b"half"

    run(test())


def test_a_message_is_not_taken_by_a_receive_that_is_cancelled_then(run: Run) -> None:
    async def test() -> None:
        async def receive() -> object:
            try:
                return await aio.receive()
            except asyncio.CancelledError:
                return ("still there", await aio.receive(timeout=0))

        process = aio.spawn(receive)
        await turns(2)
        process.post("message")
        process.task.cancel()
        assert await process.task == ("still there", "message")

    run(test())


def test_a_look_up_that_is_cancelled_leaves_nothing(run: Run, backend: str) -> None:
    async def test() -> None:
        task = asyncio.create_task(aio.connect("localhost", 9, inet_backend=backend))
        await turns(1)
        await cancelled(task)

    run(test())


def test_a_connect_that_nobody_answers_is_cancelled(run: Run, backend: str) -> None:
    """The backlog of its listener is full."""

    async def test() -> None:
        async with await aio.listen(ip="loopback", backlog=0, inet_backend=backend) as listener:
            made = list[aio.Socket]()
            try:
                while True:
                    made.append(await aio.connect("127.0.0.1", listener.port, timeout=0.2, inet_backend=backend))
            except gentcp.Timeout:
                pass
            task = asyncio.create_task(aio.connect("127.0.0.1", listener.port, inet_backend=backend))
            await turns(20)
            assert not task.done()
            await cancelled(task)
            for sock in made:
                await sock.close()

    run(test())


@ON_INET
def test_a_close_that_is_cancelled_leaves_the_socket_open(run: Run, link: Link, backend: str) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(stalled=True)
            await sock.send(PACKET)
            task = asyncio.create_task(sock.close())
            await turns()
            await cancelled(task)
            assert sock.fileno() >= 0
            closing = asyncio.create_task(sock.close())
            assert await asyncio.to_thread(peer.drain) == PACKET
            await closing

    run(test())


def test_a_close_that_lingers_happens_although_it_is_cancelled(run: Run, link: Link) -> None:
    """It would have been the turn of a thread of the executor."""

    async def test() -> None:
        go_on, loop = threading.Event(), asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        async with link() as net:
            sock, peer = await net.dial(stalled=True, linger=5)
            await sock.send(PART)
            busy = loop.run_in_executor(None, go_on.wait, 20.0)
            task = asyncio.create_task(sock.close())
            await turns()
            await cancelled(task)
            go_on.set()
            await busy
            assert await asyncio.to_thread(peer.drain) == PART

    run(test())


# ---- tasks that asyncio makes of a call


def test_a_call_may_be_awaited_by_another_task(run: Run, link: Link) -> None:
    """asyncio.wait_for makes one until Python 3.11, asyncio.gather always: the sockets are the caller's."""

    async def test() -> None:
        async with link() as net:
            listener = await net.listen(packet=4)
            port, backend = listener.port, net.backend
            one, two = await asyncio.gather(
                asyncio.wait_for(aio.connect("127.0.0.1", port, packet=4, inet_backend=backend), 5.0),
                asyncio.wait_for(listener.accept(), 5.0),
            )
            assert inspection.owner(one) is inspection.owner(two) is aio.current_process()
            await asyncio.wait_for(one.send(b"data"), 5.0)
            assert await asyncio.wait_for(two.recv(), 5.0) == b"data"
            await two.setopts(active=True)
            await one.send(b"a message")
            assert await asyncio.wait_for(aio.receive(), 5.0) == ("tcp", two, b"a message")
            await asyncio.gather(one.close(), two.close())

    run(test())


def test_several_calls_may_wait_for_messages(run: Run) -> None:
    async def test() -> None:
        calls = asyncio.gather(
            aio.receive(lambda message: message == 2), aio.receive(lambda message: message == 1), aio.receive()
        )
        await turns(2)
        for message in (1, 2, 3):
            aio.current_process().post(message)
        assert sorted(await calls) == [1, 2, 3]

    run(test())


def test_a_kill_reaches_the_tasks_of_calls(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            listener = await net.listen()
            tasks = list[asyncio.Task[aio.Socket]]()

            async def work() -> None:
                tasks.append(asyncio.create_task(listener.accept()))
                await asyncio.Event().wait()

            process = aio.spawn(work)
            await until(lambda: inspection.acceptors(listener) == 1)
            process.kill()
            await process
            await asyncio.wait(tasks)
            assert isinstance(tasks[0].exception(), gentcp.ProcessKilled)
            assert inspection.acceptors(listener) == 0

    run(test())
