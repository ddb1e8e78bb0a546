"""The methods of sockets and listeners on real connections."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gentcp
from gentcp import terms

from ..support import PATIENCE, Task, eventually, inspection
from .faces import ON_ONE_CONNECTION, Connect, Dial


def view(data: bytes) -> memoryview:
    return memoryview(data)


IODATA: st.SearchStrategy[gentcp.Iodata] = st.recursive(
    st.binary() | st.binary().map(bytearray) | st.binary().map(view),
    lambda inner: st.lists(inner | st.integers(0, 255), max_size=4),
)


# Data


def test_packets_keep_their_borders(connect: Connect) -> None:
    sock, other = connect(packet=4)
    for packet in (b"one", b"", b"three" * 50_000):
        sock.send(packet)
        assert other.recv(timeout=PATIENCE) == packet


def test_everything_that_is_iodata_can_be_sent(connect: Connect) -> None:
    sock, other = connect(packet=4)

    @ON_ONE_CONNECTION
    @given(IODATA)
    def exchange(data: gentcp.Iodata) -> None:
        sock.send(data)
        assert other.recv(timeout=PATIENCE) == terms.iodata_to_bytes(data)

    exchange()


def test_recv_of_a_length_waits_for_that_many_bytes(connect: Connect) -> None:
    sock, other = connect()
    sock.send(b"abc")
    assert other.recv(2, timeout=PATIENCE) == b"ab"
    with pytest.raises(gentcp.Timeout):
        other.recv(2, timeout=0)
    sock.send(b"d")
    assert other.recv(2, timeout=PATIENCE) == b"cd"


def test_what_is_put_back_comes_first(connect: Connect) -> None:
    sock, other = connect(packet="line")
    sock.send(b"second\n")
    try:
        other.unrecv([b"fi", b"rst", 10])
    except gentcp.Error as error:
        assert (error.reason, error.strerror) == ("enotsup", "this backend cannot do that")
        assert other.recv(timeout=PATIENCE) == b"second\n"
        return
    assert [other.recv(timeout=PATIENCE) for _ in range(2)] == [b"first\n", b"second\n"]


def test_mode_list_and_header_deliver_what_they_say(connect: Connect) -> None:
    sock, other = connect(packet=4)
    sock.setopts(mode="list")
    other.send(b"abc")
    received: Any = sock.recv(timeout=PATIENCE)
    assert received == [97, 98, 99]
    sock.setopts(mode="binary", header=1)
    other.send(b"abc")
    received = sock.recv(timeout=PATIENCE)
    assert received == terms.ImproperList([97], b"bc")


@pytest.mark.parametrize(("packet", "most"), [(1, 255), (2, 65535)])
def test_a_packet_that_its_header_cannot_count_is_refused(connect: Connect, packet: int, most: int) -> None:
    sock, other = connect(packet=packet)
    for _ in range(2):
        with pytest.raises(gentcp.MessageTooLong, match=f"data: {most + 1} bytes, but with {packet=} at most {most}"):
            sock.send(bytes(most + 1))
    sock.send(bytes(most))
    assert other.recv(timeout=PATIENCE) == bytes(most)
    sock.setopts(packet=4)
    other.setopts(packet=4)
    sock.send(bytes(most + 1))
    assert other.recv(timeout=PATIENCE) == bytes(most + 1)
    sock.setopts(packet=1)
    with pytest.raises(gentcp.MessageTooLong):
        sock.send(bytes(256))


# The end


def test_iteration_ends_with_the_connection(connect: Connect) -> None:
    sock, other = connect(packet=2)
    for packet in (b"a", b"b"):
        sock.send(packet)
    sock.close()
    assert list(other) == [b"a", b"b"]
    assert list(other) == []


def test_iteration_raises_a_reset(dial: Dial) -> None:
    sock, peer = dial(show_econnreset=True)
    peer.reset()
    with pytest.raises(ConnectionResetError) as caught:
        list(sock)
    assert isinstance(caught.value, gentcp.Reset)


def test_iteration_raises_what_is_no_packet(dial: Dial) -> None:
    sock, peer = dial(packet=4, packet_size=100)
    peer.send(b"\xff\xff\xff\xff")
    with pytest.raises(gentcp.MessageTooLong):
        list(sock)


def test_iteration_over_an_active_socket_says_what_to_do(connect: Connect) -> None:
    sock, _ = connect(active=True)
    with pytest.raises(gentcp.InvalidState, match=r"the socket is active \(active=True\).*gentcp.receive\(\)"):
        list(sock)


def test_a_half_closed_connection_still_carries_the_answer(connect: Connect) -> None:
    sock, other = connect()
    sock.send(b"question")
    sock.shutdown("write")
    assert other.recv(timeout=PATIENCE) == b"question"
    other.send(b"answer")
    assert sock.recv(timeout=PATIENCE) == b"answer"


def test_close_ends_a_recv_and_can_be_repeated(connect: Connect) -> None:
    sock, _ = connect()
    task = Task(list, sock)
    sock.close()
    sock.close()
    assert task.result() == []
    assert sock.fileno() == -1


def test_with_closes(connect: Connect) -> None:
    sock, other = connect()
    with sock as entered:
        assert entered is sock
    with pytest.raises(gentcp.Closed):
        other.recv(timeout=PATIENCE)


def test_detach_hands_the_connection_over(dial: Dial) -> None:
    sock, peer = dial()
    with socket.socket(fileno=sock.detach()) as raw:
        raw.sendall(b"still there")
        assert peer.recv_exact(11) == b"still there"
    with pytest.raises(gentcp.Closed, match="there is no descriptor"):
        sock.detach()
    with pytest.raises(gentcp.Closed):
        sock.recv()


# Listeners


def test_a_listener_iterates_over_connections_until_it_is_closed(backend: str, nothing_left_behind: None) -> None:
    accepted: list[gentcp.Socket] = []
    with gentcp.listen(ip="loopback", inet_backend=backend) as listener:
        task = Task(lambda: accepted.extend(listener))
        socks = [gentcp.connect("127.0.0.1", listener.port, inet_backend=backend) for _ in range(3)]
        eventually(lambda: len(accepted) == 3)
        assert sorted(str(sock.peername) for sock in accepted) == sorted(str(sock.sockname) for sock in socks)
    task.result()
    assert [sock.fileno() for sock in accepted] == [-1] * 3  # their owner has ended
    for sock in socks:
        sock.close()


def test_accept_has_a_time_limit(backend: str, nothing_left_behind: None) -> None:
    with gentcp.listen(ip="loopback", inet_backend=backend) as listener:
        with pytest.raises(gentcp.Timeout) as caught:
            listener.accept(timeout=0.01)
        assert isinstance(caught.value, TimeoutError)
        with pytest.raises(gentcp.OptionError, match="timeout: expected seconds"):
            listener.accept(timeout=float("nan"))


def test_accepted_sockets_inherit_the_face_s_defaults(connect: Connect) -> None:
    _, accepted = connect()
    assert accepted.getopts("mode", "active") == {"mode": "binary", "active": False}


# Options and counters


def test_options_read_back_as_they_were_set(connect: Connect) -> None:
    sock, _ = connect()
    wanted = {
        "linger": 3,
        "send_timeout": 1.25,
        "nodelay": True,
        "packet": "line",
        "user_timeout": None,
        "active": False,
    }
    sock.setopts(linger=3, send_timeout=1.25, nodelay=True, packet="line", user_timeout=None)
    assert sock.getopts(*wanted) == wanted
    sock.setopts(linger=None, send_timeout=None, packet="raw")
    assert sock.getopts("linger", "send_timeout", "packet") == {"linger": None, "send_timeout": None, "packet": "raw"}


def test_getopts_without_names_gives_all_that_there_are(connect: Connect) -> None:
    sock, _ = connect()
    everything = sock.getopts()
    assert {"active", "mode", "packet", "send_timeout", "nodelay", "sndbuf"} <= everything.keys()
    assert all(sock.getopts(name) == {name: value} for name, value in everything.items())


def test_a_refused_option_changes_nothing_and_loses_nothing(connect: Connect) -> None:
    sock, other = connect(packet=4)
    sock.send(b"kept")
    with pytest.raises(gentcp.OptionError, match="^packet: expected one of"):
        other.setopts(active=True, packet=3)  # type: ignore[arg-type]
    with pytest.raises(gentcp.OptionError, match="^length: expected 0, not 3: with packet=4"):
        other.recv(3)
    assert other.getopts("active", "packet") == {"active": False, "packet": 4}
    assert other.recv(timeout=PATIENCE) == b"kept"


def test_counters(connect: Connect) -> None:
    sock, other = connect(packet=2)
    sock.send(b"four")
    assert other.recv(timeout=PATIENCE) == b"four"
    assert sock.getstat("send_oct", "send_cnt") == {"send_oct": 6, "send_cnt": 1}
    assert {"recv_oct", "send_oct", "recv_max"} <= other.getstat().keys()


# Messages and owners


def test_messages_carry_the_socket_itself(connect: Connect) -> None:
    sock, other = connect(packet="line")
    other.setopts(active=1)
    sock.send(b"first\nsecond\n")
    assert gentcp.receive(timeout=PATIENCE) == ("tcp", other, b"first\n")
    assert gentcp.receive(timeout=PATIENCE) == ("tcp_passive", other)
    assert other.recv(timeout=PATIENCE) == b"second\n"
    other.setopts(active="once")
    sock.close()
    assert gentcp.receive(timeout=PATIENCE) == ("tcp_closed", other)


def test_a_socket_moves_to_another_process_with_its_messages(connect: Connect) -> None:
    sock, other = connect(packet=4)
    task = Task(gentcp.receive, lambda message: message[0] == "tcp", PATIENCE)
    sock.controlling_process(task.process)
    sock.setopts(active="once")
    other.send(b"for you")
    assert task.result() == ("tcp", sock, b"for you")
    eventually(lambda: sock.fileno() == -1)


def test_only_the_owner_gives_a_socket_away(connect: Connect) -> None:
    sock, _ = connect()
    task = Task(lambda: sock.controlling_process(gentcp.current_process()))
    with pytest.raises(gentcp.NotOwner) as caught:
        task.result()
    assert isinstance(caught.value, PermissionError)


def test_a_second_receiver_is_refused_or_gets_its_turn(connect: Connect) -> None:
    sock, other = connect(packet=1)
    first = Task(sock.recv)
    eventually(lambda: inspection.receivers(sock) == 1)
    second = Task(sock.recv)
    eventually(lambda: second.done or inspection.receivers(sock) == 2)
    refused = second.done
    if refused:
        with pytest.raises(gentcp.Busy, match="another process is in recv on this socket"):
            second.result()
    other.send(b"first")
    assert first.result() == b"first"
    other.send(b"second")
    assert (sock.recv(timeout=PATIENCE) if refused else second.result()) == b"second"
