"""The background thread: it flushes, it serves those who are away, and otherwise it sleeps."""

from __future__ import annotations

import gc
import socket
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp.engine.driver import TICK, Driver, driver

from ...support import Net, Task, eventually, mailbox, run_python, seams
from ...support.fixtures import nothing_left_behind as nothing_left_behind

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


class Writer:
    """Something with a send queue, on one end of a socket pair."""

    def __init__(self, data: bytes) -> None:
        self.inside, self.outside = socket.socketpair()
        self.inside.setblocking(False)
        self.outside.settimeout(20.0)
        self.data = data
        self.threads: set[str] = set()

    def on_writable(self) -> None:
        self.threads.add(threading.current_thread().name)
        try:
            self.data = self.data[self.inside.send(self.data) :]
        except BlockingIOError:
            return
        if not self.data:
            driver().stop_flushing(self.inside.fileno(), self)

    def pending(self) -> int:
        return len(self.data)

    def close(self) -> None:
        driver().stop_flushing(self.inside.fileno(), self)
        self.inside.close()
        self.outside.close()


@pytest.fixture
def writer() -> Iterator[Writer]:
    made = Writer(bytes(range(256)) * 8000)
    yield made
    made.close()


def read(sock: socket.socket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size:
        data += sock.recv(65536)
    return bytes(data)


# ---- flushing


def test_a_queue_is_written_as_the_peer_reads(writer: Writer) -> None:
    expected = writer.data
    driver().flush_later(writer.inside.fileno(), writer)
    assert read(writer.outside, len(expected)) == expected
    assert eventually(lambda: writer.threads) == {"gentcp-driver"}
    assert eventually(lambda: not writer.data)


def test_several_queues_are_written_side_by_side() -> None:
    writers = [Writer(bytes([number]) * 500_000) for number in range(5)]
    for writer in writers:
        driver().flush_later(writer.inside.fileno(), writer)
    for number, writer in reversed(list(enumerate(writers))):
        assert read(writer.outside, 500_000) == bytes([number]) * 500_000
        writer.close()


def test_what_is_no_longer_flushed_is_left_alone(writer: Writer) -> None:
    driver().flush_later(writer.inside.fileno(), writer)
    driver().stop_flushing(writer.inside.fileno(), writer)
    driver().stop_flushing(writer.inside.fileno(), writer)
    quiet()  # it may have been in the middle of a write
    left = writer.pending()
    writer.outside.setblocking(False)
    while True:
        try:
            writer.outside.recv(1 << 20)
        except BlockingIOError:
            break
    quiet()
    assert writer.pending() == left


def test_a_function_is_run_on_the_thread() -> None:
    names: list[str] = []
    driver().call_soon(lambda: names.append(threading.current_thread().name))
    assert eventually(lambda: names) == ["gentcp-driver"]


def test_drain_waits_as_long_as_queues_shrink(writer: Writer) -> None:
    size = writer.pending()
    driver().flush_later(writer.inside.fileno(), writer)
    draining = Task(driver().drain)
    read(writer.outside, size)
    draining.result()
    assert writer.pending() == 0


def test_drain_gives_up_on_a_queue_that_does_not_move(writer: Writer) -> None:
    driver().flush_later(writer.inside.fileno(), writer)
    eventually(lambda: writer.threads)
    Task(driver().drain, 0.05).result()
    assert writer.pending() > 0


def test_two_who_need_it_at_once_have_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    quicker = list[Any]()

    def slowly() -> Any:
        if not quicker:
            quicker.append(None)
            quicker[0] = Task(driver).result()
        return Driver()

    monkeypatch.setattr(*seams.seam("driver"), None)
    monkeypatch.setattr(*seams.seam("driver class"), slowly)
    assert [driver()] == quicker
    driver().close()


# ---- sleep


def switches() -> int:
    """How often the driver's thread has been put to sleep."""
    thread = next(thread for thread in threading.enumerate() if thread.name == "gentcp-driver")
    status = Path(f"/proc/self/task/{thread.native_id}/status").read_text()
    return int(status.split("voluntary_ctxt_switches:")[1].split()[0])


def quiet() -> None:
    """Wait until the thread does nothing for fifteen ticks in a row."""
    pause = threading.Event()

    def still() -> bool:
        before = switches()
        pause.wait(15 * TICK)
        return switches() == before

    eventually(still)


@pytest.fixture
def net() -> Iterator[Net]:
    kit = Net("inet")
    yield kit
    kit.close()


def post_when_quiet(net: Net, message: str) -> Task:
    """A process that posts to the calling one when the driver sleeps."""
    me = gentcp.current_process()

    def work() -> None:
        quiet()
        me.post(message)

    return net.spawn(work)


def test_it_sleeps_while_the_owner_of_an_active_socket_waits_for_data(net: Net) -> None:
    _sock, peer = net.pair(("active", True))
    peer.send(b"first")
    assert gentcp.receive(timeout=5.0)[2] == b"first"
    task = post_when_quiet(net, "it sleeps")
    assert gentcp.receive(timeout=20.0) == "it sleeps"
    task.result()


def test_it_sleeps_while_the_owner_is_away_and_nothing_comes_in(net: Net) -> None:
    _sock, peer = net.pair(("active", True))
    quiet()
    peer.send(b"now")
    assert eventually(mailbox)[0][2] == b"now"
    quiet()


def test_it_sleeps_when_all_is_flushed(net: Net, writer: Writer) -> None:
    size = writer.pending()
    driver().flush_later(writer.inside.fileno(), writer)
    read(writer.outside, size)
    quiet()


def test_it_serves_an_owner_that_leaves_after_a_long_wait(net: Net) -> None:
    """While everybody rests it does not tick; the first to leave its receive starts it again."""
    sock, peer = net.pair(("active", True))
    me = gentcp.current_process()
    post_when_quiet(net, "leave")
    for number in range(3):
        assert gentcp.receive(lambda message: message == "leave", 20.0) == "leave"
        peer.send(b"%d" % number)
        eventually(mailbox)
        assert gentcp.receive(timeout=0) == ("tcp", sock, b"%d" % number)
        me.post("leave")
    assert gentcp.receive(timeout=0) == "leave"


def test_it_does_not_keep_those_who_have_ended(net: Net) -> None:
    def owner() -> None:
        _sock, peer = net.pair(("active", True))
        peer.send(b"served by the driver")
        eventually(mailbox)

    task = Task(owner)
    task.result()
    ended = weakref.ref(task.process)
    net.close()  # whose sockets know their owner
    del task

    def gone() -> bool:
        gc.collect()
        return ended() is None

    eventually(gone)


# ---- in other operating system processes


def test_a_child_has_a_driver_of_its_own_and_a_mailbox_of_its_own() -> None:
    assert run_python(FORK_CHILD_TALKS).split() == ["child:hello", "parent:0"]


def test_a_child_does_not_read_what_is_for_its_parent() -> None:
    assert run_python(FORK_CHILD_STEALS).split() == ["parent:mine", "parent:0"]


def test_a_child_does_not_wait_for_the_queues_of_its_parent() -> None:
    assert run_python(FORK_CHILD_EXITS).split() == ["prompt", "complete"]


@pytest.mark.parametrize("end", ["leave it", "owner ends", "close elsewhere", "send elsewhere"])
def test_what_is_queued_at_exit_is_delivered(end: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        script = Task(run_python, EXIT, str(server.getsockname()[1]), end)
        peer, _address = server.accept()
        with peer:
            peer.settimeout(20.0)
            server.accept()[0].close()
            assert peer.send(b"exit now")
            data = bytearray()
            while got := peer.recv(65536):
                data += got
    assert script.result() == "queued\n"
    assert len(data) == 3_000_000


def test_a_peer_that_never_reads_does_not_hold_up_the_exit_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        script = Task(run_python, IMPATIENT + EXIT, str(server.getsockname()[1]), "leave it")
        peer, _address = server.accept()
        with peer:
            assert peer.send(b"exit now")
            assert script.result(10.0) == "queued\n"


PAIR = """
import os, socket, sys, warnings, gentcp
from gentcp.erl import gen_tcp

def pair(*options):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        options = [("inet_backend", "inet"), "binary", ("sndbuf", 65536), *options]
        _, sock = gen_tcp.connect((127, 0, 0, 1), server.getsockname()[1], options)
        peer = server.accept()[0]
        peer.settimeout(10)
        return sock, peer

def say(text):
    print(text, flush=True)

warnings.simplefilter("ignore")  # of forks with threads about, and of peers left open
"""

FORK_CHILD_TALKS = (
    PAIR
    + """
sock, peer = pair(("active", True))
peer.sendall(b"warm")
assert gentcp.receive(timeout=5) == ("tcp", sock, b"warm")
child = os.fork()
if not child:
    mine, other = pair(("active", True))
    other.sendall(b"hello")
    message = gentcp.receive(timeout=5)
    assert message[1] is mine
    say("child:" + message[2].decode())
    os._exit(0)
say("parent:" + str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])))
"""
)

FORK_CHILD_STEALS = (
    PAIR
    + """
sock, peer = pair(("active", True))
told, tell = os.pipe()
child = os.fork()
if not child:
    mine, other = pair(("active", True))
    peer.sendall(b"mine")
    try:
        while True:
            gentcp.receive(timeout=0.2)
    except TimeoutError:
        pass
    os._exit(0)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
try:
    say("parent:" + gentcp.receive(timeout=2)[2].decode())
except TimeoutError:
    say("parent:nothing")
say("parent:" + str(status))
"""
)

FORK_CHILD_EXITS = (
    PAIR
    + """
import time, importlib
importlib.import_module("gentcp.engine.driver").Driver.drain.__defaults__ = (1.5,)
sock, peer = pair(("active", False))
gen_tcp.send(sock, bytes(3_000_000))
before = time.monotonic()
child = os.fork()
if not child:
    sys.exit(0)
os.waitpid(child, 0)
say("prompt" if time.monotonic() - before < 1.0 else "late")
left = 3_000_000
while left:
    left -= len(peer.recv(left))
say("complete")
"""
)

EXIT = """
import socket, sys, gentcp
from gentcp.engine import inspection
from gentcp.erl import gen_tcp
port, end = int(sys.argv[1]), sys.argv[2]
options = [("inet_backend", "inet"), "binary", ("active", False), ("sndbuf", 65536)]
kept = []

def work():
    _, sock = gen_tcp.connect((127, 0, 0, 1), port, options)
    last = 1_000_000 if end == "send elsewhere" else 0
    assert gen_tcp.send(sock, b"x" * (3_000_000 - last)) == "ok"
    if last:
        gentcp.spawn(gen_tcp.send, sock, b"x" * last)
        while inspection.blocked_sender(sock) is None:  # from then on it flushes the queue itself
            pass
    socket.create_connection(("127.0.0.1", port)).close()  # it is queued: the peer may read
    assert gen_tcp.recv(sock, 8) == ("ok", b"exit now")
    if end == "close elsewhere":
        gentcp.spawn(gen_tcp.close, sock)
    kept.append(sock)

if end == "owner ends":
    gentcp.spawn(work).join()
else:
    work()
print("queued")
"""

IMPATIENT = """
import importlib
importlib.import_module("gentcp.engine.driver").Driver.drain.__defaults__ = (0.2,)
"""
