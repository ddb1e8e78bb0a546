"""What all drivers and senders have in common: payloads, and going on for a while."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection
from time import monotonic, perf_counter

CHUNK = 65536
"""Bytes of a piece of bulk data, and of what is asked for at once."""
PACKET, LINE = 100, 60
"""Bytes of a message of a stream; of a line its newline, too."""
WARM_UP = 0.1
"""Of the measured time; not counted."""


def payload(size: int) -> bytes:
    """What load.c sends."""
    return bytes(ord("a") + number % 26 for number in range(4, size + 4))


def begin(channel: Connection) -> float:
    """Let whoever measures look at the clocks of both sides; when it went on."""
    channel.send("ready")
    channel.recv()
    return monotonic()


def for_a_while(turn: Callable[[], object], seconds: float, batch: int = 50) -> tuple[int, float]:
    """Repeat `turn` for so long: how often, and in how many seconds."""
    count, start = 0, perf_counter()
    while (spent := perf_counter() - start) < seconds:
        for _ in range(batch):
            turn()
        count += batch
    return count, spent


def drive(channel: Connection, seconds: float, send: Callable[[bytes], object], recv: Callable[[], object],
          size: int) -> None:  # fmt: skip
    """The role of that name, for two blocking calls; `recv` returns the payload."""
    data = payload(size)
    send(data)
    if (reply := recv()) != data:
        raise ValueError(f"another packet came back: {reply!r}")

    def turn() -> None:
        send(data)
        recv()

    for_a_while(turn, WARM_UP * seconds)
    begin(channel)
    channel.send(for_a_while(turn, seconds))
