"""The driver's input buffer of the inet backend, where its size or what it was made for shows.

What OTP 29 answers was asked of a VM, program by program.
"""

from __future__ import annotations

from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet

from ..support import Net, Peer, Task, eventually, inspection, unread

pytestmark = pytest.mark.parametrize("net", ["inet"], indirect=True)

EMSGSIZE, TIMEOUT = ("error", "emsgsize"), ("error", "timeout")


def arrived(sock: gentcp.Socket, peer: Peer, data: bytes) -> None:
    """Have the system hold `data`, and nothing else, for a passive socket."""
    peer.send(data)
    eventually(lambda: unread(sock.fileno()) == len(data))


def told(count: int) -> list[Any]:
    """Tags and what follows the socket in so many messages."""
    return [(message[0], *message[2:]) for message in (gentcp.receive(timeout=20) for _ in range(count))]


BROKEN = [("tcp_error", "emsgsize"), ("tcp_closed",)]


@pytest.mark.parametrize(
    ("kind", "back", "rest", "packet"),
    [
        (4, b"\0\0", b"\0\1a", b"a"),
        ("asn1", b"\x30", b"\x81\1a", b"\x30\x81\1a"),
        ("sunrm", b"\x80", b"\0\0\1a", b"\x80\0\0\1a"),
        ("fcgi", b"\1", b"\1\0\1\0\4\2\0abcdpp", b"\1\1\0\1\0\4\2\0abcd"),
    ],
)
def test_without_reading_ahead_there_is_room_for_a_header(
    net: Net, kind: Any, back: bytes, rest: bytes, packet: bytes
) -> None:
    """The driver asks for the header alone, and makes room for that: OTP 29, program by program."""
    sock, peer = net.pair(("packet", kind), ("read_ahead", False), ("buffer", 1))
    assert gen_tcp.unrecv(sock, back) == "ok"
    assert gen_tcp.recv(sock, 0, 0) == TIMEOUT
    peer.send(rest)
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", packet)


def test_the_buffer_of_an_accepted_port_stays_when_another_mode_is_set(net: Net) -> None:
    """accept/1 sets `active`, which makes a buffer of the usual size: there is room behind what is pushed back."""
    sock, peer = net.accepted(("packet", 4), ("active", 2))
    assert inet.setopts(sock, [("active", "once")]) == "ok"
    assert gen_tcp.unrecv(sock, b"\0") == "ok"
    peer.send(b"\0\0\1a")
    assert told(1) == [("tcp", b"a")]


@pytest.mark.parametrize(("active", "looks"), [(True, False), ("once", True), (2, True)])
def test_whoever_is_given_the_socket_has_the_buffer_looked_at(net: Net, active: Any, looks: bool) -> None:
    """As setopts does with `once` and N: on OTP 29 the new owner is told of the error at once."""
    sock, peer = net.pair(("packet", 4), ("active", active))
    assert gen_tcp.unrecv(sock, b"u") == "ok"
    heir = net.spawn(told, len(BROKEN))
    assert gen_tcp.controlling_process(sock, heir.process) == "ok"
    if not looks:
        peer.send(b"x")
    assert heir.result() == BROKEN


@pytest.mark.parametrize(
    ("kind", "back"), [(4, b"u"), (2, b"u"), (4, b"un\n"), ("http", b"u"), ("asn1", b"\x30"), ("sunrm", b"\0\1q")]
)
def test_what_is_pushed_back_has_no_room_to_become_a_packet(net: Net, kind: Any, back: bytes) -> None:
    """The buffer that unrecv makes has just the size of its bytes: OTP 29 says emsgsize at once."""
    sock, _peer = net.pair(("packet", kind))
    assert gen_tcp.unrecv(sock, back) == "ok"
    assert gen_tcp.recv(sock, 0, 5000) == EMSGSIZE
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "enotconn")


def test_a_line_that_is_pushed_back_is_whole(net: Net) -> None:
    """Lines are cut at the end of the buffer, and it ends here: OTP 29 delivers the bytes as a line."""
    sock, peer = net.pair(("packet", "line"))
    assert gen_tcp.unrecv(sock, b"\0\1q") == "ok"
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"\0\1q")
    peer.send(b"next\n")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"next\n")


def test_bytes_pushed_back_in_front_of_others_have_room(net: Net) -> None:
    """There is a buffer already, and it grows."""
    sock, peer = net.pair()
    arrived(sock, peer, b"\0\2")
    assert gen_tcp.recv(sock, 10, 1) == TIMEOUT
    assert gen_tcp.unrecv(sock, b"\0\0") == "ok"
    assert inet.setopts(sock, [("packet", 4)]) == "ok"
    peer.send(b"hi")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"hi")


@pytest.mark.parametrize("made", ["connected", "set"])
def test_setopts_makes_the_buffer_when_it_looks_for_data(net: Net, made: str) -> None:
    """It looks when a passive socket becomes active for a while, and then unrecv has room; else it has none."""
    mode = ("active", "once")
    sock, peer = net.pair(("packet", 4), *([mode] if made == "connected" else []))
    if made == "set":
        assert inet.setopts(sock, [mode]) == "ok"
    assert gen_tcp.unrecv(sock, b"\0\0\0") == "ok"
    peer.send(b"\1a")
    assert told(1) == ([("tcp", b"a")] if made == "set" else BROKEN[:1])


def test_an_active_owner_hears_of_it_with_the_next_event(net: Net) -> None:
    """OTP 29 drops the error that unrecv finds, and finds it again when the descriptor is readable, be it by a FIN."""
    sock, peer = net.pair(("packet", 4), ("active", True))
    assert gen_tcp.unrecv(sock, b"un\n") == "ok"
    with pytest.raises(TimeoutError):
        gentcp.receive(timeout=0.01)
    peer.finish()
    assert told(2) == BROKEN


@pytest.mark.parametrize("mode", ["binary", "list"])
@pytest.mark.parametrize(("kind", "data"), [(2, b"\0\0\0\2hi"), ("asn1", bytes(range(20))), (4, b"\0\1x")])
def test_a_buffer_smaller_than_a_header(net: Net, kind: Any, data: bytes, mode: str) -> None:
    """OTP 29: emsgsize, and a reset, since what was not read stays with the system."""
    sock, peer = net.pair(("packet", kind), ("buffer", 1), ("mode", mode), ("active", True))
    peer.send(data)
    assert told(2) == BROKEN
    assert (peer.drain(), peer.ended_by) == (b"", "rst")
    assert gen_tcp.close(sock) == "ok"


def test_a_small_buffer_grows_to_a_packet_of_known_length(net: Net) -> None:
    """It is the header that has to fit."""
    sock, peer = net.pair(("packet", 4), ("buffer", 5))
    peer.send(b"\0\0\0\7abcdefg" * 2)
    assert [gen_tcp.recv(sock, 0, 5000) for _ in range(2)] == [("ok", b"abcdefg")] * 2


def test_a_buffer_that_was_made_before_buffer_was_set(net: Net) -> None:
    """A recv that times out leaves its buffer, and a line is cut by the size that this one has."""
    sock, peer = net.pair(("packet", "line"))
    assert gen_tcp.recv(sock, 0, 1) == TIMEOUT
    assert inet.setopts(sock, [("buffer", 5)]) == "ok"
    peer.send(b"hello\n")
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"hello\n")
    peer.send(b"again\n")
    assert [gen_tcp.recv(sock, 0, 5000) for _ in range(2)] == [("ok", b"again"), ("ok", b"\n")]


def test_the_length_of_a_packet_that_is_awaited_is_not_looked_at_again(net: Net) -> None:
    """packet_size set behind a header comes too late for that packet."""
    sock, peer = net.pair(("packet", 2), ("active", True))
    peer.send(b"\0\7abc")
    eventually(lambda: not unread(sock.fileno()) and inspection.unread_bytes(sock))
    assert inet.setopts(sock, [("packet_size", 5)]) == "ok"
    peer.send(b"defg")
    assert told(1) == [("tcp", b"abcdefg")]
    peer.send(b"\0\7abcdefg")
    assert told(2) == BROKEN


def test_no_more_is_read_than_the_packet_that_is_awaited(net: Net) -> None:
    """What lies behind it is still with the system when the socket is closed: the peer gets a reset."""
    sock, peer = net.pair(("packet", 1), ("active", "once"))
    peer.send(b"\5hel")
    eventually(lambda: not unread(sock.fileno()) and inspection.unread_bytes(sock))
    peer.send(b"loxxx")
    assert told(1) == [("tcp", b"hello")]
    assert gen_tcp.close(sock) == "ok"
    assert (peer.drain(), peer.ended_by) == (b"", "rst")


@pytest.mark.parametrize("first", [0, 5000])
def test_a_recv_with_timeout_0_leaves_what_it_waits_for(net: Net, first: int) -> None:
    """After recv(S, 10, 0) OTP 29 waits for ten bytes, whoever asks for how many; another timeout ends that."""
    sock, peer = net.pair()
    arrived(sock, peer, b"abc")
    assert gen_tcp.recv(sock, 10, 0) == TIMEOUT
    if first:
        assert gen_tcp.recv(sock, 0, 1) == TIMEOUT
        assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"abc")
        return
    waiting = net.blocked(sock, "recv", 0)
    peer.send(b"defghij")
    assert waiting.result() == ("ok", b"abcdefghij")


def test_a_recv_whose_socket_became_active_ends_with_it(net: Net) -> None:
    """The error is the owner's to hear; who waits in recv gets closed."""
    sock, peer = net.pair(("packet", "tpkt"))
    waiting: Task = net.blocked(sock, "recv", 0)
    assert inet.setopts(sock, [("active", 1)]) == "ok"
    peer.send(b"\2\0\0\x08abcd")
    assert told(2) == BROKEN
    assert waiting.result() == ("error", "closed")


def test_a_packet_behind_others_must_fit_the_same_buffer(net: Net) -> None:
    """Bytes before it in the buffer, header and length together: 2^31 - 1 at most."""
    sock, peer = net.pair(("packet", 4), ("active", True))
    peer.send(b"\0\0\0\2hi\x7f\xff\xff\xfb")
    assert told(1) == [("tcp", b"hi")]
    peer.finish()
    assert told(2) == BROKEN
    assert gen_tcp.close(sock) == "ok"


@pytest.mark.parametrize(("kind", "data"), [(4, b"\0\0\0\2hi\0\0\0\3"), ("line", b"hi\nxyz")])
def test_without_read_ahead_what_follows_a_packet_stays_with_the_system(net: Net, kind: Any, data: bytes) -> None:
    """So another driver, or the kernel, can go on with the stream."""
    sock, peer = net.pair(("packet", kind), ("read_ahead", False))
    arrived(sock, peer, data)
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"hi\n" if kind == "line" else b"hi")
    assert unread(sock.fileno()) == (3 if kind == "line" else 4)


def test_recbuf_takes_the_buffer_of_an_accepted_socket_along_though_its_listener_has_set_it(net: Net) -> None:
    """Who has set `buffer` is not copied with it: OTP 29."""
    sock, _ = net.accepted(("buffer", 100))
    assert inet.getopts(sock, ["buffer"]) == ("ok", [("buffer", 100)])
    assert inet.setopts(sock, [("recbuf", 8000)]) == "ok"
    assert inet.getopts(sock, ["buffer"]) == ("ok", [("buffer", 8000)])
