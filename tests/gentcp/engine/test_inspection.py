"""What tests look at and reach for is there; when something inside has moved, this says what is to be told where."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gentcp
from gentcp.erl import gen_tcp

from ...support import Net, eventually, inspection, seams
from ...support.fixtures import nothing_left_behind as nothing_left_behind

pytestmark = pytest.mark.usefixtures("nothing_left_behind")
PLACES = [(name, backend) for name, places in seams.SEAMS.items() for backend in places]


@pytest.fixture(params=seams.BACKENDS)
def net(request: pytest.FixtureRequest, nothing_left_behind: None) -> Iterator[Net]:
    kit = Net(request.param)
    yield kit
    kit.close()


@pytest.mark.parametrize(("name", "backend"), PLACES)
def test_every_seam_is_where_it_is_said_to_be(name: str, backend: str) -> None:
    owner, attribute = seams.resolved(seams.place(name, backend))
    assert hasattr(owner, attribute)


def test_a_seam_that_is_not_the_same_everywhere_needs_a_backend() -> None:
    with pytest.raises(ValueError, match="too many values"):
        seams.seam("close")
    with pytest.raises(KeyError):
        seams.seam("the send queue", "socket")


def test_an_idle_socket(net: Net) -> None:
    sock, _peer = net.pair()
    me = gentcp.current_process()
    assert (inspection.unread_bytes(sock), inspection.cut_ahead(sock), inspection.receivers(sock)) == (0, 0, 0)
    assert (inspection.senders(sock), inspection.blocked_sender(sock), inspection.suspended(sock)) == (0, None, [])
    assert not inspection.in_system_call(sock)
    assert inspection.owner(sock) is me
    assert inspection.active(sock) is False
    assert inspection.state(sock).name == "connected"
    assert inspection.settings(sock)["packet"] in {"raw", 0}
    assert inspection.descriptor(sock) == inspection.system_socket(sock).fileno() == sock.fileno()
    assert sock.handle in inspection.owned(me)
    assert not inspection.holds_lock(sock)


def test_a_socket_and_its_handle_are_asked_alike(net: Net) -> None:
    listener = net.listen()
    net.blocked(listener, "accept")
    assert inspection.acceptors(listener) == inspection.acceptors(listener.handle) == 1
    assert inspection.in_receive(gentcp.current_process()) is False


def test_one_in_recv_and_packets_ahead(net: Net) -> None:
    sock, peer = net.pair(("packet", 1))
    task = net.blocked(sock, "recv", 0)
    eventually(lambda: inspection.in_system_call(sock))
    assert inspection.receivers(sock) == 1
    peer.send(b"\1a\1b\1c\2d")
    assert task.result() == ("ok", b"a")
    assert inspection.unread_bytes(sock) == 6
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"b")
    assert inspection.cut_ahead(sock) == 1


@pytest.mark.parametrize("net", ["inet"], indirect=True)
def test_a_socket_with_a_queue(net: Net) -> None:
    sock, _peer = net.stalled()
    assert gen_tcp.send(sock, bytes(4_000_000)) == "ok"
    net.full(sock)
    assert 0 < inspection.queued(sock) < 4_000_000
    assert not inspection.busy(sock)
    assert not inspection.sending_file(sock)
    task = net.blocked(sock, "send", b"x")
    assert inspection.busy(sock)
    assert inspection.blocked_sender(sock) is task.process
    assert inspection.senders(sock) == 1


def test_what_a_mailbox_reads(net: Net) -> None:
    sock, _peer = net.pair(("active", True))
    assert sock.fileno() in inspection.watched(gentcp.current_process())
    assert inspection.settled(5.0)
