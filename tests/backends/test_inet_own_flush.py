"""A blocked sender flushes the queue itself: who writes when, and who goes on when it leaves.

The system takes what the test gives it, and the driver runs when the test says so.
"""

from __future__ import annotations

import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp.erl import erlang, gen_tcp, inet, inet_tcp

from ..support import PATIENCE, Net, StillDriver, Task, Throttle, eventually, inspection, seams, throttle

pytestmark = pytest.mark.parametrize("net", ["inet"], indirect=True)

HIGH, LOW = 8192, 4096
PIECE = 65536


class Bench:
    """A socket with a full queue and a sender that is blocked and flushes."""

    def __init__(self, net: Net, driver: StillDriver) -> None:
        self.net = net
        self.driver = driver

    def open(self, *options: Any, size: int = HIGH) -> Task:
        self.sock, self.peer = self.net.pair(*options)
        self.system: Throttle = throttle(self.sock)
        assert gen_tcp.send(self.sock, bytes(size)) == "ok"
        task = self.net.blocked_writer(self.sock, b"1")
        eventually(self.flushed_elsewhere)
        return task

    def flushed_elsewhere(self) -> bool:
        """A sender writes, and the driver does not."""
        return bool(self.driver.elsewhere) and not self.driver.writers

    def flushed_by_driver(self) -> bool:
        return bool(self.driver.writers) and not self.driver.elsewhere

    def flushed_by_nobody(self) -> bool:
        return not self.driver.writers and not self.driver.elsewhere

    def give(self, size: int) -> None:
        """Room for so many bytes, of which the sender makes use."""
        self.system.room += size
        eventually(lambda: not self.system.room)

    def queued(self) -> int:
        """Bytes, when nobody is in the middle of something."""
        with inspection.lock(self.sock):
            return inspection.queued(self.sock)


@pytest.fixture
def bench(net: Net, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    driver = StillDriver()
    monkeypatch.setattr(*seams.seam("driver"), driver)
    yield Bench(net, driver)
    monkeypatch.undo()


def test_it_writes_once_for_each_time_there_is_room(bench: Bench) -> None:
    task = bench.open()
    calls = bench.system.calls
    for number in range(1, 4):
        bench.give(10)
        assert bench.queued() == HIGH + 1 - 10 * number
        assert bench.system.calls == calls + number
    assert not task.done


def test_what_it_leaves_is_the_drivers(bench: Bench) -> None:
    task = bench.open()
    bench.give(HIGH + 1 - LOW)
    assert task.result() == "ok"
    assert bench.flushed_by_driver()
    bench.system.room = LOW
    bench.driver.turn()
    assert bench.flushed_by_nobody()
    assert bench.system.taken == bytes(HIGH) + b"1"


def test_when_it_leaves_nothing_there_is_nothing_to_watch(bench: Bench) -> None:
    task = bench.open()
    bench.give(HIGH + 1)
    assert task.result() == "ok"
    assert bench.flushed_by_nobody()


def test_one_that_is_killed_gives_it_back(bench: Bench) -> None:
    task = bench.open()
    bench.give(100)
    task.end()
    assert bench.flushed_by_driver()
    assert bench.queued() == HIGH + 1 - 100


def test_one_whose_time_is_over_gives_it_back(bench: Bench) -> None:
    task = bench.open(("send_timeout", 50))
    bench.give(100)
    assert task.result() == ("error", "timeout")
    assert bench.flushed_by_driver()
    bench.system.room = HIGH
    bench.driver.turn()
    assert bench.system.taken == bytes(HIGH) + b"1"


def test_room_that_comes_in_pieces_does_not_prolong_its_time(bench: Bench) -> None:
    size = 10_000_000
    task = bench.open(("send_timeout", 50), size=size)
    bench.system.gulp = 1
    bench.system.room = size
    assert task.result() == ("error", "timeout")
    assert bench.queued() > size // 2


def test_send_timeout_close_leaves_nothing_to_anybody(bench: Bench) -> None:
    task = bench.open(("send_timeout", 30), ("send_timeout_close", True))
    assert task.result() == ("error", "timeout")
    assert bench.flushed_by_nobody()
    assert bench.sock.fileno() == -1


def test_others_that_are_forced_in_do_not_write(bench: Bench) -> None:
    first = bench.open()
    second = bench.net.spawn(inet_tcp.send, bench.sock, b"2", ["force"])
    eventually(lambda: bench.queued() == HIGH + 2)
    first.end()
    assert bench.flushed_by_driver()
    bench.system.room = HIGH
    bench.driver.turn()
    assert second.result() == "ok"
    assert bench.system.taken == bytes(HIGH)


def test_the_next_one_takes_over(bench: Bench) -> None:
    first = bench.open()
    first.end()
    behind = bench.net.blocked(bench.sock, "send", b"2")  # suspended: the port stays busy
    assert bench.flushed_by_driver()
    bench.system.room = HIGH - LOW
    bench.driver.turn()
    assert bench.flushed_by_driver()
    bench.system.room += 1
    bench.driver.turn()
    assert behind.result() == "ok"
    third = bench.net.blocked(bench.sock, "send", bytes(HIGH))
    eventually(bench.flushed_elsewhere)
    bench.give(LOW + 1)
    assert not third.done
    bench.give(HIGH)
    assert third.result() == "ok"


def test_watermarks_that_change_meanwhile_count_at_the_next_byte(bench: Bench) -> None:
    task = bench.open()
    assert inet.setopts(bench.sock, [("low_watermark", 10)]) == "ok"
    bench.give(HIGH - LOW + 1)
    assert bench.queued() == LOW
    assert not task.done
    assert inet.setopts(bench.sock, [("low_watermark", LOW)]) == "ok"
    assert bench.flushed_elsewhere()
    bench.give(1)
    assert task.result() == "ok"
    assert bench.queued() == LOW - 1


def test_an_end_without_waiting_ends_it_and_the_driver_goes_on(bench: Bench) -> None:
    task = bench.open()
    assert erlang.port_close(bench.sock) is True
    assert task.result() == ("error", "closed")
    assert bench.flushed_by_driver()
    bench.system.room = HIGH + 1
    bench.driver.turn()
    assert bench.system.taken == bytes(HIGH) + b"1"
    assert inspection.descriptor(bench.sock) == -1


def test_close_waits_for_what_the_sender_writes(bench: Bench) -> None:
    task = bench.open()
    closing = bench.net.spawn(gen_tcp.close, bench.sock)
    eventually(lambda: inspection.suspended(bench.sock))
    bench.give(100)
    assert not closing.done
    bench.give(HIGH - 99)
    assert (task.result(), closing.result()) == ("ok", "ok")


def test_close_with_linger_zero_drops_it_under_the_sender(bench: Bench) -> None:
    task = bench.open(("linger", (True, 0)))
    assert gen_tcp.close(bench.sock) == "ok"
    assert task.result() == ("error", "closed")
    assert bench.flushed_by_nobody()
    assert bench.peer.drain() == b""
    assert bench.peer.ended_by == "rst"


def test_the_end_of_the_owner_leaves_it_to_the_driver(bench: Bench) -> None:
    task = bench.open()
    owner = bench.net.spawn(gentcp.receive)
    assert gen_tcp.controlling_process(bench.sock, owner.process) == "ok"
    owner.end()
    assert task.result() == ("error", "closed")
    assert bench.flushed_by_driver()
    bench.system.room = HIGH + 1
    bench.driver.turn()
    assert bench.system.taken == bytes(HIGH) + b"1"


def test_a_shutdown_behind_the_queue_is_made_by_who_empties_it(bench: Bench) -> None:
    task = bench.open()
    assert gen_tcp.shutdown(bench.sock, "write") == "ok"
    bench.give(HIGH + 1)
    assert task.result() == "ok"
    assert bench.peer.drain() == b""
    assert bench.peer.ended_by == "fin"


def test_a_file_is_not_overtaken_by_a_sender_that_flushes(bench: Bench, tmp_path: Path) -> None:
    """The sender leaves the queue alone until the file is through, and so does the driver."""
    (tmp_path / "file").write_bytes(b"the file")
    task = bench.open()
    sock = bench.sock
    with (tmp_path / "file").open("rb") as file:
        number = file.fileno()
        sending = bench.net.spawn(lambda: gentcp.receive() and sock.handle.sendfile(number, 0, 0))
        assert gen_tcp.controlling_process(sock, sending.process) == "ok"
        sending.process.post("begin")
        eventually(lambda: inspection.sending_file(sock))
        eventually(bench.flushed_by_nobody)
        assert not task.done
        bench.give(100)
        assert bench.queued() == HIGH + 1 - 100
        assert bench.flushed_by_nobody()
        bench.system.room = HIGH
        assert sending.result() == ("ok", 8)
    assert task.result() == "ok"
    assert bench.system.taken == bytes(HIGH) + b"1"
    assert bench.peer.recv_exact(8) == b"the file"


# ---- what a stream costs


def test_a_slow_reader_bounds_what_is_held(net: Net) -> None:
    """Of 64 MB no more than one send in the queue and one on its way into it, and nothing is copied."""
    total, most = 64 << 20, 0
    sock, peer = net.stalled()

    def send() -> int:
        assert gen_tcp.send(sock, bytes(PIECE)) == "ok"
        ready.set()  # the thread has what a thread needs: without the interpreter's lock 100 KB and more
        assert begin.wait(PATIENCE)
        sent = PIECE
        while sent < total:
            assert gen_tcp.send(sock, bytes(PIECE)) == "ok"
            sent += PIECE
        return sent

    got, room = 0, bytearray(PIECE)
    ready, begin = threading.Event(), threading.Event()
    sending = net.spawn(send)
    assert ready.wait(PATIENCE)
    tracemalloc.start()
    try:
        begin.set()
        net.full(sock)
        while got < total:
            most = max(most, inspection.queued(sock))
            got += peer.sock.recv_into(room)
        assert sending.result() == total
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 0 < most <= max(HIGH, PIECE) + PIECE
    assert peak < 4 * PIECE


def test_a_send_on_a_queue_makes_no_system_call_and_no_copy(bench: Bench) -> None:
    """A hundred megabytes in the queue: the place of each piece, and the piece itself is the caller's."""
    sock, _peer = bench.net.pair(("high_watermark", 1 << 30))
    system, data = throttle(sock), bytes(1 << 20)
    assert gen_tcp.send(sock, data) == "ok"
    tracemalloc.start()
    try:
        for _ in range(100):
            assert gen_tcp.send(sock, data) == "ok"
        assert tracemalloc.get_traced_memory()[1] < 50_000
    finally:
        tracemalloc.stop()
    assert inspection.queued(sock) == 101 << 20
    assert system.calls == 1
