"""Numbered packets, and receivers that are cancelled at random moments: each packet arrives once, and in order.

GENTCP_CANCELS says how many runs there are for each parameter; without it there are a few, always the same.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest

import gentcp
from gentcp import aio

from .kit import Link, Links, Run, turns

RUNS = int(os.environ.get("GENTCP_CANCELS", "3"))
FIRST = int(os.environ.get("GENTCP_FIRST_SEED", "0"))
PACKETS = 150
SEEDS = pytest.mark.parametrize("seed", range(FIRST, FIRST + RUNS))
Receive = Callable[[], Awaitable[list[bytes]]]


def numbered(number: int) -> bytes:
    """Some of them are more than is read at a time."""
    return b"%d" % number + b"." * (70_000 if number % 50 == 7 else number % 90)


def number_of(packet: bytes) -> int:
    return int(packet.rstrip(b"."))


async def stream(sock: aio.Socket, dice: random.Random) -> None:
    """Send all packets, several at a time or one by one, in the same turn as something else or in another."""
    number = 0
    while number < PACKETS:
        for _ in range(min(dice.choice((1, 1, 2, 20)), PACKETS - number)):
            await sock.send(numbered(number))
            number += 1
        await turns(dice.randrange(4))


async def cancelled_at_random(receive: Receive, dice: random.Random, got: list[int]) -> None:
    """One call after the other, until all is here; most of them are cancelled, in one of several ways."""
    while len(got) < PACKETS:
        match dice.randrange(4):
            case 0:
                got += map(number_of, await receive())
            case 1:
                got += [number_of(packet) async for packet in with_task(receive, dice)]
            case 2:
                try:
                    async with asyncio.timeout(dice.choice((0, 0.0001, 0.001))):
                        got += map(number_of, await receive())
                except TimeoutError:
                    pass
            case _:
                try:
                    got += map(number_of, await asyncio.wait_for(receive(), dice.choice((0.0001, 0.001))))
                except TimeoutError:
                    pass


async def with_task(receive: Receive, dice: random.Random) -> AsyncIterator[bytes]:
    """What a task received that was cancelled some turns later, perhaps too late."""

    async def call() -> list[bytes]:
        return await receive()

    task = asyncio.create_task(call())
    await turns(dice.randrange(5))
    task.cancel()
    try:
        packets = await task
    except asyncio.CancelledError:
        return
    for packet in packets:
        yield packet


def receiver(sock: aio.Socket, how: str, dice: random.Random) -> Receive:
    """A call that gives packets."""

    async def recv() -> list[bytes]:
        return [await sock.recv()]

    async def recv_in_time() -> list[bytes]:
        try:
            return [await sock.recv(timeout=dice.choice((0.0, 0.001, 10.0)))]
        except gentcp.Timeout:
            return []

    async def recv_many() -> list[bytes]:
        return await sock.recv_many(dice.randrange(1, 5))

    return {"recv": recv, "recv in time": recv_in_time, "recv_many": recv_many}[how]


@SEEDS
@pytest.mark.parametrize("how", ["recv", "recv in time", "recv_many"])
def test_a_recv_that_is_cancelled_takes_nothing(run: Run, link: Link, how: str, seed: int) -> None:
    async def test() -> None:
        dice, got = random.Random(seed), list[int]()
        async with link() as net:
            one, two = await net.pair(packet=4)
            async with asyncio.TaskGroup() as group:
                group.create_task(stream(one, random.Random(seed + 1000)))
                await cancelled_at_random(receiver(two, how, dice), dice, got)
        assert got == list(range(PACKETS))

    run(test())


@SEEDS
def test_bytes_that_a_cancelled_recv_waited_for_are_there_for_the_next(run: Run, link: Link, seed: int) -> None:
    async def test() -> None:
        dice, got = random.Random(seed), b""
        sent = b"".join(map(numbered, range(PACKETS)))
        async with link() as net:
            one, two = await net.pair()
            async with asyncio.TaskGroup() as group:
                group.create_task(in_pieces(one, sent, random.Random(seed + 1000)))
                while len(got) < len(sent):
                    most = min(dice.choice((1, 10, 1000)), len(sent) - len(got))
                    got += b"".join([piece async for piece in with_task(partial(exactly, two, most), dice)])
        assert got == sent

    async def exactly(sock: aio.Socket, most: int) -> list[bytes]:
        return [await sock.recv(most)]

    run(test())


async def in_pieces(sock: aio.Socket, data: bytes, dice: random.Random) -> None:
    while data:
        size = dice.choice((1, 100, 5000))
        await sock.send(data[:size])
        data = data[size:]
        await turns(dice.randrange(3))


@SEEDS
@pytest.mark.parametrize("receivers", [2, 5])
def test_of_several_receivers_each_packet_has_one(
    run: Run, link: Link, backend: str, receivers: int, seed: int
) -> None:
    """On `inet` whoever comes second is told so, and tries again."""

    async def test() -> None:
        dice = random.Random(seed)
        got: list[list[int]] = [[] for _ in range(receivers)]
        all_got = list[int]()
        async with link() as net:
            one, two = await net.pair(packet=4)
            tasks = [asyncio.create_task(take(two, own, all_got)) for own in got]
            sending = asyncio.create_task(stream(one, random.Random(seed + 1000)))
            while len(all_got) < PACKETS:
                victim = dice.randrange(receivers)
                tasks[victim].cancel()
                await turns(dice.randrange(3))
                if tasks[victim].done():
                    tasks[victim] = asyncio.create_task(take(two, got[victim], all_got))
            await sending
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)
        assert sorted(all_got) == list(range(PACKETS))
        assert all_got == sorted(all_got)
        assert all(own == sorted(own) for own in got)

    run(test())


async def take(sock: aio.Socket, own: list[int], all_got: list[int]) -> None:
    while True:
        try:
            packet = await sock.recv()
        except gentcp.Busy:
            await asyncio.sleep(0)
            continue
        own.append(number_of(packet))
        all_got.append(number_of(packet))


# ---- messages


@SEEDS
@pytest.mark.parametrize("active", [True, "once", 3])
def test_a_receive_that_is_cancelled_takes_no_message(run: Run, link: Link, active: Any, seed: int) -> None:
    async def test() -> None:
        dice, got = random.Random(seed), list[int]()
        async with link() as net:
            one, two = await net.pair(packet=4)
            await two.setopts(active=active)
            sending = asyncio.create_task(stream(one, random.Random(seed + 1000)))

            async def message() -> list[bytes]:
                tag, of, *data = await aio.receive(dice.choice((None, lambda _message: True)))
                assert of is two
                if tag == "tcp_passive":
                    await two.setopts(active=active)
                    return []
                if active == "once":
                    await two.setopts(active=active)
                return [bytes(each) for each in data]

            await messages_at_random(message, dice, got)
            await sending
        assert got == list(range(PACKETS))

    run(test())


async def messages_at_random(receive: Receive, dice: random.Random, got: list[int]) -> None:
    """The same in one task alone: a message belongs to it."""
    while len(got) < PACKETS:
        try:
            async with asyncio.timeout(dice.choice((None, 0, 0.0001, 0.001))):
                got += map(number_of, await receive())
        except TimeoutError:
            pass


# ---- connections


@SEEDS
def test_an_accept_that_is_cancelled_takes_no_connection(run: Run, link: Link, seed: int) -> None:
    async def test() -> None:
        dice, count = random.Random(seed), 40
        async with link() as net:
            listener = await net.listen(backlog=count)
            accepted: list[aio.Socket] = []
            calls = connect_all(net, listener.port, count, aio.current_process(), random.Random(seed + 1000))
            connecting = asyncio.create_task(calls)
            while len(accepted) < count:
                try:
                    async with asyncio.timeout(dice.choice((0, 0.0001, 0.001))):
                        accepted.append(await listener.accept())
                except TimeoutError:
                    pass
                try:
                    accepted.append(await asyncio.wait_for(listener.accept(), dice.choice((0.0001, 0.001))))
                except TimeoutError:
                    pass
            socks = await connecting
            assert [sock.peername for sock in accepted] == [sock.sockname for sock in socks]
            for number, sock in enumerate(accepted):
                await sock.send(b"%d" % number)
                assert await socks[number].recv() == b"%d" % number
                await sock.close()

    run(test())


async def connect_all(
    net: Links, port: int, count: int, owner: aio.TaskProcess, dice: random.Random
) -> list[aio.Socket]:
    socks = list[aio.Socket]()
    for _ in range(count):
        socks.append(await net.connect(port))
        await socks[-1].controlling_process(owner)
        await turns(dice.randrange(4))
    return socks


@SEEDS
def test_a_connect_that_is_cancelled_leaves_nothing(run: Run, link: Link, backend: str, seed: int) -> None:
    """The fixture looks at the descriptors."""

    async def test() -> None:
        dice = random.Random(seed)
        async with link() as net:
            listener = await net.listen(backlog=128)
            for host in ("127.0.0.1", "localhost") * 20:
                task = asyncio.create_task(connect_and_close(host, listener.port, backend))
                await turns(dice.randrange(6))
                task.cancel()
                await asyncio.wait([task])

    run(test())


async def connect_and_close(host: str, port: int, backend: str) -> None:
    async with await aio.connect(host, port, inet_backend=backend):
        pass
