"""The packet types that know a protocol, on real connections."""

from __future__ import annotations

from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet

from ..support import Net, eventually, inspection, mailbox

SAMPLES: dict[str, tuple[bytes, Any]] = {
    "sunrm": (b"\x80\0\0\5hello", b"\x80\0\0\5hello"),
    "asn1": (b"\x30\5hello", b"\x30\5hello"),
    "cdr": (b"GIOP\1\2\0\0\0\0\0\5hello", b"GIOP\1\2\0\0\0\0\0\5hello"),
    "fcgi": (b"\1\6\0\1\0\5\3\0hellopad", b"\1\6\0\1\0\5\3\0hello"),
    "tpkt": (b"\3\0\0\x09hello", b"\3\0\0\x09hello"),
    "http": (b"GET /a HTTP/1.1\r\n", ("http_request", "GET", ("abs_path", [*b"/a"]), (1, 1))),
    "http_bin": (b"GET /a HTTP/1.1\r\n", ("http_request", "GET", ("abs_path", b"/a"), (1, 1))),
    "httph": (b"Host: b\r\n\r\n", ("http_header", 14, "Host", [*b"Host"], [*b"b"])),
    "httph_bin": (b"Host: b\r\n\r\n", ("http_header", 14, "Host", b"Host", b"b")),
}
"""By packet type: what is sent, and what is delivered in binary mode."""
REQUEST = b"POST /x HTTP/1.1\r\nHost: a\r\nx-foo:  bar \r\n\r\n"
REQUEST_TERMS: list[Any] = [
    ("http_request", "POST", ("abs_path", b"/x"), (1, 1)),
    ("http_header", 14, "Host", b"Host", b"a"),
    ("http_header", 0, b"X-Foo", b"x-foo", b"bar "),
    "http_eoh",
]
MISFIT = b"\2\0\0\x09hello"
HTTP = [kind for kind in SAMPLES if kind.startswith("http")]


def received(sock: gentcp.Socket, count: int) -> list[Any]:
    """What comes out of so many calls of recv, each of which must work."""
    results = [gen_tcp.recv(sock, 0, 5000) for _ in range(count)]
    assert [status for status, _ in results] == ["ok"] * count
    return [packet for _, packet in results]


def told(sock: gentcp.Socket) -> Any:
    """The next message, with the socket left out."""
    tag, term, *more = gentcp.receive(timeout=5)
    assert term is sock
    return (tag, *more)


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_packet_at_once_and_byte_by_byte(net: Net, kind: str) -> None:
    sent, expected = SAMPLES[kind]
    sock, peer = net.pair(("packet", kind))
    peer.send(sent)
    assert received(sock, 1) == [expected]
    if kind.startswith("httph"):
        assert received(sock, 1) == ["http_eoh"]
    inet.setopts(sock, [("packet", kind)])
    task = net.blocked(sock, "recv", 0, 10_000)
    for byte in sent:
        peer.send(bytes([byte]))
    if kind in ("http", "http_bin") and net.backend == "inet":
        expected = ("http_error", [*sent] if kind == "http" else sent)  # it goes on with the headers
        peer.send(b"x")
    assert task.result() == ("ok", expected)


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_tag_of_a_message_is_that_of_its_type(net: Net, kind: str) -> None:
    sent, expected = SAMPLES[kind]
    sock, peer = net.pair(("packet", kind), ("active", True))
    peer.send(sent)
    assert told(sock) == ("http" if kind in HTTP else "tcp", expected)


@pytest.mark.parametrize("kind", [*SAMPLES, "line", "raw"])
def test_nothing_is_put_in_front_of_what_is_sent(net: Net, kind: str) -> None:
    sock, peer = net.pair(("packet", kind))
    assert gen_tcp.send(sock, b"hello") == "ok"
    gen_tcp.close(sock)
    assert peer.drain() == b"hello"


def test_a_length_for_recv_is_refused(net: Net) -> None:
    for kind in SAMPLES:
        sock, _ = net.pair(("packet", kind))
        assert gen_tcp.recv(sock, 5, 100) == ("error", "einval")


# ---- HTTP


def test_head_after_head(net: Net) -> None:
    """Behind the empty line comes the next start line."""
    sock, peer = net.pair(("packet", "http_bin"))
    peer.send(REQUEST * 2)
    assert received(sock, 8) == REQUEST_TERMS * 2


def test_a_response(net: Net) -> None:
    sock, peer = net.pair(("packet", "http_bin"))
    peer.send(b"HTTP/1.1 404 Not Found\r\nHost: a\r\n\r\n")
    assert received(sock, 3) == [("http_response", (1, 1), 404, b"Not Found"), REQUEST_TERMS[1], "http_eoh"]


def test_an_error_leaves_the_state_as_it_is(net: Net) -> None:
    sock, peer = net.pair(("packet", "http_bin"))
    peer.send(b"GARBAGE\r\n" + REQUEST[:18] + b"garbage\r\n" + REQUEST[18:])
    got = received(sock, 6)
    assert [got.pop(0), got.pop(1)] == [("http_error", b"GARBAGE\r\n"), ("http_error", b"garbage\r\n")]
    assert got == REQUEST_TERMS


def test_the_body_in_the_same_segment(net: Net) -> None:
    """Once per line, then raw."""
    sock, peer = net.pair(("packet", "http_bin"))
    peer.send(REQUEST + b"body+more" + REQUEST)
    for expected in REQUEST_TERMS:
        inet.setopts(sock, [("active", "once")])
        assert told(sock) == ("http", expected)
    assert mailbox() == []
    inet.setopts(sock, [("packet", "raw")])
    assert gen_tcp.recv(sock, 9, 5000) == ("ok", b"body+more")
    inet.setopts(sock, [("packet", "http_bin"), ("active", 2)])
    assert [told(sock) for _ in range(3)] == [("http", REQUEST_TERMS[0]), ("http", REQUEST_TERMS[1]), ("tcp_passive",)]
    assert received(sock, 2) == REQUEST_TERMS[2:]


def test_setting_the_type_again_amid_the_headers(net: Net) -> None:
    """Case packet/http/set-again: socket begins with a start line, inet goes on."""
    sock, peer = net.pair(("packet", "http_bin"))
    peer.send(REQUEST)
    assert received(sock, 1) == REQUEST_TERMS[:1]
    inet.setopts(sock, [("packet", "http_bin")])
    expected = ("http_error", b"Host: a\r\n") if net.backend == "socket" else REQUEST_TERMS[1]
    assert received(sock, 1) == [expected]


def test_looking_for_headers_leaves_inet_among_them(net: Net) -> None:
    """Seen on OTP 29: httph sets the same state that a start line does."""
    sock, peer = net.pair(("packet", "httph_bin"))
    peer.send(b"Host: a\r\nHost: a\r\n\r\nGET / HTTP/1.0\r\n")
    assert received(sock, 1) == [REQUEST_TERMS[1]]
    inet.setopts(sock, [("packet", "http_bin")])
    if net.backend == "inet":
        assert received(sock, 3) == [REQUEST_TERMS[1], "http_eoh", ("http_request", "GET", ("abs_path", b"/"), (1, 0))]
    else:
        assert received(sock, 1) == [("http_error", b"Host: a\r\n")]


@pytest.mark.parametrize("mode", ["list", "binary"])
def test_neither_mode_nor_header_has_a_say(net: Net, mode: str) -> None:
    """Cases packet/http/mode-has-no-say, packet/http/header-option."""
    sock, peer = net.pair(("mode", mode), ("header", 2), ("packet", "http_bin"))
    peer.send(REQUEST)
    assert received(sock, 4) == REQUEST_TERMS


def test_deliver_port(net: Net) -> None:
    """The driver gives such a program the line as it is."""
    sock, peer = net.pair(("packet", "http_bin"), ("deliver", "port"), ("active", True))
    peer.send(REQUEST[:18])
    expected = REQUEST[:18] if net.backend == "inet" else REQUEST_TERMS[0]
    assert gentcp.receive(timeout=5) == (sock, ("data", expected))


def test_the_messages_stay_when_the_socket_is_handed_over(net: Net) -> None:
    """Case packet/http/handed-over."""
    sock, peer = net.pair(("packet", "http_bin"), ("active", True))
    peer.send(REQUEST)
    heard = [told(sock)]
    other = gentcp.spawn(gentcp.receive)
    assert gen_tcp.controlling_process(sock, other) == "ok"
    heard += [told(sock) for _ in mailbox()]
    assert heard == [("http", term) for term in REQUEST_TERMS]
    other.post("done")


def test_a_header_without_the_next_line_is_lost_at_the_end(net: Net) -> None:
    sock, peer = net.pair(("packet", "httph_bin"))
    peer.send(b"Host: a\r\n")
    peer.finish()
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "closed")


@pytest.mark.parametrize(("size", "buffer"), [(0, True), (30_000, False)])
def test_a_long_header_needs_a_buffer_on_inet(net: Net, size: int, buffer: bool) -> None:
    """Case packet/http/long-header: or a packet_size, which makes the buffer grow."""
    sock, peer = net.pair(("packet", "http_bin"), *([("packet_size", size)] if size else []))
    peer.send(REQUEST[:18] + b"X: " + b"a" * 20_000 + b"\r\n\r\n")
    assert received(sock, 1) == REQUEST_TERMS[:1]
    if net.backend == "inet" and buffer:
        assert gen_tcp.recv(sock, 0, 5000) == ("error", "emsgsize")
        assert gen_tcp.recv(sock, 0, 5000) == ("error", "enotconn")
    else:
        assert received(sock, 2) == [("http_header", 0, b"X", b"X", b"a" * 20_000), "http_eoh"]


# ---- what is no packet


def test_a_line_is_cut_before_it_gets_longer_than_packet_size(net: Net) -> None:
    """Seen on OTP 29: inet's buffer is smaller, so a line is in it before it can be too long."""
    sock, peer = net.pair(
        ("packet", "line"), ("packet_size", 100), *([("buffer", 100)] if net.backend == "inet" else [])
    )
    peer.send(b"a" * 149 + b"\n")
    if net.backend == "inet":
        assert received(sock, 2) == [b"a" * 100, b"a" * 49 + b"\n"]
    else:
        assert gen_tcp.recv(sock, 0, 5000) == ("error", "emsgsize")


@pytest.mark.parametrize(
    ("kind", "data"),
    [("tpkt", MISFIT), ("cdr", b"GIOX" + bytes(8)), ("fcgi", bytes(8)), ("asn1", b"\x30\x85" + bytes(5))],
)
def test_a_misfit_ends_the_connection_on_inet_alone(net: Net, kind: str, data: bytes) -> None:
    sock, peer = net.pair(("packet", kind))
    peer.send(data)
    assert gen_tcp.recv(sock, 0, 5000) == ("error", "emsgsize")
    if net.backend == "inet":
        assert gen_tcp.recv(sock, 0, 5000) == ("error", "enotconn")
    else:
        peer.send(SAMPLES[kind][0])
        assert received(sock, 1) == [SAMPLES[kind][1]]


def test_a_misfit_on_an_active_socket(net: Net) -> None:
    sock, peer = net.pair(("packet", "tpkt"), ("active", True))
    peer.send(MISFIT)
    assert told(sock) == ("tcp_error", "emsgsize")
    if net.backend == "inet":
        assert told(sock) == ("tcp_closed",)


def test_a_tag_without_end_takes_no_more_memory_than_the_limits_allow(net: Net) -> None:
    """OTP's socket backend has no limit here; the driver's is its buffer."""
    sock, peer = net.pair(("packet", "asn1"))
    task = net.blocked(sock, "recv", 0, 10_000)
    peer.send(b"\x1f" + b"\x80" * 70_000)
    assert task.result() == ("error", "emsgsize")


# ---- TLS


def test_a_tls_record(net: Net) -> None:
    """Case packet/tls/received: inet has the type, under two names, and gives back the old one; socket has neither."""
    sock, peer = net.pair(("packet", 4))
    for name in ("ssl_tls", "ssl"):
        if net.backend == "socket":
            assert inet.setopts(sock, [("packet", name)]) == ("error", "einval")
            continue
        assert inet.setopts(sock, [("packet", name)]) == "ok"
        assert inet.getopts(sock, ["packet"]) == ("ok", [("packet", "ssl")])
        peer.send(b"\x16\3\3\0\5hello" * 2)
        assert received(sock, 1) == [("ssl_tls", sock, 22, (3, 3), b"hello")]
        inet.setopts(sock, [("active", "once")])
        assert gentcp.receive(timeout=5) == ("ssl_tls", sock, 22, (3, 3), b"hello")


def test_tls_is_an_option_of_connect_on_inet(net: Net) -> None:
    listener = net.listen()
    port = inet.port(listener)[1]
    status, found = gen_tcp.connect((127, 0, 0, 1), port, net.options(("packet", "ssl_tls")))
    if net.backend == "socket":
        assert (status, found) == ("error", "einval")
    else:
        net.ok((status, found))


# ---- the Python face


def test_the_python_face(net: Net) -> None:
    with (
        gentcp.listen(0, packet="http_bin", inet_backend=net.backend) as listener,
        gentcp.connect("127.0.0.1", listener.port, packet="raw", inet_backend=net.backend) as client,
        listener.accept(5.0) as server,
    ):
        client.send(REQUEST)
        client.shutdown("write")
        assert [*server] == REQUEST_TERMS


def test_a_half_read_head_holds_what_came_and_no_more(net: Net) -> None:
    """A line is kept as it came until it is whole."""
    sock, peer = net.pair(("packet", "http_bin"))
    task = net.blocked(sock, "recv", 0, 10_000)
    peer.send(b"GET /")
    eventually(lambda: inspection.unread_bytes(sock) == 5)
    peer.send(b"a HTTP/1.1\r\n")
    assert task.result() == ("ok", SAMPLES["http_bin"][1])
    assert inspection.unread_bytes(sock) == 0
