"""Owners: the processes to which the ends belong.  Each goes round its ends, and reads its mailbox in between."""

from __future__ import annotations

import random
import threading
import traceback
from collections import Counter, deque
from time import monotonic
from typing import TYPE_CHECKING, Any

import gentcp

from . import moves
from .connections import LAG, Connection, End
from .streams import PACKETS, Corrupt, Stream

if TYPE_CHECKING:
    from .rounds import Round

_ENDS_A_TURN = 32
_MESSAGES_A_TURN = 1000
_MADE_A_TURN = 8
_SEND_TIMEOUT = 0.01
_SMALL = 4096
_NOTHING = 0.02
"""Seconds to wait for a message when there is nothing else to do."""


class Owner:
    """A process with its ends."""

    def __init__(self, round_: Round, name: str) -> None:
        self.round = round_
        self.name = name
        self.dice = random.Random(f"{round_.seed} {name}")
        self.counts: Counter[str] = Counter()
        self.ends: set[End] = set()
        """Those in the line, some of which may have been handed over."""
        self.line: deque[End] = deque()
        self.last_step = monotonic()
        """When it began the last thing that it did: a connection, a look into the mailbox, an end."""
        self.listeners: dict[str, gentcp.Listener[Any]] = {}
        self.replaced = False
        """It was killed, and its ends have been lost."""
        self.process = gentcp.spawn(self._main, name=name)

    @property
    def thread(self) -> threading.Thread:
        """Its thread, which holds what the process has used until it ends, a moment after the process."""
        assert self.process.thread is not None
        return self.process.thread

    @property
    def me(self) -> gentcp.Process:
        """The process, which may run before `spawn` has returned."""
        return gentcp.current_process()

    def _main(self) -> None:
        try:
            self.listeners = {
                backend: gentcp.listen(0, ip="loopback", backlog=64, inet_backend=backend)
                for backend in self.round.backends
            }
            while not self.round.over:
                self._turn()
            for listener in self.listeners.values():
                listener.close()
            for end in list(self.round.ends.values()):  # there are some when something was wrong
                if end.owner is self:
                    moves.reset(self, end)
        except Exception:  # noqa: BLE001  the round reports it
            if self.me.alive:
                self.round.fail(f"{self.name}: {traceback.format_exc()}")

    def _turn(self) -> None:
        for _ in range(_MADE_A_TURN):
            if not self.round.wants_another():
                break
            self._connect()
        did = self._read_mailbox()
        for _ in range(min(_ENDS_A_TURN, len(self.line))):
            did += self._visit(self.line.popleft())
        if not did:
            self._read_mailbox(_NOTHING)

    # ---- connections

    def _connect(self) -> None:
        self.last_step = monotonic()
        try:
            connection = self._connected()
        except BaseException:  # it was killed
            self.round.has_not_made()
            raise
        self.round.add(connection)
        for end in connection.ends:
            self.take(end)
        self.counts["made"] += 1
        moves.hand_over(self, connection.ends[1])

    def _connected(self) -> Connection:
        """A new connection, of which both ends are this owner's."""
        dice, backends = self.dice, self.round.backends
        number, small, half_open = self.round.next_number(), dice.random() < 0.5, dice.random() < 0.5
        connection = Connection(number, dice.choice(PACKETS), small=small, half_open=half_open)
        listener = self.listeners[dice.choice(backends)]
        options: dict[str, Any] = {"packet": connection.packet, "send_timeout": _SEND_TIMEOUT}
        options |= {"exit_on_close": not half_open, "show_econnreset": dice.random() < 0.5}
        if small:
            options |= {"sndbuf": _SMALL, "recbuf": _SMALL}
        client = gentcp.connect("127.0.0.1", listener.port, timeout=30.0, inet_backend=dice.choice(backends), **options)
        server = listener.accept(timeout=30.0)
        server.setopts(**options)
        streams = [Stream(2 * number + side, connection.packet) for side in (0, 1)]
        connection.ends = End(connection, client, streams[0], self), End(connection, server, streams[1], self)
        return connection

    def take(self, end: End) -> None:
        """An end that is this owner's."""
        if end not in self.ends:
            self.ends.add(end)
            self.line.append(end)

    # ---- receiving

    def _read_mailbox(self, timeout: float = 0) -> int:
        self.last_step = monotonic()
        for count in range(_MESSAGES_A_TURN):
            try:
                message = gentcp.receive(timeout=0 if count else timeout)
            except gentcp.Timeout:
                return count
            self.hear(message)
        return _MESSAGES_A_TURN

    def hear(self, message: Any) -> None:
        """A message of a socket, or of another owner."""
        self.counts["messages"] += 1
        match message:
            case ("take", end):
                self.take(end)
                moves.look_at_mode(self, end)  # if it has become passive, who was told so may have ended
            case ("forwarded", end, what):
                self._hear_of(end, what)
            case (_, sock, *_) if (end := self.round.ends.get(sock)) is not None:
                if end.owner is self:
                    self._hear_of(end, message)
                elif message[0] in ("tcp_passive", "tcp_error"):  # they stay with the owner before
                    end.owner.process.post(("forwarded", end, message))
                elif self.me.alive:
                    self.round.fail(f"{self.name} got {message[0]} of an end that is not its own: {end!r}")
            case _:
                pass  # of a socket that has been closed

    def _hear_of(self, end: End, message: Any) -> None:
        match message:
            case ("tcp", _, data):
                self.got(end, data)
                if end.mode == "once":
                    end.mode = False
            case ("tcp_passive", _):
                moves.look_at_mode(self, end)
            case ("tcp_closed", _):
                self.ended(end)
            case ("tcp_error", _, "econnreset" | "closed" | "epipe"):
                self.counts["errors told"] += 1
            case _:
                self.round.fail(f"a message that is none: {message!r}")

    def got(self, end: End, data: bytes) -> None:
        """Bytes of the peer."""
        try:
            position = end.peer.out.follow(end.received, data)
        except Corrupt as error:
            self.round.fail(f"{error}: {end.connection!r}")
            return
        self.counts["packets"] += 1
        self.counts["bytes"] += position - end.received
        end.received = position

    def ended(self, end: End) -> None:
        """The peer's stream is over, or the connection."""
        self.check_alive()
        if end.saw_end or end.over:
            return
        end.saw_end = True
        if end.shut or end.broken or not end.connection.half_open:
            self.close(end)
        else:
            end.encore = 0 if self.round.finishing else self.dice.randrange(5)

    def check_alive(self) -> None:
        """The sockets of a process that was killed have closed, but not by what their peers have done."""
        if not self.me.alive:
            raise gentcp.ProcessKilled

    # ---- one end

    def _visit(self, end: End) -> int:
        """The next one in the line; how much there was to do."""
        if end.owner is not self or end.over:
            self.ends.discard(end)
            return 0
        self.line.append(end)
        self.last_step = monotonic()
        before = self.counts["packets"] + self.counts["sent"]
        if end.mode is False and not end.saw_end and (end.slow_until < monotonic() or self.round.finishing):
            moves.read(self, end)
        for move in moves.write, moves.now_and_then:
            if not end.over:
                move(self, end)
        return self.counts["packets"] + self.counts["sent"] - before

    def may_send(self, end: End) -> bool:
        """Whether a new packet may go out."""
        if end.encore is not None:
            return end.encore > 0
        return not self.round.finishing and (end.connection.small or end.lag < LAG)

    def close(self, end: End) -> None:
        """Close its socket; it is not this owner's any more."""
        end.sock.close()
        self.check_alive()
        self.round.remove(end)
