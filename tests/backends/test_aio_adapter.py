"""`gentcp_aio`: who calls waits for the loop, can be killed meanwhile, and owns what it makes there."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

import gentcp
from gentcp.erl import erlang, gen_tcp, inet
from gentcp.process import processes

from ..support import Net, Peer, Task, eventually, inspection, mailbox, run_python

PAYLOAD = bytes(4_000_000)
_MADE = """
import gentcp, os, socket, sys, warnings
from gentcp.erl import gen_tcp, inet
warnings.simplefilter("ignore")  # of forks with threads about, and of peers left open
def pair(*options):
    server = socket.create_server(("127.0.0.1", 0))
    options = [("inet_backend", sys.argv[1]), "binary", ("active", False), *options]
    sock = gen_tcp.connect((127, 0, 0, 1), server.getsockname()[1], options)[1]
    peer = server.accept()[0]
    server.close()
    return sock, peer
"""


@pytest.fixture(scope="module", autouse=True)
def _loop() -> None:
    """It lasts, so it is there before anybody counts."""
    with gentcp.listen(0, inet_backend="aio_inet"):
        pass


@pytest.fixture(params=["aio_inet", "aio_socket"])
def net(request: pytest.FixtureRequest) -> Any:
    kit = Net(request.param)
    yield kit
    kit.close()


def inside(sock: Any) -> Any:
    """The socket in the loop."""
    return sock.handle.inner


def waiting(sock: Any, how: Callable[[Any], int], call: Callable[..., Any], net: Net) -> Task:
    """A process that waits in a call on the socket."""
    task = net.spawn(call)
    eventually(lambda: how(inside(sock)) > 0)
    return task


# ---- killed, and interrupted


def test_killed_in_recv_it_gives_up_its_place(net: Net) -> None:
    sock, peer = net.pair()
    task = waiting(sock, inspection.receivers, lambda: gen_tcp.recv(sock, 0), net)
    task.kill()
    assert inspection.receivers(inside(sock)) == 0
    assert task.result() == "killed"
    peer.send(b"for the next one")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"for the next one")


def test_killed_in_accept_it_takes_no_connection(net: Net) -> None:
    listener = net.listen()
    task = waiting(listener, inspection.acceptors, lambda: gen_tcp.accept(listener), net)
    task.kill()
    assert inspection.acceptors(inside(listener)) == 0
    assert task.result() == "killed"
    net.dial(listener)
    net.ok(gen_tcp.accept(listener, 5000))


def test_killed_in_send_it_leaves_the_socket_usable(net: Net) -> None:
    sock, peer = net.stalled()
    task = waiting(sock, inspection.senders, lambda: [gen_tcp.send(sock, PAYLOAD) for _ in range(2)], net)
    task.kill()
    assert task.result() == "killed"
    assert inet.getopts(sock, ["active"]) == ("ok", [("active", False)])
    peer.close()


def test_killed_before_the_loop_has_begun(net: Net) -> None:
    """The loop is busy; what is asked of it meanwhile by somebody who is killed, is never begun."""
    sock, peer = net.pair()
    loop, busy, go_on = inside(sock).owner.loop.asyncio, threading.Event(), threading.Event()
    loop.call_soon_threadsafe(busy.set)
    loop.call_soon_threadsafe(go_on.wait, 20)
    assert busy.wait(20)
    task = net.spawn(lambda: gen_tcp.recv(sock, 0))
    eventually(lambda: task.process.waits_in is not None)
    task.kill()
    go_on.set()
    assert task.result() == "killed"
    peer.send(b"abc")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"abc")


def test_ctrl_c_in_recv(net: Net) -> None:
    sock, peer = net.pair()

    def interrupt() -> None:
        eventually(lambda: inspection.receivers(inside(sock)) > 0)
        os.kill(os.getpid(), signal.SIGINT)

    other = threading.Thread(target=interrupt)
    other.start()
    with pytest.raises(KeyboardInterrupt):
        gen_tcp.recv(sock, 0)
    other.join()
    assert inspection.receivers(inside(sock)) == 0
    peer.send(b"abc")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"abc")


def test_the_rest_of_a_send_is_sent_as_it_is(net: Net) -> None:
    sock, peer = net.stalled(("packet", 4), ("send_timeout", 50))
    if erlang.is_port(sock):
        assert sock.handle.send_rest(b"rest") == ("error", "enotsup")
        return
    while (result := gen_tcp.send(sock, PAYLOAD)) == "ok":
        pass
    rest = b"".join(result[1][1])
    assert 0 < len(rest) < len(PAYLOAD)
    received = Task(peer.drain)
    assert inet.setopts(sock, [("send_timeout", "infinity")]) == "ok"
    assert sock.handle.send_rest(rest) == "ok"
    assert gen_tcp.shutdown(sock, "write") == "ok"
    assert received.result() == len(PAYLOAD).to_bytes(4, "big") + PAYLOAD


def test_an_error_of_the_call_is_raised_where_it_was_made(net: Net) -> None:
    sock, _peer = net.pair()
    with pytest.raises(gentcp.errors.ErlangError):
        gen_tcp.recv(sock, -1)


# ---- owners


def test_messages_come_without_receive(net: Net) -> None:
    """The loop reads, not the owner's mailbox, and not the driver's thread in its stead."""
    _sock, peer = net.pair(("active", True))
    peer.send(b"abc")
    eventually(lambda: [message[2] for message in mailbox()] == [b"abc"])


def test_it_is_the_process_that_is_shown(net: Net) -> None:
    sock, _peer = net.pair()
    me = gentcp.current_process()
    assert inet.info(sock)["owner"] is me
    assert sum(process.name == me.name for process in processes()) == 1
    if erlang.is_port(sock):
        assert erlang.port_info(sock, "connected") == ("connected", me)
        assert erlang.port_info(sock, "links") == ("links", [me])


def test_handed_over_with_the_messages_that_are_there(net: Net) -> None:
    sock, peer = net.pair(("active", True))
    other = net.spawn(lambda: [gentcp.receive(timeout=20)[2] for _ in range(2)])
    peer.send(b"first")
    eventually(lambda: mailbox() != [])
    assert gen_tcp.controlling_process(sock, other.process) == "ok"
    assert mailbox() == []
    assert inet.info(sock)["owner"] is other.process
    assert gen_tcp.controlling_process(sock, gentcp.current_process()) == ("error", "not_owner")
    peer.send(b"second")
    assert other.result() == [b"first", b"second"]
    eventually(lambda: sock.fileno() == -1)
    peer.drain()


def test_handed_to_a_process_that_has_ended(net: Net) -> None:
    sock, _peer = net.pair()
    ended = net.spawn(lambda: None)
    ended.join()
    result = gen_tcp.controlling_process(sock, ended.process)
    assert result == (("error", "badarg") if erlang.is_port(sock) else "ok")


@pytest.mark.parametrize("end", ["returns", "is killed"])
def test_sockets_end_with_their_owner(net: Net, end: str) -> None:
    made: list[Any] = []

    def own() -> None:
        made.append(net.pair())
        gentcp.receive(timeout=20)

    task = net.spawn(own)
    eventually(lambda: made)
    (sock, peer), watch = made[0], inet.monitor(made[0][0])
    task.kill() if end == "is killed" else task.process.post("go")
    task.join()
    assert gentcp.receive(timeout=20)[:2] == ("DOWN", watch)
    assert gen_tcp.send(sock, b"late") == ("error", "closed")
    peer.drain()


def test_one_that_nobody_has_any_more_is_closed(net: Net) -> None:
    listener = gentcp.listen(0, inet_backend=net.backend)
    with gentcp.connect("127.0.0.1", listener.port, inet_backend=net.backend) as sock:
        with pytest.warns(ResourceWarning, match=f"unclosed <gentcp.Socket {net.backend}"):
            listener.accept()  # and nobody takes it
        with pytest.raises(gentcp.Closed):
            sock.recv(timeout=20)
    listener.close()


# ---- the loop


def test_its_threads_do_not_hold_anybody_up(net: Net) -> None:
    net.pair()
    ours = [thread for thread in threading.enumerate() if thread.name.startswith("gentcp-aio")]
    assert ours
    assert all(thread.daemon for thread in ours)


def test_sockets_can_be_looked_at_in_the_loop_and_not_waited_for(net: Net) -> None:
    """As in an error that shows one."""
    sock, _peer = net.pair()
    seen: list[Any] = []

    def look() -> None:
        seen.append(repr(sock))
        with pytest.raises(RuntimeError):
            gen_tcp.recv(sock, 0)
        seen.append("refused")

    inside(sock).owner.loop.asyncio.call_soon_threadsafe(look)
    eventually(lambda: seen[1:])
    assert net.backend in seen[0]


def test_what_is_queued_at_exit_is_written() -> None:
    code = (
        "import sys\n"
        "from gentcp.erl import gen_tcp\n"
        "options = [('inet_backend', 'aio_inet'), ('sndbuf', 65536)]\n"
        "sock = gen_tcp.connect((127, 0, 0, 1), int(sys.argv[1]), options)[1]\n"
        "assert gen_tcp.send(sock, bytes(1_000_000)) == 'ok'\n"
    )

    def read(server: socket.socket) -> int:
        with server.accept()[0] as peer:
            return len(Peer(peer).drain())

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        task = Task(read, server)
        run_python(code, str(server.getsockname()[1]))
        assert task.result() == 1_000_000


@pytest.mark.parametrize("backend", ["aio_inet", "aio_socket"])
def test_after_a_fork_there_is_another_loop(backend: str) -> None:
    code = _MADE + (
        "sock, peer = pair(('active', True))\n"
        "if (child := os.fork()) == 0:\n"
        "    fd = sock.fileno()\n"
        "    gen_tcp.close(sock)\n"
        "    print(sock.fileno(), os.path.exists(f'/proc/self/fd/{fd}'))\n"
        "    own, other = pair()\n"
        "    other.send(b'child')\n"
        "    print(gen_tcp.recv(own, 0, 5000), flush=True)\n"
        "    os._exit(0)\n"
        "os.waitpid(child, 0)\n"
        "peer.send(b'parent')\n"
        "print(gentcp.receive(timeout=20)[2])\n"
    )
    assert run_python(code, backend).splitlines() == ["-1 False", "('ok', b'child')", "b'parent'"]
