"""What is known after a send timeout: on one backend that all is queued, on the other exactly what was not sent."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import gentcp
from gentcp._failures import send_failure

from ..support import Task
from .faces import PATIENCE, Dial, has_queue
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
        sock.send_rest(error.rest)
    assert sock.getopts("packet") == {"packet": 4}
    sock.send(b"next")
    sock.shutdown("write")
    assert received.result() == b"".join(frame(4, data) for data in [*packets[: count + 1], b"next"])


def test_the_rest_may_take_several_calls(dial: Dial) -> None:
    sock, peer = dial(packet=4, send_timeout=0.02)
    data = bytes(range(256)) * (MANY // 256)
    count, error = send_until_timeout(sock, [data] * 3)
    if has_queue(sock):
        with pytest.raises(gentcp.OptionError, match="rest: this send has left none"):
            sock.send_rest(error.rest)
        with pytest.raises(gentcp.Error, match="nothing is torn on this backend") as caught:
            sock.send_rest(b"rest")
        assert caught.value.reason == "enotsup"
        return
    assert error.rest is not None
    rests = [error.rest]
    received, reader = bytearray(), None
    while rests[-1]:
        try:
            sock.send_rest(rests[-1])
        except gentcp.SendTimeout as again:
            assert (again.queued, again.mid_packet) == (False, True)
            assert again.rest is not None
            assert again.sent == len(rests[-1]) - len(again.rest)
            assert rests[-1].endswith(again.rest)
            rests.append(again.rest)
            received += peer.recv_exact(min(1 << 20, peer.unread()))
        else:
            rests.append(b"")
        if len(rests) == 3:
            sock.setopts(send_timeout=None)
            reader = Task(peer.drain)
    sock.shutdown("write")
    assert reader is not None
    assert received + reader.result() == frame(4, data) * (count + 1)


@pytest.mark.parametrize("junk", ["text", 5, [256], {}])
def test_what_is_no_rest_is_refused(dial: Dial, junk: Any) -> None:
    sock, _ = dial()
    with pytest.raises(gentcp.OptionError, match="^rest: "):
        sock.send_rest(junk)


@pytest.mark.parametrize("mode", ["active", "somebody is in recv"])
def test_while_packets_come_none_is_torn(dial: Dial, mode: str) -> None:
    """Both ways, whatever the peer sends meanwhile: the packet type is never changed."""
    sock, peer = dial(packet=4, send_timeout=0.005, active=mode == "active")
    stop, turn = threading.Event(), threading.Semaphore(0)
    rounds, packet = 100, b"y" * 300_000

    def flood() -> int:
        count = 0
        while not stop.is_set():
            peer.send(frame(4, b"x" * (count % 50)))
            count += 1
        peer.finish()
        return count

    def take() -> int:
        for index in range(rounds):
            assert turn.acquire(timeout=PATIENCE)
            assert peer.recv_exact(4 + len(packet)) == frame(4, packet), index
        return rounds

    def receive() -> int:
        count = 0
        while True:
            if mode == "active":
                message = gentcp.receive(timeout=PATIENCE)
                if message[0] != "tcp":
                    return count
                data = message[2]
            else:
                try:
                    data = sock.recv()
                except gentcp.Closed:
                    return count
            assert data == b"x" * (count % 50)
            count += 1

    flooding, taking, torn = Task(flood), Task(take), 0
    reading = None if mode == "active" else Task(receive)
    for _ in range(rounds):
        try:
            sock.send(packet)
        except gentcp.SendTimeout as error:
            rest, torn = error.rest, torn + bool(error.mid_packet)
            turn.release()
            while rest is not None:  # on inet it is queued
                try:
                    sock.send_rest(rest)
                    rest = None
                except gentcp.SendTimeout as again:
                    rest = again.rest
        else:
            turn.release()
    assert torn == 0 if has_queue(sock) else torn > rounds // 2
    assert taking.result() == rounds
    stop.set()
    assert flooding.result() == (receive() if reading is None else reading.result())


def test_send_timeout_close_leaves_nothing_to_know(dial: Dial) -> None:
    sock, _ = dial(send_timeout=0.05, send_timeout_close=True)
    _, error = send_until_timeout(sock, [bytes(MANY)] * 3)
    assert (error.queued, error.rest, error.sent, error.mid_packet) == (None, None, None, None)
    assert "the socket is closed" in str(error)
    with pytest.raises(gentcp.Closed):
        sock.send(b"more")


def test_a_connection_that_has_ended_meanwhile_was_not_closed_by_the_timeout(dial: Dial) -> None:
    sock, _ = dial(send_timeout=0.05)
    sock.close()
    error = send_failure(sock.handle, "timeout", 4)
    assert isinstance(error, gentcp.SendTimeout)
    assert (error.queued, "send_timeout_close" in str(error)) == (None, False)


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
