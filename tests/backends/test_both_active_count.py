"""`{active, N}` against a small model: every sequence of setopts and packets gives the messages that OTP gives.

Sources: the cases active/n/raw-messages, active/n/counts-down-to-passive, recv/end/packets-then-close.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import gentcp
from gentcp.erl import gen_tcp, inet
from gentcp.packet import frame

from ..support import Net, catch

COUNTS = st.one_of(st.integers(-4, 4), st.sampled_from([-32769, -32768, 32763, 32766, 32767, 32768, 100_000]))
PASSIVE = ("tcp_passive",)
CLOSED = ("tcp_closed",)


class Model:
    """What the owner is told."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self.active: Any = False
        self.packets: list[bytes] = []
        self.told: list[tuple[Any, ...]] = []

    def set(self, value: Any) -> Any:
        if isinstance(value, bool) or value == "once":
            if value is False and self.counts() and self.backend == "socket":
                self.told.append(PASSIVE)
            self.active = value
        else:
            total = value + (self.active if self.counts() else 0)
            if not -32768 <= value <= 32767 or total > 32767:
                return ("error", "einval")
            self.active = total if total > 0 else False
            if total <= 0:
                self.told.append(PASSIVE)
        self.deliver()
        return "ok"

    def counts(self) -> bool:
        return not isinstance(self.active, (bool, str))

    def deliver(self) -> None:
        while self.packets and self.active is not False:
            self.told.append(("tcp", self.packets.pop(0)))
            if self.active == "once":
                self.active = False
            elif self.counts():
                self.active -= 1
                if not self.active:
                    self.active = False
                    self.told.append(PASSIVE)


class Machine(RuleBasedStateMachine):
    """A socket with one-byte packets, and the model of it."""

    backend = ""

    def __init__(self) -> None:
        super().__init__()
        gentcp.current_process().take(lambda _message: True)
        self.net = Net(self.backend)
        self.sock, self.peer = self.net.pair(("packet", 1))
        self.model = Model(self.backend)
        self.sent = 0

    def teardown(self) -> None:
        self.net.close()

    @rule(count=st.integers(1, 5))
    def send(self, count: int) -> None:
        for _ in range(count):
            packet = b"%d" % self.sent
            self.sent += 1
            self.peer.send(frame(1, packet))
            self.model.packets.append(packet)
        self.model.deliver()

    @rule(value=st.one_of(st.sampled_from([True, False, "once"]), COUNTS))
    def set(self, value: Any) -> None:
        assert inet.setopts(self.sock, [("active", value)]) == self.model.set(value)

    @rule(first=COUNTS, second=COUNTS)
    def set_twice(self, first: int, second: int) -> None:
        """In one list; inet applies it from its end, and checks the range of all values before."""
        if self.model.packets:
            return  # which of the two lets the packets out is not ours to say
        expected: Any = "ok"
        order = [second, first] if self.backend == "inet" else [first, second]
        if self.backend == "inet" and not all(-32768 <= value <= 32767 for value in order):
            expected, order = ("error", "einval"), []
        for value in order:
            expected = self.model.set(value)
            if expected != "ok":
                break
        assert inet.setopts(self.sock, [("active", first), ("active", second)]) == expected

    @rule()
    def recv(self) -> None:
        if self.model.active is not False:
            assert gen_tcp.recv(self.sock, 0, 0) == ("error", "einval")
        elif self.model.packets:
            assert gen_tcp.recv(self.sock, 0, 5000) == ("ok", self.model.packets.pop(0))
        else:
            assert gen_tcp.recv(self.sock, 0, 0) == ("error", "timeout")

    @invariant()
    def the_owner_was_told_and_it_reads_back(self) -> None:
        told = [gentcp.receive(timeout=5.0) for _ in self.model.told]
        assert [(message[0], *message[2:]) for message in told] == self.model.told
        self.model.told.clear()
        with pytest.raises(TimeoutError):
            gentcp.receive(timeout=0)
        assert inet.getopts(self.sock, ["active"]) == ("ok", [("active", self.model.active)])


class OnInet(Machine):
    """The inet backend."""

    backend = "inet"


class OnSocket(Machine):
    """The socket backend."""

    backend = "socket"


SETTINGS = settings(max_examples=40, stateful_step_count=25)
TestOnInet, TestOnSocket = OnInet.TestCase, OnSocket.TestCase
TestOnInet.settings = TestOnSocket.settings = SETTINGS


def told(sock: gentcp.Socket | gentcp.Listener, count: int) -> list[tuple[Any, ...]]:
    """Exactly so many messages, without the socket."""
    got = [gentcp.receive(timeout=5.0) for _ in range(count)]
    assert {message[1] for message in got} <= {sock}
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)
    return [(message[0], *message[2:]) for message in got]


def test_it_counts_down(net: Net) -> None:
    """Case active/n/counts-down-to-passive."""
    sock, peer = net.pair(("packet", 1), ("active", 3))
    peer.send(b"\1a\1b\1c\1d\1e")
    assert told(sock, 4) == [("tcp", b"a"), ("tcp", b"b"), ("tcp", b"c"), PASSIVE]
    assert inet.getopts(sock, ["active"]) == ("ok", [("active", False)])
    assert [gen_tcp.recv(sock, 0, 5000) for _ in range(2)] == [("ok", b"d"), ("ok", b"e")]


@pytest.mark.parametrize(("value", "reads"), [(0, False), (-1, False), (-32768, False), (1, 1), (32767, 32767)])
def test_given_to_connect(net: Net, value: int, reads: Any) -> None:
    """Case active/n/in-connect."""
    sock, _peer = net.pair(("active", value))
    assert told(sock, 0 if reads else 1) == ([] if reads else [PASSIVE])
    assert inet.getopts(sock, ["active"]) == ("ok", [("active", reads)])


@pytest.mark.parametrize("value", [32768, -32769, 1.0, "maybe", None])
def test_out_of_range_for_connect_and_listen(net: Net, value: Any) -> None:
    refused = ("exception", "exit", "badarg")
    assert catch(gen_tcp.connect, (127, 0, 0, 1), 1, net.options(("active", value)), 1000) == refused
    assert catch(gen_tcp.listen, 0, net.options(("active", value))) == refused


def test_on_a_listener(net: Net) -> None:
    """Case active/listener/count."""
    listener = net.listen(("active", 2))
    assert inet.getopts(listener, ["active"]) == ("ok", [("active", 2)])
    assert inet.setopts(listener, [("active", -2)]) == "ok"
    assert told(listener, 1) == [PASSIVE]
    assert inet.setopts(listener, [("active", 0)]) == "ok"
    assert told(listener, 1) == [PASSIVE]
    assert inet.getopts(listener, ["active"]) == ("ok", [("active", False)])


def test_every_accepted_socket_gets_the_listeners_count(net: Net) -> None:
    """Case active/listener/count-is-inherited."""
    listener = net.listen(("active", 2), ("packet", 1))
    for _ in range(2):
        peer = net.dial(listener)
        sock = net.ok(gen_tcp.accept(listener, 5000))
        assert inet.getopts(sock, ["active"]) == ("ok", [("active", 2)])
        peer.send(b"\1a\1b\1c")
        assert told(sock, 3) == [("tcp", b"a"), ("tcp", b"b"), PASSIVE]
        assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"c")
    assert inet.getopts(listener, ["active"]) == ("ok", [("active", 2)])


def test_the_end_does_not_count(net: Net) -> None:
    sock, peer = net.pair(("packet", 1), ("active", 2))
    peer.send(b"\1a")
    peer.close()
    assert told(sock, 2) == [("tcp", b"a"), CLOSED]
