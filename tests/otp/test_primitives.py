"""Functions below gen_tcp on a VM's sockets: what comes in messages is known here, and what ends there ends here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gentcp
from gentcp.abc import Backend
from gentcp.erl import ErlangError, erlang, gen_tcp, inet_db, prim_inet

from ..support import Net, Task, eventually


@pytest.fixture
def net() -> Iterator[Net]:
    kit = Net("otp_inet")
    yield kit
    kit.close()


def test_a_socket_in_a_message_is_one_of_ours(net: Net) -> None:
    """It belongs to who has asked for it, and ends with it."""
    listener = net.listen()

    def ask() -> gentcp.Socket:
        assert prim_inet.async_accept(listener, -1)[0] == "ok"
        kind, told, _, (result, sock) = gentcp.receive(timeout=20)
        assert (kind, told, result) == ("inet_async", listener, "ok")
        assert inet_db.register_socket(sock, "inet_tcp") is True
        assert gen_tcp.send(sock, b"abc") == "ok"
        found: gentcp.Socket = sock
        return found

    task = Task(ask)
    peer = net.dial(listener)
    assert peer.recv_exact(3) == b"abc"
    sock = task.result()
    assert sock.inet_backend == "otp_inet"
    assert peer.drain() == b""
    assert eventually(lambda: sock.handle.ended)


def test_prim_inet_accept_gives_a_socket(net: Net) -> None:
    listener = net.listen()
    peer = net.dial(listener)
    sock = net.ok(prim_inet.accept(listener, 5000))
    assert inet_db.lookup_socket(sock) == ("ok", "undefined")
    peer.send(b"abc")
    assert prim_inet.recv(sock, 3) == ("ok", b"abc")


def test_what_is_closed_there_is_forgotten_here(net: Net) -> None:
    one, _ = net.pair()
    other, _ = net.pair()
    assert prim_inet.close(one) == "ok"
    assert erlang.port_close(other) is True
    assert one.handle.ended
    assert other.handle.ended


def test_a_socket_that_is_given_away_ends_with_its_new_owner(net: Net) -> None:
    sock, _ = net.pair()
    owner = net.spawn(gentcp.receive)
    assert erlang.port_connect(sock, owner.process) is True
    owner.process.post("go")
    assert owner.result() == "go"
    eventually(lambda: sock.handle.ended)


def test_the_vm_says_what_is_no_port(vm: Backend) -> None:
    kit = Net("otp_socket")
    try:
        sock, _ = kit.pair()
        assert vm.apply("erlang", "is_port", [sock]) is False
        assert prim_inet.async_recv(sock, 0, 0) == ("error", "einval")
        with pytest.raises(ErlangError, match="function_clause"):
            prim_inet.send(sock, b"a")
        with pytest.raises(ErlangError, match="badarg"):
            erlang.port_command(sock, b"a")
    finally:
        kit.close()
