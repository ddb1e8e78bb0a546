"""A port's state, and what a transition does to the descriptor, the queue and whoever waits."""

from __future__ import annotations

import contextlib
import socket
from typing import Any

from gentcp.abc import Result, Term
from gentcp.engine import Stream, driver
from gentcp.process import Process, Ref

from ._queue import SendQueue
from ._settings import InetSettings
from ._states import CLOSED, CONNECTED, State, step


class SendOp:
    """A sender that is blocked by a full queue."""

    __slots__ = ("process", "result")

    def __init__(self, process: Process) -> None:
        self.process = process
        self.result: Result = None

    def complete(self, result: Result) -> None:
        self.result = result
        self.process.wake()


class PortBase(Stream):
    """State and transitions; the receiving half is the engine's."""

    __slots__ = ("blocked", "busy", "close_outside", "deaf", "doomed", "lingers", "owes_recv", "owes_send", "queue", "shut_pending",
                 "state", "told_closed", "waiters")  # fmt: skip

    settings: InetSettings

    def __init__(
        self, sock: socket.socket, owner: Process, settings: InetSettings, state: State, *, listening: bool = False
    ) -> None:
        super().__init__(sock, owner, settings, listening=listening)
        self.state = state
        self.queue = SendQueue()
        self.busy = False
        self.blocked: SendOp | None = None
        self.waiters: list[Process] | None = None  # suspended senders, and processes in close
        self.shut_pending: int | None = None
        self.owes_send = ""
        self.owes_recv = ""
        self.deaf = False
        self.told_closed = False
        self.doomed = False  # the descriptor is to be closed when nobody is in a system call on it
        self.lingers = False
        self.close_outside = False  # close(2) may block: `close` calls it itself, without the lock

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
        if reason == "econnreset" and not self.settings["show_econnreset"]:
            self.transit("fin")
        else:
            self.transit("broken", reason)

    def _on_misframed(self) -> None:
        self.transit("broken", "emsgsize")

    def _mailbox_reads(self) -> bool:
        return self.state is CONNECTED and not self.deaf

    def _count_packet(self, size: int) -> None:
        rx = self.rx
        rx.oct += size
        rx.cnt += 1
        if size > rx.max:
            rx.max = size
        rx.dvi += (abs(size - rx.oct / rx.cnt) - rx.dvi) / rx.cnt

    # ---- transitions; with the lock held

    def transit(self, event: str, reason: str = "closed") -> None:
        """Let `event` happen.  `reason` is what waiting calls, and the owner, are told."""
        mode = self.active is not False
        step_ = step(self.state, event, active=mode, exit_on_close=self.settings["exit_on_close"] is True)
        if step_ is None:
            return
        waited = self._answer_sender(event, reason, keeps=step_.keeps_queue)
        if step_.owes_send and not waited:
            self.owes_send = "closed"
        if step_.owes_recv:
            self.owes_recv = reason
        if event != "activate":
            self.inbound.clear()
        if not self.told_closed:  # tcp_closed comes once in the life of a port
            for message in step_.tell:
                if message != "tcp_error":
                    self.told_closed = True
                    self.tell(message)
                elif reason != "closed":
                    self.tell(message, reason)
        if step_.deaf:
            self.deaf = True
            self._disarm()
        if step_.next is not self.state:
            self._enter(step_.next, reason if event in ("fin", "broken") else "closed", keeps=step_.keeps_queue)
        elif not mode:
            self.complete_receivers(("error", reason))

    def _answer_sender(self, event: str, reason: str, *, keeps: bool) -> bool:
        """A blocked sender does not survive the connection, nor does what it had queued."""
        op, self.blocked = self.blocked, None
        if op is None or event == "overdue":
            return False
        self.busy = False
        if event in ("fin", "broken") and keeps:
            self.queue.clear()
        op.complete(("error", reason if event == "unsendable" else "closed"))
        self.wake_waiters()
        return True

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
            self._fire_monitors("normal")
        self.wake_waiters()

    def unplug(self) -> None:
        """Close the descriptor, now or when the system calls on it are over."""
        self.doomed = True
        if self.fd >= 0:
            driver().stop_flushing(self.fd)
            if self.reading:
                with contextlib.suppress(OSError):
                    self.sock.shutdown(socket.SHUT_RD)  # wakes the reader and sends nothing
        self._reap()

    def _reap(self) -> None:
        if self.doomed and not self.reading and self.fd >= 0 and not self.queue:
            self.fd = -1
            if self.close_outside:
                return
            if self.lingers:
                self._no_linger()
            self.sock.close()

    def _no_linger(self) -> None:
        """close(2) would block for the linger time, here with the lock held; `close` has done the waiting."""
        with contextlib.suppress(OSError):
            linger = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
            if linger[4:8] != bytes(4):
                self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes(8))

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

    # ---- monitors

    def monitor(self, ref: Ref, watcher: Process) -> None:
        with self.lock:
            if self.state is not CLOSED:
                self.add_monitor(ref, watcher)
                return
        watcher.post(("DOWN", ref, "port", self.term, "noproc"))

    def _fire_monitors(self, reason: Term) -> None:
        monitors, self.monitors = self.monitors, None
        for ref, watcher in (monitors or {}).items():
            watcher.post(("DOWN", ref, "port", self.term, reason))

    def answer(self, operation: str) -> Any:
        """None when `operation` may go ahead in this state, or its error."""
        reason = self.state.answers.get(operation)
        return None if reason is None else ("error", reason)
