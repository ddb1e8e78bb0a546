"""Active mode: who reads, in which order messages come, and what they look like."""

from __future__ import annotations

import random
import socket
from typing import Any

import pytest

import gentcp
from gentcp.erl import ImproperList, gen_tcp, inet
from gentcp.packet import frame

from ..support import Net, eventually, inspection, mailbox, stuck, unread


def messages(sock: gentcp.Socket, count: int) -> list[Any]:
    """So many messages, without the socket they are all about."""
    got = []
    for _ in range(count):
        tag, about, *rest = gentcp.receive(timeout=10.0)
        assert about is sock
        got.append((tag, *rest))
    return got


def nothing_more() -> None:
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)


# ---- who reads


def test_the_owner_reads_while_it_is_in_receive(net: Net) -> None:
    sock, peer = net.pair(("active", True), ("packet", 1))
    for number in range(20):
        peer.send(frame(1, b"%d" % number))
        assert gentcp.receive(timeout=5.0) == ("tcp", sock, b"%d" % number)


def test_receive_with_timeout_zero_looks_at_the_socket(net: Net) -> None:
    sock, peer = net.pair()
    peer.send(b"abc")
    eventually(lambda: unread(sock.fileno()) == 3)
    assert inet.setopts(sock, [("active", True)]) == "ok"
    assert gentcp.receive(timeout=0) == ("tcp", sock, b"abc")


def test_somebody_reads_while_the_owner_is_away(net: Net) -> None:
    sock, peer = net.pair(("active", True))
    peer.send(b"abc")
    assert eventually(mailbox) == [("tcp", sock, b"abc")]


def test_a_peer_is_not_stalled_by_an_owner_that_is_away(net: Net) -> None:
    """`{active, true}` has no flow control, here as on the VM."""
    sock, peer = net.stalled(("active", True))
    data = random.Random(7).randbytes(3_000_000)
    net.spawn(peer.send, data).result()
    eventually(lambda: sum(len(message[2]) for message in mailbox()) == len(data))
    assert b"".join(message[2] for message in mailbox()) == data
    assert {message[1] for message in mailbox()} == {sock}


@pytest.mark.parametrize(("active", "count"), [("once", 1), (3, 4)])
def test_other_modes_stall_it(net: Net, active: Any, count: int) -> None:
    _sock, peer = net.pair(("active", active), ("recbuf", 65536), ("buffer", 1000))
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    sender = net.spawn(peer.send, bytes(3_000_000))
    eventually(lambda: stuck(peer.sock.fileno()))
    eventually(lambda: len(mailbox()) == count)
    assert not sender.done
    peer.sock.shutdown(socket.SHUT_RDWR)  # ends the sender


def test_the_end_arrives_while_the_owner_is_away(net: Net) -> None:
    sock, peer = net.pair(("active", True))
    peer.send(b"abc")
    peer.close()
    eventually(lambda: len(mailbox()) == 2)
    assert mailbox() == [("tcp", sock, b"abc"), ("tcp_closed", sock)]


def test_somebody_reads_while_the_owner_waits_in_another_call(net: Net) -> None:
    active, talker = net.pair(("active", True))
    passive, other = net.pair()

    def talk() -> None:
        eventually(lambda: inspection.receivers(passive))
        talker.send(b"meanwhile")
        eventually(lambda: inet.getstat(active, ["recv_oct"]) == ("ok", [("recv_oct", 9)]))
        other.send(b"now")

    task = net.spawn(talk)
    assert gen_tcp.recv(passive, 0, 10_000) == ("ok", b"now")
    task.result()
    assert mailbox() == [("tcp", active, b"meanwhile")]


def test_messages_stay_in_order_when_owner_and_driver_take_turns(net: Net) -> None:
    _sock, peer = net.pair(("active", True), ("packet", 2))
    count, dice = 400, random.Random(3)

    def send() -> None:
        for number in range(count):
            peer.send(frame(2, b"%d" % number))
            if number % 10 == 9:
                gentcp.receive(timeout=10.0)  # in step with the owner, so that both ways of reading happen

    sender = net.spawn(send)
    got: list[bytes] = []
    while len(got) < count:
        if dice.random() < 0.5:
            eventually(mailbox)  # away: the driver reads
        for _ in range(min(dice.randrange(1, 30), count - len(got))):
            got.append(gentcp.receive(timeout=10.0)[2])
            if len(got) % 10 == 0:
                sender.process.post("go on")
    sender.result()
    assert got == [b"%d" % number for number in range(count)]
    nothing_more()


def test_one_owner_serves_many_sockets(net: Net) -> None:
    listener = net.listen(("active", True), ("packet", 1), ("backlog", 60))
    peers = [net.dial(listener) for _ in range(60)]
    socks = [net.ok(gen_tcp.accept(listener, 5000)) for _ in peers]
    for round_ in range(3):
        for number, peer in enumerate(peers):
            peer.send(frame(1, b"%d.%d" % (round_, number)))
    got: dict[gentcp.Socket, list[bytes]] = {sock: [] for sock in socks}
    for _ in range(3 * len(peers)):
        _tag, sock, data = gentcp.receive(timeout=10.0)
        got[sock].append(data)
    assert list(got.values()) == [[b"%d.%d" % (round_, number) for round_ in range(3)] for number in range(60)]


def test_messages_can_be_picked_by_socket(net: Net) -> None:
    first, one = net.pair(("active", True))
    second, other = net.pair(("active", True))
    one.send(b"1")
    eventually(mailbox)
    other.send(b"2")
    assert gentcp.receive(lambda message: message[1] is second, 10.0) == ("tcp", second, b"2")
    assert gentcp.receive(timeout=0) == ("tcp", first, b"1")


# ---- order and the end


def test_what_is_buffered_is_delivered_when_the_socket_becomes_active(net: Net) -> None:
    """Case active/true/packets-read-ahead."""
    sock, peer = net.pair(("packet", 1))
    peer.send(b"\1a\1b\1c")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"a")
    assert inet.setopts(sock, [("active", "once")]) == "ok"
    assert messages(sock, 1) == [("tcp", b"b")]
    nothing_more()
    assert inet.setopts(sock, [("active", True)]) == "ok"
    assert messages(sock, 1) == [("tcp", b"c")]


def test_once_holds_back_the_end_too(net: Net) -> None:
    """Case recv/end/packets-then-close."""
    sock, peer = net.pair(("packet", 1))
    peer.send(b"\1a\1b")
    peer.close()
    for expected in [("tcp", b"a"), ("tcp", b"b"), ("tcp_closed",)]:
        assert inet.setopts(sock, [("active", "once")]) == "ok"
        assert messages(sock, 1) == [expected]
        nothing_more()
    assert inet.setopts(sock, [("active", "once")]) == ("error", "einval")


@pytest.mark.parametrize(("show", "expected"), [(False, [("tcp_closed",)]),
                                                (True, [("tcp_error", "econnreset"), ("tcp_closed",)])])  # fmt: skip
def test_a_reset_is_an_end_or_an_error(net: Net, show: bool, expected: list[Any]) -> None:
    sock, peer = net.pair(("active", True), ("show_econnreset", show))
    peer.reset()
    assert messages(sock, len(expected)) == expected
    nothing_more()


def test_a_packet_that_is_too_long(net: Net) -> None:
    """Case active/error/oversized-packet: inet closes, socket becomes passive.

    Behind a good packet inet finds out with the next data only, as OTP 29 was seen to do.
    """
    sock, peer = net.pair(("active", True), ("packet", 4), ("packet_size", 10))
    peer.send(frame(4, b"fits") + frame(4, bytes(100)))
    expected: list[Any] = [("tcp", b"fits"), ("tcp_error", "emsgsize")]
    if net.backend == "inet":
        assert messages(sock, 1) == [expected.pop(0)]
        nothing_more()
        peer.send(b"x")
        expected.append(("tcp_closed",))
    assert messages(sock, len(expected)) == expected
    nothing_more()
    open_ = ("ok", [("active", False)])
    assert inet.getopts(sock, ["active"]) == (("error", "einval") if net.backend == "inet" else open_)


def test_the_end_closes_an_active_socket_at_once(net: Net) -> None:
    """Case active/once/then-end."""
    sock, peer = net.pair(("active", "once"))
    peer.finish()
    assert messages(sock, 1) == [("tcp_closed",)]
    assert gen_tcp.send(sock, b"x") == ("error", "closed")
    assert gen_tcp.recv(sock, 0, 1000)[0] == "error"
    assert inet.getopts(sock, ["active"]) == ("error", "einval")
    assert peer.drain() == b""


def test_closing_it_oneself_brings_no_message(net: Net) -> None:
    sock, peer = net.pair(("active", True))
    assert gen_tcp.close(sock) == "ok"
    assert peer.drain() == b""
    nothing_more()


@pytest.mark.parametrize("active", [True, "once", 3, False])
def test_closed_by_somebody_else(net: Net, active: Any) -> None:
    """Case active/close/by-another-process: socket tells the owner of an active socket, inet nobody."""
    sock, _peer = net.pair(("active", active))
    net.spawn(gen_tcp.close, sock).result()
    if net.backend == "socket" and active is not False:
        assert messages(sock, 1) == [("tcp_closed",)]
    nothing_more()


def test_close_takes_back_a_queued_tcp_closed_or_leaves_it(net: Net) -> None:
    """Case active/close/takes-back-tcp-closed."""
    sock, peer = net.pair(("active", True))
    peer.close()
    eventually(mailbox)
    assert gen_tcp.close(sock) == "ok"
    assert mailbox() == ([] if net.backend == "inet" else [("tcp_closed", sock)])


def test_setting_it_passive_stops_the_messages_and_loses_nothing(net: Net) -> None:
    """Cases active/true/back-to-passive, active/true/back-to-passive-mid-packet."""
    sock, peer = net.pair(("active", True), ("packet", 4))
    peer.send(b"\0\0\0\6abc")
    eventually(lambda: inspection.unread_bytes(sock) == 7)
    assert inet.setopts(sock, [("active", False)]) == "ok"
    peer.send(b"def")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"abcdef")
    nothing_more()


def test_a_half_close_with_exit_on_close_false_leaves_the_writing_side(net: Net) -> None:
    sock, peer = net.pair(("active", True), ("exit_on_close", False))
    peer.finish()
    assert messages(sock, 1) == [("tcp_closed",)]
    assert gen_tcp.send(sock, b"late") == "ok"
    assert peer.recv_exact(4) == b"late"
    nothing_more()


def test_a_receiver_that_waits_when_the_socket_becomes_active(net: Net) -> None:
    """Case recv/pending/made-active: inet gives the data to the owner, socket to the receiver."""
    sock, peer = net.pair()
    task = net.blocked(sock, "recv", 0, 10_000 if net.backend == "socket" else 300)
    assert inet.setopts(sock, [("active", True)]) == "ok"
    peer.send(b"abc")
    if net.backend == "inet":
        assert messages(sock, 1) == [("tcp", b"abc")]
        assert task.result() == ("error", "timeout")
    else:
        assert task.result() == ("ok", b"abc")
        peer.send(b"def")
        assert messages(sock, 1) == [("tcp", b"def")]
    nothing_more()


def test_an_infinite_receiver_gives_way_to_the_owner(net: Net) -> None:
    """It is in a system call, and reads what is the owner's (inet) or its own (socket)."""
    sock, peer = net.pair()
    task = net.blocked(sock, "recv", 0)
    eventually(lambda: inspection.in_system_call(sock))
    assert inet.setopts(sock, [("active", True)]) == "ok"
    peer.send(b"abc")
    if net.backend == "inet":
        assert messages(sock, 1) == [("tcp", b"abc")]
        assert not task.done
    else:
        assert task.result() == ("ok", b"abc")
    peer.send(b"def")
    assert messages(sock, 1) == [("tcp", b"def")]
    assert gen_tcp.close(sock) == "ok"
    assert task.result() == (("error", "closed") if net.backend == "inet" else ("ok", b"abc"))


def test_a_receiver_goes_on_when_the_socket_is_passive_again(net: Net) -> None:
    """On OTP it hears nothing any more; see docs/differences.md."""
    sock, peer = net.pair()
    task = net.blocked(sock, "recv", 0)
    assert inet.setopts(sock, [("active", True)]) == "ok"
    peer.send(b"abc")
    if net.backend == "inet":
        assert messages(sock, 1) == [("tcp", b"abc")]
    else:
        eventually(lambda: task.done)
    assert inet.setopts(sock, [("active", False)]) == "ok"
    peer.send(b"def")
    assert task.result() == ("ok", b"def" if net.backend == "inet" else b"abc")


# ---- what messages look like


@pytest.mark.parametrize(
    ("options", "expected"),
    [((), [("tcp", b"abc"), ("tcp_closed",)]),
     (("list",), [("tcp", [97, 98, 99]), ("tcp_closed",)]),
     ((("header", 1),), [("tcp", ImproperList([97], b"bc")), ("tcp_closed",)])],
    ids=repr,
)  # fmt: skip
def test_shape_follows_mode_and_header(net: Net, options: tuple[Any, ...], expected: list[Any]) -> None:
    sock, peer = net.pair(("active", True), *options)
    peer.send(b"abc")
    assert messages(sock, 1) == expected[:1]
    peer.close()
    assert messages(sock, 1) == expected[1:]


def test_delivery_as_from_a_port(net: Net) -> None:
    """Case active/deliver/port."""
    sock, peer = net.pair(("active", True), ("deliver", "port"))
    peer.send(b"abc")
    assert gentcp.receive(timeout=5.0) == (sock, ("data", b"abc"))
    peer.close()
    assert gentcp.receive(timeout=5.0) == ("tcp_closed", sock)


def test_a_message_holds_no_more_than_the_buffer(net: Net) -> None:
    """Case active/true/message-sizes."""
    sock, peer = net.pair()
    peer.send(bytes(10_000))
    eventually(lambda: unread(sock.fileno()) == 10_000)
    assert inet.setopts(sock, [("active", True)]) == "ok"
    first = 9216 if net.backend == "inet" else 8192
    assert messages(sock, 2) == [("tcp", bytes(first)), ("tcp", bytes(10_000 - first))]


def test_a_socket_that_died_in_a_mailbox_keeps_what_it_said(net: Net) -> None:
    """Many packets and the end, all in one segment, are messages in that order."""
    sock, peer = net.pair(("active", True), ("packet", 1))
    peer.send(b"".join(frame(1, bytes([number])) for number in range(200)))
    peer.close()
    assert messages(sock, 201) == [("tcp", bytes([number])) for number in range(200)] + [("tcp_closed",)]
    nothing_more()


# ---- several packets of one read


BATCH = [b"%d" % number for number in range(40)]


@pytest.mark.parametrize("kind", [4, "line"])
@pytest.mark.parametrize("active", [True, 50])
def test_many_packets_at_once(net: Net, kind: Any, active: Any) -> None:
    sock, peer = net.pair(("packet", kind))
    packets = [packet + b"\n" for packet in BATCH] if kind == "line" else BATCH
    stream = b"".join(frame(kind, packet) for packet in packets)
    longest = len(frame(kind, packets[-1]))
    peer.send(stream)
    eventually(lambda: unread(sock.fileno()) == len(stream))
    assert inet.setopts(sock, [("active", active)]) == "ok"
    assert messages(sock, len(packets)) == [("tcp", packet) for packet in packets]
    assert inet.getopts(sock, ["active"]) == ("ok", [("active", True if active is True else 10)])
    if net.backend == "inet":
        counted = [("recv_cnt", len(packets)), ("recv_oct", len(stream)), ("recv_max", longest)]
        assert inet.getstat(sock, ["recv_cnt", "recv_oct", "recv_max"]) == ("ok", counted)


@pytest.mark.parametrize("net", ["inet"], indirect=True)
def test_many_packets_for_somebody_who_wants_them_from_a_port(net: Net) -> None:
    sock, peer = net.pair(("packet", 4), ("deliver", "port"))
    peer.send(b"".join(frame(4, packet) for packet in BATCH))
    assert inet.setopts(sock, [("active", True)]) == "ok"
    assert [gentcp.receive(timeout=5.0) for _ in BATCH] == [(sock, ("data", packet)) for packet in BATCH]


def test_what_has_come_is_told_before_close(net: Net) -> None:
    """A socket of OTP has read it by then."""
    sock, peer = net.pair(("active", True))
    peer.send(b"abc")
    eventually(lambda: unread(sock.fileno()) == 3)
    assert gen_tcp.close(sock) == "ok"
    assert mailbox() == [("tcp", sock, b"abc")]


@pytest.mark.parametrize("first", [b"", b"\3a"])
def test_what_has_come_is_told_before_the_socket_is_made_passive(net: Net, first: bytes) -> None:
    """As before a close: the message is there although nobody was in receive meanwhile."""
    sock, peer = net.pair(("active", True), ("packet", 1))
    if first:
        peer.send(first)
        nothing_more()
    peer.send(b"\3abc"[len(first) :])
    assert inet.setopts(sock, [("active", False)]) == "ok"
    assert mailbox() == [("tcp", sock, b"abc")]


@pytest.mark.parametrize("how", ["read", "write", "read_write"])
def test_shutdown_of_a_connection_whose_end_has_come(net: Net, how: str) -> None:
    """The end has come before the call, so there is no connection any more."""
    sock, peer = net.pair(("active", True))
    peer.send(b"abc")
    peer.sock.shutdown(socket.SHUT_WR)
    assert gen_tcp.shutdown(sock, how) == ("error", "closed")
    assert mailbox() == [("tcp", sock, b"abc"), ("tcp_closed", sock)]
