"""What the exceptions say of how a connection ended."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

import gentcp

from ..support import Task, eventually, inspection
from .faces import PATIENCE, Connect, Dial
from .scripted import scripted_socket

pytestmark = pytest.mark.usefixtures("nothing_left_behind")


def test_a_peer_that_does_not_answer_is_not_a_call_that_took_too_long(dial: Dial) -> None:
    """Its window stays closed longer than `user_timeout`.  On inet a writer is told closed, a reader the reason."""
    sock, _ = dial(user_timeout=0.2, send_timeout=PATIENCE, exit_on_close=False)
    receiving = Task(sock.recv)
    eventually(lambda: inspection.receivers(sock))
    sending = Task(sock.send, bytes(4 << 20))
    for task in (receiving, sending):
        try:
            task.result()
        except gentcp.Closed as error:
            assert isinstance(error, gentcp.Unanswered) == (error.reason == "etimedout")
        else:
            assert task is sending  # on inet it queues


@pytest.mark.parametrize("call", [lambda sock: sock.recv(), list], ids=["recv", "iteration"])
def test_it_has_a_class_of_its_own_that_ends_no_iteration_in_peace(call: Callable[[Any], Any]) -> None:
    sock, _ = scripted_socket(recv=("error", "etimedout"))
    with pytest.raises(gentcp.Unanswered, match="has not answered") as caught:
        call(sock)
    assert caught.value.reason == "etimedout"
    assert isinstance(caught.value, (gentcp.Closed, TimeoutError))
    assert not isinstance(caught.value, gentcp.Timeout)


def test_a_socket_that_ended_with_its_owner_names_it(connect: Connect) -> None:
    sock, _ = connect()
    listener = gentcp.listen(0, inet_backend=sock.inet_backend)
    release = gentcp.spawn(lambda: gentcp.receive(timeout=PATIENCE), name="the owner")
    blocked = [Task(sock.recv), Task(listener.accept)]
    eventually(lambda: inspection.receivers(sock) and inspection.acceptors(listener))
    sock.controlling_process(release)
    listener.controlling_process(release)
    release.post("go")
    assert release.join(PATIENCE)
    calls: list[Callable[[], Any]] = [
        *(task.result for task in blocked), sock.recv, lambda: sock.send(b"x"), lambda: sock.setopts(active=True),
        lambda: sock.shutdown("write"), lambda: sock.peername, listener.accept, lambda: list(sock.getopts("mode")),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(gentcp.Closed, match="its owner, the process 'the owner', has ended") as caught:
            call()
        assert pickle.loads(pickle.dumps(caught.value)).owner == "the owner"
    assert list(sock) == []
    sock.close()


def test_one_that_was_closed_before_its_owner_ended_does_not(connect: Connect) -> None:
    sock, other = connect()
    owner = gentcp.spawn(lambda: gentcp.receive(timeout=PATIENCE))
    sock.controlling_process(owner)
    sock.close()
    owner.post("go")
    assert owner.join(PATIENCE)
    other.close()
    for closed in (sock, other):
        with pytest.raises(gentcp.Closed) as caught:
            closed.recv()
        assert caught.value.owner is None
        assert "owner" not in str(caught.value)
