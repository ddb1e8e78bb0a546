"""The names of the Python face, awaitable: each call does what it does for threads."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

import gentcp
from gentcp import aio

from ...support import seams
from .kit import Link, Run, turns


def test_whole_packets_come_and_go(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            one, two = await net.pair(packet=4)
            for data in (b"", b"first", b"x" * 300_000):
                await one.send(data)
                assert await two.recv() == data
            await two.send([b"io", bytearray(b"da"), memoryview(b"ta")])
            assert await one.recv(timeout=5.0) == b"iodata"

    run(test())


def test_so_many_bytes_are_received_as_were_asked_for(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial()
            peer.send(b"12345678")
            assert await sock.recv(3) == b"123"
            assert await sock.recv(2, timeout=5.0) == b"45"
            assert await sock.recv() == b"678"

    run(test())


def test_a_recv_gives_up_in_time_and_loses_nothing(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial()
            peer.send(b"12")
            with pytest.raises(gentcp.Timeout):
                await sock.recv(3, timeout=0.02)
            peer.send(b"3")
            assert await sock.recv(3) == b"123"

    run(test())


@pytest.mark.parametrize("timeout", [None, 20.0])
@pytest.mark.parametrize("comes", [True, False], ids=["something comes", "nothing comes"])
def test_a_recv_between_two_messages(run: Run, link: Link, timeout: float | None, comes: bool) -> None:
    """It waits for the descriptor that was watched for the owner, and will be again."""

    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial()
            for _ in range(2):
                await sock.setopts(active="once")
                peer.send(b"message")
                assert (await aio.receive(timeout=5.0))[2] == b"message"
                receiving = asyncio.create_task(_received(sock, timeout))
                await turns()
                if comes:
                    peer.send(b"packet")
                else:
                    receiving.cancel()
                assert await receiving == (b"packet" if comes else None)

    run(test())


async def _received(sock: aio.Socket, timeout: float | None) -> object:
    """What came; None when the task was cancelled."""
    try:
        return await sock.recv(timeout=timeout)
    except asyncio.CancelledError:
        return None


def test_many_packets_at_once(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(packet="line")
            peer.send(b"1\n2\n3\n4")
            got: list[bytes] = []
            while len(got) < 3:
                got += await sock.recv_many(2)
            assert got == [b"1\n", b"2\n", b"3\n"]

    run(test())


def test_a_socket_gives_its_packets_until_it_is_closed(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(packet="line")
            peer.send(b"1\n2\n")
            peer.finish()
            assert [line async for line in sock] == [b"1\n", b"2\n"]
            with pytest.raises(gentcp.Closed):
                await sock.recv()

    run(test())


def test_a_reset_ends_the_iteration_with_an_error(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial(show_econnreset=True)
            peer.reset()
            with pytest.raises(gentcp.Reset):
                _ = [piece async for piece in sock]

    run(test())


def test_a_listener_gives_its_connections_until_it_is_closed(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            listener = await net.listen()
            socks = [await net.connect(listener.port) for _ in range(3)]
            accepted: list[aio.Socket] = []
            async for sock in listener:
                accepted.append(sock)
                if len(accepted) == len(socks):
                    await listener.close()
            assert {sock.peername for sock in accepted} == {sock.sockname for sock in socks}
            for sock in accepted:
                await sock.close()

    run(test())


def test_an_accept_gives_up_in_time(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            listener = await net.listen()
            for timeout in (0.0, 0.02):
                with pytest.raises(gentcp.Timeout):
                    await listener.accept(timeout=timeout)

    run(test())


def test_a_connect_that_nobody_answers_is_refused(run: Run, backend: str) -> None:
    async def test() -> None:
        async with await aio.listen(ip="loopback", inet_backend=backend) as listener:
            port = listener.port
        with pytest.raises(gentcp.Refused):
            await aio.connect("127.0.0.1", port, inet_backend=backend)
        with pytest.raises(gentcp.AddressError):
            await aio.connect("no-such-host.invalid", port, inet_backend=backend)

    run(test())


def test_the_writing_side_is_closed_behind_the_data(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            one, two = await net.pair(exit_on_close=False)
            await one.send(b"all of it")
            await one.shutdown("write")
            assert [piece async for piece in two] == [b"all of it"]
            await two.send(b"and back")
            assert await one.recv() == b"and back"

    run(test())


def test_options_counters_and_names(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            one, two = await net.pair(packet=2)
            await one.setopts(nodelay=True, packet=4)
            assert await one.getopts("nodelay", "packet") == {"nodelay": True, "packet": 4}
            assert (await one.getopts())["packet"] == 4
            await one.setopts(packet=2)
            await one.send(b"data")
            assert await two.recv() == b"data"
            assert (await two.getstat("recv_cnt"))["recv_cnt"] == 1
            assert (one.sockname, one.peername) == (two.peername, two.sockname)
            assert one.inet_backend == net.backend
            assert one.fileno() >= 0

    run(test())


@pytest.mark.parametrize("can", [True, False], ids=["by the system", "by hand"])
def test_a_file_is_sent_as_it_is(
    run: Run, link: Link, backend: str, tmp_path: Path, can: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*seams.seam("can sendfile", backend), can)

    async def test() -> None:
        path = tmp_path / "file"
        path.write_bytes(bytes(range(256)) * 4000)
        async with link() as net:
            one, two = await net.pair()
            sent, got = await asyncio.gather(one.sendfile(path), two.recv(1_024_000))
            assert (sent, got) == (len(got), path.read_bytes())
            with path.open("rb") as file:
                assert await one.sendfile(file, 1, 3) == 3
            assert await two.recv(3) == b"\1\2\3"

    run(test())


def test_a_detached_descriptor_is_the_callers(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial()
            fd = await sock.detach()
            os.write(fd, b"by hand")
            assert peer.recv_exact(7) == b"by hand"
            os.close(fd)
            assert peer.drain() == b""

    run(test())


def test_what_was_received_is_put_back(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial()
            peer.send(b"data")
            data = await sock.recv(4)
            if net.backend == "socket":
                with pytest.raises(gentcp.Error):
                    await sock.unrecv(data)
                return
            await sock.unrecv(data)
            assert await sock.recv(4) == data

    run(test())


def test_a_socket_is_closed_on_the_way_out_whatever_happened(run: Run, link: Link) -> None:
    async def test() -> None:
        async with link() as net:
            sock, peer = await net.dial()
            with pytest.raises(ZeroDivisionError):
                async with sock:
                    raise ZeroDivisionError
            assert sock.fileno() == -1
            assert peer.drain() == b""
            await sock.close()
            for call in (sock.recv(), sock.send(b"data"), sock.setopts(active=True)):
                with pytest.raises(gentcp.Closed):
                    await call

    run(test())
