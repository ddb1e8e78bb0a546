"""Protocols of Twisted, on its epoll reactor."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection
from time import monotonic, perf_counter
from typing import Any

from twisted.internet import protocol, reactor
from twisted.protocols.basic import Int32StringReceiver, LineOnlyReceiver

from . import turns

_reactor: Any = reactor  # its type does not say that it listens


def _serve(channel: Connection, kind: type[protocol.Protocol]) -> None:
    """Until we are killed."""
    port = _reactor.listenTCP(0, protocol.Factory.forProtocol(kind), backlog=4096)
    channel.send(port.getHost().port)
    _reactor.run(installSignalHandlers=False)


class Echo(Int32StringReceiver):
    transport: Any

    def connectionMade(self) -> None:  # noqa: N802  Twisted's name, as those below
        self.transport.setTcpNoDelay(True)

    def stringReceived(self, string: bytes) -> None:  # noqa: N802
        self.sendString(string)


def echo(channel: Connection, _count: int) -> None:
    _serve(channel, Echo)


churn = hold = echo


def receive(channel: Connection, kind: str) -> None:
    count, last = 0, b""

    def take(message: bytes) -> None:
        nonlocal count, last
        count += 1
        last = message

    class Packets(Int32StringReceiver):
        def stringReceived(self, string: bytes) -> None:  # noqa: N802
            take(string)

        def connectionLost(self, reason: object = None) -> None:  # noqa: N802
            channel.send((count, last, monotonic()))

    class Lines(LineOnlyReceiver):
        delimiter = b"\n"

        def lineReceived(self, line: bytes) -> None:  # noqa: N802
            take(line)

        def connectionLost(self, reason: object = None) -> None:  # noqa: N802
            channel.send((count, last, monotonic()))

    _serve(channel, Packets if kind == "packet" else Lines)


def bulk_receive(channel: Connection) -> None:
    count = 0

    class Bytes(protocol.Protocol):
        def dataReceived(self, data: bytes) -> None:  # noqa: N802
            nonlocal count
            count += len(data)

        def connectionLost(self, reason: object = None) -> None:  # noqa: N802
            channel.send((count, monotonic()))

    _serve(channel, Bytes)


class Sender(Int32StringReceiver):
    """A push producer: writes until it is paused, and again when it may."""

    transport: Any

    def __init__(self, channel: Connection, seconds: float, write: Callable[[Sender], None], each: int) -> None:
        self.channel, self.seconds, self.write_one, self.each = channel, seconds, write, each
        self.count, self.room = 0, True

    def connectionMade(self) -> None:  # noqa: N802
        self.transport.setTcpNoDelay(True)
        self.start = turns.begin(self.channel)
        self.stop = perf_counter() + self.seconds
        self.transport.registerProducer(self, True)
        self.resumeProducing()

    def pauseProducing(self) -> None:  # noqa: N802
        self.room = False

    def resumeProducing(self) -> None:  # noqa: N802
        self.room = True
        while self.room:
            if perf_counter() >= self.stop:
                self.transport.unregisterProducer()
                self.transport.loseConnection()
                return
            for _ in range(10):
                self.write_one(self)
            self.count += 10

    def stopProducing(self) -> None:  # noqa: N802
        self.room = False

    def connectionLost(self, reason: object = None) -> None:  # noqa: N802
        self.channel.send((self.count * self.each, self.start))


def send(channel: Connection, port: int, seconds: float, size: int) -> None:
    data = turns.payload(size)
    _connect(port, lambda: Sender(channel, seconds, lambda sender: sender.sendString(data), 1))


def bulk_send(channel: Connection, piece: int, port: int, seconds: float) -> None:
    data = bytes(piece)
    _connect(port, lambda: Sender(channel, seconds, lambda sender: sender.transport.write(data), piece))


def _connect(port: int, make: Callable[[], Sender]) -> None:
    class Factory(protocol.ClientFactory):
        def buildProtocol(self, addr: object) -> Any:  # noqa: N802
            return make()

    _reactor.connectTCP("127.0.0.1", port, Factory())
    _reactor.run(installSignalHandlers=False)
