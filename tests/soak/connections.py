"""A connection, its two ends, and what of its streams may be lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import gentcp

from .streams import Stream

if TYPE_CHECKING:
    from .owners import Owner

LAG = 64_000
"""Payload bytes on their way at most, from where they do not stop by themselves."""


class End:
    """One end of a connection.  Its owner alone changes it."""

    __slots__ = (
        "broken", "connection", "encore", "giver", "lost_owner", "mode", "out", "over", "owner", "received", "reset",
        "rest", "saw_end", "sending", "sent", "shut", "slow_until", "sock", "timed_out",
    )  # fmt: skip

    def __init__(self, connection: Connection, sock: gentcp.Socket[Any], out: Stream, owner: Owner) -> None:
        self.connection = connection
        self.sock = sock
        self.out = out
        self.owner = owner
        self.giver: Owner | None = None
        """Who is handing it over to `owner`, and has it until that is done."""
        self.sent = 0
        """Payload bytes of packets that send has taken,"""
        self.sending = 0
        """and of the one that it has not taken yet, or of which nobody knows."""
        self.received = 0
        self.rest: bytes | None = None
        """What a send timeout has left of a packet (`socket`)."""
        self.timed_out = False
        """A send timeout has left a packet in the queue (`inet`)."""
        self.mode: bool | str | int = False
        self.slow_until = 0.0
        self.encore: int | None = None
        """Packets still to be sent when the peer has closed its half."""
        self.shut = False
        self.reset = False
        self.broken = False
        """A send has failed: the connection is over."""
        self.saw_end = False
        """The end of the stream has come, behind all that came before it."""
        self.lost_owner = False
        self.over = False

    @property
    def peer(self) -> End:
        """The other end."""
        return self.connection.ends[self is self.connection.ends[0]]

    @property
    def holder(self) -> Owner:
        """The owner whose end is its end, too."""
        return self.giver or self.owner

    @property
    def lag(self) -> int:
        """Bytes that the peer has yet to receive."""
        return self.sent + self.sending - self.peer.received

    def __repr__(self) -> str:
        names = ("sent", "sending", "received", "mode", "timed_out", "encore")
        flags = ("shut", "reset", "broken", "saw_end", "lost_owner", "over")
        traits = [f"{name}={getattr(self, name)}" for name in names] + [name for name in flags if getattr(self, name)]
        rest = "" if self.rest is None else f" rest={len(self.rest)}"
        return f"<{self.owner.name} {' '.join(traits)}{rest} {self.sock!r}>"


class Connection:
    """Two ends, with what both have in common."""

    __slots__ = ("ends", "half_open", "number", "open", "packet", "small")

    ends: tuple[End, End]

    def __init__(self, number: int, packet: str | int, *, small: bool, half_open: bool) -> None:
        self.number = number
        self.packet = packet
        self.small = small
        """It has small buffers, and its senders run into their timeouts."""
        self.half_open = half_open
        """Each half is closed by itself (`exit_on_close` is false)."""
        self.open = 2

    def __repr__(self) -> str:
        return f"connection {self.number}, packet={self.packet}: {self.ends[0]!r} and {self.ends[1]!r}"

    @property
    def idle(self) -> bool:
        """Whether everything has arrived."""
        return not any(end.lag or end.rest is not None for end in self.ends)

    def faults(self) -> Iterator[str]:
        """What is wrong, once both ends are over."""
        for end in self.ends:
            if (missing := _fault(end, end.peer)) is not None:
                yield f"{missing}: {self!r}"


def _fault(sender: End, receiver: End) -> str | None:
    most = sender.sent + sender.sending
    if receiver.received > most:
        return f"{receiver.received} bytes came of {most}"
    if receiver.saw_end and _in_order(sender) and receiver.received < sender.sent:
        return f"{receiver.received} bytes came of {sender.sent}, and then the end of the stream"
    return None


def _in_order(sender: End) -> bool:
    """Whether the sender's end has closed its connection in a way that loses nothing of what it had sent.

    A reset loses what is on its way, and a close, or the end of the owner, is a reset if not all has been received.
    """
    return not (sender.reset or sender.broken) and sender.peer.sent + sender.peer.sending == sender.received
