"""What type checkers make of correct programs; never run, mypy and pyright read it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, assert_type

import gentcp
from gentcp import aio
from gentcp._keywords import Mode, Packet
from gentcp.abc import Backend, SocketHandle
from gentcp.erl import ErlangError, Exit, gen_tcp


def opening() -> None:
    assert_type(gentcp.connect("localhost", 5678), gentcp.Socket)
    assert_type(gentcp.connect((127, 0, 0, 1), 5678, timeout=1.5, inet_backend="inet", packet=4), gentcp.Socket)
    assert_type(gentcp.connect((0, 0, 0, 0, 0, 0, 0, 1), 5678, inet6=True, active="once"), gentcp.Socket)
    assert_type(gentcp.connect(Path("service.sock"), send_timeout=None), gentcp.Socket)
    assert_type(gentcp.connect(("local", b"service.sock"), line_delimiter=10, packet="line"), gentcp.Socket)
    assert_type(gentcp.listen(), gentcp.Listener)
    assert_type(gentcp.listen(0, ip="loopback", backlog=128, active=100, linger=0), gentcp.Listener)


def addresses(path: Path, host: gentcp.Host, interface: gentcp.Interface) -> None:
    gentcp.connect(host, 5678, ip="::1", local_port=0)
    gentcp.connect(("local", path), ifaddr=("local", b""))
    gentcp.listen(ifaddr=path)
    gentcp.listen(ip=(127, 0, 0, 1), netns=path, protocol="mptcp", bind_to_device="lo")
    gentcp.listen(ip=interface, inet6=False)


def options_passed_on(
    connect: gentcp.ConnectOptions, listen: gentcp.ListenOptions, change: gentcp.SocketOptions
) -> None:
    """Who wraps gentcp has types for what it passes on."""
    common: gentcp.CommonOptions = {"packet": 4, "active": "once", "send_timeout": 0.5, "linger": None}
    assert_type(gentcp.connect("localhost", 5678, **connect), gentcp.Socket[Any])
    assert_type(gentcp.listen(0, **listen), gentcp.Listener[Any])
    sock = gentcp.connect("localhost", 5678, **common)
    sock.setopts(**change)
    sock.setopts(**common)


def listening(listener: gentcp.Listener) -> None:
    with listener as entered:
        assert_type(entered, gentcp.Listener)
        assert_type(listener.accept(), gentcp.Socket)
        assert_type(listener.accept(timeout=0.5), gentcp.Socket)
        assert_type([sock for sock in listener], list[gentcp.Socket])  # noqa: C416
        assert_type(listener.port, int)
        assert_type(listener.sockname, gentcp.Address)
        listener.setopts(packet="line", line_delimiter=0)
        listener.controlling_process(gentcp.current_process())


def what_data_comes_as(listener: gentcp.Listener, parsed: gentcp.Listener[gentcp.Parsed]) -> None:
    """Bytes, unless the options say otherwise; those that are found out at run time may be anything."""
    assert_type(gentcp.connect("localhost", 5678, packet=0, mode="binary").recv(), bytes)
    assert_type(gentcp.connect("localhost", 5678, packet="line", active=False).recv_many(), list[bytes])
    head = gentcp.connect("localhost", 80, packet="http_bin")
    assert_type(head.recv(), gentcp.Parsed)
    assert_type(head.recv_many(5), list[gentcp.Parsed])
    for packet in head:
        match packet:
            case ("http_request", _, target, _):
                assert_type(target, Any)
            case "http_eoh":
                break
            case _:
                pass
    assert_type(gentcp.listen(0, packet="httph", inet_backend="inet").accept().recv(), gentcp.Parsed)
    assert_type(gentcp.listen(0, mode="list").accept().recv(), list[int])
    assert_type(gentcp.connect("localhost", 5678, header=2, packet=4).recv(), Any)
    assert_type(gentcp.fdopen(3, mode="list"), gentcp.Socket[list[int]])
    assert_type(gentcp.fdopen(3).recv(), bytes)
    assert_type(next(iter(parsed)).recv(), gentcp.Parsed)
    assert_type(listener.accept().recv(), bytes)


def wrapped(packet: Packet, mode: Mode) -> gentcp.Socket:
    """Who knows better says so, without a cast."""
    return gentcp.connect("localhost", 5678, packet=packet, mode=mode)


async def what_data_comes_as_in_a_task() -> None:
    assert_type(await (await aio.connect("localhost", 5678)).recv(), bytes)
    head = await aio.connect("localhost", 80, packet="http", send_timeout=1.0)
    assert_type(await head.recv(), gentcp.Parsed)
    async for packet in head:
        assert_type(packet, gentcp.Parsed)
    assert_type(head.blocking.recv(), gentcp.Parsed)
    listener = await aio.listen(0, mode="list", packet=4)
    assert_type(await (await listener.accept()).recv_many(), list[list[int]])
    assert_type(aio.awaitable(gentcp.connect("localhost", 80, packet="ssl_tls")), aio.Socket[gentcp.Parsed])


def connected(sock: gentcp.Socket) -> None:
    with sock as entered:
        assert_type(entered, gentcp.Socket)
        sock.send(b"bytes")
        sock.send(bytearray(b"bytes"))
        sock.send(memoryview(b"bytes"))
        sock.send([b"nested ", [b"io", 100, [b"ata"]]])
        assert_type(sock.recv(), bytes)
        assert_type(sock.recv(10, timeout=None), bytes)
        assert_type([packet for packet in sock], list[bytes])  # noqa: C416
        sock.unrecv(b"again")
        sock.shutdown("read_write")
        sock.setopts(active=True, packet="line", nodelay=True, user_timeout=2.5)
        assert_type(sock.getopts("active"), dict[str, Any])
        assert_type(sock.getopts(), dict[str, Any])
        assert_type(sock.getstat("send_pend"), dict[str, int])
        assert_type(sock.sockname, gentcp.Address)
        assert_type(sock.peername, gentcp.Address)
        assert_type(sock.inet_backend, str)
        assert_type(sock.fileno(), int)
        assert_type(sock.detach(), int)


def failing(sock: gentcp.Socket) -> None:
    try:
        sock.send(b"data")
    except gentcp.SendTimeout as error:
        assert_type(error.queued, bool | None)
        assert_type(error.rest, bytes | None)
        assert_type(error.sent, int | None)
        assert_type(error.mid_packet, bool | None)
        assert_type(error.errno, int | None)
    except gentcp.OptionError as wrong:
        assert_type(wrong.option, str)


def builtin_trees(
    error: gentcp.Error,
    closed: gentcp.Closed,
    reset: gentcp.Reset,
    refused: gentcp.Refused,
    timeout: gentcp.Timeout,
    option: gentcp.OptionError,
) -> tuple[OSError, ConnectionError, ConnectionResetError, ConnectionRefusedError, TimeoutError, ValueError, TypeError]:
    return error, closed, reset, refused, timeout, option, option


def processes(sock: gentcp.Socket, listener: gentcp.Listener) -> None:
    process = gentcp.spawn(listening, listener)
    assert_type(process, gentcp.Process)
    assert_type(gentcp.current_process(), gentcp.Process)
    sock.controlling_process(process)
    process.post(("any", "term"))
    assert_type(process.alive, bool)
    assert_type(process.join(1.0), bool)
    reference = gentcp.monitor(process)
    assert_type(reference, gentcp.Ref)
    assert_type(gentcp.demonitor(reference), bool)
    gentcp.receive(lambda message: message[0] == "tcp", timeout=0.5)


def erlang_face() -> None:
    """Terms are Any: a match statement narrows them."""
    try:
        match gen_tcp.connect("localhost", 5678, ["binary", ("packet", 0)], 1000):
            case ("ok", gentcp.Socket() as sock):
                assert_type(sock, gentcp.Socket[Any])
            case ("error", str() as reason):
                assert_type(reason, str)
            case _:
                pass
    except Exit as error:
        assert_type(error.class_, str)
        raise ErlangError(error.term) from error


def backends(backend: Backend, handle: SocketHandle) -> None:
    gentcp.register(backend)
    assert_type(gentcp.get_backend("inet"), Backend)
    assert_type(gentcp.available_backends(), dict[str, str])
    assert_type(handle.term, Any)


async def awaiting(listen: gentcp.ListenOptions, connect: gentcp.ConnectOptions, path: Path) -> None:
    assert_type(await aio.connect("localhost", 5678, timeout=1.5, packet=4, active="once"), aio.Socket)
    assert_type(await aio.connect(path, **connect), aio.Socket[Any])
    assert_type(await aio.listen(0, ip="loopback", backlog=128), aio.Listener)
    assert_type(await aio.listen(**listen), aio.Listener[Any])
    async with await aio.listen(0, packet=4) as listener:
        assert_type(listener, aio.Listener)
        assert_type(await listener.accept(timeout=0.5), aio.Socket)
        assert_type([sock async for sock in listener], list[aio.Socket])
        assert_type(listener.port, int)
        assert_type(listener.blocking, gentcp.Listener)
    sock: aio.Socket = await asyncio.wait_for(aio.connect("localhost", 5678), 1.0)
    assert_type(await sock.recv(), bytes)
    assert_type(await asyncio.create_task(listener.accept()), aio.Socket)


async def awaited(sock: aio.Socket, given: gentcp.Socket, change: gentcp.SocketOptions) -> None:
    async with sock as entered:
        assert_type(entered, aio.Socket)
        await sock.send([b"nested ", [b"io", 100, [b"ata"]]])
        assert_type(await sock.recv(10, timeout=None), bytes)
        assert_type(await sock.recv_many(3), list[bytes])
        assert_type([packet async for packet in sock], list[bytes])
        assert_type(await sock.sendfile("file", 0, 10), int)
        assert_type(sock.unsent, bytes)
        assert_type(await sock.send_unsent(), None)
        assert_type(sock.forget_unsent(), bytes)
        await sock.unrecv(b"again")
        await sock.shutdown("read_write")
        await sock.setopts(**change)
        assert_type(await sock.getopts("active"), dict[str, Any])
        assert_type(await sock.getstat("send_pend"), dict[str, int])
        assert_type(sock.sockname, gentcp.Address)
        assert_type(sock.peername, gentcp.Address)
        assert_type(await sock.detach(), int)
        assert_type(sock.blocking, gentcp.Socket)
        assert_type(aio.awaitable(given), aio.Socket)


async def tasks(sock: aio.Socket) -> None:
    process = aio.spawn(awaited, sock, name="somebody")
    assert_type(process, aio.TaskProcess)
    assert_type(aio.current_process(), aio.TaskProcess)
    assert_type(process.task, asyncio.Task[Any])
    assert_type(await process, None)
    await sock.controlling_process(process)
    await sock.controlling_process(gentcp.spawn(print))
    process.post(("any", "term"))
    assert_type(aio.monitor(gentcp.current_process()), gentcp.Ref)
    assert_type(aio.demonitor(gentcp.Ref()), bool)
    await aio.receive(lambda message: message[0] == "tcp", timeout=0.5)
