"""What an owner does to one of its ends: read, send, go on after a send timeout, and now and then something else."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import gentcp

from .connections import End

if TYPE_CHECKING:
    from .owners import Owner

_READS = 4
_SENDS = 4
_SLOW = (0.2, 2.0)
"""Seconds for which a slow reader does not read."""
_MODES: tuple[Any, ...] = (True, "once", 1, 3, 20)


# ---- receiving


def read(owner: Owner, end: End) -> None:
    """Take what is there, in one of the ways that there are."""
    sock, dice = end.sock, owner.dice
    try:
        for _ in range(_READS):
            timeout = 0.001 if end.peer.lag and dice.random() < 0.02 else 0
            if dice.random() < 0.2:
                for data in sock.recv_many(16, timeout):
                    owner.got(end, data)
            elif end.connection.packet == "raw" and end.peer.sent > end.received and dice.random() < 0.2:
                # No more than what will come: fewer bytes than that are lost at the end of the stream, and on `inet` a
                # recv that has not waited leaves its length to what comes next.
                owner.got(end, sock.recv(dice.randint(1, min(3000, end.peer.sent - end.received)), timeout))
            else:
                owner.got(end, sock.recv(0, timeout))
    except gentcp.Timeout:
        return
    except gentcp.Closed:
        owner.ended(end)


def hear_all(owner: Owner, end: End) -> None:
    """Take the messages of this end out of the mailbox, in front of others."""
    while True:
        try:
            message = gentcp.receive(lambda found: found[1] is end.sock or found[1] is end, timeout=0)
        except gentcp.Timeout:
            return
        owner.hear(message)


# ---- sending


def write(owner: Owner, end: End) -> None:
    """Complete what a timeout has torn, or send some packets."""
    if end.shut or end.broken:
        return
    try:
        if end.rest is not None:
            _send_rest(owner, end, end.rest)
        elif end.timed_out:
            _look_at_queue(owner, end)
        else:
            for _ in range(owner.dice.randint(1, _SENDS)):
                if not owner.may_send(end) or not _send(owner, end):
                    break
    except gentcp.Closed:
        owner.check_alive()
        end.broken = True
        if end.saw_end or owner.dice.random() < 0.5:
            owner.close(end)  # or read, until the end comes there too


def _send(owner: Owner, end: End) -> bool:
    """False when the next packet has to wait."""
    size = end.out.size(end.sent)
    packet = end.out.packet(end.sent)
    end.sending = size
    try:
        end.sock.send(packet)
    except gentcp.SendTimeout as error:
        _timed_out(owner, end, error, packet)
        return False
    _taken(owner, end)
    if end.encore is not None:
        end.encore -= 1
    return True


def _taken(owner: Owner, end: End) -> None:
    # In this order: the peer's owner, a thread, compares the sum with what it has.
    end.sent, end.sending = end.sent + end.sending, 0
    owner.counts["sent"] += 1


def _timed_out(owner: Owner, end: End, error: gentcp.SendTimeout, packet: bytes) -> None:
    owner.counts["timeouts"] += 1
    if error.queued:
        _taken(owner, end)
        end.timed_out = True
    elif error.queued is None:  # the connection has ended meanwhile
        end.broken = True
    elif error.rest is None or not packet.endswith(error.rest[-len(packet) :]):
        owner.round.fail(f"a rest that is not the end of the packet: {error!r}, {end.connection!r}")
    elif error.mid_packet:
        end.rest = error.rest
    else:
        end.sending = 0  # nothing of it went out: it is the next packet
        owner.counts["recovered"] += 1


def _send_rest(owner: Owner, end: End, rest: bytes) -> None:
    try:
        end.sock.send_rest(rest)
    except gentcp.SendTimeout as error:
        end.rest = error.rest
        return
    end.rest = None
    _taken(owner, end)
    owner.counts["recovered"] += 1


def _look_at_queue(owner: Owner, end: End) -> None:
    if not end.lag:  # all of it has come
        end.timed_out = False
        owner.counts["recovered"] += 1


# ---- now and then


def now_and_then(owner: Owner, end: End) -> None:
    """What is due, or what the dice say."""
    if end.encore is not None and (not end.encore or end.peer.over) and not pending(end):
        owner.close(end)
    elif owner.round.finishing:
        if end.connection.idle:
            owner.close(end)
    else:
        dice = owner.dice.random()
        for share, move in _MOVES:
            if dice < share:
                move(owner, end)
                return
            dice -= share


def pending(end: End) -> bool:
    """Whether something that was sent has not been written."""
    try:
        return end.rest is not None or end.sock.getstat("send_pend").get("send_pend", 0) > 0
    except gentcp.Closed:
        return False


def change_mode(owner: Owner, end: End) -> None:
    """From passive to a way of being active, and back."""
    if end.saw_end or end.slow_until > monotonic():
        return
    try:
        if end.mode is False:
            mode = owner.dice.choice(_MODES)
            end.mode = mode  # messages may come before setopts has returned
            end.sock.setopts(active=mode)
        else:
            end.sock.setopts(active=False)
            hear_all(owner, end)
            end.mode = False
    except gentcp.Closed:
        owner.check_alive()
        hear_all(owner, end)
        end.mode = False


def look_at_mode(owner: Owner, end: End) -> None:
    """A socket has become passive; unless that was said to the owner before, and it is active again."""
    try:
        mode = end.sock.getopts("active")["active"]
    except gentcp.Closed:
        owner.check_alive()
        mode = False
    if mode is False:
        hear_all(owner, end)
    end.mode = mode


def be_slow(owner: Owner, end: End) -> None:
    """Do not read for a while."""
    if end.mode is False:
        end.slow_until = monotonic() + owner.dice.uniform(*_SLOW)
        owner.counts["slow"] += 1


def hand_over(owner: Owner, end: End) -> None:
    """Give the end to another owner."""
    if end.peer.over or (other := owner.round.give(end, owner.dice)) is None:
        return
    try:
        end.sock.controlling_process(other.process)
    except BaseException as error:
        owner.round.keep(end)
        owner.check_alive()
        ended = isinstance(error, (gentcp.Closed, gentcp.OptionError))  # the connection, or the other owner
        # With the end of its stream `inet` takes it for closed, and leaves it with its owner.
        if not ended and not (end.saw_end and isinstance(error, gentcp.NotOwner)):
            raise
        look_at_mode(owner, end)  # on `inet` it is passive, if the other owner has ended
        return
    owner.counts["hand-overs"] += 1
    owner.round.given(end)
    other.process.post(("take", end))


def close_half(owner: Owner, end: End) -> None:
    """Close the writing side; the peer goes on for a while."""
    if not end.connection.half_open or end.shut or end.saw_end or end.broken or end.rest is not None:
        return
    try:
        end.sock.shutdown("write")
    except gentcp.Closed:
        owner.check_alive()
        end.broken = True
        return
    end.shut = True
    owner.counts["half closes"] += 1


def close(owner: Owner, end: End) -> None:
    """Close, whatever is on its way."""
    if not pending(end):
        owner.close(end)
        owner.counts["closes"] += 1


def reset(owner: Owner, end: End) -> None:
    """Close with a reset."""
    end.reset = True
    try:
        end.sock.setopts(linger=0)
    except gentcp.Closed:
        owner.check_alive()
    owner.close(end)
    owner.counts["resets"] += 1


_MOVES = (
    (0.05, change_mode),
    (0.02, hand_over),
    (0.01, be_slow),
    (0.003, close_half),
    (0.001, close),
    (0.001, reset),
)
