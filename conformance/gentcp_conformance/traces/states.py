"""What was seen of a connection, in words, and what must have been on the wire between two looks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .events import Kind, State
from .sizes import queued, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .kernel import End
    from .observer import Seen
    from .recorder import Act

# Numbers of tcp_states.h
_STANDS = frozenset({1, 8})  # ESTABLISHED, CLOSE_WAIT
_SENT_FIN = frozenset({4, 5, 6, 9, 11})  # FIN_WAIT1, FIN_WAIT2, TIME_WAIT, LAST_ACK, CLOSING
_GOT_FIN = frozenset({6, 8, 9, 11})
_FIN_UNACKNOWLEDGED = frozenset({4, 9, 11})

# Either end's buffer of a stalled connection holds more.
_FULL = 48 * 1024


@dataclass(frozen=True)
class _Known:
    """What has been on the wire of a connection so far."""

    there: bool = False
    out: bool = False
    into: bool = False
    reset: bool = False


class Wire:
    """Follows the connections of one run."""

    def __init__(self) -> None:
        self._known: dict[int, _Known] = {}
        self._queues: dict[int, str] = {}
        self._last = State()

    def state(self, seen: Seen, acts: Sequence[Act]) -> State | None:
        """The state that a look found, None if nothing is new; `acts` are those since the last look."""
        known = self._known.get(seen.connection, _Known())
        now = _now(seen, known)
        self._known[seen.connection] = now
        wire: list[str] = []
        if now.out and not known.out:
            wire.append("FIN>")
        if now.into and not known.into:
            wire.append("<FIN")
        if now.reset and not known.reset:
            wire.append("RST>" if _by_subject(seen, acts) else "<RST")
        if by_peer(acts):
            wire.reverse()
        found = State(
            seen.connection, self._queue(seen), _moving(seen.subject, seen.peer), _moving(seen.peer, seen.subject)
        )
        if found == replace(self._last, connection=found.connection) and not wire:
            return None
        self._last = found
        return replace(found, wire=tuple(wire))

    def _queue(self, seen: Seen) -> str:
        """A driver that cannot be asked any more goes on with its queue as long as the connection stands."""
        if seen.queue is not None:
            found = queued(seen.queue)
        elif seen.subject is not None and seen.subject.state in _STANDS:
            found = self._queues.get(seen.connection, "")
        else:
            found = ""
        self._queues[seen.connection] = found
        return found


def _now(seen: Seen, known: _Known) -> _Known:
    subject, peer = seen.subject, seen.peer
    states = (subject.state if subject else 0, peer.state if peer else 0)
    out = known.out or states[0] in _SENT_FIN or states[1] in _GOT_FIN
    into = known.into or states[1] in _SENT_FIN or states[0] in _GOT_FIN
    there = known.there or bool(subject)
    return _Known(there, out, into, there and subject is None and not (out and into))


def _by_subject(seen: Seen, acts: Sequence[Act]) -> bool:
    """Whose reset it was: the peer's kernel resets when a closed one is sent something."""
    verbs = {act.verb for act in acts if act.kind in {Kind.CALL, Kind.PEER}}
    if not seen.peer_open and not verbs & {"gen_tcp:close", "inet:close"}:
        return False
    return not verbs & {"reset"}


def by_peer(acts: Sequence[Act]) -> bool:
    """Whether it was the peer that began."""
    return next((act.kind is Kind.PEER for act in acts if act.kind in {Kind.CALL, Kind.PEER}), False)


def _moving(sender: End | None, receiver: End | None) -> str:
    """What the one has sent and the other not taken; a FIN counts as a byte in both numbers of the kernel.

    As long as the receiver has room its kernel has all of it, although it may acknowledge later.
    """
    unsent = sender.unsent - (sender.state in _FIN_UNACKNOWLEDGED) if sender and sender.unsent else 0
    unread = receiver.unread - (receiver.state in _GOT_FIN) if receiver and receiver.unread else 0
    if receiver is not None and unsent + unread <= _FULL:
        unsent = 0
    total = unsent + unread
    return "full" if total > _FULL else size(total)
