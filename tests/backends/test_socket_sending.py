"""Sending on the socket backend: nothing is queued, and after a timeout the rest is exact to the byte.

Sources: the cases send/rest-data/*, send/concurrent/*, send/blocked/* and close-shutdown/queued/*.
"""

from __future__ import annotations

import select
from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp.erl import file, gen_tcp, inet
from gentcp.packet import frame

from ..support import Net, Peer, eventually, inspection, mailbox, stopwatch, tamper, throttle

pytestmark = pytest.mark.parametrize("net", ["socket"], indirect=True)

PAYLOAD = bytes(range(256)) * 12_000


def stuck_sender(net: Net, *options: Any) -> tuple[gentcp.Socket, Peer, Any]:
    """A stalled pair, and a process that is blocked sending the payload."""
    sock, peer = net.stalled(*options)
    task = net.blocked(sock, "send", PAYLOAD)
    net.full(sock)
    return sock, peer, task


def flat(rest: Any) -> bytes:
    """The rest, which is a binary or a list of binaries."""
    return b"".join(rest) if isinstance(rest, list) else bytes(rest)


# ---- the rest


@pytest.mark.parametrize("kind", ["raw", 1, 2, 4, "line"])
@pytest.mark.parametrize("taken", [0, 1, 2, 3, 4, 5, 100, 203])
def test_the_rest_is_what_the_system_did_not_take(net: Net, kind: Any, taken: int) -> None:
    """The system takes so many bytes, in the middle of the header too."""
    sock, _peer = net.pair(("packet", kind), ("send_timeout", 0))
    system = throttle(sock)
    system.room = taken
    payload = bytes(range(200))
    framed = frame(kind, payload)
    result = gen_tcp.send(sock, payload)
    if taken >= len(framed):
        assert result == "ok"
        return
    error, (reason, rest) = result
    assert (error, reason) == ("error", "timeout")
    assert system.taken == framed[:taken]
    assert system.taken + flat(rest) == framed
    assert isinstance(rest, bytes) == (taken == 0 or kind in ("raw", "line"))


@pytest.mark.parametrize("kind", ["raw", 4])
def test_iodata_gives_a_flat_rest(net: Net, kind: Any) -> None:
    """Case send/rest-data/raw-nothing-written."""
    sock, _peer = net.pair(("packet", kind), ("send_timeout", 0))
    throttle(sock)
    assert gen_tcp.send(sock, [list(b"he"), b"llo"]) == ("error", ("timeout", frame(kind, b"hello")))


@pytest.mark.parametrize("kind", ["raw", 4])
def test_with_a_real_peer_prefix_and_rest_make_the_payload(net: Net, kind: Any) -> None:
    """Case send/rest-data/packet-4-header-counts."""
    sock, peer = net.stalled(("packet", kind), ("send_timeout", 50))
    passed = stopwatch()
    error, (reason, rest) = gen_tcp.send(sock, PAYLOAD)
    assert passed() >= 0.05
    assert (error, reason) == ("error", "timeout")
    assert isinstance(rest, bytes) == (kind == "raw")
    assert gen_tcp.close(sock) == "ok"
    assert peer.drain() + flat(rest) == frame(kind, PAYLOAD)


def test_the_documented_recovery(net: Net) -> None:
    """Case send/rest-data/recovery: raw, the rest, and framing again."""
    sock, peer = net.stalled(("packet", 4), ("send_timeout", 50))
    _error, (_timeout, rest) = gen_tcp.send(sock, PAYLOAD)
    reader = net.spawn(peer.recv_exact, 4 + len(PAYLOAD) + 8)
    assert inet.setopts(sock, [("packet", "raw"), ("send_timeout", 10_000)]) == "ok"
    assert gen_tcp.send(sock, rest) == "ok"
    assert inet.setopts(sock, [("packet", 4)]) == "ok"
    assert gen_tcp.send(sock, b"next") == "ok"
    assert reader.result() == frame(4, PAYLOAD) + frame(4, b"next")


def test_a_timeout_does_not_come_while_there_is_room(net: Net) -> None:
    """Case send/timeout/zero-with-room."""
    sock, peer = net.pair(("send_timeout", 0))
    assert gen_tcp.send(sock, b"abc") == "ok"
    assert peer.recv_exact(3) == b"abc"


# ---- send_timeout_close


@pytest.mark.parametrize("active", [False, True])
def test_send_timeout_close_closes_and_keeps_the_rest_to_itself(net: Net, active: bool) -> None:
    """Case send/timeout-close/owner-sends: the owner who sends is not told."""
    sock, peer = net.stalled(("send_timeout", 30), ("send_timeout_close", True), ("active", active))
    assert gen_tcp.send(sock, PAYLOAD) == ("error", "timeout")
    assert gen_tcp.send(sock, b"x") == ("error", "closed")
    assert sock.fileno() == -1
    assert mailbox() == []
    assert PAYLOAD.startswith(peer.drain())


def test_the_owner_is_told_when_somebody_else_sent(net: Net) -> None:
    """Case send/timeout-close/owner-is-told."""
    sock, _peer = net.stalled(("send_timeout", 30), ("send_timeout_close", True), ("active", True))
    assert net.spawn(gen_tcp.send, sock, PAYLOAD).result() == ("error", "timeout")
    assert gentcp.receive(timeout=5.0) == ("tcp_closed", sock)


# ---- several senders


def test_a_send_blocks_until_everything_is_with_the_system(net: Net) -> None:
    """Case send/non-blocking/first-send."""
    sock, peer, task = stuck_sender(net)
    assert not task.done
    assert inet.getstat(sock, ["send_pend"]) == ("ok", [])
    assert peer.recv_exact(len(PAYLOAD)) == PAYLOAD
    assert task.result() == "ok"


def test_it_writes_once_for_each_time_there_is_room(net: Net) -> None:
    """And does not ask again a system that has just taken less than it was given."""
    sock, _peer = net.pair()
    system = throttle(sock)
    task = net.blocked_writer(sock, bytes(range(200)))
    for number in range(4):
        assert system.calls == 1 + number
        system.room = 50
        eventually(lambda: not system.room)
    assert task.result() == "ok"
    assert system.taken == bytes(range(200))
    assert system.calls == 5


def test_senders_take_turns_in_the_order_they_came(net: Net) -> None:
    """Cases send/non-blocking/second-send, send/concurrent/order."""
    sock, peer, first = stuck_sender(net, ("packet", 4))
    others = [net.blocked(sock, "send", bytes([number]) * 1000) for number in range(4)]
    expected = frame(4, PAYLOAD) + b"".join(frame(4, bytes([number]) * 1000) for number in range(4))
    assert peer.recv_exact(len(expected)) == expected
    assert [task.result() for task in (first, *others)] == ["ok"] * 5


def test_one_that_waits_for_its_turn_has_a_timeout_of_its_own(net: Net) -> None:
    """Case send/timeout/second-sender: both after their 400 ms, counted from their own start."""
    sock, peer, first = stuck_sender(net)
    assert inet.setopts(sock, [("send_timeout", 40)]) == "ok"
    passed = stopwatch()
    assert gen_tcp.send(sock, b"second") == ("error", ("timeout", b"second"))
    assert 0.04 <= passed() < 5.0
    assert not first.done
    assert peer.recv_exact(len(PAYLOAD)) == PAYLOAD
    assert first.result() == "ok"


def test_a_killed_sender_leaves_a_prefix_and_the_next_goes_on(net: Net) -> None:
    sock, peer, first = stuck_sender(net)
    second = net.blocked(sock, "send", b"<the second>")
    first.end()
    reader = net.spawn(peer.drain)
    assert second.result() == "ok"
    assert gen_tcp.close(sock) == "ok"
    got = reader.result()
    assert got.endswith(b"<the second>")
    assert PAYLOAD.startswith(got.removesuffix(b"<the second>"))


def test_two_senders_frames_stay_whole(net: Net) -> None:
    """Case send/concurrent/frames-intact."""
    sock, peer = net.pair(("packet", 2))

    def send(letter: bytes) -> None:
        for _ in range(200):
            assert gen_tcp.send(sock, letter * 1000) == "ok"

    tasks = [net.spawn(send, letter) for letter in (b"a", b"b", b"c")]
    stream = peer.recv_exact(600 * 1002)
    for task in tasks:
        task.result()
    frames = {stream[start : start + 1002] for start in range(0, len(stream), 1002)}
    assert frames == {frame(2, letter * 1000) for letter in (b"a", b"b", b"c")}


def test_receiving_goes_on_while_a_sender_is_blocked(net: Net) -> None:
    """Case send/concurrent/receive-meanwhile."""
    sock, peer, task = stuck_sender(net)
    peer.send(b"hi")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"hi")
    assert not task.done


# ---- the end


@pytest.mark.parametrize("how", ["write", "read_write"])
def test_shutdown_is_immediate_and_ends_a_blocked_sender(net: Net, how: str) -> None:
    sock, peer, task = stuck_sender(net)
    assert gen_tcp.shutdown(sock, how) == "ok"
    assert task.result() == ("error", "closed")
    got = peer.drain()
    assert PAYLOAD.startswith(got)
    assert len(got) < len(PAYLOAD)
    assert peer.ended_by == "fin"


def test_close_is_immediate_and_ends_all_senders(net: Net) -> None:
    sock, peer, first = stuck_sender(net)
    second = net.blocked(sock, "send", b"x")
    passed = stopwatch()
    assert gen_tcp.close(sock) == "ok"
    assert passed() < 2.0
    assert [first.result(), second.result()] == [("error", "closed")] * 2
    got = peer.drain()
    assert PAYLOAD.startswith(got)
    assert len(got) < len(PAYLOAD)


def test_close_after_a_send_timeout_is_immediate(net: Net) -> None:
    sock, peer = net.stalled(("send_timeout", 30))
    assert gen_tcp.send(sock, PAYLOAD)[0] == "error"
    passed = stopwatch()
    assert gen_tcp.close(sock) == "ok"
    assert passed() < 2.0
    assert PAYLOAD.startswith(peer.drain())


def test_a_linger_time_is_waited_for_by_close(net: Net) -> None:
    """Case close-shutdown/queued/close-linger-1."""
    sock, peer, task = stuck_sender(net, ("linger", (True, 1)))
    passed = stopwatch()
    assert gen_tcp.close(sock) == "ok"
    assert 0.9 <= passed() < 4.0
    assert task.result() == ("error", "closed")
    peer.close()


@pytest.mark.parametrize("show", [False, True])
def test_a_reset_ends_a_blocked_sender_and_is_told_to_recv_once(net: Net, show: bool) -> None:
    """Cases send/blocked/peer-resets, send/blocked/peer-resets-shown."""
    sock, peer, task = stuck_sender(net, ("show_econnreset", show))
    peer.close()
    reason = "econnreset" if show else "closed"
    assert task.result() == ("error", reason)
    assert gen_tcp.recv(sock, 0, 1000) == ("error", reason)
    assert gen_tcp.recv(sock, 0, 1000) == ("error", "closed")


def test_who_blocks_in_recv_hears_of_a_reset_before_a_blocked_sender(net: Net) -> None:
    """Case recv/broken/reset-with-a-queue, when the sender looks before recv has dealt with what the system told it."""
    sock, peer, sender = stuck_sender(net, ("show_econnreset", True))
    receiver = net.blocked(sock, "recv", 0)
    with inspection.lock(sock):
        peer.close()
        eventually(lambda: _has_told_of_the_reset(inspection.descriptor(sock)))
        tamper.write_more(sock)
    assert receiver.result() == ("error", "econnreset")
    assert sender.result() == ("error", "closed")


def test_a_receiver_killed_meanwhile_keeps_no_sender_waiting(net: Net) -> None:
    sock, peer, sender = stuck_sender(net)
    receiver = net.blocked(sock, "recv", 0)
    with inspection.lock(sock):
        receiver.process.kill()
        peer.close()
        eventually(lambda: _has_told_of_the_reset(inspection.descriptor(sock)))
        tamper.write_more(sock)
    assert sender.result() == ("error", "closed")


@pytest.mark.parametrize("show", [False, True])
def test_a_file_behind_a_send_hears_of_a_reset_from_the_system(net: Net, show: bool, tmp_path: Path) -> None:
    """As case sendfile/stalled/behind-a-failing-send, where it is epipe."""
    big = tmp_path / "big"
    big.write_bytes(PAYLOAD)
    sock, peer, sender = stuck_sender(net, ("show_econnreset", show))
    behind = net.spawn(file.sendfile, str(big), sock)
    eventually(lambda: inspection.senders(sock) == 2)
    peer.close()
    assert sender.result() == ("error", "econnreset" if show else "closed")
    assert behind.result() == ("error", "econnreset")


def test_a_file_behind_a_file_hears_of_a_reset_from_the_system(net: Net, tmp_path: Path) -> None:
    """OTP tells all that wait to write what the first one is told; asked again, the system would say epipe."""
    big = tmp_path / "big"
    big.write_bytes(PAYLOAD)
    sock, peer = net.stalled()
    first = net.spawn(file.sendfile, str(big), sock)
    net.full(sock)
    behind = net.spawn(file.sendfile, str(big), sock)
    eventually(lambda: inspection.senders(sock) == 2)
    peer.close()
    result, (reason, sent) = first.result()
    assert (result, reason, sent > 0) == ("error", "econnreset", True)
    assert behind.result() == ("error", "econnreset")


def _has_told_of_the_reset(fd: int) -> bool:
    """Whether the connection is over, and somebody has got the error."""
    poll = select.poll()
    poll.register(fd, 0)
    return [events & (select.POLLHUP | select.POLLERR) for _, events in poll.poll(0)] == [select.POLLHUP]


def test_a_half_close_ends_a_blocked_sender_of_an_active_socket(net: Net) -> None:
    """Case send/blocked/peer-half-closes-active."""
    sock, peer, task = stuck_sender(net)
    peer.finish()
    assert inet.setopts(sock, [("active", True)]) == "ok"
    assert task.result() == ("error", "closed")
    assert eventually(mailbox) == [("tcp_closed", sock)]


def test_the_end_of_the_owner_ends_a_blocked_sender(net: Net) -> None:
    """Case ownership/end/data-queued."""
    sock, peer, task = stuck_sender(net)
    owner = net.spawn(gentcp.receive)
    assert gen_tcp.controlling_process(sock, owner.process) == "ok"
    owner.end()
    assert task.result() == ("error", "closed")
    assert len(peer.drain()) < len(PAYLOAD)


def test_sending_on_a_listener_closes_it(net: Net) -> None:
    listener = net.listen()
    assert gen_tcp.send(listener, b"x") == ("error", "closed")
    assert gen_tcp.accept(listener, 1000)[0] == "error"
