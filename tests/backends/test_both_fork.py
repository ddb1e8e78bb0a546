"""Forks: nothing that a child does by itself, or with a socket that it inherited, reaches the parent's connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..support import run_python

PROGRAM = Path(__file__).with_name("fork_program.py").read_text()
STATES = ("idle", "recv", "timed_recv", "receive", "away", "blocked_send", "queue", "accept")
CHILDREN = ("exits", "calls", "primitives", "closes", "drops", "closes_all", "works")

MADE = """
import gentcp, os, socket, sys, threading, warnings

warnings.simplefilter("ignore")  # of forks with threads about, and of peers left open

def pair(backend):
    with socket.create_server(("127.0.0.1", 0)) as server:
        sock = gentcp.connect("127.0.0.1", server.getsockname()[1], inet_backend=backend)
        peer = server.accept()[0]
    peer.settimeout(20)
    return sock, peer
"""


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("backend", ["inet", "socket"])
def test_the_parent_goes_on_as_if_there_had_been_no_child(backend: str, state: str) -> None:
    if (backend, state) == ("socket", "queue"):
        pytest.skip("socket has no queue")
    expected = [f"{child} 0" for child in CHILDREN]
    assert run_python(PROGRAM, backend, state).splitlines() == [*expected, "parent ok"]


@pytest.mark.parametrize("backend", ["inet", "socket"])
def test_a_fork_from_a_plain_thread(backend: str) -> None:
    """The thread that forks has no process, the one that reads is not the main thread."""
    code = MADE + (
        "sock, peer = pair(sys.argv[1])\n"
        "got = []\n"
        "reader = threading.Thread(target=lambda: got.append(sock.recv()))\n"
        "reader.start()\n"
        "from gentcp.engine import inspection\n"
        "while not inspection.receivers(sock):\n"
        "    pass\n"
        "def fork():\n"
        "    if (child := os.fork()) == 0:\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
        "forker = threading.Thread(target=fork)\n"
        "forker.start()\n"
        "forker.join()\n"
        "peer.sendall(b'hello')\n"
        "reader.join()\n"
        "print(got)\n"
    )
    assert run_python(code, backend) == "[b'hello']\n"


@pytest.mark.parametrize("backend", ["inet", "socket"])
def test_a_program_started_with_preexec_fn(backend: str) -> None:
    code = MADE + (
        "import subprocess\n"
        "sock, peer = pair(sys.argv[1])\n"
        "got = []\n"
        "reader = gentcp.spawn(lambda: got.append(sock.recv()))\n"
        "from gentcp.engine import inspection\n"
        "while not inspection.receivers(sock):\n"
        "    pass\n"
        "subprocess.run(['true'], preexec_fn=lambda: sock.close(), check=True)\n"
        "peer.sendall(b'hello')\n"
        "reader.join()\n"
        "print(got)\n"
    )
    assert run_python(code, backend) == "[b'hello']\n"


POOL = (
    MADE
    + """
import concurrent.futures, multiprocessing

def work(number):
    sock, peer = pair(sys.argv[1])
    sock.send(b"%d" % number)
    answer = peer.recv(10)
    sock.close()
    return int(answer)

def echo(listener):
    with listener.accept() as sock:
        sock.send(sock.recv())

if __name__ == "__main__":
    how = multiprocessing.get_context(sys.argv[2])
    sock, peer = pair(sys.argv[1])
    got = []
    reader = gentcp.spawn(lambda: got.append(sock.recv()))
    from gentcp.engine import inspection
    while not inspection.receivers(sock):
        pass
    first = gentcp.close_inherited if how.get_start_method() == "fork" else None
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=how, initializer=first) as pool:
        print(sorted(pool.map(work, range(6))))
        peer.sendall(b"hello")
        reader.join()
        print(got)
        sock.close()
        print(peer.recv(1))
"""
)


@pytest.mark.parametrize("how", ["fork", "spawn"])
@pytest.mark.parametrize("backend", ["inet", "socket"])
def test_a_pool_of_processes(backend: str, how: str, tmp_path: Path) -> None:
    """Its workers live on; they have closed what they inherited, so that the peer sees the parent's close."""
    program = tmp_path / "pool.py"
    program.write_text(POOL)
    code = "import runpy, sys; sys.argv[:] = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    if how == "spawn":
        code = "import subprocess, sys; sys.exit(subprocess.run([sys.executable, *sys.argv[1:]]).returncode)"
    expected = ["[0, 1, 2, 3, 4, 5]", "[b'hello']", "b''"]
    assert run_python(code, str(program), backend, how).splitlines() == expected


@pytest.mark.parametrize("backend", ["inet", "socket"])
def test_a_child_takes_a_connection_over(backend: str) -> None:
    code = MADE + (
        "from gentcp.erl import gen_tcp\n"
        "listener = gentcp.listen(0, inet_backend=sys.argv[1])\n"
        "if (child := os.fork()) == 0:\n"
        "    mine = gentcp.listen(0, fd=listener.detach(), inet_backend=sys.argv[1])\n"
        "    with mine.accept() as sock:\n"
        "        sock.send(sock.recv())\n"
        "    os._exit(0)\n"
        "with socket.create_connection(('127.0.0.1', listener.port)) as client:\n"
        "    client.sendall(b'to the child')\n"
        "    print(client.recv(100), os.waitpid(child, 0)[1])\n"
        "sock, peer = pair(sys.argv[1])\n"
        "if (child := os.fork()) == 0:\n"
        "    mine = gentcp.fdopen(sock.detach(), inet_backend=sys.argv[1])\n"
        "    mine.send(b'of the child')\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "print(peer.recv(100))\n"
    )
    assert run_python(code, backend).splitlines() == ["b'to the child' 0", "b'of the child'"]


@pytest.mark.parametrize("backend", ["inet", "socket"])
def test_a_fork_in_a_task(backend: str) -> None:
    code = MADE + (
        "import asyncio\n"
        "from gentcp import aio\n"
        "async def main():\n"
        "    listener = await aio.listen(0, inet_backend=sys.argv[1])\n"
        "    sock, other = await asyncio.gather(aio.connect('127.0.0.1', listener.port, inet_backend=sys.argv[1]),\n"
        "                                       listener.accept())\n"
        "    waiting = asyncio.create_task(sock.recv())\n"
        "    await asyncio.sleep(0)\n"
        "    if (child := os.fork()) == 0:\n"
        "        print(sock, flush=True)\n"
        "        sock.handle.close()\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
        "    await other.send(b'hello')\n"
        "    print(await waiting)\n"
        "asyncio.run(main())\n"
    )
    assert run_python(code, backend).splitlines() == [f"<gentcp.aio.Socket {backend} inherited>", "b'hello'"]
