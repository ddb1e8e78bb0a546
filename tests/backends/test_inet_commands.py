"""port_command, send with options and the other functions on ports, where the suite does not look.

The system takes what the test gives it, and the driver runs when the test says so.
"""

from __future__ import annotations

from typing import Any

import pytest

import gentcp
from gentcp.erl import ErlangError, erlang, gen_tcp, inet, inet_tcp

from ..support import Net, StillDriver, Throttle, eventually, inspection, seams, tamper, throttle

pytestmark = pytest.mark.parametrize("net", ["inet"], indirect=True)
HIGH = 8192


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> StillDriver:
    still = StillDriver()
    monkeypatch.setattr(*seams.seam("driver"), still)
    return still


def label(ref: Any) -> list[bytes]:
    binary = erlang.term_to_binary(ref, ["local"])
    return [len(binary).to_bytes(2, "big"), binary]


def full(net: Net, *options: Any) -> tuple[gentcp.Socket, Throttle, Any]:
    """A socket with `HIGH` bytes in its queue, and a sender that is blocked by them."""
    sock, _ = net.pair(*options)
    system = throttle(sock)
    assert gen_tcp.send(sock, bytes(HIGH)) == "ok"
    return sock, system, net.blocked(sock, "send", b"1")


def flush(system: Throttle, driver: StillDriver, size: int) -> None:
    system.room = size
    driver.turn()


@pytest.mark.parametrize(
    ("binary", "term"),
    [
        (b"\x83a\7", 7),
        (b"\x83b\xff\xff\xff\xfe", -2),
        (b"\x83w\3abc", "abc"),
        (b"\x83m\0\0\0\2xy", b"xy"),
    ],
)
def test_a_command_may_be_known_again_by_a_simple_term(net: Net, binary: bytes, term: Any) -> None:
    """Written out in Erlang's external format; what OTP 29 gives back."""
    sock, peer = net.pair()
    assert erlang.port_command(sock, [len(binary).to_bytes(2, "big"), binary, b"x"]) is True
    assert gentcp.receive(timeout=20) == ("inet_reply", sock, "ok", term)
    assert peer.recv_exact(1) == b"x"


@pytest.mark.parametrize("binary", [b"\x82a\7", b"\x83a", b"\x83w\4abc", b"\x83m\0\0\0\3xy", b"\x83"])
def test_no_answer_comes_to_what_is_no_term(net: Net, binary: bytes) -> None:
    sock, peer = net.pair()
    assert erlang.port_command(sock, [len(binary).to_bytes(2, "big"), binary, b"x"]) is True
    assert peer.recv_exact(1) == b"x"
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)


def test_all_who_wait_in_the_driver_are_answered(net: Net, driver: StillDriver) -> None:
    """On a VM only the last one is."""
    sock, system, first = full(net)
    refs = [erlang.make_ref() for _ in range(2)]
    for ref in refs:
        assert erlang.port_command(sock, [*label(ref), b"x"], ["force"]) is True
    forced = net.spawn(inet_tcp.send, sock, b"2", ["force"])
    eventually(lambda: inspection.queued(sock) == HIGH + 4)
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)
    flush(system, driver, HIGH)
    assert [gentcp.receive(timeout=20) for _ in refs] == [("inet_reply", sock, "ok", ref) for ref in refs]
    assert (first.result(), forced.result()) == ("ok", "ok")


def test_nosuspend_and_force_do_not_count_as_busy_senders(net: Net, driver: StillDriver) -> None:
    sock, system, first = full(net)
    assert inet_tcp.send(sock, b"x", ["nosuspend"]) == ("error", "busy")
    assert erlang.port_command(sock, b"\0\0x", ["nosuspend"]) is False
    assert inspection.queued(sock) == HIGH + 1
    flush(system, driver, HIGH)
    assert first.result() == "ok"
    assert inet_tcp.send(sock, b"x", ["nosuspend"]) == "ok"


def test_each_time_a_sender_is_suspended_is_told_once(net: Net, driver: StillDriver) -> None:
    """Woken for nothing it is not suspended anew; a port that has become busy again suspends it again."""
    me = gentcp.current_process()
    erlang.system_monitor(me, ["busy_port"])
    try:
        sock, system, first = full(net)
        second = net.blocked(sock, "send", b"2")
        tamper.wake_suspended(sock)
        eventually(lambda: second.process in inspection.suspended(sock))
        assert gentcp.receive(timeout=20) == ("monitor", second.process, "busy_port", sock)
        with pytest.raises(TimeoutError):
            gentcp.receive(timeout=0)
        flush(system, driver, 2 * HIGH)
        assert (first.result(), second.result()) == ("ok", "ok")
    finally:
        erlang.system_monitor("undefined")


def test_a_port_command_is_suspended_as_a_send_is(net: Net, driver: StillDriver) -> None:
    sock, system, first = full(net)
    command = net.spawn(erlang.port_command, sock, b"\0\0x")
    eventually(lambda: inspection.suspended(sock))
    flush(system, driver, HIGH)
    assert (first.result(), command.result()) == ("ok", True)


def test_a_closed_port_answers_a_command_that_was_in_it(net: Net, driver: StillDriver) -> None:
    sock, system, first = full(net)
    ref = erlang.make_ref()
    assert erlang.port_command(sock, [*label(ref), b"x"], ["force"]) is True
    assert erlang.port_close(sock) is True
    assert gentcp.receive(timeout=20) == ("inet_reply", sock, ("error", "closed"), ref)
    assert first.result() == ("error", "closed")
    flush(system, driver, 2 * HIGH)


def test_a_reference_that_is_gone_is_nobodys(net: Net, driver: StillDriver) -> None:
    sock, peer = net.pair()
    gone = label(erlang.make_ref())
    assert erlang.port_command(sock, [*gone, b"abc"]) is True
    assert peer.recv_exact(3) == b"abc"
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)


def test_port_connect_moves_what_is_to_come(net: Net) -> None:
    sock, peer = net.pair(("active", True))
    owner = net.spawn(gentcp.receive)
    assert erlang.port_connect(sock, owner.process) is True
    peer.send(b"abc")
    assert owner.result() == ("tcp", sock, b"abc")
    eventually(lambda: sock.fileno() < 0)  # it has ended with its new owner


def test_only_references_have_a_binary(net: Net) -> None:
    ref = erlang.make_ref()
    assert erlang.term_to_binary(ref, ["local"]) == erlang.term_to_binary(ref, ["local"])
    for term, options in ((ref, []), ("foo", ["local"]), (5, ["local"])):
        with pytest.raises(ErlangError, match="badarg"):
            erlang.term_to_binary(term, options)


def test_what_is_no_socket_is_no_port(net: Net) -> None:
    sock, _ = net.pair()
    assert erlang.is_port(sock)
    assert not erlang.is_port("foo")
    with pytest.raises(ErlangError, match="badarg"):
        erlang.port_info("foo")
    with pytest.raises(ErlangError, match="function_clause"):
        inet_tcp.send("foo", b"a")


def test_a_monitor_hears_why_a_port_ended(net: Net) -> None:
    sock, _ = net.pair()
    ref = inet.monitor(sock)
    erlang.port_command(sock, b"hello")
    assert gentcp.receive(timeout=20) == ("DOWN", ref, "port", sock, "einval")


def test_demonitor_with_options(net: Net) -> None:
    """With flush it takes the message out, info tells whether there was still a monitor."""
    sock, _ = net.pair()
    one, two, three = (erlang.monitor("port", sock) for _ in range(3))
    assert erlang.demonitor(one, ["info"]) is True
    assert erlang.demonitor(one, ["info"]) is False
    gen_tcp.close(sock)
    assert erlang.demonitor(two, ["flush", "info"]) is False
    assert erlang.demonitor(three) is True
    assert gentcp.receive(timeout=20) == ("DOWN", three, "port", sock, "normal")
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0)
    with pytest.raises(ErlangError, match="badarg"):
        erlang.demonitor(three, ["foo"])
