"""A close(2) that lingers: what waits for it, and what comes of that; functions over a socket, with its lock held.

In OTP the server process is inside close(2) meanwhile.  Calls that ask the server wait; those that ask the system's
socket are told at once that it is closed.  What the server finds in its mailbox afterwards it still answers, if it was
asked to close, or writing failed; at the end of the stream, or of its owner, it ends.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from gentcp.abc import Result
from gentcp.engine import Lingering, Operation
from gentcp.process import Process

from ._operations import FileOp
from ._states import HUNG_UP

if TYPE_CHECKING:
    from ._handle import SocketSocket


def begin(handle: SocketSocket, over: Callable[[], None], closer: Process | None, *, rouses: bool) -> None:
    """close(2) takes a while, and then `over` says what state that leads to, and if it `rouses` tells the owner.

    `closer` has called close.
    """
    handle.lingers = False
    polling = [op for op in (handle.receiver, handle.writer.head) if op is not None and op.waiter is None]
    after = None if closer is None else partial(_end, handle, closer)
    handle.lingering = Lingering(handle, polling, partial(_over, handle, over), after)
    handle.lingering.rouses = rouses


def postpone(handle: SocketSocket, reason: str) -> None:
    """Whoever waits waits for the end of close(2), and no longer for the system."""
    receiver, handle.receiver = handle.receiver, None
    if receiver is not None:
        _answer_later(handle, receiver, ("error", reason))
    queued, handle.queue_recv = handle.queue_recv, None
    for op in queued or ():
        _answer_later(handle, op, ("error", "closed"))
    handle.writer.mend()
    for writer in handle.writer.waiting():
        if writer.result is None:
            _answer_later(handle, writer, ("error", "closed"))
    handle.unplug()


def _answer_later(handle: SocketSocket, op: Operation, answer: Result) -> None:
    """A file is written by the system's socket, without the server."""
    op.complete(answer if isinstance(op, FileOp) else handle.answered(op.process, answer))


def _over(handle: SocketSocket, over: Callable[[], None]) -> None:
    lingering = handle.lingering
    assert lingering is not None
    over()
    lingering.serves = lingering.serves and handle.state is HUNG_UP


def _end(handle: SocketSocket, closer: Process) -> None:
    """Whoever closes ends the server when it has answered."""
    handle.transit("close", by=closer)
