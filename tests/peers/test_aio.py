"""The asyncio face with real peers: an Erlang node, memcached and curl."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import importlib
import importlib.util
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp import aio

from ..support.programs import BACKENDS, PATIENCE, listening, need, output

NO_UVLOOP = pytest.mark.skipif(importlib.util.find_spec("uvloop") is None, reason="uvloop is not installed")
BODY = bytes(range(256)) * 2000
Run = Callable[[Coroutine[Any, Any, None]], None]

pytestmark = pytest.mark.parametrize("backend", BACKENDS)


@pytest.fixture(params=["asyncio", pytest.param("uvloop", marks=NO_UVLOOP)])
def run(request: pytest.FixtureRequest) -> Run:
    """Run a test on each loop."""

    def run(coroutine: Coroutine[Any, Any, None]) -> None:
        new_loop = importlib.import_module(request.param).new_event_loop
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(asyncio.wait_for(coroutine, PATIENCE))

    return run


# ---- packet 4

CLIENT = """
    {{ok, S}} = gen_tcp:connect({{127,0,0,1}}, {port}, [binary, {{packet, 4}}, {{active, false}}]),
    Sent = [binary:copy(<<N:8>>, N * N) || N <- lists:seq(0, 255)],
    [ok = gen_tcp:send(S, P) || P <- Sent],
    Got = [begin {{ok, P}} = gen_tcp:recv(S, 0, 10000), P end || _ <- Sent],
    true = (Got =:= lists:reverse(Sent)),
    ok = gen_tcp:close(S),
    io:put_chars("the same"), halt()."""


def test_an_erlang_node_sends_packets_and_gets_them_back(run: Run, backend: str) -> None:
    erl = need("erl")

    async def test() -> None:
        async with await aio.listen(ip="loopback", packet=4, inet_backend=backend) as listener:
            command = [erl, "-noshell", "-eval", CLIENT.format(port=listener.port)]
            client = asyncio.create_task(asyncio.to_thread(output, command))
            async with await listener.accept() as sock:
                packets = [await sock.recv() for _ in range(256)]
                for packet in reversed(packets):
                    await sock.send(packet)
                assert [packet async for packet in sock] == []
            assert await client == "the same"

    run(test())


# ---- lines


@pytest.fixture(scope="module")
def memcached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    program, folder = need("memcached"), tmp_path_factory.mktemp("memcached")
    settings = ["-l", "127.0.0.1", "-U", "0", "-u", getpass.getuser()]
    with listening(lambda port: [program, "-p", str(port), *settings], folder) as port:
        yield port


def test_memcached_keeps_what_many_tasks_store(run: Run, backend: str, memcached: int) -> None:
    values = [b"END\r\n", b"", b"x" * 100_000, b"two\r\nlines"]

    async def store_and_fetch(number: int) -> None:
        async with await aio.connect("127.0.0.1", memcached, packet="line", inet_backend=backend) as sock:
            value = values[number % len(values)]
            key = b"%s-%d" % (backend.encode(), number)
            await sock.send([b"set %s 0 60 %d\r\n" % (key, len(value)), value, b"\r\nget %s\r\n" % key])
            assert await sock.recv(timeout=PATIENCE) == b"STORED\r\n"
            assert await sock.recv() == b"VALUE %s 0 %d\r\n" % (key, len(value))
            await sock.setopts(packet="raw")
            assert await sock.recv(len(value) + 2) == value + b"\r\n"
            await sock.setopts(packet="line")
            assert await sock.recv() == b"END\r\n"

    async def test() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(store_and_fetch(number))

    run(test())


# ---- HTTP


async def requests(sock: aio.Socket[Any]) -> AsyncIterator[tuple[Any, int]]:
    """The target of each request, and the length of its body."""
    async for line in sock:
        kind, _, target, _ = line
        assert kind == "http_request"
        length = 0
        async for header in sock:
            if header == "http_eoh":
                break
            assert header[0] == "http_header"
            if header[2] == "Content-Length":
                length = int(header[4])
        yield target, length


async def answer(sock: aio.Socket[Any]) -> None:
    """Every body is sent back, until the client goes, as it likes."""
    with contextlib.suppress(gentcp.Closed):
        async with sock:
            async for target, length in requests(sock):
                body = target[1]
                if length:
                    await sock.setopts(packet="raw")
                    body = await sock.recv(length)
                    await sock.setopts(packet="http_bin")
                await sock.send([b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), body])


def test_curl_keeps_its_connection_and_gets_what_it_posts(run: Run, backend: str, tmp_path: Path) -> None:
    curl = need("curl")
    sent, received = tmp_path / "sent", tmp_path / "received"
    sent.write_bytes(BODY)

    async def accept(listener: aio.Listener[gentcp.Parsed]) -> None:
        async for sock in listener:
            task = aio.spawn(serve)
            await sock.controlling_process(task)
            task.post(sock)

    async def serve() -> None:
        await answer(await aio.receive())

    async def test() -> None:
        async with (
            await aio.listen(ip="loopback", packet="http_bin", inet_backend=backend) as listener,
            asyncio.TaskGroup() as group,
        ):
            accepting = group.create_task(accept(listener))
            url = f"http://127.0.0.1:{listener.port}"
            count = ["-w", " %{num_connects}\n"]
            post = ["-H", "Expect:", "--data-binary", f"@{sent}", "-o", str(received), *count, f"{url}/echo"]
            command = [curl, "-sS", *count, f"{url}/one", "--next", "-sS", *post, "--next", "-sS", *count, f"{url}/two"]
            assert await asyncio.to_thread(output, command) == "/one 1\n 0\n/two 0\n"
            assert received.read_bytes() == BODY
            accepting.cancel()

    run(test())
