"""async_recv and async_accept of the inet backend: whose message it is, and that nothing is left behind.

What OTP answers is held by the suite (areas prim-inet and ports); here is what it does not show.
"""

from __future__ import annotations

import gc
import os
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet, inet_db, prim_inet

from ..support import Net, eventually, inspection, mailbox

pytestmark = pytest.mark.parametrize("net", ["inet"], indirect=True)


def asked(result: Any) -> int:
    """The number of an async call."""
    ok, number = result
    assert ok == "ok"
    return int(number)


def told(sock: Any, number: int) -> Any:
    """The result in the message for that number."""
    message = gentcp.receive(lambda m: isinstance(m, tuple) and m[:3] == ("inet_async", sock, number), timeout=20)
    return message[3]


def test_data_come_while_the_caller_is_elsewhere(net: Net) -> None:
    """The driver reads for a caller that is not in receive, as it does for active sockets."""
    sock, peer = net.pair()
    number = asked(prim_inet.async_recv(sock, 0, -1))
    peer.send(b"abc")
    assert eventually(mailbox) == [("inet_async", sock, number, ("ok", b"abc"))]
    assert gentcp.receive() is not None


@pytest.mark.parametrize("comes", [True, False], ids=["something comes", "nothing comes"])
def test_it_waits_between_two_messages_of_an_active_socket(net: Net, comes: bool) -> None:
    """For the descriptor that was watched for the owner, and will be again."""
    sock, peer = net.pair()
    for _ in range(2):
        assert inet.setopts(sock, [("active", "once")]) == "ok"
        peer.send(b"message")
        assert gentcp.receive(timeout=5) == ("tcp", sock, b"message")
        number = asked(prim_inet.async_recv(sock, 0, -1 if comes else 20))
        if comes:
            peer.send(b"packet")
        assert told(sock, number) == (("ok", b"packet") if comes else ("error", "timeout"))


def test_nothing_is_watched_or_owned_when_it_is_over(net: Net) -> None:
    sock, peer = net.pair()
    me, fd = gentcp.current_process(), sock.fileno()
    owned = inspection.owned(me)
    for _ in range(3):
        number = asked(prim_inet.async_recv(sock, 0, 60_000))
        assert fd in inspection.watched(me)
        peer.send(b"a")
        assert told(sock, number) == ("ok", b"a")
        assert fd not in inspection.watched(me)
    assert inspection.owned(me) == owned


def test_one_after_the_other_gets_each_packet_once(net: Net) -> None:
    sock, peer = net.pair(("packet", 2))
    packets = [b"%d" % number for number in range(200)]
    peer.send(b"".join(len(packet).to_bytes(2, "big") + packet for packet in packets))
    found = []
    for _ in packets:
        _, data = told(sock, asked(prim_inet.async_recv(sock, 0, -1)))
        found.append(data)
    assert found == packets


def test_a_caller_that_is_killed_frees_its_place(net: Net) -> None:
    sock, peer = net.pair()
    other = net.spawn(lambda: (prim_inet.async_recv(sock, 0, -1), gentcp.receive()))
    eventually(lambda: inspection.receivers(sock))
    other.process.kill()
    eventually(lambda: not inspection.receivers(sock))
    number = asked(prim_inet.async_recv(sock, 0, -1))
    peer.send(b"abc")
    assert told(sock, number) == ("ok", b"abc")


def test_a_blocked_recv_hands_over_to_an_async_one(net: Net) -> None:
    """The thread of a killed receiver is in its system call for a while; then the mailbox of the next one reads."""
    sock, peer = net.pair()
    blocked = net.blocked(sock, "recv", 0)
    blocked.process.kill()
    number = asked(prim_inet.async_recv(sock, 0, -1))
    peer.send(b"abc")
    assert told(sock, number) == ("ok", b"abc")


def test_the_end_of_a_caller_takes_it_out_of_the_line(net: Net) -> None:
    listener = net.listen()
    other = net.spawn(lambda: (prim_inet.async_accept(listener, -1), gentcp.receive()))
    eventually(lambda: inspection.acceptors(listener) == 1)
    number = asked(prim_inet.async_accept(listener, -1))
    other.process.kill()
    eventually(lambda: inspection.acceptors(listener) == 1)
    net.dial(listener)
    result, sock = told(listener, number)
    assert result == "ok"
    net.ok(("ok", sock))
    assert inspection.owner(sock) is gentcp.current_process()


def test_the_first_in_line_watches_for_all(net: Net) -> None:
    listener = net.listen()
    numbers = [asked(prim_inet.async_accept(listener, -1)) for _ in range(5)]
    for _ in numbers:
        net.dial(listener)
    socks = [net.ok(told(listener, number)) for number in numbers]
    assert len(set(socks)) == 5
    assert inspection.acceptors(listener) == 0


def test_a_listener_that_is_closed_tells_all(net: Net) -> None:
    listener = net.listen()
    numbers = [asked(prim_inet.async_accept(listener, 60_000)) for _ in range(3)]
    gen_tcp.close(listener)
    assert [told(listener, number) for number in numbers] == [("error", "closed")] * 3


def test_an_accepted_socket_lives_without_a_reference(net: Net) -> None:
    """It is in a message, or nowhere; its owner's end closes it."""
    listener = net.listen()
    peer = net.dial(listener)
    asked(prim_inet.async_accept(listener, 0))
    peer.send(b"abc")
    _, _, _, (_, sock) = gentcp.receive(timeout=20)
    port, number = sock.handle, sock.fileno()
    del sock
    gc.collect()
    os.fstat(number)
    assert port.close() == "ok"


def test_registered_sockets_are_as_any_other(net: Net) -> None:
    listener = net.listen(("packet", 2))
    peer = net.dial(listener)
    sock = net.ok(told(listener, asked(prim_inet.async_accept(listener, 0))))
    assert inet_db.register_socket(sock, "inet_tcp") is True
    assert inet.setopts(sock, [("active", "once")]) == "ok"
    peer.send(b"\0\2hi")
    assert gentcp.receive(timeout=20) == ("tcp", sock, b"hi")
    assert gen_tcp.send(sock, b"yo") == "ok"
    assert peer.recv_exact(4) == b"\0\2yo"


def test_of_two_by_one_caller_that_one_ends_whose_time_is_over(net: Net) -> None:
    """OTP's driver ends the first of that caller, and then uses a timer that is gone: no case for a live VM."""
    listener = net.listen()
    forever = asked(prim_inet.async_accept(listener, -1))
    short = asked(prim_inet.async_accept(listener, 1))
    assert told(listener, short) == ("error", "timeout")
    net.dial(listener)
    net.ok(told(listener, forever))


def test_the_owner_hears_of_the_end_before_who_has_asked(net: Net) -> None:
    """The driver tells the owner, and then ends, which answers what waits."""
    sock, peer = net.pair()
    number = asked(prim_inet.async_recv(sock, 0, -1))
    assert inet.setopts(sock, [("active", True)]) == "ok"
    peer.close()
    messages = [gentcp.receive(timeout=20) for _ in range(2)]
    assert messages == [("tcp_closed", sock), ("inet_async", sock, number, ("error", "closed"))]
