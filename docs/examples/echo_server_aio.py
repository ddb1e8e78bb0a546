"""echo_server.py with tasks: `python echo_server_aio.py --backend inet --active 10`, and `--uvloop` for that loop.

A task is a process, so nothing else is different: each client has a task, the socket is handed to it and arrives as a
message, its data comes as messages, as many as were asked for, and it closes when the task ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib
from typing import Any

import gentcp
from gentcp import aio

SEND_TIMEOUT = 30.0


async def serve(port: int, backend: str, active: Any, packet: Any) -> None:
    """Accept for ever, with a task for each connection."""
    async with await aio.listen(
        port,
        inet_backend=backend,
        packet=packet,
        reuseaddr=True,
        send_timeout=SEND_TIMEOUT,  # a client that does not read for so long loses its connection
        send_timeout_close=True,
    ) as listener:
        print(f"listening on port {listener.port}", flush=True)
        async for sock in listener:
            process = aio.spawn(echo, active)
            await sock.controlling_process(process)
            process.post(sock)


async def echo(active: Any) -> None:
    """Send back what comes, until the connection ends; the socket goes with its owner."""
    sock: aio.Socket = await aio.receive()
    with contextlib.suppress(gentcp.Error):  # the client has gone in between
        await sock.setopts(active=active)
        while True:
            match await aio.receive():
                case ("tcp", _, data):
                    await sock.send(data)
                    if active == "once":
                        await sock.setopts(active="once")
                case ("tcp_passive", _):
                    await sock.setopts(active=active)
                case _:  # tcp_closed, or tcp_error and then tcp_closed
                    return


def mode(text: str) -> str | int:
    """`--active`: once, or how many packets at a time."""
    if text == "once":
        return text
    if text.isdecimal() and 0 < int(text) <= 32767:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is neither once nor a number from 1 to 32767")


def framing(text: str) -> str | int:
    """`--packet`: raw, line, 1, 2 or 4."""
    return int(text) if text.isdecimal() else text


def main() -> None:
    """Run until interrupted."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=["inet", "socket"])
    parser.add_argument("--active", type=mode, default="once", metavar="once|N")
    parser.add_argument("--packet", type=framing, default="raw", choices=["raw", "line", 1, 2, 4])
    parser.add_argument("--uvloop", action="store_true")
    given = parser.parse_args()
    new_loop = importlib.import_module("uvloop" if given.uvloop else "asyncio").new_event_loop
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            runner.run(serve(given.port, given.backend, given.active, given.packet))
    except KeyboardInterrupt:
        print("bye")


if __name__ == "__main__":
    main()
