"""What the server process behind a socket of the socket backend does in which order, and how much it reads.

What OTP 29 answers was asked of a VM, program by program.
"""

from __future__ import annotations

from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet

from ..support import Net, ended, eventually, inspection, mailbox, unread

pytestmark = pytest.mark.parametrize("net", ["socket"], indirect=True)

CLOSED, EINVAL, EMSGSIZE = ("error", "closed"), ("error", "einval"), ("error", "emsgsize")


def counted(sock: gentcp.Socket, name: str) -> int:
    result, [(_name, number)] = inet.getstat(sock, [name])
    assert result == "ok"
    return int(number)


@pytest.mark.parametrize(
    ("options", "data", "reads"),
    [
        ([("packet", "httph"), ("buffer", 1)], b"HTTP/1.1 200 OK\r\n", 17),
        ([("packet", "http_bin"), ("buffer", 5)], b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\nbody", 7),
        ([("packet", 1), ("buffer", 16)], (b"\x1e" + b"x" * 30) * 2, 3),
    ],
)
@pytest.mark.parametrize("mode", ["list", "binary"])
def test_a_small_buffer_is_what_is_read_at_a_time(
    net: Net, options: list[Any], data: bytes, reads: int, mode: str
) -> None:
    """But what is missing from a packet of known length is read at once; recv_cnt counts reads."""
    sock, peer = net.pair(("active", True), ("mode", mode), *options)
    peer.send(data)
    eventually(lambda: not unread(sock.fileno()))
    assert counted(sock, "recv_cnt") == reads


def test_a_framing_error_drops_what_was_read_and_no_more(net: Net) -> None:
    """With a buffer of five bytes it is there again with the next five."""
    sock, peer = net.pair(("active", True), ("packet", 4), ("buffer", 5))
    peer.send(b"0123456789" * 2)
    assert gentcp.receive(timeout=20) == ("tcp_error", sock, "emsgsize")
    assert [gen_tcp.recv(sock, 0, 5000) for _ in range(3)] == [EMSGSIZE] * 3
    assert gen_tcp.recv(sock, 0, 1) == ("error", "timeout")


def test_a_header_longer_than_the_buffer_is_read_exactly(net: Net) -> None:
    """So what is behind it is still there when it turns out to be none."""
    sock, peer = net.pair(("packet", "cdr"), ("buffer", 5))
    peer.send(b"a" * 13)
    eventually(lambda: unread(sock.fileno()) == 13)
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "emsgsize")
    assert inet.setopts(sock, [("packet", "raw")]) == "ok"
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"a")


def test_a_recv_in_line_is_refused_when_it_is_its_turn(net: Net) -> None:
    """A length with a packet type is einval, but not before those in front have their packets."""
    sock, peer = net.pair(("packet", "tpkt"))
    first = net.blocked(sock, "recv", 0)
    wrong = net.blocked(sock, "recv", 3, 1)
    last = net.blocked(sock, "recv", 0)
    assert not wrong.done
    peer.send(b"\3\0\0\6ab")
    assert (first.result(), wrong.result()) == (("ok", b"\3\0\0\6ab"), EINVAL)
    peer.send(b"\3\0\0\5c")
    assert last.result() == ("ok", b"\3\0\0\5c")


def test_setopts_lets_others_receive_first(net: Net) -> None:
    """OTP 29 forgets the recv that waits; those in line, and those that come, go ahead."""
    sock, peer = net.pair()
    first = net.blocked(sock, "recv", 0)
    second = net.blocked(sock, "recv", 10, 1)
    assert inet.setopts(sock, [("nodelay", True)]) == "ok"
    assert second.result() == ("error", "timeout")
    assert gen_tcp.recv(sock, 0, 1) == ("error", "timeout")
    last = net.blocked(sock, "recv", 3)
    peer.send(b"abcde")
    assert (last.result(), first.result()) == (("ok", b"abc"), ("ok", b"de"))


@pytest.mark.parametrize("timeout", [0, 5000, "infinity"])
def test_what_is_buffered_goes_to_those_who_overtake(net: Net, timeout: Any) -> None:
    sock, peer = net.pair()
    first = net.blocked(sock, "recv", 10)
    peer.send(b"abc")
    eventually(lambda: inspection.unread_bytes(sock) == 3)
    assert inet.setopts(sock, [("nodelay", True)]) == "ok"
    assert gen_tcp.recv(sock, 2, timeout) == ("ok", b"ab")
    peer.send(b"defghijkl")
    assert first.result() == ("ok", b"cdefghijkl")


@pytest.mark.parametrize("comes", [b"def", b""])
def test_what_setopts_makes_of_the_buffer_is_for_the_next_recv(net: Net, comes: bytes) -> None:
    """The one that blocks in the system cannot take it before more comes, or the end, and loses nothing."""
    sock, peer = net.pair(("packet", "line"))
    first = net.spawn(lambda: gentcp.receive() and gen_tcp.recv(sock, 0))
    assert gen_tcp.controlling_process(sock, first.process) == "ok"
    first.process.post("begin")
    eventually(lambda: inspection.in_system_call(sock))
    peer.send(b"abc")
    eventually(lambda: inspection.unread_bytes(sock) == 3)
    assert inet.setopts(sock, [("packet", "raw")]) == "ok"
    assert gen_tcp.recv(sock, 1, 0) == ("ok", b"a")
    if comes:
        peer.send(comes)
    else:
        peer.finish()
    assert first.result() == ("ok", b"bc" + comes)


def test_who_does_not_own_the_socket_looks_again(net: Net) -> None:
    sock, peer = net.pair(("packet", "line"))
    receiver = net.spawn(gen_tcp.recv, sock, 0)
    eventually(lambda: inspection.in_system_call(sock))
    peer.send(b"abc")
    eventually(lambda: inspection.unread_bytes(sock) == 3)
    assert inet.setopts(sock, [("packet", "raw")]) == "ok"
    assert receiver.result() == ("ok", b"abc")


def test_one_that_was_overtaken_still_times_out(net: Net) -> None:
    sock, _peer = net.pair()
    first = net.blocked(sock, "recv", 0, 50)
    second = net.blocked(sock, "recv", 0, 5000)
    assert inet.setopts(sock, [("nodelay", True)]) == "ok"
    assert first.result() == ("error", "timeout")
    assert not second.done


def test_a_recv_reads_as_long_as_there_is_something(net: Net) -> None:
    """So one whose timeout is 0 sees the reset behind fewer bytes than it wants."""
    sock, peer = net.pair()
    peer.send(b"abc")
    eventually(lambda: unread(sock.fileno()) == 3)
    peer.reset()
    assert gen_tcp.recv(sock, 10, 0) == CLOSED


@pytest.mark.parametrize(
    ("options", "length", "after"),
    [([], 10_000, ("ok", b"abc")), ([("buffer", 2)], 10, ("ok", b"abc")), ([("packet", 1), ("buffer", 2)], 0, CLOSED)],
)
@pytest.mark.parametrize("end", ["finish", "reset"])
def test_what_is_longer_than_the_buffer_is_read_once(
    net: Net, options: list[Any], length: int, after: Any, end: str
) -> None:
    """The server asks for just that many bytes then, and waits if they are not all there: it does not see the end."""
    sock, peer = net.pair(*options)
    peer.send(b"abc")
    getattr(peer, end)()
    eventually(lambda: ended(sock.fileno()))
    assert gen_tcp.recv(sock, length, 0) == ("error", "timeout")
    assert gen_tcp.recv(sock, 0, 0) == after


def test_what_a_new_packet_type_makes_of_the_buffer_comes_before_the_end(net: Net) -> None:
    """The server looks at what it has before it reads; being passive then, it does not read."""
    sock, peer = net.pair(("active", 2), ("packet", "fcgi"))
    peer.send(b"\0\0\0\2hi")
    eventually(lambda: not unread(sock.fileno()) and inspection.unread_bytes(sock))
    assert inet.setopts(sock, [("packet", 1)]) == "ok"
    assert gen_tcp.shutdown(sock, "read") == "ok"
    assert mailbox() == [("tcp", sock, b""), ("tcp", sock, b""), ("tcp_passive", sock)]
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"")


@pytest.mark.parametrize(
    ("options", "result", "messages"),
    [
        ([("buffer", 16)], CLOSED, []),
        ([("nodelay", True)], CLOSED, []),
        ([("exit_on_close", False)], EINVAL, []),
        ([("high_watermark", 5)], "ok", []),
        ([("active", True)], "ok", ["tcp_closed"]),
        ([("active", False)], "ok", []),
        ([("active", True), ("nodelay", True)], EINVAL, []),
        ([("exit_on_close", False), ("active", True)], EINVAL, []),
    ],
)
def test_setopts_after_a_failed_send(net: Net, options: list[Any], result: Any, messages: list[str]) -> None:
    """The server is there, the system's socket is not; `active` is taken if it comes alone."""
    sock, _peer = net.pair()
    assert gen_tcp.shutdown(sock, "write") == "ok"
    assert gen_tcp.send(sock, b"a") == CLOSED
    assert inet.setopts(sock, options) == result
    assert [message[0] for message in mailbox()] == messages
    assert gen_tcp.recv(sock, 0, 0) == (EINVAL if messages else CLOSED)


def test_shutdown_fails_a_send_that_waits_at_once(net: Net) -> None:
    """And so the socket has hung up when shutdown returns, if exit_on_close is false."""
    sock, _peer = net.stalled(("exit_on_close", False))
    waiting = [net.blocked(sock, "send", bytes(4_000_000)) for _ in range(2)]
    assert gen_tcp.shutdown(sock, "write") == "ok"
    assert inet.getstat(sock, ["send_pend"]) == {"rstates": ["closed"], "wstates": ["closed"]}
    assert [task.result() for task in waiting] == [CLOSED] * 2


def test_send_timeout_close_is_asked_for_when_the_send_begins(net: Net) -> None:
    """Set while a send waits, it is for the next one: the rest comes back, and the socket stays open."""
    sock, _peer = net.stalled(("send_timeout", 200))
    waiting = net.blocked(sock, "send", bytes(4_000_000))
    assert inet.setopts(sock, [("send_timeout_close", True)]) == "ok"
    result, (reason, rest) = waiting.result()
    assert (result, reason, bool(rest)) == ("error", "timeout", True)
    assert gen_tcp.send(sock, b"a") == ("error", "timeout")
    assert gen_tcp.send(sock, b"a") == CLOSED


@pytest.mark.parametrize(
    ("kind", "packet", "options", "sizes"),
    [
        (1, b"\x0812345678", [], [8183, 8192, 1616]),
        ("line", b"12345678\n", [], [8183, 8192, 1616]),
        (4, b"\0\0\0\x0512345", [("buffer", 3000)], [2991, 3000, 3000]),
    ],
)
@pytest.mark.parametrize("active", [False, "once"])
def test_what_is_kept_is_what_was_left_of_a_read(
    net: Net, kind: Any, packet: bytes, options: list[Any], sizes: list[int], active: Any
) -> None:
    """After a switch to raw that comes first, and then as much as the buffer takes."""
    sock, peer = net.pair(("packet", kind), *options)
    peer.send(packet * 2000)
    eventually(lambda: unread(sock.fileno()) == 18_000)
    assert gen_tcp.recv(sock, 0, 5000)[0] == "ok"
    assert inet.setopts(sock, [("packet", "raw"), ("active", active)]) == "ok"
    first = eventually(mailbox)[0][2] if active else gen_tcp.recv(sock, 0, 0)[1]
    assert [len(first), *(len(gen_tcp.recv(sock, 0, 0)[1]) for _ in sizes[1:])] == sizes


@pytest.mark.parametrize(
    ("pieces", "left"),
    [
        ([b"\2\1\0\1\0\4\2\0abcdpp"], b"cdpp"),
        ([b"\2\1\0\1", b"\0\4\2\0abcdpp"], b"\2\1\0\1"),
        ([b"\1\1\0\1\0\1\0\0a", b"\2\1\0\1\0\4\2\0abcdpp"], b"cdpp"),
    ],
)
def test_a_framing_error_drops_what_the_server_has_read_without_waiting(
    net: Net, pieces: list[bytes], left: bytes
) -> None:
    """It reads five bytes at a time, and keeps what was there when it waited: OTP 29, program by program."""
    sock, peer = net.pair(("packet", "fcgi"), ("buffer", 5))
    for piece in pieces[:-1]:
        task = net.spawn(gen_tcp.recv, sock, 0, 50)
        peer.send(piece)
        task.result()
    peer.send(pieces[-1])
    eventually(lambda: unread(sock.fileno()) == len(pieces[-1]))
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "emsgsize")
    assert inet.setopts(sock, [("packet", "raw")]) == "ok"
    assert gen_tcp.recv(sock, 0, 0)[1][: len(left)] == left


@pytest.mark.parametrize(
    ("active", "data", "waits"),
    [(1, b"", True), (1, b"abc", False), ("once", b"abc", False), (2, b"abc", True), (True, b"abc", True)],
)
def test_info_tells_whether_the_server_has_waited_for_the_system(
    net: Net, active: Any, data: bytes, waits: bool
) -> None:
    """With what there is told, and no more wanted, it does not wait."""
    sock, peer = net.pair()
    assert "selected" not in inet.info(sock)["rstates"]
    peer.send(data)
    eventually(lambda: unread(sock.fileno()) == len(data))
    assert inet.setopts(sock, [("active", active)]) == "ok"
    assert ("selected" in inet.info(sock)["rstates"]) == waits
