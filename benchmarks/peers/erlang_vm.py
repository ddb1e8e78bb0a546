"""A real VM, which runs peers.erl; this side starts it and passes on what it says."""

from __future__ import annotations

from multiprocessing.connection import Connection
from time import monotonic

from ..erl import VM
from ..sides import Stand


def _start(channel: Connection, role: str) -> VM:
    vm = VM(role)
    channel.send(Stand(vm.pid))
    return vm


def echo(channel: Connection, backend: str, _count: int) -> None:
    for (port,) in _start(channel, f"{{echo, [{backend}]}}").words():
        channel.send(int(port))


churn = hold = echo


def receive(channel: Connection, backend: str, kind: str) -> None:
    words = _start(channel, f"{{'receive', [{backend}, {kind}]}}").words()
    channel.send(int(next(words)[0]))
    count, last = next(words)
    channel.send((int(count), last, monotonic()))


def bulk_receive(channel: Connection, backend: str) -> None:
    words = _start(channel, f"{{bulk_receive, [{backend}]}}").words()
    channel.send(int(next(words)[0]))
    channel.send((int(next(words)[0]), monotonic()))


def send(channel: Connection, backend: str, port: int, seconds: float, size: int) -> None:
    _send(channel, f"{{send, [{backend}, {port}, {seconds}, {size}]}}")


def bulk_send(channel: Connection, backend: str, piece: int, port: int, seconds: float) -> None:
    _send(channel, f"{{bulk_send, [{backend}, {piece}, {port}, {seconds}]}}")


def _send(channel: Connection, role: str) -> None:
    vm = _start(channel, role)
    words = vm.words()
    channel.send(next(words)[0].decode())
    channel.recv()
    start = monotonic()
    vm.tell(b"go")
    channel.send((int(next(words)[0]), start))
