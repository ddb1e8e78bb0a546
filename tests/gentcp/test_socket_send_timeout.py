"""What is known after a send timeout: on one backend that all is queued, on the other exactly what was not sent."""

from __future__ import annotations

from typing import Any

import pytest

import gentcp

from ..support import Task
from .faces import Dial, has_queue
from .scripted import scripted_socket

MANY = 16 << 20
"""Bytes that no pair of kernel buffers takes."""


def send_until_timeout(sock: gentcp.Socket, packets: list[bytes]) -> tuple[int, gentcp.SendTimeout]:
    """How many packets were sent before the one that timed out."""
    for count, packet in enumerate(packets):
        try:
            sock.send(packet)
        except gentcp.SendTimeout as error:
            return count, error
    raise AssertionError("nothing timed out")


def frame(packet: Any, data: bytes) -> bytes:
    return (len(data).to_bytes(4, "big") if packet == 4 else b"") + data


@pytest.mark.parametrize("packet", ["raw", 4])
def test_nothing_is_lost_and_nothing_comes_twice(dial: Dial, packet: Any) -> None:
    sock, peer = dial(packet=packet, send_timeout=0.05)
    packets = [bytes([number]) * MANY for number in range(3)]
    count, error = send_until_timeout(sock, packets)
    assert error.queued is has_queue(sock)
    if error.queued:
        assert (error.rest, error.sent, error.mid_packet, error.reason) == (None, None, None, "timeout")
    else:
        assert error.rest is not None
        assert error.sent == len(frame(packet, packets[count])) - len(error.rest)
        assert error.mid_packet
        assert f"{error.sent} bytes were written" in str(error)
    sock.shutdown("write")
    assert peer.drain() + (error.rest or b"") == b"".join(frame(packet, data) for data in packets[: count + 1])


def test_the_rest_completes_the_packet(dial: Dial) -> None:
    sock, peer = dial(packet=4, send_timeout=0.05)
    packets = [b"a" * MANY, b"b" * MANY]
    count, error = send_until_timeout(sock, packets)
    received = Task(peer.drain)
    sock.setopts(send_timeout=None)
    if error.rest is not None:
        sock.setopts(packet="raw")
        sock.send(error.rest)
        sock.setopts(packet=4)
    sock.send(b"next")
    sock.shutdown("write")
    assert received.result() == b"".join(frame(4, data) for data in [*packets[: count + 1], b"next"])


def test_send_timeout_close_leaves_nothing_to_know(dial: Dial) -> None:
    sock, _ = dial(send_timeout=0.05, send_timeout_close=True)
    _, error = send_until_timeout(sock, [bytes(MANY)] * 3)
    assert (error.queued, error.rest, error.sent, error.mid_packet) == (None, None, None, None)
    assert "the socket is closed (send_timeout_close)" in str(error)
    with pytest.raises(gentcp.Closed):
        sock.send(b"more")


@pytest.mark.parametrize("rest", [b"data", [b"data"], [b"da", [b"ta"]]])
@pytest.mark.parametrize(("packet", "head"), [("raw", 0), (0, 0), (1, 1), (2, 2), (4, 4), ("line", 0)])
def test_sent_counts_the_header(rest: Any, packet: Any, head: int) -> None:
    sock, _ = scripted_socket(send=("error", ("timeout", rest)), options={"packet": packet})
    with pytest.raises(gentcp.SendTimeout) as caught:
        sock.send(b"some data")
    error = caught.value
    assert (error.queued, error.rest, error.sent, error.mid_packet) == (False, b"data", 5 + head, True)
    assert error.reason == ("timeout", rest)


def test_nothing_sent_is_not_mid_packet() -> None:
    sock, _ = scripted_socket(send=("error", ("timeout", b"\0\4data")), options={"packet": 2})
    with pytest.raises(gentcp.SendTimeout) as caught:
        sock.send(b"data")
    assert (caught.value.rest, caught.value.sent, caught.value.mid_packet) == (b"\0\4data", 0, False)


@pytest.mark.parametrize(
    ("answers", "queued"),
    [
        ({"options": {"send_timeout_close": False}}, True),
        ({"options": {}}, True),
        ({"options": {"send_timeout_close": True}}, None),
        ({"getopts": ("error", "einval")}, None),
    ],
)
def test_a_timeout_without_a_rest_is_queued_unless_the_socket_is_closed(
    answers: dict[str, Any], queued: bool | None
) -> None:
    sock, _ = scripted_socket(send=("error", "timeout"), **answers)
    with pytest.raises(gentcp.SendTimeout) as caught:
        sock.send(b"data")
    assert caught.value.queued is queued
    assert isinstance(caught.value, (gentcp.Timeout, TimeoutError, OSError))
