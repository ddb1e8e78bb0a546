"""Receiving in passive mode."""

from __future__ import annotations

import random
import socket
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet
from gentcp.mailbox import READY
from gentcp.packet import frame

from ..support import Net, Peer, eventually, inspection, seams, stopwatch, unread

TIMEOUT = ("error", "timeout")

pytestmark = pytest.mark.usefixtures("only_wakes")


# ---- lengths and timeouts


@pytest.mark.parametrize("net", ["socket"], indirect=True)
def test_an_exact_length_is_collected_across_segments(net: Net) -> None:
    """Case recv/length/across-segments."""
    sock, peer = net.pair()
    task = net.blocked(sock, "recv", 6, 5000)
    for piece in (b"ab", b"cd", b"efg"):
        peer.send(piece)
    assert task.result() == ("ok", b"abcdef")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"g")


@pytest.mark.parametrize("infinite", [False, True])
def test_a_large_length_is_exact(net: Net, infinite: bool) -> None:
    """Case recv/length/one-megabyte."""
    sock, peer = net.pair()
    data = random.Random(1).randbytes(1_048_576 + 4)
    sender = net.spawn(peer.send, data)
    assert gen_tcp.recv(sock, 1_048_576, "infinity" if infinite else 10_000) == ("ok", data[:-4])
    assert gen_tcp.recv(sock, 4, 5000) == ("ok", data[-4:])
    sender.result()


def test_a_timeout_is_kept_and_loses_nothing(net: Net) -> None:
    """Cases recv/timeout/keeps-bytes, recv/timeout/then-shorter."""
    sock, peer = net.pair()
    peer.send(b"abcd")
    passed = stopwatch()
    assert gen_tcp.recv(sock, 10, 30) == TIMEOUT
    assert 0.03 <= passed() < 5.0
    assert gen_tcp.recv(sock, 2, 0) == ("ok", b"ab")
    peer.send(b"ef")
    assert gen_tcp.recv(sock, 4, 5000) == ("ok", b"cdef")


def test_timeout_zero_takes_what_is_there(net: Net) -> None:
    """Cases recv/timeout/zero-without-data, recv/timeout/zero-with-data, recv/timeout/zero-partial."""
    sock, peer = net.pair()
    assert gen_tcp.recv(sock, 0, 0) == TIMEOUT
    peer.send(b"abcdef")
    arrived(sock, 6)
    assert gen_tcp.recv(sock, 10, 0) == TIMEOUT
    assert gen_tcp.recv(sock, 2, 0) == ("ok", b"ab")
    assert gen_tcp.recv(sock, 0, 0) == ("ok", b"cdef")
    assert gen_tcp.recv(sock, 0, 0) == TIMEOUT


def arrived(sock: gentcp.Socket, size: int) -> None:
    """Wait until the system has so many bytes for this socket."""
    eventually(lambda: unread(sock.fileno()) >= size)


def test_recv_without_limits_gives_what_the_buffer_holds(net: Net) -> None:
    """Case recv/chunks/default."""
    sock, peer = net.pair()
    chunk = 9216 if net.backend == "inet" else 8192
    peer.send(bytes(10_000))
    arrived(sock, 10_000)
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", bytes(chunk))
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", bytes(10_000 - chunk))


def test_a_long_timeout_is_as_good_as_infinity(net: Net) -> None:
    """More milliseconds than poll(2) takes."""
    sock, peer = net.pair()
    task = net.blocked(sock, "recv", 0, 2**31 - 1)
    peer.send(b"in time")
    assert task.result() == ("ok", b"in time")


@pytest.mark.parametrize("timeout", [2**31, 2**31 + 5])
def test_so_is_a_longer_one(net: Net, timeout: int) -> None:
    """Case recv/timeout/beyond-32-bits: these still wait on both."""
    sock, peer = net.pair()
    task = net.blocked(sock, "recv", 0, timeout)
    peer.send(b"in time")
    assert task.result() == ("ok", b"in time")


# ---- several receivers


def test_a_second_receiver_is_refused_or_queued(net: Net) -> None:
    """Case recv/concurrent/two-receivers."""
    sock, peer = net.pair()
    first = net.blocked(sock, "recv", 0, 10_000)
    if net.backend == "inet":
        assert gen_tcp.recv(sock, 0, 1000) == ("error", "ealready")
        peer.send(b"one")
        assert first.result() == ("ok", b"one")
        return
    others = [net.blocked(sock, "recv", 0, 10_000) for _ in range(5)]
    for number, task in enumerate([first, *others]):
        peer.send(b"%d" % number)
        assert task.result() == ("ok", b"%d" % number)


@pytest.mark.parametrize("net", ["socket"], indirect=True)
def test_one_packet_each_when_several_arrive_at_once(net: Net) -> None:
    sock, peer = net.pair(("packet", 1))
    tasks = [net.blocked(sock, "recv", 0) for _ in range(4)]
    peer.send(b"\1a\1b\1c\1d\1e")
    assert [task.result() for task in tasks] == [("ok", bytes([letter])) for letter in b"abcd"]
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"e")


@pytest.mark.parametrize("net", ["socket"], indirect=True)
def test_a_timeout_in_the_queue_begins_with_the_turn(net: Net) -> None:
    sock, _peer = net.pair()
    passed = stopwatch()
    first = net.blocked(sock, "recv", 0, 60)
    second = net.blocked(sock, "recv", 0, 60)
    assert (first.result(), second.result()) == (TIMEOUT, TIMEOUT)
    assert passed() >= 0.12


def test_many_receivers_share_a_stream_without_loss(net: Net) -> None:
    """Refused ones come again; each packet is received by one of them."""
    sock, peer = net.pair(("packet", 2))
    count, workers = 600, 4

    def work() -> list[int]:
        got: list[int] = []
        while True:
            result = gen_tcp.recv(sock, 0, 10_000)
            if result == ("error", "ealready"):
                continue
            if result[0] == "error":
                return got
            got.append(int(result[1]))
            assert got == sorted(got)

    tasks = [net.spawn(work) for _ in range(workers)]
    for number in range(count):
        peer.send(frame(2, b"%d" % number))
    peer.close()
    assert sorted(number for task in tasks for number in task.result()) == list(range(count))


def test_options_set_meanwhile_do_not_orphan_a_receiver(net: Net) -> None:
    """OTP's socket backend forgets the receiver (case recv/pending/unrelated-setopts); nobody can want that."""
    for option in (("nodelay", True), ("send_timeout", 1000), ("packet_size", 100)):
        for timeout in (10_000, "infinity"):
            sock, peer = net.pair()
            task = net.blocked(sock, "recv", 0, timeout)
            assert inet.setopts(sock, [option]) == "ok"
            peer.send(b"abc")
            assert task.result() == ("ok", b"abc")
            gen_tcp.close(sock)


def test_a_framing_set_meanwhile_holds_for_what_comes(net: Net) -> None:
    """Case recv/pending/packet-type-changed, the inet column."""
    sock, peer = net.pair()
    task = net.blocked(sock, "recv", 0, 10_000)
    assert inet.setopts(sock, [("packet", "line")]) == "ok"
    peer.send(b"ab")
    peer.send(b"c\nd")
    assert task.result() == ("ok", b"abc\n")


# ---- the end


@pytest.mark.parametrize("timeout", [10_000, "infinity"])
def test_closing_answers_a_receiver(net: Net, timeout: Any) -> None:
    """Case recv/pending/own-close."""
    sock, _peer = net.pair()
    task = net.blocked(sock, "recv", 0, timeout)
    assert gen_tcp.close(sock) == "ok"
    assert task.result(5.0) == ("error", "closed")


@pytest.mark.parametrize("timeout", [10_000, "infinity"])
@pytest.mark.parametrize(("show", "reason"), [(False, "closed"), (True, "econnreset")])
def test_a_reset_answers_a_receiver(net: Net, timeout: Any, show: bool, reason: str) -> None:
    """Case recv/end/reset-while-waiting."""
    sock, peer = net.pair(("show_econnreset", show))
    task = net.blocked(sock, "recv", 0, timeout)
    peer.reset()
    assert task.result(5.0) == ("error", reason)


def test_data_before_the_end_comes_before_the_end(net: Net) -> None:
    """Case recv/end/data-then-close."""
    sock, peer = net.pair()
    peer.send(b"abc")
    peer.close()
    after = "enotconn" if net.backend == "inet" else "einval"
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"abc")
    assert [gen_tcp.recv(sock, 0, 5000) for _ in range(3)] == [("error", "closed"), *[("error", after)] * 2]


@pytest.mark.parametrize(("kind", "fragment"), [(4, b"\0\0\0\5ab"), (1, b"\5ab"), ("line", b"no end")])
def test_a_fragment_at_the_end_is_gone(net: Net, kind: Any, fragment: bytes) -> None:
    """Case packet/line/end-without-newline."""
    sock, peer = net.pair(("packet", kind))
    peer.send(fragment)
    peer.close()
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "closed")


@pytest.mark.parametrize("net", ["socket"], indirect=True)
def test_all_receivers_hear_of_the_end(net: Net) -> None:
    sock, peer = net.pair()
    tasks = [net.blocked(sock, "recv", 0) for _ in range(3)]
    peer.close()
    assert [task.result(5.0) for task in tasks] == [("error", "closed")] * 3


# ---- refusals lose nothing


def test_a_length_with_a_framing_is_refused(net: Net) -> None:
    for kind in (1, 2, 4, "line"):
        sock, peer = net.pair(("packet", kind))
        peer.send(frame(kind, b"abc\n"))
        assert gen_tcp.recv(sock, 5, 1000) == ("error", "einval")
        assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"abc\n")


def test_recv_on_an_active_socket_is_refused(net: Net) -> None:
    """Cases recv/active/once-and-after, active/n/recv-refused."""
    for active in (True, "once", 2):
        sock, peer = net.pair(("active", active))
        assert gen_tcp.recv(sock, 0, 1000) == ("error", "einval")
        peer.send(b"for the owner")
        assert gentcp.receive(timeout=5.0) == ("tcp", sock, b"for the owner")


def test_more_than_64_mb_is_refused_or_waited_for_and_costs_nothing(net: Net) -> None:
    """Case recv/length/over-64-mb."""
    sock, peer = net.pair()
    peer.send(b"abc")
    arrived(sock, 3)
    tracemalloc.start()
    try:
        expected = ("error", "enomem") if net.backend == "inet" else TIMEOUT
        assert gen_tcp.recv(sock, 0x4000001, 1) == expected
        assert gen_tcp.recv(sock, 0x4000000, 1) == TIMEOUT
        assert tracemalloc.get_traced_memory()[1] < 200_000
    finally:
        tracemalloc.stop()
    assert gen_tcp.recv(sock, 3, 0) == ("ok", b"abc")


def test_a_refused_send_keeps_nothing(net: Net) -> None:
    closed, _peer = net.pair()
    gen_tcp.close(closed)
    listener = net.listen()
    tracemalloc.start()
    try:
        for target in (closed, listener):
            for _ in range(3):
                assert gen_tcp.send(target, [bytes(1_000_000)])[0] == "error"
        assert tracemalloc.get_traced_memory()[0] < 200_000
    finally:
        tracemalloc.stop()


# ---- what the rest of the program sets


@pytest.fixture
def _default_timeout() -> Iterator[None]:
    socket.setdefaulttimeout(0.05)
    yield
    socket.setdefaulttimeout(None)


def taken_in(net: Net) -> tuple[gentcp.Socket, Peer]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        outside = socket.create_connection(server.getsockname(), 5.0)
        sock = net.ok(gen_tcp.fdopen(outside.fileno(), net.options()))
        outside.close()
        assert inet.setopts(sock, [("active", False), "binary"]) == "ok"  # which socket has ignored
        return sock, net.peer(server.accept()[0])


@pytest.mark.usefixtures("_default_timeout")
@pytest.mark.parametrize("make", [Net.pair, Net.accepted, taken_in], ids=["connected", "accepted", "taken in"])
def test_the_default_timeout_of_the_socket_module_is_not_ours(
    net: Net, make: Callable[[Net], tuple[gentcp.Socket, Peer]]
) -> None:
    sock, peer = make(net)
    task = net.blocked(sock, "recv", 0)
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0.1)  # twice as long
    assert not task.done
    peer.send(b"later")
    assert task.result() == ("ok", b"later")


# ---- the moments in between


def test_a_receiver_killed_before_it_waits_is_killed_and_no_other_result(
    net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_fd = seams.found("wait for a descriptor")

    def killed(process: gentcp.Process, fd: int, events: int, deadline: float | None) -> int:
        if process is not me:
            process.kill()
            return READY
        return int(wait_fd(process, fd, events, deadline))

    me = gentcp.current_process()
    sock, peer = net.pair()
    monkeypatch.setattr(*seams.seam("wait for a descriptor"), killed)
    assert net.spawn(gen_tcp.recv, sock, 0, 5000).result() == "killed"
    peer.send(b"for the next")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"for the next")


@pytest.mark.parametrize("net", ["inet"], indirect=True)
@pytest.mark.parametrize("active", [False, "once"])
def test_a_packet_ends_the_larger_buffer_of_a_recv_that_timed_out(net: Net, active: bool | str) -> None:
    """Seen on OTP 29: the next raw recv is of the usual size again, however the packet came."""
    sock, peer = net.pair()
    assert gen_tcp.recv(sock, 20_000, 10) == TIMEOUT
    assert inet.setopts(sock, [("packet", 4), ("active", active)]) == "ok"
    if active:
        peer.send(frame(4, b"abc"))
        assert gentcp.receive(timeout=5.0) == ("tcp", sock, b"abc")
    else:
        task = net.blocked(sock, "recv", 0)
        eventually(lambda: inspection.in_system_call(sock))
        peer.send(frame(4, b"abc"))
        assert task.result() == ("ok", b"abc")
    assert inet.setopts(sock, [("packet", 0)]) == "ok"
    peer.send(bytes(20_000))
    eventually(lambda: unread(sock.fileno()) == 20_000)
    assert len(gen_tcp.recv(sock, 0, 5000)[1]) == 9216


@pytest.mark.parametrize("net", ["inet"], indirect=True)
@pytest.mark.parametrize("timeout", ["infinity", 5000])
def test_a_recv_that_timed_out_leaves_a_larger_buffer(net: Net, timeout: Any) -> None:
    """Seen on OTP 29: the next raw recv fills it, those that follow are of the usual size again."""
    sock, peer = net.pair()
    assert gen_tcp.recv(sock, 20_000, 10) == TIMEOUT
    peer.send(bytes(40_000))
    eventually(lambda: unread(sock.fileno()) == 40_000)
    assert [len(gen_tcp.recv(sock, 0, timeout)[1]) for _ in range(3)] == [20_000, 9216, 9216]
