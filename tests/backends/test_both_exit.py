"""What is sent while the interpreter ends."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from ..support import PATIENCE

SIZE = 16 << 20
"""More than the system takes before the peer reads."""
PROGRAM = """
import asyncio, atexit, concurrent.futures.thread, sys

def at_exit():
    {call}

if {first}:
    atexit.register(at_exit)
import gentcp
if not {first}:
    atexit.register(at_exit)
sock = {make}
"""
CONNECT = "gentcp.connect('127.0.0.1', int(sys.argv[1]), inet_backend=sys.argv[2], send_timeout=0.0)"
IN_A_LOOP = """from gentcp import aio
    async def main():
        sock = await aio.connect((127, 0, 0, 1), int(sys.argv[1]), inet_backend=sys.argv[2])
        await sock.send(bytes({size}))
    asyncio.run(main())"""
CALLS = {
    "of a connection that is there": (f"sock.send(bytes({SIZE}))", CONNECT),
    "of one that is made there": (f"{CONNECT}.send(bytes({SIZE}))", "None"),
    "of a task": (IN_A_LOOP.format(size=SIZE), "None"),
}


def arrived(call: str, make: str, backend: str, *, first: bool) -> int:
    """The bytes that the peer of such a program gets."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        server.settimeout(PATIENCE)
        code = PROGRAM.format(call=call, make=make, first=first)
        command = [sys.executable, "-c", code, str(server.getsockname()[1]), backend]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as program:
            peer = server.accept()[0]
            with peer:
                peer.settimeout(PATIENCE)
                got = 0
                while data := peer.recv(1 << 20):
                    got += len(data)
            assert program.stderr is not None
            assert program.stderr.read() == b""
    return got


@pytest.mark.parametrize("first", [False, True], ids=["registered after the import", "registered before it"])
@pytest.mark.parametrize("call", CALLS)
def test_data_of_a_handler_at_exit_arrives(call: str, first: bool) -> None:
    assert arrived(*CALLS[call], "inet", first=first) == SIZE
