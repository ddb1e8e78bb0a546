"""Two hundred owners, a thread each, and all of them have something to do: nobody starves.

Fairness is counted in messages, never in time: how far the others have come when the slowest has what it needs.
"""

from __future__ import annotations

import resource
import select
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet

from ..support import PATIENCE, Net, Peer, Task, eventually
from ..support.net import BUFFER

OWNERS = 200
ENOUGH = 50
"""Messages that each owner must get."""
FAIR = 20
"""How many times as far as the slowest the fastest may come; the system's scheduler has a part in that."""
MOST = FAIR * OWNERS * ENOUGH
"""Messages of all owners together after which those who have not enough are starving."""
_DESCRIPTORS = 8 * OWNERS

Serve = Callable[[gentcp.Socket], None]


@pytest.fixture(autouse=True)
def _descriptors() -> Iterator[None]:
    """A socket, a peer, a poller and two wakers for each owner are more than the usual 1,024."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if resource.RLIM_INFINITY != hard < _DESCRIPTORS:
        pytest.skip(f"{hard} descriptors are too few")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, _DESCRIPTORS), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Owner:
    """A process with a socket, and the raw peer of that; it begins when it is told, so that all begin together."""

    def __init__(self, net: Net, serve: Serve, active: bool | int) -> None:
        self.sock, self.peer = net.pair(("packet", 1), ("active", False), ("nodelay", True))
        self.begin = threading.Event()
        self.task: Task = net.spawn(self.run, serve)
        assert gen_tcp.controlling_process(self.sock, self.task.process) == "ok"
        assert inet.setopts(self.sock, [("active", active)]) == "ok"

    def run(self, serve: Serve) -> None:
        assert self.begin.wait(PATIENCE)  # not in receive: until then the owner is away
        serve(self.sock)


def crowd(net: Net, serve: Serve, active: bool | int, owners: int = OWNERS) -> list[Owner]:
    return [Owner(net, serve, active) for _ in range(owners)]


def go(owners: list[Owner]) -> None:
    for owner in owners:
        owner.begin.set()


def echo_active(sock: gentcp.Socket) -> None:
    """Until the peer has closed."""
    while (message := gentcp.receive(timeout=PATIENCE)) != ("tcp_closed", sock):
        kind, of, data = message
        assert (kind, of) == ("tcp", sock)
        assert gen_tcp.send(sock, data) == "ok"


def echo_passive(sock: gentcp.Socket) -> None:
    while (result := gen_tcp.recv(sock, 0))[0] == "ok":
        assert gen_tcp.send(sock, result[1]) == "ok"
    assert result == ("error", "closed")


class Echoes:
    """One message is under way on each connection; the next one is sent when it has come back."""

    def __init__(self, peers: list[Peer]) -> None:
        self.peers = {peer.sock.fileno(): peer for peer in peers}
        self.counts = dict.fromkeys(self.peers, 0)

    def run(self, done: Callable[[dict[int, int]], bool]) -> list[int]:
        """How many messages came back on each connection when it is `done`; it must be so before there are MOST."""
        with select.epoll() as poller:
            for fd in self.peers:
                poller.register(fd, select.EPOLLIN)
                self.send(fd)
            while not done(self.counts):
                assert sum(self.counts.values()) < MOST, f"somebody starves: {sorted(self.counts.values())}"
                ready = poller.poll(PATIENCE)
                assert ready, f"nothing comes back any more: {sorted(self.counts.values())}"
                for fd, _ in ready:
                    self.collect(fd)
                    self.send(fd)
        counts = list(self.counts.values())
        for fd in self.peers:
            self.collect(fd)  # nothing is under way any more when the peer closes
        return counts

    def payload(self, fd: int) -> bytes:
        """Everybody sends something else each time."""
        return f"{fd}/{self.counts[fd]}".encode()

    def send(self, fd: int) -> None:
        self.peers[fd].send(packet(self.payload(fd)))

    def collect(self, fd: int) -> None:
        wanted = packet(self.payload(fd))
        assert self.peers[fd].recv_exact(len(wanted)) == wanted
        self.counts[fd] += 1


def packet(data: bytes) -> bytes:
    return bytes([len(data)]) + data


def all_have_enough(counts: dict[int, int]) -> bool:
    return min(counts.values()) >= ENOUGH


def end(owners: list[Owner]) -> None:
    for owner in owners:
        owner.peer.close()
    for owner in owners:
        owner.task.result()


@pytest.mark.parametrize(("serve", "active"), [(echo_active, True), (echo_passive, False)], ids=["active", "passive"])
def test_two_hundred_owners_come_on_alike(net: Net, serve: Serve, active: bool) -> None:
    owners = crowd(net, serve, active)
    go(owners)
    counts = Echoes([owner.peer for owner in owners]).run(all_have_enough)
    assert max(counts) <= FAIR * min(counts)
    end(owners)


def collect_all(sock: gentcp.Socket) -> None:
    """An owner that comes late finds everything in its mailbox, in order."""
    for number in range(ENOUGH):
        assert gentcp.receive(timeout=0) == ("tcp", sock, b"%d" % number)
    assert gentcp.receive(timeout=0) == ("tcp_passive", sock)


def test_two_hundred_owners_that_are_away_are_served(net: Net) -> None:
    owners = crowd(net, collect_all, ENOUGH)
    send_all(owners)
    eventually(lambda: all(passive(owner) for owner in owners))
    go(owners)
    end(owners)


def send_all(owners: list[Owner]) -> None:
    for owner in owners:
        owner.peer.send(b"".join(packet(b"%d" % number) for number in range(ENOUGH)))


def passive(owner: Owner) -> bool:
    """Whether all that was sent to an owner that takes so many messages is in its mailbox."""
    return bool(inet.getopts(owner.sock, ["active"]) == ("ok", [("active", False)]))


def test_owners_that_are_away_are_served_while_the_others_are_busy(net: Net) -> None:
    away = crowd(net, collect_all, ENOUGH, OWNERS // 2)
    busy = crowd(net, echo_active, True, OWNERS // 2)
    go(busy)
    send_all(away)
    waiting = set(away)

    def all_served(counts: dict[int, int]) -> bool:
        waiting.difference_update([owner for owner in waiting if passive(owner)])
        return not waiting and all_have_enough(counts)

    Echoes([owner.peer for owner in busy]).run(all_served)
    go(away)
    end([*away, *busy])


def test_owners_that_are_away_are_served_beside_one_that_is_flooded(net: Net) -> None:
    away = crowd(net, collect_all, ENOUGH)
    flooded = Owner(net, lambda _: None, active=True)
    assert inet.setopts(flooded.sock, [("recbuf", BUFFER)]) == "ok"  # so that what is sent is soon what was read
    flooded.peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    waiting, sent = set(away), threading.Event()

    def flood() -> int:
        count = 0
        while waiting:
            flooded.peer.send(bytes([255, *range(255)]) * 100)
            count += 100 * sent.is_set()
            assert count < MOST, f"{len(waiting)} are starving"
        return count

    flooding = net.spawn(flood)
    eventually(lambda: inet.getstat(flooded.sock, ["recv_oct"])[1][0][1] > BUFFER)  # the driver has its hands full
    send_all(away)
    sent.set()
    while waiting:
        waiting.difference_update([owner for owner in waiting if passive(owner)])
        assert not flooding.done or not waiting, flooding.result()
    assert flooding.result() > 0
    go([*away, flooded])
    end([*away, flooded])
