"""The messages of a socket in its owner's mailbox."""

from __future__ import annotations

from typing import Any

from gentcp.process import Process


def move_messages(old: Process, new: Process, term: object) -> bool:
    """Those that `controlling_process` takes along, in their order; whether tcp_closed is among them."""
    ended = False
    for message in old.take(lambda message: _moves(message, term)):
        new.post(message)
        ended = ended or message[0] == "tcp_closed"
    return ended


def _moves(message: Any, term: object) -> bool:
    """Is it one of these?  tcp_passive, tcp_error and http stay."""
    if not isinstance(message, tuple) or len(message) < 2:
        return False
    if message[0] is term:
        return isinstance(message[1], tuple) and message[1][:1] == ("data",)
    return message[1] is term and (
        (message[0] == "tcp" and len(message) == 3)
        or (message[0] == "tcp_closed" and len(message) == 2)
        or message[0] in ("inet_async", "inet_reply")
    )
