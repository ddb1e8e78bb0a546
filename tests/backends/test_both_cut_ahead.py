"""recv cuts several packets ahead.  Whatever comes between two calls finds the rest of the stream as it was."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet
from gentcp.packet import frame

from ..support import Net, Task, catch, eventually, inspection, mailbox, unread

PACKETS = [b"%03d" % number for number in range(100)]
FRAMES = b"".join(frame(4, packet) for packet in PACKETS)
FRAME = 7
GONE = 3
"""Packets that have been received."""


@pytest.fixture
def sock(net: Net) -> gentcp.Socket:
    """More packets have been cut than were received."""
    sock, peer = net.pair(("packet", 4))
    peer.send(FRAMES)
    eventually(lambda: unread(sock.fileno()) == len(FRAMES))
    for packet in PACKETS[:GONE]:
        assert gen_tcp.recv(sock, 0) == ("ok", packet)
    assert inspection.cut_ahead(sock)
    return sock


def test_one_after_the_other(sock: gentcp.Socket) -> None:
    assert [sock.recv() for _ in PACKETS[GONE:]] == PACKETS[GONE:]
    assert gen_tcp.recv(sock, 0, 0) == ("error", "timeout")


def test_in_a_loop_in_which_other_things_happen(sock: gentcp.Socket) -> None:
    found = list[bytes]()
    for packet in sock:
        found.append(packet)
        if packet == PACKETS[10]:
            found.append(sock.recv())
        if packet == PACKETS[20]:
            sock.setopts(packet=0)
            found.append(sock.recv(FRAME)[4:])
            sock.setopts(packet=4)
        if packet == PACKETS[-1]:
            break
    assert found == PACKETS[GONE:]


@pytest.mark.parametrize("timeout", [0, 1, 5000, 1 << 40])
def test_with_a_timeout(sock: gentcp.Socket, timeout: int) -> None:
    some = PACKETS[GONE : GONE + 70]
    assert [gen_tcp.recv(sock, 0, timeout) for _ in some] == [("ok", packet) for packet in some]


@pytest.mark.parametrize(
    ("length", "timeout"), [(0, "foo"), (0, 1.5), (-1, "infinity"), (5, "infinity"), (5, 1), ("0", 1)]
)
def test_what_is_no_recv_takes_nothing(sock: gentcp.Socket, length: Any, timeout: Any) -> None:
    assert catch(gen_tcp.recv, sock, length, timeout)[0] in ("error", "exception")
    assert sock.recv() == PACKETS[GONE]


def test_many(sock: gentcp.Socket) -> None:
    assert sock.recv_many(2) == PACKETS[GONE : GONE + 2]
    assert sock.recv_many() == PACKETS[GONE + 2 :]


def test_another_packet_type(sock: gentcp.Socket) -> None:
    assert inet.setopts(sock, [("packet", "raw"), ("buffer", 65536)]) == "ok"
    assert gen_tcp.recv(sock, 10) == ("ok", FRAMES[GONE * FRAME :][:10])
    assert gen_tcp.recv(sock, 0) == ("ok", FRAMES[GONE * FRAME + 10 :])


def test_there_and_back(sock: gentcp.Socket) -> None:
    sock.setopts(packet=0)
    assert sock.recv(2 * FRAME) == FRAMES[GONE * FRAME :][: 2 * FRAME]
    sock.setopts(packet=4)
    assert sock.recv() == PACKETS[GONE + 2]


def test_another_shape(sock: gentcp.Socket) -> None:
    sock.setopts(mode="list")
    assert gen_tcp.recv(sock, 0) == ("ok", list(PACKETS[GONE]))
    sock.setopts(mode="binary")
    assert gen_tcp.recv(sock, 0) == ("ok", PACKETS[GONE + 1])


def test_a_packet_size_that_is_less(sock: gentcp.Socket) -> None:
    sock.setopts(packet_size=2)
    assert gen_tcp.recv(sock, 0) == ("error", "emsgsize")


@pytest.mark.parametrize(("active", "count"), [("once", 1), (2, 2), (60, 60), (True, len(PACKETS) - GONE)])
def test_active_mode(sock: gentcp.Socket, active: Any, count: int) -> None:
    assert inet.setopts(sock, [("active", active)]) == "ok"
    expected: list[Any] = [("tcp", sock, packet) for packet in PACKETS[GONE : GONE + count]]
    if type(active) is int:
        expected.append(("tcp_passive", sock))
    assert [gentcp.receive(timeout=5.0) for _ in expected] == expected
    assert not mailbox()
    if active is not True:
        assert gen_tcp.recv(sock, 0) == ("ok", PACKETS[GONE + count])


def test_they_are_counted_when_they_are_received(sock: gentcp.Socket) -> None:
    """As packets on `inet`; on `socket` it is bytes and calls of the system."""
    before = dict(inet.getstat(sock, ["recv_cnt", "recv_oct"])[1])
    sock.recv()
    after = dict(inet.getstat(sock, ["recv_cnt", "recv_oct"])[1])
    if sock.handle.backend.name == "inet":
        assert (before, after) == (
            {"recv_cnt": GONE, "recv_oct": GONE * FRAME}, {"recv_cnt": GONE + 1, "recv_oct": (GONE + 1) * FRAME},
        )  # fmt: skip
    else:
        assert before == after == {"recv_cnt": 1, "recv_oct": len(FRAMES)}
    assert sock.recv() == PACKETS[GONE + 1]


def test_data_put_back(sock: gentcp.Socket) -> None:
    if sock.handle.backend.name == "inet":
        sock.unrecv(frame(4, b"again"))
        assert [sock.recv(), sock.recv()] == [b"again", PACKETS[GONE]]


def test_a_socket_that_is_closed_has_nothing(sock: gentcp.Socket) -> None:
    sock.close()
    assert gen_tcp.recv(sock, 0)[0] == "error"


def test_the_end_of_the_owner(net: Net) -> None:
    sock, peer = net.pair(("packet", 4))
    peer.send(FRAMES)
    owner = net.spawn(gentcp.receive)
    assert gen_tcp.recv(sock, 0) == ("ok", PACKETS[0])
    assert gen_tcp.controlling_process(sock, owner.process) == "ok"
    assert gen_tcp.recv(sock, 0) == ("ok", PACKETS[1])
    owner.process.kill()
    assert eventually(lambda: gen_tcp.recv(sock, 0)[0] == "error")


def test_a_descriptor_is_not_given_away_with_packets_left(sock: gentcp.Socket) -> None:
    with pytest.raises(gentcp.InvalidState):
        sock.detach()


@pytest.fixture
def often() -> Iterator[None]:
    """Threads take turns all the time."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("often")
def test_many_receivers_and_one_who_changes_options(net: Net) -> None:
    """Each packet comes once, and to each receiver in order."""
    sock, peer = net.pair(("packet", 4))
    numbers = [b"%05d" % number for number in range(6000)]

    def receive() -> list[bytes]:
        found = list[bytes]()
        while (result := gen_tcp.recv(sock, 0, 5000)) != ("ok", b"end"):
            if result[0] == "ok":
                found.append(result[1])
            else:
                assert result == ("error", "ealready")  # inet, while another one waits
        return found

    receivers = [net.spawn(receive) for _ in range(3)]
    other = net.spawn(change_options, sock, receivers)
    peer.send(b"".join(frame(4, number) for number in numbers))
    peer.send(frame(4, b"end") * 3)
    results = [receiver.result() for receiver in receivers]
    other.result()
    assert sorted(packet for found in results for packet in found) == numbers
    for found in results:
        assert found == sorted(found)


def change_options(sock: gentcp.Socket, receivers: list[Task]) -> None:
    size = 100
    while not all(receiver.done for receiver in receivers):
        size ^= 1
        assert inet.setopts(sock, [("packet_size", size)]) == "ok"
        assert inet.getstat(sock, ["recv_cnt"])[0] == "ok"
