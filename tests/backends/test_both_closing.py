"""shutdown, close and the end of the connection, without a queue."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet

from ..support import Net, Task, catch, eventually, inspection, left_behind, mailbox, seams, settle, tamper, unread

CLOSED = ("error", "closed")

pytestmark = pytest.mark.usefixtures("only_wakes")


def test_closing_ends_the_connection_for_the_peer(net: Net) -> None:
    sock, peer = net.pair()
    assert gen_tcp.send(sock, b"abc") == "ok"
    assert gen_tcp.close(sock) == "ok"
    assert peer.drain() == b"abc"
    assert peer.ended_by == "fin"


def test_closing_again_is_ok(net: Net) -> None:
    """Case close-shutdown/close/twice."""
    sock, _peer = net.pair()
    assert [gen_tcp.close(sock), gen_tcp.close(sock), inet.close(sock)] == ["ok"] * 3
    assert net.spawn(gen_tcp.close, sock).result() == "ok"


def test_anybody_may_close(net: Net) -> None:
    """Case close-shutdown/close/by-another-process."""
    sock, peer = net.pair()
    assert net.spawn(gen_tcp.close, sock).result() == "ok"
    assert gen_tcp.send(sock, b"x") == CLOSED
    assert gen_tcp.recv(sock, 0, 1000) == (CLOSED if net.backend == "inet" else ("error", "einval"))
    assert peer.drain() == b""


def test_many_may_close_at_once(net: Net) -> None:
    for _ in range(20):
        sock, peer = net.pair(("active", True))
        tasks = [net.spawn(gen_tcp.close, sock) for _ in range(4)]
        assert [task.result() for task in tasks] == ["ok"] * 4
        assert peer.drain() == b""
        assert sock.fileno() == -1


class Meanwhile:
    """The lock of a socket; `happen` is called whenever somebody has given it back."""

    def __init__(self, lock: Any, happen: Callable[[], object]) -> None:
        self.happen = happen
        self.acquire, self.release, self._is_owned = lock.acquire, lock.release, lock._is_owned

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_error: object) -> None:
        self.release()
        self.happen()


def test_a_lingering_socket_is_closed_by_the_first_who_closes_it(net: Net) -> None:
    """It closes the descriptor without the lock, since that may take the linger time; another comes before that."""
    sock, peer = net.pair(("linger", (True, 3)))
    others = [gen_tcp.close]
    tamper.put_lock(sock, Meanwhile(inspection.lock(sock), lambda: others and others.pop()(sock)))
    assert gen_tcp.close(sock) == "ok"
    assert inspection.system_socket(sock).fileno() == -1
    assert peer.drain() == b""


@pytest.mark.parametrize("net", ["inet"], indirect=True)
def test_of_two_who_wait_for_the_queue_one_closes_the_descriptor(net: Net) -> None:
    sock, peer = net.stalled(("linger", (True, 10)))
    assert gen_tcp.send(sock, bytes(4_000_000)) == "ok"
    net.full(sock)
    waits, drained = list[Task](), threading.Event()

    def let_the_other_go_ahead() -> None:
        if not drained.is_set():
            return
        me = [task for task in closers if task.process.thread is threading.current_thread()]
        if me and not waits:
            waits.extend(me)
            next(task for task in closers if task not in me).result()

    tamper.put_lock(sock, Meanwhile(inspection.lock(sock), let_the_other_go_ahead))
    closers = [net.blocked(sock, "close") for _ in range(2)]
    drained.set()
    peer.drain()
    assert [closer.result() for closer in closers] == ["ok"] * 2
    assert inspection.system_socket(sock).fileno() == -1
    assert peer.ended_by == "fin"


def test_unread_data_makes_it_a_reset(net: Net) -> None:
    sock, peer = net.pair()
    peer.send(b"never read")
    eventually(lambda: unread(sock.fileno()) == 10)
    assert gen_tcp.close(sock) == "ok"
    peer.drain()
    assert peer.ended_by == "rst"


def test_linger_zero_makes_it_a_reset(net: Net) -> None:
    """Case close-shutdown/close/linger-zero."""
    sock, peer = net.pair(("linger", (True, 0)))
    assert gen_tcp.close(sock) == "ok"
    peer.drain()
    assert peer.ended_by == "rst"


def test_a_closed_socket_answers_every_call(net: Net) -> None:
    """Case close-shutdown/after-close/every-call."""
    sock, _peer = net.pair()
    assert gen_tcp.close(sock) == "ok"
    einval = ("error", "einval")
    if net.backend == "inet":
        names = [einval] * 3
        rest = [CLOSED, CLOSED, CLOSED, CLOSED, CLOSED]
    else:
        names = [CLOSED] * 3
        rest = [einval, CLOSED, einval, ("error", "enotsup"), CLOSED]
    assert [inet.peername(sock), inet.sockname(sock), inet.port(sock)] == names
    assert [inet.getopts(sock, ["active"]), inet.setopts(sock, [("nodelay", True)]), inet.getstat(sock)] == [einval] * 3
    assert [gen_tcp.accept(sock, 0), gen_tcp.send(sock, b""), gen_tcp.recv(sock, 0, 0), gen_tcp.unrecv(sock, b""),
            gen_tcp.shutdown(sock, "write")] == rest  # fmt: skip
    assert inet.setopts(sock, [("active", True)]) == einval
    assert mailbox() == []
    assert sock.fileno() == -1


# ---- shutdown


def test_the_writing_side_is_shut_and_reading_goes_on(net: Net) -> None:
    """Case close-shutdown/shutdown/write."""
    sock, peer = net.pair()
    assert gen_tcp.send(sock, b"a") == "ok"
    assert gen_tcp.shutdown(sock, "write") == "ok"
    assert peer.drain() == b"a"
    peer.send(b"b")
    assert gen_tcp.recv(sock, 1, 5000) == ("ok", b"b")


def test_sending_after_that_closes_the_socket(net: Net) -> None:
    """Case send/after-shutdown/passive."""
    sock, peer = net.pair()
    assert gen_tcp.shutdown(sock, "write") == "ok"
    peer.send(b"late")
    after = "enotconn" if net.backend == "inet" else "closed"
    assert [gen_tcp.send(sock, b"x") for _ in range(3)] == [CLOSED, *[("error", after)] * 2]
    assert [gen_tcp.recv(sock, 0, 1000) for _ in range(2)] == [CLOSED, ("error", after)]


def test_the_reading_side_is_shut_and_what_is_there_is_read(net: Net) -> None:
    """Case recv/end/own-shutdown-read."""
    sock, peer = net.pair()
    peer.send(b"abc")
    eventually(lambda: unread(sock.fileno()) == 3)
    assert gen_tcp.shutdown(sock, "read") == "ok"
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"abc")
    assert gen_tcp.recv(sock, 0, 5000) == CLOSED


def test_both_sides(net: Net) -> None:
    """Case close-shutdown/shutdown/read-write."""
    sock, peer = net.pair(("active", True))
    assert gen_tcp.shutdown(sock, "read_write") == "ok"
    assert gentcp.receive(timeout=5.0) == ("tcp_closed", sock)
    assert peer.drain() == b""
    assert gen_tcp.send(sock, b"x") == CLOSED


@pytest.mark.parametrize("how", ["foo", 0, None, b"write"])
def test_what_is_no_side(net: Net, how: Any) -> None:
    """Case close-shutdown/shutdown/not-a-direction."""
    sock, peer = net.pair()
    expected: Any = "function_clause" if net.backend == "inet" else ("invalid", ("how", how))
    assert catch(gen_tcp.shutdown, sock, how) == ("exception", "error", expected)
    assert gen_tcp.send(sock, b"x") == "ok"
    assert peer.recv_exact(1) == b"x"


def test_after_a_reset(net: Net) -> None:
    """Case close-shutdown/shutdown/after-reset."""
    sock, peer = net.pair()
    peer.reset()
    assert gen_tcp.shutdown(sock, "write") == ("error", "enotconn")
    assert gen_tcp.recv(sock, 0, 1000) == CLOSED


# ---- exit_on_close


def test_a_half_close_noticed_closes_the_socket(net: Net) -> None:
    """Case close-shutdown/exit-on-close/true."""
    sock, peer = net.pair()
    peer.finish()
    assert gen_tcp.recv(sock, 0, 5000) == CLOSED
    assert peer.drain() == b""
    after = "enotconn" if net.backend == "inet" else "closed"
    assert [gen_tcp.send(sock, b"x") for _ in range(2)] == [CLOSED, ("error", after)]


def test_a_half_close_not_noticed_does_nothing(net: Net) -> None:
    """Case close-shutdown/exit-on-close/unnoticed."""
    sock, peer = net.pair()
    peer.finish()
    assert gen_tcp.send(sock, b"x") == "ok"
    assert peer.recv_exact(1) == b"x"
    assert gen_tcp.recv(sock, 0, 5000) == CLOSED


@pytest.mark.parametrize("when", ["at first", "before recv"])
def test_without_exit_on_close_the_writing_side_stays(net: Net, when: str) -> None:
    """Cases close-shutdown/exit-on-close/false, close-shutdown/exit-on-close/set-in-time."""
    sock, peer = net.pair(("exit_on_close", when != "at first"))
    peer.send(b"a")
    peer.finish()
    if when != "at first":
        assert inet.setopts(sock, [("exit_on_close", False)]) == "ok"
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"a")
    assert [gen_tcp.recv(sock, 0, 1000) for _ in range(3)] == [CLOSED] * 3
    assert gen_tcp.send(sock, b"late") == "ok"
    assert peer.recv_exact(4) == b"late"
    assert gen_tcp.close(sock) == "ok"
    assert peer.drain() == b""


# ---- show_econnreset


@pytest.mark.parametrize(("show", "reason"), [(False, "closed"), (True, "econnreset")])
def test_what_a_reset_is_called(net: Net, show: bool, reason: str) -> None:
    """Cases recv/end/reset, recv/end/reset-shown."""
    sock, peer = net.pair(("show_econnreset", show))
    peer.reset()
    assert gen_tcp.recv(sock, 0, 5000) == ("error", reason)
    after = "enotconn" if net.backend == "inet" else "einval"
    assert gen_tcp.recv(sock, 0, 1000) == ("error", after)


@pytest.mark.parametrize(("show", "reason"), [(False, "closed"), (True, "econnreset")])
def test_what_a_send_that_meets_a_reset_says_and_leaves_for_recv(net: Net, show: bool, reason: str) -> None:
    """Cases send/after-reset/passive, send/after-peer-close/show-econnreset: recv hears of it once."""
    sock, peer = net.pair(("show_econnreset", show))
    peer.close()
    assert gen_tcp.send(sock, b"a") == "ok"
    eventually(lambda: reset_arrived(sock))
    after = "enotconn" if net.backend == "inet" else "closed"
    assert [gen_tcp.send(sock, b"a") for _ in range(2)] == [("error", reason), ("error", after)]
    assert [gen_tcp.recv(sock, 0, 1000) for _ in range(2)] == [("error", reason), ("error", after)]


def reset_arrived(sock: gentcp.Socket) -> bool:
    """The state of a connection that was reset is 7, TCP_CLOSE."""
    state = inspection.system_socket(sock).getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
    return bool(state == b"\7")


# ---- the descriptor


def test_the_descriptor_is_the_sockets_while_it_is_open(net: Net) -> None:
    sock, peer = net.pair()
    fd = sock.fileno()
    with socket.socket(fileno=socket.dup(fd)) as twin:
        assert twin.getpeername() == peer.sock.getsockname()
    gen_tcp.close(sock)
    assert sock.fileno() == -1


def given_away(sock: gentcp.Socket) -> socket.socket:
    fd = sock.handle.detach()
    assert fd >= 0
    return socket.socket(fileno=fd)


def test_a_descriptor_given_away_is_somebody_elses(net: Net) -> None:
    sock, peer = net.pair()
    with given_away(sock) as theirs:
        assert gen_tcp.send(sock, b"x") == CLOSED
        assert gen_tcp.close(sock) == "ok"
        theirs.sendall(b"still open")
        assert peer.recv_exact(10) == b"still open"
        peer.send(b"both ways")
        assert theirs.recv(100) == b"both ways"
    assert sock.handle.detach() == -1


def test_no_time_limit_of_ours_is_left_on_it(net: Net) -> None:
    sock, _peer = net.pair()
    with given_away(sock) as theirs:
        assert struct.unpack("ll", theirs.getsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, 16)) == (0, 0)


def test_its_options_are_those_that_were_set(net: Net) -> None:
    sock, _peer = net.pair(("linger", (True, 3)), ("nodelay", True))
    with given_away(sock) as theirs:
        linger = struct.unpack("ii", theirs.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8))
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 0, 0))
        assert linger == (1, 3)
        assert theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_receiver_that_waits_does_not_spoil_it(net: Net) -> None:
    """Either the descriptor stays here as long as somebody is in a system call on it, or it is given away intact."""
    sock, peer = net.pair()
    receiver = net.blocked(sock, "recv", 0, "infinity")
    eventually(lambda: inspection.in_system_call(sock))
    fd = sock.handle.detach()
    if fd == -1:
        peer.send(b"still ours")
        assert receiver.result() == ("ok", b"still ours")
        return
    with socket.socket(fileno=fd) as theirs:
        assert receiver.result(5.0) == CLOSED
        with pytest.raises(BlockingIOError):
            theirs.recv(1, socket.MSG_DONTWAIT)
        peer.send(b"for the new owner")
        assert theirs.recv(100) == b"for the new owner"


def test_an_active_socket_may_be_given_away(net: Net) -> None:
    sock, peer = net.pair(("active", True))
    with given_away(sock) as theirs:
        peer.send(b"not a message")
        assert theirs.recv(100) == b"not a message"
    assert [message for message in mailbox() if message[0] == "tcp"] == []


def test_a_descriptor_may_be_taken_in(net: Net) -> None:
    """On socket the options are ignored."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        outside = socket.create_connection(server.getsockname(), 5.0)
        peer = net.peer(server.accept()[0])
    sock = net.ok(gen_tcp.fdopen(outside.fileno(), net.options()))
    outside.close()
    if net.backend == "inet":
        peer.send(b"yo")
        assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"yo")
    else:
        assert inet.getopts(sock, ["active", "mode"]) == ("ok", [("active", False), ("mode", "list")])
        peer.send(b"yo")
        assert gen_tcp.recv(sock, 0, 5000) == ("ok", [121, 111])
    assert gen_tcp.send(sock, b"hi") == "ok"
    assert peer.recv_exact(2) == b"hi"


def test_sockets_that_come_and_go_leave_nothing(net: Net) -> None:
    before = left_behind()
    listener = net.listen()
    for _ in range(100):
        peer = net.dial(listener)
        sock = net.ok(gen_tcp.accept(listener, 5000))
        gen_tcp.close(sock)
        peer.close()
    gen_tcp.close(listener)
    settle(before)


@pytest.mark.parametrize(
    ("entry", "length", "timeout"),
    [("first system call", 0, "infinity"), ("blocking", 5, "infinity"), ("first poll", 0, 60_000)],
)
@pytest.mark.parametrize("by", ["close", "end of the owner"])
def test_closing_just_before_a_receiver_makes_its_system_call(
    net: Net, monkeypatch: pytest.MonkeyPatch, by: str, entry: str, length: int, timeout: Any
) -> None:
    """It has promised to be in that call, so the descriptor was left open for it to close."""
    owner = net.spawn(gentcp.receive)
    sock, peer = net.pair()
    assert gen_tcp.controlling_process(sock, owner.process) == "ok"

    def end() -> None:
        if by == "close":
            assert gen_tcp.close(sock) == "ok"
        else:
            owner.end()

    def late(self: Any, *args: Any) -> Any:
        end()
        return original(self, *args)

    if entry == "first system call":
        tamper.before_system_call(sock, end)
    else:
        original = seams.found(f"recv, {entry}")
        monkeypatch.setattr(*seams.seam(f"recv, {entry}"), late)
    assert gen_tcp.recv(sock, length, timeout) == ("error", "closed")
    left_open = inspection.descriptor(sock)
    inspection.system_socket(sock).close()
    assert left_open == -1
    assert peer.drain() == b""
