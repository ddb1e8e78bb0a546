"""Everything at once: many processes do everything to one socket, and nothing hangs, breaks or is left behind."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet
from gentcp.packet import frame

from ..support import Net, Task, mailbox


class Chaos:
    """One socket and those who use it."""

    def __init__(self, net: Net, seed: int) -> None:
        self.net = net
        self.dice = random.Random(seed)
        self.sock, self.peer = net.pair(("send_timeout", 5), ("packet", self.dice.choice(["raw", 1, "line"])))
        self.tasks: list[Task] = []

    def run(self, workers: int, steps: int) -> None:
        actions = self.actions()
        plans = [[self.dice.choice(actions) for _ in range(steps)] for _ in range(workers)]
        started = threading.Event()
        self.tasks = [self.net.spawn(self.work, plan, started) for plan in plans]
        assert gen_tcp.controlling_process(self.sock, self.tasks[0].process) == "ok"
        started.set()
        for task in self.tasks:
            assert task.result() in (None, "killed")
        gen_tcp.close(self.sock)
        assert self.sock.fileno() == -1

    @staticmethod
    def work(plan: list[Callable[[], Any]], started: threading.Event) -> None:
        assert started.wait(10.0)
        for action in plan:
            result = action()
            # on socket the counters of a connection that is over are its states
            assert result in ("ok", None) or isinstance(result, dict) or result[0] in ("ok", "error"), result

    def actions(self) -> list[Callable[[], Any]]:
        sock = self.sock
        usual: list[Callable[[], Any]] = [
            lambda: gen_tcp.send(sock, b"a line\n"),
            lambda: gen_tcp.send(sock, bytes(200)),
            lambda: gen_tcp.recv(sock, 0, 0),
            lambda: gen_tcp.recv(sock, 0, 2),
            lambda: inet.setopts(sock, [("active", "once")]),
            lambda: inet.setopts(sock, [("active", True)]),
            lambda: inet.setopts(sock, [("active", 3)]),
            lambda: inet.setopts(sock, [("active", False)]),
            lambda: inet.setopts(sock, [("packet", "raw"), ("nodelay", True)]),
            lambda: inet.getopts(sock, ["active", "nodelay"]),
            lambda: inet.getstat(sock, ["recv_oct"]),
            lambda: inet.peername(sock),
            self.give_away,
            self.look,
            self.say,
            lambda: ("ok", inet.monitor(sock)),
        ]
        rare: list[Callable[[], Any]] = [
            lambda: gen_tcp.close(sock),
            lambda: gen_tcp.shutdown(sock, "write"),
            self.finish,
            self.kill,
        ]
        return usual * 10 + rare

    def give_away(self) -> Any:
        return gen_tcp.controlling_process(self.sock, self.dice.choice(self.tasks).process)

    def kill(self) -> None:
        self.dice.choice(self.tasks).kill()

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            self.peer.finish()

    @staticmethod
    def look() -> Any:
        try:
            gentcp.receive(timeout=0.001)
        except TimeoutError:
            return None
        return "ok"

    def say(self) -> Any:
        try:
            self.peer.send(b"\3abc\n")
        except OSError:
            return None
        return "ok"


@pytest.mark.parametrize("seed", range(12))
def test_nothing_hangs_or_breaks(net: Net, seed: int) -> None:
    Chaos(net, seed).run(workers=5, steps=40)


# ---- one owner, all modes


class Switcher:
    """An owner that changes the mode all the time and keeps what it gets, however it gets it."""

    def __init__(self, sock: gentcp.Socket, seed: int) -> None:
        self.sock = sock
        self.dice = random.Random(seed)
        self.got: list[bytes] = []

    def step(self) -> None:
        mode = self.dice.choice([True, False, "once", 1, 2, 7])
        assert inet.setopts(self.sock, [("active", mode)]) == "ok"
        if self.dice.random() < 0.3:
            self.collect(0.003)
        assert inet.setopts(self.sock, [("active", False)]) == "ok"
        self.collect(0)  # messages are older than what is still to be received
        for _ in range(self.dice.randrange(4)):
            result = gen_tcp.recv(self.sock, 0, self.dice.choice([0, 1]))
            if result[0] == "ok":
                self.got.append(result[1])

    def collect(self, timeout: float) -> None:
        try:
            while True:
                message = gentcp.receive(timeout=timeout)
                if message[0] == "tcp":
                    self.got.append(message[2])
        except TimeoutError:
            return


@pytest.mark.parametrize("seed", range(3))
def test_a_stream_survives_any_sequence_of_modes(net: Net, seed: int) -> None:
    total, dice = 1000, random.Random(seed)
    sock, peer = net.pair(("packet", 2))
    stream = b"".join(frame(2, b"%d" % number) for number in range(total))

    def send() -> None:
        position = 0
        while position < len(stream):
            size = dice.choice([3, 20, 300])
            peer.send(stream[position : position + size])
            position += size
            threading.Event().wait(0.0002)

    sender = net.spawn(send)
    switcher = Switcher(sock, seed)
    while len(switcher.got) < total:
        switcher.step()
    sender.result()
    assert switcher.got == [b"%d" % number for number in range(total)]
    assert [message for message in mailbox() if message[0] != "tcp_passive"] == []
