"""workers.py with tasks instead of threads: `python workers_aio.py --workers 3`, and `--ask PORT TEXT`.

Every worker is in accept on the one listener, the next connection wakes one of them, and when all are busy it waits in
the system's queue.  They are tasks of a group: if one of them fails, all end, and with them their sockets.
"""

from __future__ import annotations

import argparse
import asyncio

import gentcp
from gentcp import aio

TIMEOUT = 30.0


async def serve(count: int, port: int, backend: str) -> None:
    """Listen, and let so many tasks accept, until Ctrl-C."""
    async with await aio.listen(port, inet_backend=backend, packet=2) as listener:
        print(f"listening on port {listener.port}", flush=True)
        async with asyncio.TaskGroup() as workers:
            for number in range(1, count + 1):
                workers.create_task(work(listener, number))


async def work(listener: aio.Listener, number: int) -> None:
    """Serve one client after the other, until the listener is closed."""
    async for sock in listener:
        async with sock:
            await loop(sock, number)


async def loop(sock: aio.Socket, number: int) -> None:
    """Answer every packet of one client."""
    try:
        while True:
            await sock.setopts(active="once")
            match await aio.receive():
                case ("tcp", _, data):
                    await sock.send(b"worker %d: %s" % (number, data.upper()))
                case _:  # tcp_closed; tcp_error, behind which it comes
                    return
    except gentcp.Error:
        return  # the client has gone in between


async def ask(port: int, backend: str, text: str) -> str:
    """One question, one answer."""
    async with asyncio.timeout(TIMEOUT):
        async with await aio.connect("localhost", port, inet_backend=backend, packet=2) as sock:
            await sock.send(text.encode())
            return (await sock.recv()).decode()


def main() -> None:
    """Serve until interrupted, or ask a server."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--backend", default=gentcp.default_backend(), choices=["inet", "socket"])
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--ask", nargs=2, metavar=("PORT", "TEXT"))
    given = parser.parse_args()
    try:
        if given.ask:
            print(asyncio.run(ask(int(given.ask[0]), given.backend, given.ask[1])))
        else:
            asyncio.run(serve(given.workers, given.port, given.backend))
    except KeyboardInterrupt:
        print("bye")
    except gentcp.Error as error:
        raise SystemExit(f"workers: {error}") from None


if __name__ == "__main__":
    main()
