"""A port's state, and what a transition does to the descriptor, the queue and whoever waits."""

from __future__ import annotations

import socket
from abc import abstractmethod
from typing import ClassVar

from gentcp.abc import Backend, Result
from gentcp.engine import Quick, State, Transfer, driver
from gentcp.process import Process

from ._queue import SendQueue
from ._settings import InetSettings
from ._states import CLOSED, CONNECTED, LISTENING, step

_INHERITED = ("nodelay", "keepalive", "priority", "linger", "reuseaddr")


class SendOp:
    """A sender that is blocked by a full queue.

    There is one, unless others are forced upon a busy port: then `before` is the one that was blocked before.
    """

    __slots__ = ("before", "process", "result")

    def __init__(self, process: Process) -> None:
        self.process = process
        self.result: Result = None
        self.before: SendOp | None = None

    def complete(self, result: Result) -> None:
        self.result = result
        self.process.wake()


class PortBase(Quick):
    """State and transitions; the receiving half is the engine's."""

    __slots__ = (
        "ahead_of_file", "asked", "blocked", "busy", "deaf", "direct", "misframed", "owes_recv", "owes_send", "queue",
        "shut_pending", "spell", "suspended", "told_closed", "transfer", "waiters", "write_shut",
    )  # fmt: skip

    over = (CLOSED,)
    monitored_as = ("port", "noproc")
    inherited: ClassVar[dict[int, tuple[str, ...]]] = {
        socket.AF_INET: (*_INHERITED, "tos", "ttl", "recvtos", "recvttl"),
        socket.AF_INET6: (*_INHERITED, "tclass", "recvtclass"),
        socket.AF_UNIX: _INHERITED,
    }

    def __init__(
        self, backend: Backend, sock: socket.socket, owner: Process, settings: InetSettings, state: State
    ) -> None:
        super().__init__(backend, sock, owner, settings, state, listening=state is LISTENING)
        self.queue = SendQueue()
        self.busy = False
        self.blocked: SendOp | None = None
        self.spell = 0  # how often it has become busy
        self.asked = 0  # how often somebody has asked for a message with a result
        self.waiters: list[Process] | None = None  # suspended senders, and processes in close
        self.shut_pending: int | None = None
        self.transfer: Transfer | None = None
        self.ahead_of_file = 0  # bytes in the queue that were there before the transfer
        self.direct = True  # a send may write at once: neither a shutdown nor a file is before it
        self.owes_send = ""
        self.owes_recv = ""
        self.deaf = False
        self.told_closed = False
        self.misframed = False  # the next packet is none; told when the descriptor is readable again
        self.room = 0
        self.suspended = 0
        self.write_shut = False  # a shutdown of the writing side was postponed and made, or failed: EPIPE is no reset

    @property
    def own_settings(self) -> InetSettings:
        """They are always of this class: the constructor takes no other."""
        settings = self.settings
        assert isinstance(settings, InetSettings)
        return settings

    # ---- what the engine asks

    def _refuse_recv(self, length: int) -> Result:
        if self.state is not CONNECTED:
            return self._answer_recv()
        if self.active is not False or (length and self.settings.family is not None):
            return ("error", "einval")
        if length > 0x4000000:
            return ("error", "enomem")
        return None if self.receiver is None else ("error", "ealready")

    def _answer_recv(self) -> Result:
        reason, self.owes_recv = self.owes_recv, ""
        if reason:
            self.owes_send = ""
        return ("error", reason or self.state.answers["recv"])

    def _on_fin(self) -> None:
        self.transit("fin")

    def _on_broken(self, reason: str) -> None:
        if reason == "econnreset" and self.queue:
            self.unsendable(reason, background=True)  # of the two events the driver looks at the writing one first
        elif reason == "econnreset" and not self.settings["show_econnreset"]:
            self.transit("fin")
        else:
            self.transit("broken", reason)

    @abstractmethod
    def unsendable(self, reason: str, *, postponed: bool = False, background: bool = False) -> Result:
        """Writing failed with the error `reason`."""

    def _on_misframed(self) -> None:
        if self.active is False or self.fresh or self.misframed:
            self.transit("broken", "emsgsize")
        else:
            self.misframed = True
            self._arm()

    def _on_expired(self, length: int) -> None:
        if self.settings.family is None:
            self.room = max(self.room, length) or self.settings.raw_chunk

    def _recv_size(self, length: int) -> int:
        if self.settings.family is None and not length and self.room:
            return min(max(1, self.room - len(self.inbound)), 65536)
        return super()._recv_size(length)

    def _mailbox_reads(self) -> bool:
        return self.state is CONNECTED and not self.deaf

    def _count_packet(self, size: int) -> None:
        if self.room and not self.inbound.buf:
            self.room = 0
        self.rx.add(size)

    def _count_whole(self, size: int) -> None:
        self.room = 0
        self.rx.add(size)

    # ---- transitions; with the lock held

    def transit(self, event: str, reason: str = "closed") -> None:
        """Let `event` happen.  `reason` is what waiting calls, and the owner, are told."""
        mode = self.active is not False
        step_ = step(self.state, event, active=mode, exit_on_close=self.settings["exit_on_close"] is True)
        if step_ is None:
            return
        self._abort_transfer(event, reason)
        waited = self._answer_sender(event, reason, keeps=step_.keeps_queue)
        if step_.owes_send and not waited:
            self.owes_send = "closed"
        if step_.owes_recv:
            self.owes_recv = reason
        if event != "activate":
            self.inbound.clear()
        for message in step_.tell:
            if message == "tcp_error":
                if reason != "closed":
                    self.tell(message, reason)
            elif not self.told_closed:  # tcp_closed comes once in the life of a port
                self.told_closed = True
                self.tell(message)
        if step_.deaf:
            self.deaf = True
            self._disarm()
        if event == "broken" and step_.next is CLOSED:
            self.fire_monitors(reason)
        if step_.next is not self.state:
            self._enter(step_.next, reason if event in ("fin", "broken") else "closed", keeps=step_.keeps_queue)
        elif not mode:
            self.complete_receivers(("error", reason))

    def _answer_sender(self, event: str, reason: str, *, keeps: bool) -> bool:
        """A blocked sender does not survive the connection, nor does what it had queued."""
        if self.blocked is None or event == "overdue":
            self.complete_senders(("error", "closed"))
            return False
        self.busy = False
        if event in ("fin", "broken") and keeps:
            self.queue.clear()
        self.complete_senders(("error", reason if event == "unsendable" else "closed"))
        self.wake_waiters()
        return True

    def block(self, op: SendOp) -> None:
        """The queue is full: the port is busy."""
        op.before, self.blocked = self.blocked, op
        if not self.busy:
            self.busy = True
            self.spell += 1

    def unblock(self, op: SendOp) -> None:
        """`op` does not wait any more."""
        if self.blocked is op:
            self.blocked = op.before
            return
        behind = self.blocked
        while behind is not None and behind.before is not op:
            behind = behind.before
        if behind is not None:
            behind.before = op.before

    def complete_senders(self, result: Result) -> None:
        """Answer every sender that is blocked, the first one first."""
        op, self.blocked = self.blocked, None
        blocked: list[SendOp] = []
        while op is not None:
            blocked.append(op)
            op = op.before
        for op in reversed(blocked):
            op.complete(result)

    def _abort_transfer(self, event: str, reason: str) -> None:
        transfer = self.transfer
        if transfer is None or event == "activate" or (event == "fin" and self.settings["exit_on_close"] is False):
            return
        self.transfer, self.ahead_of_file = None, 0
        transfer.finish(("error", "closed" if reason == "econnreset" else reason))
        self.queue.clear()

    def _enter(self, state: State, reason: str, *, keeps: bool) -> None:
        self.state = state
        self.busy = False
        self.complete_receivers(("error", reason))
        self._disarm()
        if not keeps:
            self.queue.clear()
        if not self.queue:
            self.unplug()
        if state is CLOSED:
            self.active = False
            self.owner.disown(self)
            self.pin(False)
            self.fire_monitors("normal")
        self.wake_waiters()

    def keeps_descriptor(self) -> bool:
        """Output is still on its way."""
        return bool(self.queue) or self.transfer is not None

    def unplug(self) -> None:
        """See `Endpoint.unplug`."""
        if self.fd >= 0:
            driver().stop_flushing(self.fd)
        super().unplug()

    def wake_waiters(self) -> None:
        waiting, self.waiters = self.waiters, None
        for process in waiting or ():
            process.wake()

    def wait_for_waking(self, process: Process, deadline: float | None) -> bool:
        """With the lock held: give it up until something wakes those who wait; False when time is up."""
        if self.waiters is None:
            self.waiters = []
        if process not in self.waiters:
            self.waiters.append(process)
        self.lock.release()
        try:
            return process.park(deadline)
        finally:
            self.lock.acquire()
