"""A close(2) that lingers on the socket backend, and the calls that are made meanwhile.

Source: OTP 29, where the server process of the socket is inside close(2): with `{linger, {true, 1}}`, a peer that does
not read, and each of these calls made by a process of its own 200 ms after the close.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import gentcp
from gentcp.engine import driver, inspection
from gentcp.erl import gen_tcp, inet

from ..support import Net, Peer, Task, eventually, mailbox

pytestmark = pytest.mark.parametrize("net", ["socket"], indirect=True)

PAYLOAD = bytes(range(256)) * 12_000
LINGER = ("linger", (True, 60))
CLOSED = ("error", "closed")
NO_STATES = {"rstates": ["closed"], "wstates": ["closed"]}
Call = Callable[[gentcp.Socket], Any]

AT_ONCE: dict[str, tuple[Call, Any]] = {
    "send": (lambda sock: gen_tcp.send(sock, b"more"), CLOSED),
    "shutdown": (lambda sock: gen_tcp.shutdown(sock, "write"), CLOSED),
    "sockname": (inet.sockname, CLOSED),
    "peername": (inet.peername, CLOSED),
    "port": (inet.port, CLOSED),
}
"""What asks the system's socket, and its answer."""
LATER: dict[str, tuple[Call, Any]] = {
    "recv": (lambda sock: gen_tcp.recv(sock, 0), CLOSED),
    "recv with a timeout that is over": (lambda sock: gen_tcp.recv(sock, 0, 1), CLOSED),
    "setopts, none": (lambda sock: inet.setopts(sock, []), "ok"),
    "setopts, passive": (lambda sock: inet.setopts(sock, [("active", False)]), "ok"),
    "setopts, of the system": (lambda sock: inet.setopts(sock, [("nodelay", True)]), CLOSED),
    "setopts, of the server": (lambda sock: inet.setopts(sock, [("packet", 4)]), ("error", "einval")),
    "setopts, active first": (lambda sock: inet.setopts(sock, [("active", True), ("packet", 4)]), ("error", "einval")),
    "setopts, ignored": (lambda sock: inet.setopts(sock, [("high_watermark", 4)]), "ok"),
    "getopts, of the server": (lambda sock: inet.getopts(sock, ["active"]), ("error", "einval")),
    "getopts, of the system": (lambda sock: inet.getopts(sock, ["nodelay"]), ("ok", [])),
    "getstat": (lambda sock: inet.getstat(sock, ["recv_cnt"]), NO_STATES),
    "controlling_process": (
        lambda sock: gen_tcp.controlling_process(sock, gentcp.current_process()), ("error", "not_owner"),
    ),
    "close": (gen_tcp.close, "ok"),
}  # fmt: skip
"""What asks the server, and the answer when close/1 is over, which ends the server."""


def filled(net: Net, *options: Any) -> tuple[gentcp.Socket, Peer]:
    """A stalled pair with unsent data in the kernel."""
    sock, peer = net.stalled(LINGER, ("send_timeout", 100), *options)
    assert gen_tcp.send(sock, PAYLOAD)[0] == "error"
    net.full(sock)
    return sock, peer


def closing(sock: gentcp.Socket) -> None:
    """Wait until close(2) lingers."""
    eventually(lambda: sock.handle.closing)


def waiting(net: Net, sock: gentcp.Socket, call: Call) -> Task:
    """A process that waits in `call` until close(2) is over."""
    before = inspection.waiting_for_close(sock)
    task = net.spawn(call, sock)
    eventually(lambda: inspection.waiting_for_close(sock) > before)
    return task


def closed_by_another(net: Net, *options: Any) -> tuple[gentcp.Socket, Peer, Task]:
    sock, peer = filled(net, *options)
    return sock, peer, waiting(net, sock, gen_tcp.close)


@pytest.mark.parametrize("call", AT_ONCE)
def test_what_asks_the_system_does_not_wait(net: Net, call: str) -> None:
    sock, _peer, closer = closed_by_another(net)
    function, answer = AT_ONCE[call]
    assert function(sock) == answer
    assert not closer.done


@pytest.mark.parametrize("call", LATER)
def test_what_asks_the_server_waits(net: Net, call: str) -> None:
    sock, peer, closer = closed_by_another(net)
    function, answer = LATER[call]
    task = waiting(net, sock, function)
    peer.reset()
    assert task.result() == answer
    assert closer.result() == "ok"
    assert mailbox() == []


@pytest.mark.parametrize("value", [True, "once"])
def test_the_server_answers_to_active_with_the_end(net: Net, value: Any) -> None:
    sock, peer, closer = closed_by_another(net)
    task = waiting(net, sock, lambda sock: inet.setopts(sock, [("active", value)]))
    peer.reset()
    assert task.result() == closer.result() == "ok"
    assert mailbox() == [("tcp_closed", sock)]


def test_the_owner_gives_nothing_away(net: Net) -> None:
    sock, peer, closer = closed_by_another(net)

    def reset_when_it_waits() -> None:
        eventually(lambda: inspection.waiting_for_close(sock) > 1)
        peer.reset()

    resetting = net.spawn(reset_when_it_waits)
    assert gen_tcp.controlling_process(sock, closer.process) == CLOSED
    resetting.result()


def test_the_owner_that_is_told_gives_it_away(net: Net) -> None:
    """With `exit_on_close` false; the message goes along."""
    sock, peer, closer = closed_by_another(net, ("active", True), ("exit_on_close", False))
    heir = net.spawn(gentcp.receive)

    def reset_when_it_waits() -> None:
        eventually(lambda: inspection.waiting_for_close(sock) > 1)
        peer.reset()

    resetting = net.spawn(reset_when_it_waits)
    assert gen_tcp.controlling_process(sock, heir.process) == "ok"
    assert heir.result() == ("tcp_closed", sock)
    assert mailbox() == []
    assert closer.result() == "ok"
    resetting.result()


@pytest.mark.parametrize("call", ["setopts, passive", "getopts, of the server", "getstat", "recv"])
def test_the_server_of_an_active_socket_ends_with_close(net: Net, call: str) -> None:
    sock, peer, closer = closed_by_another(net, ("active", True))
    task = waiting(net, sock, LATER[call][0])
    assert mailbox() == []
    peer.reset()
    assert task.result() == CLOSED
    assert closer.result() == "ok"
    assert mailbox() == [("tcp_closed", sock)]


@pytest.mark.parametrize("call", ["setopts, passive", "getopts, of the server", "getstat", "recv", "close"])
def test_the_end_of_the_stream_is_told_before_close_lingers(net: Net, call: str) -> None:
    sock, peer = filled(net, ("active", True))
    peer.finish()
    eventually(lambda: mailbox() == [("tcp_closed", sock)] and sock.handle.closing)
    task = waiting(net, sock, LATER[call][0])
    peer.close()
    assert task.result() == ("ok" if call == "close" else CLOSED)
    assert mailbox() == [("tcp_closed", sock)]


def test_setopts_that_finds_the_end_waits_for_close(net: Net) -> None:
    """Nobody is left to ask afterwards."""
    sock, peer = filled(net)
    peer.finish()
    setter = waiting(net, sock, lambda sock: inet.setopts(sock, [("active", True)]))
    assert mailbox() == [("tcp_closed", sock)]
    peer.reset()
    assert setter.result() == "ok"
    assert gen_tcp.recv(sock, 0) == ("error", "einval")


def test_a_recv_that_finds_the_end_waits_for_close(net: Net) -> None:
    sock, peer = filled(net)
    reader = net.blocked(sock, "recv", 0)
    behind = net.blocked(sock, "recv", 0)
    peer.finish()
    closing(sock)
    assert not reader.done
    assert not behind.done
    peer.close()
    assert reader.result() == behind.result() == CLOSED


def test_a_send_that_fails_waits_for_close(net: Net) -> None:
    sock, peer = filled(net)
    assert gen_tcp.shutdown(sock, "write") == "ok"
    sender = waiting(net, sock, lambda sock: gen_tcp.send(sock, b"late"))
    assert not sender.done
    peer.reset()
    assert sender.result() == CLOSED


@pytest.mark.parametrize("timeout", ["infinity", 60_000])
def test_who_is_blocked_is_answered_when_close_is_over(net: Net, timeout: Any) -> None:
    sock, peer = net.stalled(LINGER)
    senders = [net.blocked(sock, "send", PAYLOAD), net.blocked(sock, "send", PAYLOAD)]
    receivers = [net.blocked(sock, "recv", 0, timeout), net.blocked(sock, "recv", 0, timeout)]
    net.full(sock)
    closer = waiting(net, sock, gen_tcp.close)
    assert not any(task.done for task in [*senders, *receivers])
    peer.reset()
    assert [task.result() for task in [*senders, *receivers]] == [CLOSED] * 4
    assert closer.result() == "ok"


@pytest.mark.parametrize("timeout", [0, 50])
@pytest.mark.parametrize("active", [False, True])
def test_send_timeout_close_answers_when_close_is_over(net: Net, timeout: int, active: bool) -> None:
    sock, peer = net.stalled(LINGER, ("send_timeout", timeout), ("send_timeout_close", True), ("active", active))
    sender = net.spawn(gen_tcp.send, sock, PAYLOAD)
    closing(sock)
    task = waiting(net, sock, LATER["recv"][0])
    assert gen_tcp.send(sock, b"more") == CLOSED
    assert not sender.done
    peer.reset()
    assert sender.result() == ("error", "timeout")
    assert task.result() == CLOSED
    assert mailbox() == ([("tcp_closed", sock)] if active else [])


@pytest.mark.parametrize("active", [False, True])
def test_the_end_of_the_owner_lingers_too(net: Net, active: bool) -> None:
    sock, peer = filled(net)
    owner = net.spawn(gentcp.receive)
    assert gen_tcp.controlling_process(sock, owner.process) == "ok"
    assert inet.setopts(sock, [("active", active)]) == "ok"
    ref = inet.monitor(sock)
    owner.end()
    closing(sock)
    tasks = [waiting(net, sock, LATER[call][0]) for call in ("recv", "setopts, passive", "getstat", "close")]
    assert mailbox() == []
    peer.reset()
    assert [task.result() for task in tasks] == [CLOSED, CLOSED, CLOSED, "ok"]
    assert eventually(mailbox) == [("DOWN", ref, "socket", sock, "closed")]


def test_the_owner_may_end_while_another_closes(net: Net) -> None:
    sock, peer = filled(net)
    owner = net.spawn(gentcp.receive)
    assert gen_tcp.controlling_process(sock, owner.process) == "ok"
    closer = waiting(net, sock, gen_tcp.close)
    owner.end()
    task = waiting(net, sock, LATER["setopts, passive"][0])
    peer.reset()
    assert task.result() == CLOSED
    assert closer.result() == "ok"


def test_a_monitor_fires_when_close_is_over(net: Net) -> None:
    sock, peer = filled(net)
    before = inet.monitor(sock)
    waiting(net, sock, gen_tcp.close)
    meanwhile = inet.monitor(sock)
    assert mailbox() == []
    peer.reset()
    assert [message[:2] for message in eventually(lambda: mailbox()[1:] and mailbox())] == [
        ("DOWN", before),
        ("DOWN", meanwhile),
    ]


def test_who_closes_may_be_killed(net: Net) -> None:
    """Nobody ends the server then: it goes on answering until somebody does."""
    sock, peer = filled(net)
    closer = waiting(net, sock, gen_tcp.close)
    closer.process.kill()
    task = waiting(net, sock, LATER["getopts, of the system"][0])
    peer.reset()
    assert task.result() == ("ok", [])


def test_what_is_left_is_delivered(net: Net) -> None:
    sock, peer = filled(net)
    closer = waiting(net, sock, gen_tcp.close)
    got = peer.drain()
    assert PAYLOAD.startswith(got)
    assert peer.ended_by == "fin"
    assert closer.result() == "ok"


@pytest.mark.parametrize("active", [False, True])
def test_a_sender_whose_side_is_shut_down_waits_for_close(net: Net, active: bool) -> None:
    sock, peer = net.stalled(LINGER, ("active", active))
    sender = net.blocked(sock, "send", PAYLOAD)
    net.full(sock)
    assert gen_tcp.shutdown(sock, "write") == "ok"
    closing(sock)
    assert not sender.done
    task = waiting(net, sock, LATER["getopts, of the server"][0])
    peer.reset()
    assert sender.result() == CLOSED
    assert task.result() == (CLOSED if active else ("error", "einval"))
    assert mailbox() == ([("tcp_closed", sock)] if active else [])


def test_it_looks_as_if_it_were_closing(net: Net) -> None:
    sock, _peer, _closer = closed_by_another(net)
    assert repr(sock) == "<gentcp.Socket socket closing>"
    assert inet.info(sock) == NO_STATES


def test_without_unsent_data_nobody_waits(net: Net) -> None:
    sock, peer = net.pair(LINGER)
    assert gen_tcp.send(sock, b"all") == "ok"
    peer.arrived(3)
    eventually(lambda: gen_tcp.close(sock) == "ok")
    assert peer.drain() == b"all"


# ---- shutdown with a sender that is blocked: whoever reads learns of it first


@pytest.mark.parametrize(
    ("active", "exit_on_close", "receives", "sent", "received", "told"),
    [
        (False, True, False, "econnreset", None, []),
        (False, True, True, "closed", "closed", []),
        (False, False, False, "econnreset", None, []),
        (False, False, True, "econnreset", "closed", []),
        ("once", True, False, "closed", None, ["tcp_closed"]),
        ("once", False, False, "econnreset", None, ["tcp_closed"]),
    ],
)
def test_shutdown_of_both_sides_ends_reading_before_writing(
    net: Net, active: Any, exit_on_close: bool, receives: bool, sent: str, received: str | None, told: list[str]
) -> None:
    """Source: OTP 29, with show_econnreset, which tells the two ends apart."""
    options = ("active", active), ("exit_on_close", exit_on_close), ("show_econnreset", True)
    sock, _peer = net.stalled(*options)
    sender = net.blocked(sock, "send", PAYLOAD)
    net.full(sock)
    receiver = net.blocked(sock, "recv", 0) if receives else None
    assert gen_tcp.shutdown(sock, "read_write") == "ok"
    assert sender.result() == ("error", sent)
    assert (receiver.result() if receiver else None) == (("error", received) if received else None)
    assert [message[0] for message in mailbox()] == told


def test_without_a_thread_for_it_close_does_not_wait(net: Net, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system refuses it; what is left is delivered all the same."""
    sock, peer = filled(net)

    def refuse(_function: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(driver(), "aside", refuse)
    assert gen_tcp.close(sock) == "ok"
    assert PAYLOAD.startswith(peer.drain())
    assert peer.ended_by == "fin"
