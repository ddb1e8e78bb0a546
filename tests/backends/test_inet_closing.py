"""The end of a connection with a queue: shutdown waits behind it, close and the end of the owner flush it."""

from __future__ import annotations

from typing import Any

import pytest

import gentcp
from gentcp.erl import erlang, gen_tcp, inet

from ..support import Net, Peer, eventually, inspection, mailbox, seams, stopwatch

pytestmark = pytest.mark.parametrize("net", ["inet"], indirect=True)

PAYLOAD = bytes(range(256)) * 12_000


def queued(net: Net, *options: Any) -> tuple[gentcp.Socket, Peer]:
    """A stalled pair with most of the payload in the queue, and the system full."""
    sock, peer = net.stalled(*options)
    assert gen_tcp.send(sock, PAYLOAD) == "ok"
    net.full(sock)
    assert pending(sock) > len(PAYLOAD) // 2
    return sock, peer


def pending(sock: gentcp.Socket) -> int:
    return inspection.queued(sock)


@pytest.fixture
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Close gives up after a tenth of a second without progress, and after a minute in all."""
    monkeypatch.setattr(*seams.seam("close's patience"), 0.1)
    monkeypatch.setattr(*seams.seam("close's longest wait"), 60.0)


# ---- a send is queued


def test_a_send_to_a_stalled_peer_returns_at_once(net: Net) -> None:
    """Case send/non-blocking/first-send."""
    sock, peer = queued(net)
    reader = net.spawn(peer.recv_exact, len(PAYLOAD))
    assert reader.result() == PAYLOAD
    eventually(lambda: not pending(sock))


def test_data_whose_send_timed_out_arrives_in_order(net: Net) -> None:
    sock, peer = queued(net, ("send_timeout", 30))
    assert gen_tcp.send(sock, b"timed out") == ("error", "timeout")
    reader = net.spawn(peer.recv_exact, len(PAYLOAD) + 13)
    eventually(lambda: not pending(sock))
    assert gen_tcp.send(sock, b"next") == "ok"
    assert reader.result() == PAYLOAD + b"timed outnext"


def test_the_time_of_a_killed_sender_goes_on(net: Net) -> None:
    """It is the port's: on OTP 29 the next send times out behind it, and not before."""
    sock, _peer = queued(net, ("send_timeout", 200))
    first = net.blocked(sock, "send", b"a")
    passed = stopwatch()
    first.end()
    assert inspection.busy(sock)
    assert gen_tcp.send(sock, b"b") == ("error", "timeout")
    assert 0.3 < passed() < 10
    assert pending(sock) > 0


def test_receiving_goes_on_while_a_sender_is_blocked(net: Net) -> None:
    """Case send/concurrent/receive-meanwhile."""
    sock, peer = queued(net)
    sender = net.blocked(sock, "send", b"1")
    peer.send(b"hi")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"hi")
    assert not sender.done


# ---- shutdown


@pytest.mark.parametrize("how", ["write", "read_write"])
def test_shutdown_of_the_writing_side_waits_behind_the_queue(net: Net, how: str) -> None:
    """Cases close-shutdown/queued/shutdown-write, close-shutdown/queued/shutdown-read-write."""
    sock, peer = queued(net)
    passed = stopwatch()
    assert gen_tcp.shutdown(sock, how) == "ok"
    assert passed() < 2.0
    assert pending(sock) > 0
    assert net.spawn(peer.drain).result() == PAYLOAD
    assert peer.ended_by == "fin"


def test_shutdown_of_the_reading_side_does_not_wait(net: Net) -> None:
    """Case close-shutdown/queued/shutdown-read."""
    sock, peer = queued(net)
    assert gen_tcp.shutdown(sock, "read") == "ok"
    assert gen_tcp.recv(sock, 0, 1000) == ("error", "closed")
    del peer


def test_a_send_after_a_postponed_shutdown_loses_the_queue(net: Net) -> None:
    sock, peer = queued(net)
    assert gen_tcp.shutdown(sock, "write") == "ok"
    assert gen_tcp.send(sock, b"too late") == ("error", "closed")
    assert pending(sock) == 0
    got = net.spawn(peer.drain).result()
    assert PAYLOAD.startswith(got)
    assert len(got) < len(PAYLOAD)


def test_without_a_queue_shutdown_is_immediate(net: Net) -> None:
    sock, peer = net.pair()
    assert gen_tcp.shutdown(sock, "write") == "ok"
    assert peer.drain() == b""
    peer.send(b"still readable")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"still readable")


# ---- close


def test_close_waits_until_all_is_written(net: Net) -> None:
    sock, peer = queued(net)
    closing = net.spawn(gen_tcp.close, sock)
    eventually(lambda: inspection.suspended(sock))
    assert not closing.done
    assert peer.drain() == PAYLOAD
    assert peer.ended_by == "fin"
    assert closing.result() == "ok"


def test_others_may_use_the_socket_while_close_waits(net: Net) -> None:
    """Case close-shutdown/queued/calls-during-close."""
    sock, peer = queued(net)
    closing = net.spawn(gen_tcp.close, sock)
    eventually(lambda: inspection.suspended(sock))
    assert gen_tcp.recv(sock, 0, 10) == ("error", "timeout")
    assert inet.getopts(sock, ["active"]) == ("ok", [("active", False)])
    sender = net.blocked(sock, "send", b"x")
    assert peer.drain() == PAYLOAD + b"x"
    assert (closing.result(), sender.result()) == ("ok", "ok")


@pytest.mark.usefixtures("_patience")
def test_close_gives_up_on_a_peer_that_reads_nothing_and_flushing_goes_on(net: Net) -> None:
    """Case close-shutdown/queued/close: after five seconds, here a tenth; the data is delivered all the same."""
    sock, peer = queued(net)
    passed = stopwatch()
    assert gen_tcp.close(sock) == "ok"
    assert 0.1 <= passed() < 5.0
    assert gen_tcp.send(sock, b"x") == ("error", "closed")
    assert peer.drain() == PAYLOAD
    assert peer.ended_by == "fin"


def test_after_any_progress_close_waits_for_the_longest_time(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """OTP compares with the size at the beginning, not with the last one (`prim_inet:close_pend_loop/3`)."""
    monkeypatch.setattr(*seams.seam("close's patience"), 0.8)
    monkeypatch.setattr(*seams.seam("close's longest wait"), 1.2)
    sock, peer = queued(net)
    passed = stopwatch()
    closing = net.spawn(gen_tcp.close, sock)
    eventually(lambda: inspection.suspended(sock))
    before = pending(sock)
    while pending(sock) == before:
        peer.recv_exact(20_000)
    assert closing.result() == "ok"
    assert 1.2 <= passed() < 5.0
    assert pending(sock) > 0


def test_a_linger_time_is_the_longest_wait(net: Net) -> None:
    """Case close-shutdown/queued/close-linger-1."""
    sock, peer = queued(net, ("linger", (True, 1)))
    passed = stopwatch()
    assert gen_tcp.close(sock) == "ok"
    assert 1.0 <= passed() < 3.0
    assert peer.drain() == PAYLOAD


def test_linger_zero_drops_the_queue_and_resets(net: Net) -> None:
    """Case close-shutdown/close/linger-zero."""
    sock, peer = queued(net, ("linger", (True, 0)))
    passed = stopwatch()
    assert gen_tcp.close(sock) == "ok"
    assert passed() < 2.0
    assert len(peer.drain()) < len(PAYLOAD)
    assert peer.ended_by == "rst"


def test_close_ends_a_sender_that_is_blocked(net: Net) -> None:
    sock, peer = queued(net, ("linger", (True, 0)))
    sender = net.blocked(sock, "send", b"1")
    assert gen_tcp.close(sock) == "ok"
    assert sender.result() == ("error", "closed")
    peer.close()


def test_closing_after_a_postponed_shutdown_delivers_all(net: Net) -> None:
    """Case close-shutdown/queued/shutdown-then-close."""
    sock, peer = queued(net)
    assert gen_tcp.shutdown(sock, "write") == "ok"
    closing = net.spawn(gen_tcp.close, sock)
    assert peer.drain() == PAYLOAD
    assert closing.result() == "ok"


def test_delayed_data_survives_a_close(net: Net) -> None:
    """Case send/delay-send/close-delivers."""
    sock, peer = net.pair(("delay_send", True))
    assert gen_tcp.send(sock, b"abc") == "ok"
    assert gen_tcp.close(sock) == "ok"
    assert peer.drain() == b"abc"


# ---- the end of the owner, and of the peer


@pytest.mark.parametrize("end", ["killed", "normal"])
def test_the_queue_is_delivered_after_the_end_of_the_owner(net: Net, end: str) -> None:
    """Case ownership/end/data-queued."""
    sock, peer = queued(net)
    owner = net.spawn(gentcp.receive)
    assert gen_tcp.controlling_process(sock, owner.process) == "ok"
    sender = net.blocked(sock, "send", b"1")
    if end == "killed":
        owner.kill()
    else:
        owner.process.post("you may go")
    assert sender.result() == ("error", "closed")
    owner.join()
    assert peer.drain() == PAYLOAD + b"1"
    assert peer.ended_by == "fin"


def test_with_linger_zero_the_end_of_the_owner_drops_it(net: Net) -> None:
    sock, peer = queued(net, ("linger", (True, 0)))
    owner = net.spawn(gentcp.receive)
    assert gen_tcp.controlling_process(sock, owner.process) == "ok"
    owner.end()
    assert len(peer.drain()) < len(PAYLOAD)
    assert peer.ended_by == "rst"


def test_a_reset_ends_a_sender_that_is_blocked(net: Net) -> None:
    """Cases send/blocked/peer-resets, send/blocked/peer-resets-shown."""
    for options, reason in (((), "closed"), ((("show_econnreset", True),), "econnreset")):
        sock, peer = queued(net, *options)
        sender = net.blocked(sock, "send", b"1")
        peer.close()  # with unread data: a reset
        assert sender.result() == ("error", reason)
        assert pending(sock) == 0
        assert gen_tcp.recv(sock, 0, 1000) == ("error", reason)
        assert gen_tcp.recv(sock, 0, 1000) == ("error", "enotconn")


def test_a_half_close_ends_a_blocked_sender_of_an_active_socket_only(net: Net) -> None:
    """Cases send/blocked/peer-half-closes-passive, send/blocked/peer-half-closes-active."""
    sock, peer = queued(net)
    sender = net.blocked(sock, "send", b"1")
    peer.finish()
    assert inet.setopts(sock, [("active", True)]) == "ok"
    assert sender.result() == ("error", "closed")
    assert eventually(mailbox) == [("tcp_closed", sock)]
    assert len(peer.drain()) < len(PAYLOAD)


def test_a_half_close_that_nobody_reads_disturbs_nothing(net: Net) -> None:
    sock, peer = queued(net)
    sender = net.blocked(sock, "send", b"1")
    peer.finish()
    reader = net.spawn(peer.recv_exact, len(PAYLOAD) + 1)
    assert sender.result() == "ok"
    assert reader.result() == PAYLOAD + b"1"


@pytest.mark.parametrize("end", ["fin", "reset"])
def test_nobody_tells_close_of_the_end_of_an_active_port(net: Net, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    """Close waits for a message that the queue is empty, and a port that ends sends none: OTP 29 finds out in 5 s."""
    monkeypatch.setattr(*seams.seam("close's patience"), 0.5)
    sock, peer = queued(net, ("active", True))
    passed = stopwatch()
    closing = net.blocked(sock, "close")
    end_of = {"fin": peer.finish, "reset": peer.reset}
    end_of[end]()
    assert gentcp.receive(timeout=20) == ("tcp_closed", sock)
    assert closing.result() == "ok"
    assert passed() >= 0.5


@pytest.mark.parametrize("end", ["reset", "exit_on_close"])
def test_close_is_told_when_the_queue_is_dropped(net: Net, end: str) -> None:
    """As it is when a passive port loses its connection, or an active one that stays."""
    options = [("active", True), ("exit_on_close", False)] if end == "exit_on_close" else []
    sock, peer = queued(net, *options)
    passed = stopwatch()
    closing = net.blocked(sock, "close")
    peer.reset()
    assert closing.result() == "ok"
    assert passed() < 4.0


def test_a_port_that_is_closed_owes_nothing(net: Net) -> None:
    """A reset empties the queue for which close waits: on OTP 29 a send that comes later finds a closed port."""
    sock, peer = queued(net, ("show_econnreset", True))
    closing = net.blocked(sock, "close")
    peer.reset()
    assert closing.result() == "ok"
    assert gen_tcp.send(sock, b"more") == ("error", "closed")


@pytest.mark.parametrize("active", [False, True])
@pytest.mark.parametrize("data", [b"", b"1"])
def test_after_a_shutdown_that_had_to_wait_nothing_can_be_sent(net: Net, active: bool, data: bytes) -> None:
    """Not even nothing, which OTP 29 sends when the shutdown did not have to wait."""
    sock, peer = queued(net, ("active", active))
    assert gen_tcp.shutdown(sock, "write") == "ok"
    assert peer.drain() == PAYLOAD
    assert gen_tcp.send(sock, data) == ("error", "closed")
    if active:
        assert mailbox() == [("tcp_closed", sock)]
    else:
        assert gen_tcp.recv(sock, 0, 1000) == ("error", "closed")
        assert gen_tcp.send(sock, data) == ("error", "enotconn")


def test_after_a_shutdown_at_once_nothing_may_be_sent(net: Net) -> None:
    sock, peer = net.pair()
    assert gen_tcp.shutdown(sock, "write") == "ok"
    assert peer.drain() == b""
    assert gen_tcp.send(sock, b"") == "ok"
    assert gen_tcp.send(sock, b"1") == ("error", "closed")


@pytest.mark.parametrize("stays", [False, True])
def test_close_is_told_of_send_timeout_close_if_the_port_stays(
    net: Net, monkeypatch: pytest.MonkeyPatch, stays: bool
) -> None:
    """OTP 29: an active port that ends with `exit_on_close` leaves close waiting until its patience is over."""
    monkeypatch.setattr(*seams.seam("close's patience"), 1.0)
    options = ("active", True), ("send_timeout_close", True), ("send_timeout", 50)
    sock, _peer = queued(net, *options, ("exit_on_close", not stays))
    passed = stopwatch()
    closing = net.blocked(sock, "close")
    assert gen_tcp.send(sock, b"1") == ("error", "timeout")
    assert closing.result() == "ok"
    assert mailbox() == [("tcp_closed", sock)]
    assert (passed() < 1.0) == stays


def test_a_shutdown_behind_a_queue_that_the_end_of_the_peer_has_dropped_is_still_made(net: Net) -> None:
    """The socket stays, since exit_on_close is false: OTP 29 lets its peer see the end."""
    sock, peer = queued(net, ("active", True), ("exit_on_close", False))
    sender = net.blocked(sock, "send", b"x")
    assert gen_tcp.shutdown(sock, "read_write") == "ok"
    peer.finish()
    assert gentcp.receive(timeout=20) == ("tcp_closed", sock)
    assert sender.result() == ("error", "closed")
    peer.drain()
    assert peer.ended_by == "fin"


# ---- a closed port whose queue is on its way


@pytest.fixture
def ended(net: Net) -> tuple[gentcp.Socket, Peer]:
    """The owner has ended, and left a queue; the case is close-shutdown/queued/asked-after."""
    ready: list[Any] = []

    def live() -> None:
        ready.extend(queued(net, ("active", "once"), ("packet", 4)))

    net.spawn(live).result()
    sock, peer = ready
    eventually(lambda: gen_tcp.send(sock, b"") == ("error", "closed"))
    return sock, peer


def test_a_closed_port_can_be_asked_until_its_queue_is_written(net: Net, ended: tuple[gentcp.Socket, Peer]) -> None:
    """The driver is there; what gen_tcp does finds the port closed."""
    sock, peer = ended
    assert inet.getopts(sock, ["active", "packet"]) == ("ok", [("active", "once"), ("packet", 4)])
    assert inet.setopts(sock, [("nodelay", True), ("packet", 2)]) == "ok"
    assert inet.getopts(sock, ["nodelay", "packet"]) == ("ok", [("nodelay", True), ("packet", 2)])
    status, [(name, pending_bytes)] = inet.getstat(sock, ["send_pend"])
    assert (status, name) == ("ok", "send_pend")
    assert pending_bytes > len(PAYLOAD) // 2
    assert inet.peername(sock)[0] == inet.sockname(sock)[0] == "ok"
    assert inet.info(sock)["states"] == ["connected", "open"]
    assert inet.info(sock)["links"] == []
    assert erlang.port_info(sock, "queue_size") == ("queue_size", pending_bytes)
    assert gen_tcp.recv(sock, 0) == gen_tcp.shutdown(sock, "write") == ("error", "closed")
    reader = net.spawn(peer.recv_exact, len(PAYLOAD) + 4)
    eventually(lambda: inet.getopts(sock, ["active"]) == ("error", "einval"))
    assert inet.info(sock) == {"states": ["closed"]}
    assert erlang.port_info(sock) == "undefined"
    del reader


def test_close_goes_on_when_a_postponed_shutdown_is_made(net: Net) -> None:
    """Whoever is suspended meanwhile ends the connection, and that does not keep close."""
    sock, peer = queued(net, ("active", "once"))
    first = net.blocked(sock, "send", b"1")
    closer = net.spawn(gen_tcp.close, sock)
    eventually(lambda: len(inspection.suspended(sock)) == 1)
    second = net.spawn(gen_tcp.send, sock, b"2")
    eventually(lambda: len(inspection.suspended(sock)) == 2)
    assert gen_tcp.shutdown(sock, "write") == "ok"
    passed = stopwatch()
    reader = net.spawn(peer.drain)
    assert closer.result() == "ok"
    assert passed() < 4.0
    assert first.result() == "ok"
    assert second.result() in [("error", "closed"), ("error", "einval")]
    assert reader.result() == PAYLOAD + b"1"


def test_a_close_that_waits_is_not_told_that_another_drops_the_queue(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """OTP 29 finds out when it looks for progress."""
    monkeypatch.setattr(*seams.seam("close's patience"), 1.0)
    sock, _peer = queued(net)
    passed = stopwatch()
    first = net.spawn(gen_tcp.close, sock)
    eventually(lambda: inspection.suspended(sock))
    assert inet.setopts(sock, [("linger", (True, 0))]) == "ok"
    assert gen_tcp.close(sock) == "ok"
    assert inet.getopts(sock, ["active"]) == ("error", "einval")
    assert first.result() == "ok"
    assert passed() >= 1.0


def test_close_of_a_closed_port_waits_for_its_queue_and_is_not_told(
    net: Net, ended: tuple[gentcp.Socket, Peer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver is still there to be asked how much is left: OTP 29 finds out in 5 s."""
    monkeypatch.setattr(*seams.seam("close's patience"), 1.0)
    sock, peer = ended
    passed = stopwatch()
    closing = net.blocked(sock, "close")
    reader = net.spawn(peer.recv_exact, len(PAYLOAD) + 4)
    eventually(lambda: inet.getopts(sock, ["active"]) == ("error", "einval"))
    assert closing.result() == "ok"
    assert passed() >= 1.0
    assert gen_tcp.close(sock) == "ok"
    assert passed() < 10
    del reader


def test_close_is_told_when_the_end_of_an_active_port_drops_the_queue_of_a_sender(net: Net) -> None:
    sock, _peer = queued(net, ("active", True))
    sender = net.blocked(sock, "send", b"1")
    passed = stopwatch()
    closing = net.blocked(sock, "close")
    assert gen_tcp.shutdown(sock, "read") == "ok"
    assert sender.result() == ("error", "closed")
    assert closing.result() == "ok"
    assert passed() < 4.5
