"""What tests may ask about a socket's inside; no promise to anybody else.

Tests look here and nowhere deeper, so what is inside may move as long as these functions find it.  Those about sockets
are given a socket or a listener of any face, or the handle behind it; they take no lock and change nothing.
`queued`, `busy` and `sending_file` are for backends that have a send queue.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from gentcp.abc import SocketHandle
from gentcp.process import Process

from .driver import driver
from .locks import held
from .settings import Settings
from .states import State

if TYPE_CHECKING:
    from gentcp._face import Face

    Inspected = Face | SocketHandle


def _behind(sock: Inspected) -> Any:
    return sock if isinstance(sock, SocketHandle) else sock.handle


# ---- receiving


def unread_bytes(sock: Inspected) -> int:
    """Bytes that were read from the system and that nobody has received."""
    return len(_behind(sock).inbound)


def cut_ahead(sock: Inspected) -> int:
    """How many packets have been cut from the stream that nobody has received."""
    return len(_behind(sock).inbound.ready)


def in_system_call(sock: Inspected) -> bool:
    """Whether a recv is in its blocking system call, so that nobody else reads."""
    return bool(_behind(sock).reading)


def receivers(sock: Inspected) -> int:
    """How many calls wait in recv, the asynchronous ones included."""
    handle = _behind(sock)
    return int(handle.receiver is not None) + len(handle.queue_recv or ())


def acceptors(listener: Inspected) -> int:
    """How many calls wait in accept, the asynchronous ones included."""
    return int(_behind(listener).acceptors.waiting())


# ---- closing


def waiting_for_close(sock: Inspected) -> int:
    """How many calls wait for a close(2) that lingers."""
    lingering = _behind(sock).lingering
    return lingering.waiting() if lingering is not None else 0


# ---- sending


def blocked_sender(sock: Inspected) -> Process | None:
    """The process whose data is on its way, the last one if there are several, as long as it has no answer."""
    handle = _behind(sock)
    writer = handle.writer
    op = (writer.blocked or [None])[-1] if hasattr(writer, "queue") else writer.head
    found: Process | None = op.process if op is not None and op.result is None else None
    return found


def suspended(sock: Inspected) -> list[Process]:
    """Those that wait for the send queue: in send, with their data not yet in it, and in close."""
    writer = _behind(sock).writer
    return (
        [op.process for op in (*(writer.suspended or ()), *(writer.closers or ()))] if hasattr(writer, "queue") else []
    )


def senders(sock: Inspected) -> int:
    """How many calls wait in send; with a send queue those suspended in close count too."""
    writer = _behind(sock).writer
    return len(writer.blocked or ()) + len(suspended(sock)) if hasattr(writer, "queue") else len(writer.waiting())


def forget_settings(settings: Settings) -> None:
    """Derive anew what was made of these before."""
    settings._latest = None


def queued(sock: Inspected) -> int:
    """Bytes in the send queue."""
    return int(_behind(sock).pending())


def busy(sock: Inspected) -> bool:
    """Whether the send queue is so long that the next send has to wait."""
    return bool(_behind(sock).writer.busy)


def sending_file(sock: Inspected) -> bool:
    """Whether a sendfile is under way, behind the queue perhaps."""
    return _behind(sock).writer.transfer is not None


# ---- the socket as a whole


def owner(sock: Inspected) -> Process:
    """The process that gets the messages, and with which the socket ends."""
    found: Process = _behind(sock).owner
    return found


def active(sock: Inspected) -> bool | str | int:
    """As `inet:getopts/2` says it, in any state."""
    found: bool | str | int = _behind(sock).active
    return found


def state(sock: Inspected) -> State:
    """One of the backend's table."""
    found: State = _behind(sock).state
    return found


def settings(sock: Inspected) -> Settings:
    """The options that gentcp itself keeps, of sockets and listeners alike."""
    found: Settings = _behind(sock).settings
    return found


def lock(sock: Inspected) -> Any:
    """What guards all of this, to hold it over several questions."""
    return _behind(sock).lock


def holds_lock(sock: Inspected) -> bool:
    """Whether this thread holds that."""
    return held(_behind(sock).lock)


def descriptor(sock: Inspected) -> int:
    """-1 when it has been closed; until then also where `fileno` says that the socket is."""
    return int(_behind(sock).fd)


def system_socket(sock: Inspected) -> Any:
    """The operating system's socket, or what a test has put before it."""
    return _behind(sock).sock


# ---- processes, and the driver


def in_receive(process: Process) -> bool:
    """Whether it is in receive (or somebody serves its sockets in its stead, which is over soon)."""
    return process.turn.locked()


def messages(process: Process) -> int:
    """How many are in its mailbox."""
    return len(process._left) + len(process._inbox)


def owned(process: Process) -> set[Any]:
    """What ends with it."""
    return set(process.owned)


def watched(process: Process) -> set[int]:
    """The descriptors that its mailbox reads from."""
    return set(process._pollees)


def settled(seconds: float) -> bool:
    """Whether the driver has done in time what it was told before."""
    done = threading.Event()
    driver().call_soon(done.set)
    return done.wait(seconds)
