"""gentcp with messages in the mailbox that nobody asks for: `run(work, queued, seconds)`, as in `http_heads`."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection
from time import process_time

import gentcp

from . import turns

Turn = Callable[[], object]
_SIZE = 64


def _passive(backend: str) -> Turn:
    """A packet from one socket of this process to another."""
    listener = gentcp.listen(inet_backend=backend, packet=4, nodelay=True)
    near = gentcp.connect("localhost", listener.port, inet_backend=backend, packet=4, nodelay=True)
    far, data = listener.accept(), turns.payload(_SIZE)

    def turn() -> bytes:
        near.send(data)
        return far.recv()

    return turn


def _post() -> Turn:
    """A message to oneself, and a receive, which gives the one that is first."""
    me = gentcp.current_process()

    def turn() -> object:
        me.post(("hello", me))
        return gentcp.receive()

    return turn


def _selective() -> Turn:
    """The same, and a receive of just that message, which has to look at all the others."""
    me = gentcp.current_process()

    def turn() -> object:
        me.post(("hello", me))
        return gentcp.receive(lambda message: message[0] == "hello")

    return turn


WORK: dict[str, Callable[..., Turn]] = {
    "send and recv": _passive,
    "post and receive": _post,
    "post and selective receive": _selective,
}


def run(channel: Connection, work: str, queued: int, *args: object) -> None:
    *backend, seconds = args
    assert isinstance(seconds, float)
    turn, me = WORK[work](*backend), gentcp.current_process()
    for number in range(queued):
        me.post(("unrelated", number))
    batch = 1 if work.endswith("selective receive") else 50
    turns.for_a_while(turn, turns.WARM_UP * seconds, batch)
    before = process_time()
    count, _ = turns.for_a_while(turn, seconds, batch)
    channel.send((count, process_time() - before))
