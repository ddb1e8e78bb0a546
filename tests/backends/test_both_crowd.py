"""A connection that many threads use at once: each message arrives once, whole, and in the order of its sender.

Nothing hangs, nothing is raised, and no call gives an error that its documentation does not name.  It ends by counts,
never by time.  Without the interpreter's lock this says most: there threads meet between any two instructions.
"""

from __future__ import annotations

import random
import struct
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet

from ..support import PATIENCE, Net, Task, eventually
from ..support.net import BUFFER

SENDERS = 4
RECEIVERS = 3
EACH = 600
"""Messages of a sender."""
MIXED = (0, 1, 60, 300, 1400, 9000, 70_000)
"""Bytes of a message over its name; the last one is more than is read at a time."""
SMALL = (0, 0, 5)
"""Many come with one read."""
Sizes = tuple[int, ...]
_NAME = struct.Struct(">BH")
_MODES: tuple[Any, ...] = (True, "once", 1, 5)
_NOT_NOW = {"ealready", "timeout"}
"""Somebody else is in recv, or there was nothing."""
_OVER = {"closed", "enotconn", "econnreset", "epipe", "einval"}
Name = tuple[int, int]
"""Of a message: its sender, and its number with that."""


def message(sender: int, number: int, sizes: Sizes) -> bytes:
    return _NAME.pack(sender, number) + bytes([sender * 40 + number % 40]) * sizes[(number + sender) % len(sizes)]


class Crowd:
    """Two connected sockets: `out`, on which several processes send, and `into`, which others read."""

    def __init__(self, net: Net, sizes: Sizes) -> None:
        self.net = net
        self.sizes = sizes
        listener = net.listen(("packet", 4), ("recbuf", BUFFER))
        self.out = net.connect(inet.port(listener)[1], ("packet", 4), ("sndbuf", BUFFER))
        self.into: gentcp.Socket = net.ok(gen_tcp.accept(listener, 5000))
        self.begin = threading.Event()
        self.over = threading.Event()  # one of the two is being closed: errors may come
        self.sent = [0] * SENDERS
        self.got: list[list[Name]] = []
        self.senders = [net.spawn(self.send, sender) for sender in range(SENDERS)]
        self.readers: list[Task] = []

    def reader(self, reads: Any, *arguments: Any) -> Task:
        """A process that reads, with a list of its own for what it gets."""
        mine: list[Name] = []
        self.got.append(mine)
        task = self.net.spawn(reads, mine, *arguments)
        self.readers.append(task)
        return task

    def name(self, data: bytes) -> Name:
        """Of a message that arrived as it was sent."""
        sender, number = _NAME.unpack_from(data)
        assert data == message(sender, number, self.sizes)
        return sender, number

    # ---- what the processes do

    def send(self, sender: int) -> None:
        assert self.begin.wait(PATIENCE)
        for number in range(EACH):
            result = gen_tcp.send(self.out, message(sender, number, self.sizes))
            if result != "ok":
                assert result[0] == "error", result
                assert result[1] in _OVER, result
                assert self.over.is_set(), result
                return
            self.sent[sender] += 1

    def receive(self, mine: list[Name], seed: int) -> None:
        """Until the connection is over."""
        assert self.begin.wait(PATIENCE)
        pause, dice = threading.Event(), random.Random(seed)
        while True:
            result = gen_tcp.recv(self.into, 0, dice.choice(["infinity", "infinity", 0, 1, 5]))
            if result[0] == "ok":
                mine.append(self.name(result[1]))
            elif result[1] in _NOT_NOW or (result[1] == "einval" and not self.is_over()):  # or the socket is active
                assert gen_tcp_statistics(self.into)
                pause.wait(0.001)
            else:
                assert result[1] in _OVER, result
                return

    def own(self, mine: list[Name], seed: int) -> None:
        """The owner, which makes the socket active and passive again; what comes as messages counts as well."""
        assert self.begin.wait(PATIENCE)
        dice = random.Random(seed)
        while inet.setopts(self.into, [("active", dice.choice(_MODES))]) == "ok":
            self.collect(mine, dice.choice([0.0, 0.002]))
            if inet.setopts(self.into, [("active", False)]) != "ok":
                break
            self.collect(mine, 0.0)
        self.collect(mine, 0.0)

    def collect(self, mine: list[Name], timeout: float) -> None:
        try:
            while (kind := (found := gentcp.receive(timeout=timeout))[0]) != "tcp_closed":
                assert kind in ("tcp", "tcp_passive", "tcp_error"), found
                if kind == "tcp":
                    mine.append(self.name(found[2]))
        except TimeoutError:
            return

    def is_over(self) -> bool:
        """Whether the socket that is read has no connection any more, which `einval` alone does not say."""
        return bool(inet.peername(self.into)[0] == "error")

    # ---- what the test does

    def start(self) -> None:
        assert gen_tcp.controlling_process(self.into, self.readers[0].process) == "ok"
        self.begin.set()

    def arrived(self) -> int:
        return sum(map(len, self.got))

    def end(self, sock: gentcp.Socket) -> None:
        self.over.set()
        assert gen_tcp.close(sock) == "ok"
        for task in [*self.senders, *self.readers]:
            task.result()

    def check(self, wanted: Iterable[int] | None = None) -> None:
        """From each sender so many messages at least arrived, without a gap, each once, in order for each reader."""
        for mine in self.got:
            for sender in range(SENDERS):
                numbers = [number for whose, number in mine if whose == sender]
                assert numbers == sorted(numbers)
        for sender, least in zip(range(SENDERS), wanted or [0] * SENDERS, strict=True):
            numbers = sorted(number for mine in self.got for whose, number in mine if whose == sender)
            assert numbers == list(range(len(numbers)))
            assert len(numbers) >= least


def gen_tcp_statistics(sock: gentcp.Socket) -> Any:
    """Asked for while others count."""
    return inet.getstat(sock, ["recv_cnt", "recv_oct", "recv_max"])


@pytest.fixture(params=[MIXED, SMALL], ids=["mixed", "small"])
def crowd(net: Net, request: pytest.FixtureRequest) -> Iterator[Crowd]:
    made = Crowd(net, request.param)
    yield made
    made.begin.set()


def passive(crowd: Crowd) -> None:
    for seed in range(RECEIVERS):
        crowd.reader(crowd.receive, seed)


def switching(crowd: Crowd) -> None:
    crowd.reader(crowd.own, 0)
    for seed in range(1, RECEIVERS):
        crowd.reader(crowd.receive, seed)


READERS = pytest.mark.parametrize("readers", [passive, switching])


@READERS
def test_every_message_arrives_once_and_in_order(crowd: Crowd, readers: Any) -> None:
    readers(crowd)
    crowd.start()
    for task in crowd.senders:
        task.result()
    total = SENDERS * EACH
    eventually(lambda: crowd.arrived() == total)
    octets = sum(len(message(sender, number, crowd.sizes)) + 4 for sender in range(SENDERS) for number in range(EACH))
    assert inet.getstat(crowd.out, ["send_cnt", "send_oct"]) == ("ok", [("send_cnt", total), ("send_oct", octets)])
    assert inet.getstat(crowd.into, ["recv_oct"]) == ("ok", [("recv_oct", octets)])
    crowd.end(crowd.out)
    crowd.check([EACH] * SENDERS)


@READERS
@pytest.mark.parametrize("end", ["out", "into"])
@pytest.mark.parametrize("after", [1, SENDERS * EACH // 3])
def test_a_close_in_the_middle_leaves_no_gap(crowd: Crowd, readers: Any, end: str, after: int) -> None:
    """What was sent before the sending side is closed arrives; of what was not read before the other is, nothing."""
    readers(crowd)
    crowd.start()
    eventually(lambda: crowd.arrived() >= after)
    crowd.end(crowd.out if end == "out" else crowd.into)
    crowd.check(crowd.sent if end == "out" else None)
    assert crowd.arrived() >= after


# ---- processes that come and go


def test_a_kill_may_come_at_any_moment_of_a_call(net: Net) -> None:
    sock, peer = net.pair()
    for _ in range(30):
        began = threading.Event()
        task = net.spawn(poll, sock, began)
        assert began.wait(PATIENCE)
        task.kill()
        assert task.result() == "killed"
    peer.send(b"for the next")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"for the next")


def poll(sock: gentcp.Socket, began: threading.Event) -> None:
    """In and out of recv, until killed."""
    while gen_tcp.recv(sock, 0, 0) == ("error", "timeout"):
        began.set()


def test_a_process_may_be_spoken_to_while_it_ends(net: Net) -> None:
    sock, peer = net.pair(("active", True))
    for _ in range(20):
        task = net.spawn(wait_a_little)
        speakers = [net.spawn(speak, task) for _ in range(2)]
        for each in [task, *speakers]:
            each.result()
    peer.send(b"for the owner")
    assert gentcp.receive(timeout=5.0) == ("tcp", sock, b"for the owner")


def wait_a_little() -> None:
    with pytest.raises(TimeoutError):
        gentcp.receive(lambda _message: False, timeout=0.0005)


def speak(task: Task) -> None:
    while not task.process.join(0.0):
        task.process.post("hello")
        task.process.ring()
        task.process.wake()
