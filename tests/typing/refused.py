"""What type checkers must complain about; never run.

Both checkers report an ignore comment that ignores nothing, so a mistake that passes unnoticed is an error here.
"""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import gentcp
from gentcp import aio


def opening() -> None:
    gentcp.connect("localhost", "http")  # type: ignore[call-overload]
    gentcp.connect("localhost", 5678, 1.5)  # type: ignore[call-overload]
    gentcp.connect("localhost", 5678, pakcet=4)  # type: ignore[call-overload]
    gentcp.connect("localhost", 5678, packet=3)  # type: ignore[call-overload]
    gentcp.connect("localhost", 5678, active="twice")  # type: ignore[call-overload]
    gentcp.connect("localhost", 5678, timeout="infinity")  # type: ignore[call-overload]
    gentcp.connect("localhost", 5678, backlog=5)  # type: ignore[call-overload]
    gentcp.connect((127, 0, 0), 5678)  # type: ignore[arg-type]
    gentcp.connect("localhost", 5678, mode="text")  # type: ignore[call-overload]
    gentcp.connect("localhost", 5678, send_timeout="infinity")  # type: ignore[call-overload]
    gentcp.connect("localhost", 5678, ip=("local",))  # type: ignore[arg-type]
    gentcp.listen(0, local_port=5678)  # type: ignore[call-overload]
    gentcp.listen("http")  # type: ignore[call-overload]
    gentcp.listen(0, line_delimiter=0)  # type: ignore[call-overload]
    gentcp.listen(0, nopush=True)  # type: ignore[call-overload]


def listening(listener: gentcp.Listener) -> None:
    listener.send(b"data")  # type: ignore[attr-defined]
    listener.recv()  # type: ignore[attr-defined]
    listener.accept("infinity")  # type: ignore[arg-type]


def connected(sock: gentcp.Socket) -> None:
    sock.accept()  # type: ignore[attr-defined]
    sock.send("text")  # type: ignore[arg-type]
    sock.recv(b"10")  # type: ignore[arg-type]
    sock.shutdown("reed")  # type: ignore[arg-type]
    sock.setopts(local_port=5678)  # type: ignore[call-arg]
    sock.setopts(("active", True))  # type: ignore[call-arg, arg-type]
    sock.controlling_process("somebody")  # type: ignore[arg-type]
    sock.getopts(1)  # type: ignore[arg-type]
    sock.setopts(backlog=5)  # type: ignore[call-arg]
    sock.send(("tuple",))  # type: ignore[arg-type]
    sock.inet_backend = "inet"  # type: ignore[misc]


async def awaited(sock: aio.Socket, given: gentcp.Socket) -> None:
    await aio.connect("localhost", "http")  # type: ignore[call-overload]
    await aio.connect("localhost", 5678, pakcet=4)  # type: ignore[call-overload]
    await aio.listen(0, local_port=5678)  # type: ignore[call-overload]
    await sock.send("text")  # type: ignore[arg-type]
    await sock.recv(b"10")  # type: ignore[arg-type]
    await sock.setopts(local_port=5678)  # type: ignore[call-arg]
    await sock.controlling_process("somebody")  # type: ignore[arg-type]
    await sock.accept()  # type: ignore[attr-defined]
    await given.recv()  # type: ignore[misc]
    aio.spawn(print)  # type: ignore[arg-type]
    aio.awaitable(sock)  # type: ignore[arg-type]
    sock.unsent = b"data"  # type: ignore[misc]
    with sock:  # type: ignore[attr-defined]
        pass
