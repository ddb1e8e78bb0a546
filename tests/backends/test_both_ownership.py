"""Owners: what ends with them, and how a socket and its messages move to another."""

from __future__ import annotations

import random
import threading
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet
from gentcp.packet import frame

from ..support import PATIENCE, Net, Task, catch, eventually, inspection, left_behind, mailbox, seams, settle

CLAUSE = ("exception", "error", "function_clause")

pytestmark = pytest.mark.usefixtures("only_wakes")


def collector(net: Net) -> Task:
    """A process whose result is the messages it has had when it is told "enough"."""

    def collect() -> list[Any]:
        got = []
        while (message := gentcp.receive(timeout=20.0)) != "enough":
            got.append(message)
        return got

    return net.spawn(collect)


def collected(task: Task) -> list[Any]:
    task.process.post("enough")
    found: list[Any] = task.result()
    return found


# ---- who may


def test_only_the_owner_gives_it_away(net: Net) -> None:
    """Case ownership/transfer/not-owner."""
    sock, _peer = net.pair()
    me = gentcp.current_process()

    def try_() -> Any:
        mine = gen_tcp.controlling_process(sock, gentcp.current_process())
        return mine, gen_tcp.controlling_process(sock, me)

    assert net.spawn(try_).result() == (("error", "not_owner"), "ok")
    assert inspection.owner(sock) is me


def test_giving_it_to_oneself_changes_nothing(net: Net) -> None:
    """Case ownership/transfer/to-itself."""
    sock, peer = net.pair(("active", True))
    assert gen_tcp.controlling_process(sock, gentcp.current_process()) == "ok"
    peer.send(b"abc")
    assert gentcp.receive(timeout=5.0) == ("tcp", sock, b"abc")


@pytest.mark.parametrize("junk", [None, "foo", 1, len, ()])
def test_only_a_process_can_have_it(net: Net, junk: Any) -> None:
    """Case ownership/transfer/not-a-process."""
    sock, _peer = net.pair()
    assert catch(gen_tcp.controlling_process, sock, junk) == CLAUSE


def test_a_closed_socket_cannot_be_given_away(net: Net) -> None:
    """Case ownership/transfer/closed-socket."""
    sock, _peer = net.pair()
    gen_tcp.close(sock)
    reason = "closed" if net.backend == "inet" else "einval"
    assert gen_tcp.controlling_process(sock, gentcp.current_process()) == ("error", reason)


@pytest.mark.parametrize("active", [False, True])
def test_an_ended_process_cannot_have_it(net: Net, active: bool) -> None:
    """Cases ownership/transfer/dead-process-*: inet refuses, socket obeys and the socket is gone."""
    sock, peer = net.pair(("active", active))
    ended = Task(lambda: None)
    ended.result()
    if net.backend == "inet":
        assert gen_tcp.controlling_process(sock, ended.process) == ("error", "badarg")
        assert inet.getopts(sock, ["active"]) == ("ok", [("active", False)])
        assert gen_tcp.send(sock, b"a") == "ok"
        assert peer.recv_exact(1) == b"a"
    else:
        assert gen_tcp.controlling_process(sock, ended.process) == "ok"
        assert gen_tcp.send(sock, b"a") == ("error", "closed")
        assert peer.drain() == b""
    assert mailbox() == []


# ---- what moves


def test_queued_messages_move_in_order_and_others_stay(net: Net) -> None:
    sock, peer = net.pair(("active", True), ("packet", 1))
    me = gentcp.current_process()
    me.post("before")
    peer.send(b"\1a")
    eventually(lambda: len(mailbox()) == 2)
    me.post("between")
    peer.send(b"\1b\1c")
    eventually(lambda: len(mailbox()) == 5)
    task = collector(net)
    assert gen_tcp.controlling_process(sock, task.process) == "ok"
    peer.send(b"\1d")
    eventually(lambda: inet.getstat(sock, ["recv_oct"])[1][0][1] == 8)
    assert mailbox() == ["before", "between"]
    assert collected(task) == [("tcp", sock, data) for data in (b"a", b"b", b"c", b"d")]


def test_messages_of_other_sockets_stay(net: Net) -> None:
    sock, peer = net.pair(("active", True))
    other, another = net.pair(("active", True))
    peer.send(b"1")
    another.send(b"2")
    eventually(lambda: len(mailbox()) == 2)
    task = collector(net)
    assert gen_tcp.controlling_process(sock, task.process) == "ok"
    assert mailbox() == [("tcp", other, b"2")]
    assert collected(task) == [("tcp", sock, b"1")]


def test_one_whose_end_is_on_its_way_stays_and_becomes_passive(net: Net) -> None:
    """On inet, with exit_on_close false: OTP 29 takes it for closed, and leaves it to its owner."""
    sock, peer = net.pair(("active", True), ("exit_on_close", False))
    peer.finish()
    eventually(lambda: mailbox() == [("tcp_closed", sock)])
    task = collector(net)
    assert gen_tcp.controlling_process(sock, task.process) == "ok"
    owner = gentcp.current_process() if net.backend == "inet" else task.process
    assert inet.info(sock)["owner"] is owner
    assert inet.getopts(sock, ["active"]) == ("ok", [("active", False)])
    assert collected(task) == [("tcp_closed", sock)]


def test_tcp_passive_stays_and_the_end_moves(net: Net) -> None:
    """Cases ownership/transfer/tcp-passive-stays, ownership/transfer/queued-messages."""
    sock, peer = net.pair(("active", 1), ("exit_on_close", False))
    peer.send(b"a")
    eventually(lambda: len(mailbox()) == 2)
    assert inet.setopts(sock, [("active", True)]) == "ok"
    peer.close()
    eventually(lambda: len(mailbox()) == 3)
    task = collector(net)
    assert gen_tcp.controlling_process(sock, task.process) == "ok"
    assert mailbox() == [("tcp_passive", sock)]
    assert collected(task) == [("tcp", sock, b"a"), ("tcp_closed", sock)]


def test_tcp_error_stays(net: Net) -> None:
    """Case ownership/transfer/tcp-error-stays."""
    sock, peer = net.pair(("active", True), ("show_econnreset", True), ("exit_on_close", False))
    peer.reset()
    eventually(lambda: len(mailbox()) == 2)
    task = collector(net)
    assert gen_tcp.controlling_process(sock, task.process) == "ok"
    assert mailbox() == [("tcp_error", sock, "econnreset")]
    assert collected(task) == [("tcp_closed", sock)]


def test_messages_from_a_port_move_too(net: Net) -> None:
    sock, peer = net.pair(("active", True), ("deliver", "port"))
    peer.send(b"abc")
    eventually(mailbox)
    task = collector(net)
    assert gen_tcp.controlling_process(sock, task.process) == "ok"
    assert mailbox() == []
    assert collected(task) == [(sock, ("data", b"abc"))]


def test_what_looks_like_a_message_of_the_socket_and_is_none_stays(net: Net) -> None:
    sock, _peer = net.pair()
    strange = [("tcp", sock), ("tcp",), ("udp", sock, b""), (sock,), [sock], ("tcp_closed", sock, 1), (sock, "data")]
    for message in strange:
        gentcp.current_process().post(message)
    task = collector(net)
    assert gen_tcp.controlling_process(sock, task.process) == "ok"
    assert mailbox() == strange
    assert collected(task) == []


def test_active_once_is_armed_for_the_new_owner(net: Net) -> None:
    """Case ownership/transfer/armed-once."""
    sock, peer = net.pair(("active", "once"))
    task = collector(net)
    assert gen_tcp.controlling_process(sock, task.process) == "ok"
    peer.send(b"a")
    eventually(lambda: inet.getopts(sock, ["active"]) == ("ok", [("active", False)]))
    assert collected(task) == [("tcp", sock, b"a")]
    assert mailbox() == []


def test_a_receiver_goes_on_when_the_owner_changes(net: Net) -> None:
    """Case ownership/transfer/while-receiving."""
    sock, peer = net.pair()
    receiver = net.blocked(sock, "recv", 0, 10_000)
    task = collector(net)
    assert gen_tcp.controlling_process(sock, task.process) == "ok"
    peer.send(b"a")
    assert receiver.result() == ("ok", b"a")
    assert gen_tcp.controlling_process(sock, gentcp.current_process()) == ("error", "not_owner")
    assert collected(task) == []


# ---- under load


class Relay:
    """Processes in a ring that pass one socket on while the peer sends numbered packets."""

    def __init__(self, net: Net, sock: gentcp.Socket, total: int, seed: int) -> None:
        self.net = net
        self.sock = sock
        self.total = total
        self.seed = seed
        self.got: list[int] = []
        self.ring: list[Task] = []

    def run(self, size: int) -> list[int]:
        self.ring = [self.net.spawn(self.member, number) for number in range(size)]
        assert gen_tcp.controlling_process(self.sock, self.ring[0].process) == "ok"
        self.ring[0].process.post("yours")
        for task in self.ring:
            task.result(60.0)
        return self.got

    def member(self, number: int) -> None:
        dice = random.Random(self.seed * 100 + number)
        while gentcp.receive(lambda message: message in ("yours", "stop"), 60.0) == "yours":
            self.turn(dice)
            after = self.ring[(number + 1) % len(self.ring)].process
            if len(self.got) >= self.total:
                for task in self.ring:
                    task.process.post("stop")
                continue
            assert gen_tcp.controlling_process(self.sock, after) == "ok"
            after.post("yours")

    def turn(self, dice: random.Random) -> None:
        """Take some; now and then stay away until the driver has read some."""
        for _ in range(dice.randrange(40)):
            if len(self.got) >= self.total:
                return
            if dice.random() < 0.03:
                eventually(self.queued)
            message = gentcp.receive(self.data, 60.0)
            self.got.append(int(message[2]))

    def data(self, message: Any) -> bool:
        return isinstance(message, tuple) and message[1] is self.sock

    def queued(self) -> bool:
        return any(self.data(message) for message in mailbox())


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_doubled_or_out_of_order_while_the_socket_changes_hands(net: Net, seed: int) -> None:
    total = 2500
    sock, peer = net.pair(("active", True), ("packet", 2))
    stream = b"".join(frame(2, b"%d" % number) for number in range(total))
    dice = random.Random(seed)

    def send() -> None:
        position = 0
        while position < len(stream):
            size = dice.choice([7, 100, 1000])
            peer.send(stream[position : position + size])
            position += size
            threading.Event().wait(dice.choice([0, 0, 0.0005]))

    sender = net.spawn(send)
    assert Relay(net, sock, total, seed).run(4) == list(range(total))
    sender.result()
    assert mailbox() == []


# ---- the end of an owner


@pytest.mark.parametrize("end", ["returns", "killed", "raises"])
def test_what_an_owner_had_is_closed_when_it_ends(net: Net, end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda _args: None)
    peers: list[Any] = []

    def own() -> None:
        peers.extend(net.pair()[1] for _ in range(3))
        listener = net.listen()
        peers.append(inet.port(listener)[1])
        gentcp.receive()
        if end == "raises":
            raise RuntimeError

    process = gentcp.spawn(own)
    eventually(lambda: len(peers) == 4)
    if end == "killed":
        process.kill()
    else:
        process.post("go on")
    assert process.join(5.0)
    assert process.thread is not None
    process.thread.join()
    for peer in peers[:3]:
        assert peer.drain() == b""
    result = gen_tcp.connect((127, 0, 0, 1), peers[3], net.options(), 1000)
    assert result == ("error", "econnrefused")


def test_a_plain_thread_is_an_owner_too(net: Net) -> None:
    made: list[Any] = []
    thread = threading.Thread(target=lambda: made.append(net.pair()))
    thread.start()
    thread.join()
    ((sock, peer),) = made
    assert peer.drain() == b""
    assert gen_tcp.send(sock, b"x") == ("error", "closed")


def test_a_socket_given_away_outlives_its_first_owner(net: Net) -> None:
    """Case ownership/end/old-and-new-owner."""
    heir = net.spawn(gentcp.receive)

    def first() -> tuple[Any, Any]:
        sock, peer = net.pair()
        assert gen_tcp.controlling_process(sock, heir.process) == "ok"
        return sock, peer

    sock, peer = net.spawn(first).result()
    assert gen_tcp.send(sock, b"x") == "ok"
    assert peer.recv_exact(1) == b"x"
    heir.end()
    assert peer.drain() == b""


def test_a_receiver_hears_of_the_end_of_the_owner(net: Net) -> None:
    """Case ownership/end/receiver-waiting."""
    owner = net.spawn(gentcp.receive)
    sock, peer = net.pair()
    assert gen_tcp.controlling_process(sock, owner.process) == "ok"
    receivers = [net.blocked(sock, "recv", 0, "infinity")]
    owner.end()
    assert [task.result(5.0) for task in receivers] == [("error", "closed")]
    assert peer.drain() == b""


def test_an_acceptor_hears_of_the_end_of_the_listeners_owner(net: Net) -> None:
    owner = net.spawn(gentcp.receive)
    listener = net.listen()
    assert gen_tcp.controlling_process(listener, owner.process) == "ok"
    acceptor = net.blocked(listener, "accept")
    owner.end()
    assert acceptor.result(5.0) == ("error", "closed")


def test_who_accepts_is_the_owner(net: Net) -> None:
    """Cases listen-accept/accept/owner-is-acceptor, ownership/end/acceptor."""
    listener = net.listen()
    peer = net.dial(listener)
    acceptor = net.spawn(lambda: (gen_tcp.accept(listener, 5000), gentcp.receive()))
    eventually(lambda: inspection.in_receive(acceptor.process))
    acceptor.process.post("go on")
    (result, sock), _message = acceptor.result()
    assert result == "ok"
    assert peer.drain() == b""
    assert gen_tcp.send(sock, b"x") == ("error", "closed")
    assert not net.blocked(listener, "accept").done


def test_it_may_end_while_it_is_given_a_socket(net: Net) -> None:
    """Case ownership/end/new-owner-at-once; whichever comes first, the socket is closed or still ours."""
    for _ in range(30):
        sock, peer = net.pair(("active", True))
        heir = net.spawn(gentcp.receive)
        ender = net.spawn(heir.process.kill)
        result = gen_tcp.controlling_process(sock, heir.process)
        ender.result()
        heir.join()
        if result == "ok":
            assert peer.drain() == b""
            assert gen_tcp.send(sock, b"x") == ("error", "closed")
        else:
            assert result == ("error", "badarg")
            gen_tcp.close(sock)
        peer.close()


def test_a_new_owner_that_ends_just_before_its_socket_is_watched(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was alive when it was looked at, and does not have the socket among its own yet."""
    before = left_behind()
    heir = net.spawn(gentcp.receive)
    sock, peer = net.pair(("active", True))
    watch = seams.found("watch a descriptor")

    def late(process: gentcp.Process, fd: int, pollee: Any) -> None:
        if process is heir.process:
            heir.end()
        watch(process, fd, pollee)

    monkeypatch.setattr(*seams.seam("watch a descriptor"), late)
    assert gen_tcp.controlling_process(sock, heir.process) == "ok"
    assert peer.drain() == b""
    net.close()
    settle(before, 1.0)


class _Holds:
    """Belongs to a process, whose end has to wait for it."""

    def __init__(self) -> None:
        self.waits, self.let_go = threading.Event(), threading.Event()

    def owner_down(self, reason: object) -> None:
        self.waits.set()
        assert self.let_go.wait(PATIENCE)

    def inherit(self) -> None:
        """Nothing is to be done in the child of a fork."""


def test_who_has_been_killed_gives_nothing_away(net: Net) -> None:
    """Its thread runs on until it makes a call, and its sockets are about to close."""
    sock, peer = net.pair(("active", True))
    me, holds = gentcp.current_process(), _Holds()

    def gives() -> Any:
        gentcp.current_process().own(holds)  # before the socket, so it is told first
        me.post("ready")
        assert holds.waits.wait(PATIENCE)
        try:
            with pytest.raises(gentcp.ProcessKilled):
                gen_tcp.controlling_process(sock, me)
        finally:
            holds.let_go.set()

    giver = net.spawn(gives)
    assert gentcp.receive(timeout=PATIENCE) == "ready"
    assert gen_tcp.controlling_process(sock, giver.process) == "ok"
    giver.process.kill()
    giver.result()
    assert peer.drain() == b""


def test_who_is_killed_while_it_gives_a_socket_away_does_not_take_it_along(
    net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    sock, peer = net.pair(("active", True))
    me, holds = gentcp.current_process(), _Holds()
    hand_over = seams.found("hand over")

    def late(endpoint: Any, new: gentcp.Process, **options: Any) -> None:
        if new is me:
            me.post("kill me")
            assert holds.waits.wait(PATIENCE)
        hand_over(endpoint, new, **options)

    def gives() -> Any:
        gentcp.current_process().own(holds)
        me.post("ready")
        gentcp.current_process().post(gentcp.receive(timeout=PATIENCE))  # abc, which is to move
        given = gen_tcp.controlling_process(sock, me)
        holds.let_go.set()
        return given

    monkeypatch.setattr(*seams.seam("hand over"), late)
    giver = net.spawn(gives)
    assert gentcp.receive(timeout=PATIENCE) == "ready"
    assert gen_tcp.controlling_process(sock, giver.process) == "ok"
    peer.send(b"abc")
    assert gentcp.receive(timeout=PATIENCE) == "kill me"
    giver.process.kill()
    assert giver.result() == "ok"
    assert gentcp.receive(timeout=PATIENCE) == ("tcp", sock, b"abc")
    peer.send(b"def")
    assert gentcp.receive(timeout=PATIENCE) == ("tcp", sock, b"def")
