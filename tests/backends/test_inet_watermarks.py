"""The send queue of the inet backend: when a send blocks, and when it goes on, to the byte.

The system takes what the test gives it, the driver runs when the test says so, and a sender that is blocked flushes
the queue itself.  Sources: the cases send/queue/*, send/blocked/* and send/timeout/second-sender.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet

from ..support import Net, StillDriver, Task, Throttle, eventually, inspection, seams, stopwatch, throttle

pytestmark = pytest.mark.parametrize("net", ["inet"], indirect=True)

HIGH, LOW = 8192, 4096


class Bench:
    """A socket whose system and driver are in our hands."""

    def __init__(self, net: Net, driver: StillDriver) -> None:
        self.net = net
        self.driver = driver
        self.sock: gentcp.Socket
        self.system: Throttle

    def open(self, *options: Any) -> Bench:
        self.sock, self.peer = self.net.pair(*options)
        self.system = throttle(self.sock)
        return self

    def queued(self) -> int:
        result, [(_name, size)] = inet.getstat(self.sock, ["send_pend"])
        assert result == "ok"
        return int(size)

    def fill(self, size: int) -> None:
        """Leave `size` bytes in the queue."""
        assert gen_tcp.send(self.sock, bytes(size)) == "ok"
        assert self.queued() == size

    def block(self, data: bytes = b"1") -> Task:
        return self.net.blocked(self.sock, "send", data)

    def flush(self, size: int) -> None:
        """The system takes `size` bytes more, and whose business it is writes them."""
        self.system.room += size
        self.driver.turn()
        eventually(self._settled)

    def _settled(self) -> bool:
        with inspection.lock(self.sock):
            return not self.system.room or not inspection.queued(self.sock)

    def nobody_flushes(self) -> bool:
        return not self.driver.writers and not self.driver.elsewhere

    @property
    def busy(self) -> bool:
        return inspection.busy(self.sock)


@pytest.fixture
def bench(net: Net, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    driver = StillDriver()
    monkeypatch.setattr(*seams.seam("driver"), driver)
    yield Bench(net, driver)
    monkeypatch.undo()


# ---- when it blocks


@pytest.mark.parametrize("size", [1, HIGH - 1, HIGH, HIGH + 1, 1_000_000])
def test_on_an_empty_queue_nothing_blocks(bench: Bench, size: int) -> None:
    bench.open().fill(size)
    assert not bench.busy


def test_what_the_system_takes_is_not_queued(bench: Bench) -> None:
    bench.open()
    bench.system.room = 300
    assert gen_tcp.send(bench.sock, bytes(1000)) == "ok"
    assert bench.queued() == 700


@pytest.mark.parametrize("queued", [1, 100, HIGH - 2])
def test_below_the_high_watermark_nothing_blocks(bench: Bench, queued: int) -> None:
    bench.open().fill(queued)
    assert gen_tcp.send(bench.sock, bytes(HIGH - 1 - queued)) == "ok"
    assert bench.queued() == HIGH - 1
    assert not bench.busy


@pytest.mark.parametrize("over", [0, 1, 100_000])
def test_at_the_high_watermark_it_blocks_with_its_data_queued(bench: Bench, over: int) -> None:
    bench.open().fill(100)
    task = bench.block(bytes(HIGH - 100 + over))
    assert bench.busy
    assert bench.queued() == HIGH + over
    assert not task.done


def test_the_header_of_a_packet_counts(bench: Bench) -> None:
    bench.open(("packet", 4))
    assert gen_tcp.send(bench.sock, b"x") == "ok"
    assert bench.queued() == 5
    assert gen_tcp.send(bench.sock, bytes(HIGH - 5 - 4 - 1)) == "ok"
    assert bench.queued() == HIGH - 1
    task = bench.block(b"")
    assert bench.queued() == HIGH + 3
    assert not task.done


def test_the_watermarks_are_options(bench: Bench) -> None:
    bench.open(("high_watermark", 100), ("low_watermark", 10)).fill(50)
    assert gen_tcp.send(bench.sock, bytes(49)) == "ok"
    task = bench.block(b"x")
    bench.flush(100 - 11)
    assert not task.done
    bench.flush(1)
    assert task.result() == "ok"


# ---- when it goes on


def test_it_goes_on_at_the_low_watermark_and_not_before(bench: Bench) -> None:
    bench.open().fill(100)
    task = bench.block(bytes(HIGH - 100))
    bench.flush(HIGH - LOW - 1)
    assert bench.queued() == LOW + 1
    assert bench.busy
    assert inspection.blocked_sender(bench.sock) is not None
    bench.flush(1)
    assert task.result() == "ok"
    assert not bench.busy


def test_others_wait_in_front_and_have_nothing_queued(bench: Bench) -> None:
    bench.open().fill(HIGH)
    first = bench.block(b"1")
    second = bench.block(b"22")
    assert bench.queued() == HIGH + 1
    bench.flush(HIGH + 1 - LOW)
    assert (first.result(), second.result()) == ("ok", "ok")
    assert bench.queued() == LOW + 2


def test_one_that_waited_in_front_may_block_again(bench: Bench) -> None:
    bench.open().fill(HIGH)
    first = bench.block(b"1")
    second = bench.block(bytes(HIGH))
    bench.flush(HIGH + 1 - LOW)
    assert first.result() == "ok"
    eventually(lambda: bench.queued() == LOW + HIGH)
    assert eventually(lambda: inspection.blocked_sender(bench.sock)) is second.process
    bench.flush(HIGH)
    assert second.result() == "ok"


def test_everything_goes_out_in_order(bench: Bench) -> None:
    bench.open().fill(0)
    for letter in b"abc":
        assert gen_tcp.send(bench.sock, bytes([letter]) * 2000) == "ok"
    first = bench.block(b"d" * 5000)
    second = bench.block(b"e" * 10)
    while bench.queued():
        bench.flush(777)
    assert (first.result(), second.result()) == ("ok", "ok")
    bench.flush(1000)
    assert bench.system.taken == b"a" * 2000 + b"b" * 2000 + b"c" * 2000 + b"d" * 5000 + b"e" * 10


def test_raising_the_watermarks_releases_nobody(bench: Bench) -> None:
    bench.open().fill(HIGH)
    task = bench.block()
    assert inet.setopts(bench.sock, [("high_watermark", 10**8), ("low_watermark", 10**7)]) == "ok"
    bench.driver.turn()
    assert inspection.blocked_sender(bench.sock) is not None
    bench.flush(1)
    assert task.result() == "ok"


def test_a_killed_sender_leaves_its_data_and_the_port_busy(bench: Bench) -> None:
    bench.open().fill(HIGH)
    task = bench.block(b"of the dead")
    task.end()
    assert bench.busy
    behind = bench.block(b"of the living")
    assert bench.queued() == HIGH + 11
    bench.flush(HIGH + 11 - LOW)
    assert behind.result() == "ok"
    bench.flush(10**6)
    assert bench.system.taken.endswith(b"of the deadof the living")


def test_a_killed_sender_in_front_leaves_nothing(bench: Bench) -> None:
    bench.open().fill(HIGH)
    first = bench.block(b"1")
    second = bench.block(b"2")
    second.end()
    bench.flush(10**6)
    assert first.result() == "ok"
    assert bench.system.taken == bytes(HIGH) + b"1"


# ---- time


def test_a_send_that_is_overdue_stays_queued_and_is_delivered(bench: Bench) -> None:
    bench.open(("send_timeout", 20)).fill(HIGH)
    passed = stopwatch()
    assert gen_tcp.send(bench.sock, b"late") == ("error", "timeout")
    assert passed() >= 0.02
    assert bench.queued() == HIGH + 4
    bench.flush(10**6)
    assert bench.system.taken == bytes(HIGH) + b"late"


def test_after_a_timeout_the_next_one_queues_and_times_out_too(bench: Bench) -> None:
    bench.open(("send_timeout", 10)).fill(HIGH)
    for number in range(1, 4):
        assert gen_tcp.send(bench.sock, b"x") == ("error", "timeout")
        assert bench.queued() == HIGH + number


def test_timeout_zero_takes_the_data_and_says_timeout(bench: Bench) -> None:
    """Case send/timeout/zero-stalled."""
    bench.open(("send_timeout", 0))
    assert gen_tcp.send(bench.sock, bytes(HIGH)) == "ok"
    assert gen_tcp.send(bench.sock, b"x") == ("error", "timeout")
    assert bench.queued() == HIGH + 1


def test_the_time_of_one_that_waits_in_front_begins_when_it_gets_in(bench: Bench) -> None:
    """Case send/timeout/second-sender: 700 ms in all, not 400."""
    bench.open(("send_timeout", 60)).fill(HIGH)
    passed = stopwatch()
    first = bench.block(b"1")
    second = bench.block(b"2")
    assert first.result() == ("error", "timeout")
    assert second.result() == ("error", "timeout")
    assert passed() >= 0.12
    assert bench.queued() == HIGH + 2


def test_changing_send_timeout_does_not_reach_one_that_waits(bench: Bench) -> None:
    """Case send/blocked/timeout-set-too-late."""
    bench.open().fill(HIGH)
    task = bench.block()
    assert inet.setopts(bench.sock, [("send_timeout", 1)]) == "ok"
    assert gen_tcp.recv(bench.sock, 0, 30) == ("error", "timeout")  # thirty times as long
    assert not task.done
    bench.flush(10**6)
    assert task.result() == "ok"


def test_send_timeout_close_closes_and_drops_the_queue(bench: Bench) -> None:
    bench.open(("send_timeout", 10), ("send_timeout_close", True)).fill(HIGH)
    assert gen_tcp.send(bench.sock, b"x") == ("error", "timeout")
    assert bench.nobody_flushes()
    assert bench.sock.fileno() == -1
    assert gen_tcp.send(bench.sock, b"x")[0] == "error"
    assert bench.peer.drain() == b""


# ---- delay_send, counters, failures


def test_delay_send_queues_first_and_writes_from_the_background(bench: Bench) -> None:
    bench.open(("delay_send", True))
    bench.system.room = 100
    assert gen_tcp.send(bench.sock, b"abc") == "ok"
    assert gen_tcp.send(bench.sock, b"def") == "ok"
    assert bench.system.taken == b""
    assert inspection.queued(bench.sock) == 6
    bench.driver.turn()
    assert bench.system.taken == b"abcdef"
    assert bench.nobody_flushes()


def test_queued_bytes_count_as_sent(bench: Bench) -> None:
    """Case inet/getstat/queued."""
    bench.open().fill(1000)
    assert gen_tcp.send(bench.sock, bytes(50)) == "ok"
    assert inet.getstat(bench.sock, ["send_oct", "send_cnt"]) == ("ok", [("send_oct", 1050), ("send_cnt", 2)])


def test_a_failure_in_the_background_ends_the_blocked_sender_and_drops_the_queue(bench: Bench) -> None:
    """Case send/blocked/peer-resets: closed to the sender, then closed and enotconn."""
    bench.open().fill(HIGH)
    first = bench.block(b"1")
    second = bench.block(b"2")
    bench.system.failure = errno.ECONNRESET
    bench.driver.turn()
    assert first.result() == ("error", "closed")
    assert second.result()[0] == "error"
    assert inspection.queued(bench.sock) == 0
    assert bench.nobody_flushes()
    assert gen_tcp.send(bench.sock, b"x")[0] == "error"
    assert gen_tcp.send(bench.sock, b"x") == ("error", "enotconn")


def test_nobody_is_left_registered_when_all_is_written(bench: Bench) -> None:
    bench.open().fill(100)
    assert list(bench.driver.writers) == [bench.sock.fileno()]
    bench.flush(99)
    assert bench.driver.writers
    bench.flush(1)
    assert bench.nobody_flushes()
