"""A socket with an owner: its states, active mode, handing over, and when the descriptor is closed.

It is a `Reader` rather than having one: both need the same lock, buffer and settings, and a call from the one to the
other would cost on each message.
"""

from __future__ import annotations

import contextlib
import socket
from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, ClassVar

from gentcp._platform import READ, ready
from gentcp.abc import Backend, Face, Result, Term, Time
from gentcp.errors import reason_of
from gentcp.process import Process, Ref, current_process

from .acceptors import Acceptors
from .active import Active, delivered, requested
from .delivering import read_once, tell_ahead
from .descriptor import duplicate, forget, holders, release
from .driver import driver
from .forking import inherited
from .host import Host
from .inbound import NOTHING
from .lingering import CLOSED, Later, Lingering
from .locks import held
from .many import add_buffered
from .messages import move_messages
from .monitors import cancel, fire
from .operation import Operation
from .reader import DONTWAIT, Reader
from .settings import CHUNK, Settings
from .states import INHERITED, State
from .waiting import Steps, abandon, run, wait

_READS_AT_ONCE = 16  # in `catch_up`, at most: whoever calls wants to get on, too


class Endpoint(Reader):
    """Base of the sockets of a backend over descriptors, connected or listening."""

    __slots__ = (
        "acceptors", "armed", "doomed", "late", "lingering", "lingers", "monitors", "orphaned",
        "state",
    )  # fmt: skip

    fd: int
    flows: bool
    state: State

    over: ClassVar[tuple[State, ...]]
    """The states in which a monitor comes too late."""
    monitored_as: ClassVar[tuple[str, str]]
    """The kind of thing a DOWN message is about, and its reason when that was gone already."""
    inherited: ClassVar[dict[int, tuple[str, ...]]]
    """System options that accept copies from a listener on which they were set, by family."""

    def __init__(
        self,
        backend: Backend,
        sock: socket.socket,
        owner: Process,
        settings: Settings,
        state: State,
        *,
        listening: bool,
    ) -> None:
        super().__init__(sock, owner, settings, listening=listening)
        self.backend = backend
        self.state = state
        self.flows = state.flows
        self.armed: bool = False
        self.monitors: dict[Ref, Process] | None = None
        self.acceptors: Acceptors | None = None
        self.late: set[str] | None = set() if listening else None
        """The options set on a listener that accepted sockets may lack: the system did not copy them."""
        self.lingers: bool = False
        self.lingering: Lingering | None = None
        """What is left to do while close(2) lingers."""
        self.orphaned: bool = False  # it was there until its owner ended
        self.doomed: bool = False  # the descriptor is to be closed when nobody is in a system call on it

    def start(self) -> None:
        """The socket is complete: its owner may have it, and its messages."""
        fd = self.fd
        if fd in holders:
            holders[fd].robbed()
        holders[fd] = self
        self.owner.own(self)
        if self.active is not False:
            with self.lock:
                if self.state.flows:
                    self.start_active()

    def answer(self, operation: str) -> Any:
        """None when `operation` may go ahead in this state, or its error."""
        reason = self.state.answers.get(operation)
        return None if reason is None else ("error", reason)

    def become(self, state: State) -> None:
        """Nothing else changes the state of a socket that is there."""
        self.state = state
        self.flows = state.flows
        self.look()
        if self.reading and not self.flows and self.fd >= 0:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RD)  # wakes the reader and sends nothing

    def look(self) -> None:
        """The state has changed: decide anew whether a send may write at once, if that is decided beforehand."""

    def faces(self) -> Sequence[Face] | None:
        """See `SocketHandle.faces`: those of its owner."""
        found: Sequence[Face] | None = self.owner._faces
        return found

    @property
    def host(self) -> Host:
        """That of its owner."""
        host: Host | None = self.owner.host
        return driver() if host is None or host.ended else host  # as `host_of`, without the call

    # ---- rules

    def owner_reads(self) -> bool:
        """May the mailbox of the owner read now?  Not while a receiver that has precedence waits."""
        return True

    @abstractmethod
    def orphan(self, reason: Term) -> None:
        """There is no owner any more: close without blocking.  With the lock held."""

    def owner_down(self, reason: Term) -> None:
        """See `Owned.owner_down`.  Called without the lock: the owner may just have handed it over."""
        with self.lock:
            if self.owner_ended:
                self.orphan(reason)

    @abstractmethod
    def close_now(self, by: Process | None) -> None:
        """Close without waiting; `by` does it, or the end of the owner."""

    def inherit(self) -> None:
        """See `Owned.inherit`: forget who waits, what is buffered and what is watched."""
        self.begin_anew()
        self.armed = self.lingers = False
        self.monitors = self.acceptors = self.lingering = None
        self.become(INHERITED)
        inherited.add(self)

    @property
    def of_parent(self) -> bool:
        """See `SocketHandle.of_parent`."""
        return self.state is INHERITED

    def keeps_descriptor(self) -> bool:
        """Whether there is something left to do with it."""
        return self.lingering is not None and self.lingering.polled()

    # ---- calls: what they return at once, or else what they wait for.  Threads wait in `wait` and `run`; others there.

    @abstractmethod
    def begin_accept(self, process: Process, timeout: Time) -> Result | Operation:
        """accept/2 by `process`."""

    @abstractmethod
    def begin_send(self, process: Process, data: Term) -> Result | Operation:
        """send/2 by `process`, of which no thread waits."""

    def send_at_once(self, data: bytes) -> Result | Operation:
        """What `begin_send` does if it takes no more than a write; else None, and nothing was done.

        For the owner; who makes the call says so in the operation that comes back, if one does.
        """
        return None

    def begin_send_rest(self, process: Process, rest: bytes, *, resumable: bool) -> Result | Operation:
        """send_rest by `process`; `resumable`: if it is given up, what is left of it is `unsent`."""
        return ("error", "enotsup")

    def unsent(self) -> bytes:
        """What is left of a send that was given up in the middle of a packet; until that is sent, no other is."""
        return b""

    def begin_rest(self, process: Process) -> Result | Operation:
        """Send that, as it is, by `process`."""
        return "ok"

    def forget_rest(self) -> bytes:
        """Give it up, and return it."""
        return b""

    @abstractmethod
    def shutdown_steps(self, process: Process, how: Term) -> Steps:
        """shutdown/2 by `process`."""

    @abstractmethod
    def close_steps(self, process: Process) -> Steps:
        """close/1 by `process`."""

    def begin_sendfile(self, process: Process, file: int, offset: int, count: int) -> Result | Operation:
        """sendfile/5 by `process`."""
        return ("error", "enotsup")

    def primitive_steps(self, process: Process, module: str, function: str, *arguments: Term) -> Steps:
        """primitive/3 and more by `process`; for sockets that are ports."""
        raise NotImplementedError(f"{self.backend.name} has no ports")

    def begin_asking(self, process: Process, function: Callable[..., Result], *arguments: Term) -> Result | Operation:
        """What `function(*arguments)` gives, which asks this socket; later, while a close(2) of it lingers."""
        if self.lingers or self.lingering is not None:
            with self.lock:
                self.catch_up()
                if (later := self.later(process, CLOSED, partial(function, *arguments))) is not None:
                    return later
        return function(*arguments)

    def later(self, process: Process, answer: Result, call: Callable[[], Result] | None = None) -> Later | None:
        """A call of `process` that waits for a close(2) that lingers, if one does.  With the lock held."""
        return None if self.lingering is None else self.lingering.line_up(process, answer, call)

    def answered(self, process: Process, result: Result) -> Result | Later:
        """What a call of `process` comes to with that result; when close(2) is over, if it lingers."""
        return result if self.lingering is None else self.later(process, result) or result

    @property
    def closing(self) -> bool:
        """See `SocketHandle.closing`."""
        return self.lingering is not None

    def accept(self, timeout: Time) -> Result:
        """See `SocketHandle.accept`."""
        found: Result | Operation = None
        try:
            found = self.begin_accept(current_process(), timeout)
            return wait(found) if isinstance(found, Operation) else found
        except BaseException:
            abandon(found)
            raise

    def send_rest(self, rest: bytes) -> Result:
        """See `SocketHandle.send_rest`."""
        found = self.begin_send_rest(current_process(), rest, resumable=False)
        return wait(found) if isinstance(found, Operation) else found

    def sendfile(self, file: int, offset: int, count: int) -> Result:
        """See `SocketHandle.sendfile`."""
        found: Result | Operation = None
        try:
            found = self.begin_sendfile(current_process(), file, offset, count)
            return wait(found) if isinstance(found, Operation) else found
        except BaseException:
            abandon(found)
            raise

    def shutdown(self, how: Term) -> Result:
        """See `SocketHandle.shutdown`."""
        if held(self.lock):
            return self.leave(self.shutdown, how)
        return run(self.shutdown_steps(current_process(), how))

    def close(self) -> Result:
        """See `SocketHandle.close`."""
        if held(self.lock):
            return self.leave(self.abandon)
        return run(self.close_steps(current_process()))

    def leave(self, function: Callable[..., object], *arguments: Term) -> Result:
        """Call it as soon as this thread, which is in the middle of something, has let go of the socket."""

        def now() -> None:
            function(*arguments)

        self.host.call_soon(now)
        return "ok"

    # ---- active mode; with the lock held, but for on_ready

    def on_ready(self, events: int) -> None:
        """The owner's mailbox (or its host) found the descriptor readable."""
        lock = self.lock
        try:
            lock.acquire()
            settings = self.settings
            take = settings.take
            if take is None or not self.armed or self.active is False or self.reading or self.inbound.buf or self.room:
                self._serve_ready()
                return
            try:
                data = self.sock.recv(settings.read_size, DONTWAIT)
            except BlockingIOError:
                return
            except OSError as error:
                self.received(None, reason_of(error))
                return
            packet = take(data, self.rx) if self.receiver is None else None
            if packet is None:
                self.received(data, None)
            elif self.active is True and settings.plain:
                owner = self.owner
                if owner._waiting or owner._ended:
                    owner.post(("tcp", self._pin or self.term, packet))
                else:  # as `post`, without the call
                    owner._inbox.append(("tcp", self._pin or self.term, packet))
            else:
                self.tell_data(packet)
        finally:
            try:
                lock.release()
            except RuntimeError:
                pass

    def _serve_ready(self) -> None:
        if not self.armed or self.active is False or self.reading or not self.owner_reads():
            self.disarm()
            return
        if self.inbound.buf:
            self.look_again()
            if self.active is False or not self.armed:
                return
        read_once(self)

    def read_for_owner(self) -> bool:
        """Read once; False when there is nothing.  First what is buffered: the packet type may have changed since."""
        if self.inbound.buf:
            if not ready(self.fd, READ):
                return False
            self.look_again()
            if self.active is False or not self.armed or not self.flows:
                return True
        return read_once(self)

    def look_again(self) -> None:
        """Before more is read: what is buffered may have become a packet of another type."""
        self.serve()

    def catch_up(self) -> None:
        """Deliver what has come.

        A socket of OTP reads while its owner does something else.  Here its mailbox does, in receive; so whatever looks
        at the state of the socket lets it read first.
        """
        times = max(_READS_AT_ONCE, CHUNK // self.settings.read_size) if self.armed else 0
        for _ in range(times):
            if not self.armed or self.active is False or self.reading or not self.owner_reads():
                return
            if not self.read_for_owner():
                return

    def serve_owner(self) -> bool:
        """See `Reader.serve_owner`."""
        if self.inbound.buf:
            tell_ahead(self)
        data = self.take(0)
        if data is NOTHING:
            self.arm()
            return False
        self.tell_data(data)
        if self.active is False and self.receiver is not None:
            self.receiver.look()  # it is its turn again
        return True

    def tell_data(self, data: Any) -> None:
        """Send a packet to the owner as a message."""
        settings = self.settings
        term = self._pin or self.term
        shaped = data if settings.as_bytes else settings.shape(data)
        message = (settings.tag, term, shaped) if settings.plain else settings.message(term, shaped)
        owner = self.owner
        if owner._waiting or owner._ended:
            owner.post(message)
        else:  # as `post`, without the call
            owner._inbox.append(message)
        if self.active == "once":
            self.active = False  # as `delivered` has it, without the call
        elif self.active is not True:
            self.active, passive = delivered(self.active)
            if passive:
                self.owner.post(("tcp_passive", term))

    def tell(self, *message: Term) -> None:
        """Post `(tag, socket, *more)` to the owner."""
        owner = self.owner
        if not owner._ended:  # else the term would be made for nobody, and finalised at once
            owner.post((message[0], self.term, *message[1:]))

    def set_active(self, value: Active) -> bool:
        """`{active, value}`; False when a number is out of range.  Nothing is delivered yet."""
        found = requested(self.active, value)
        if found is None:
            return False
        self.active, passive = found
        if passive:
            self.tell("tcp_passive")
        return True

    def start_active(self) -> None:
        """`active` has been set to something else than False: deliver what is buffered, then watch the descriptor."""
        if self._pin is None:
            self.pin()
        if self.inbound.buf:
            self.serve()
        if self.active is not False:
            self.arm()

    def arm(self) -> None:
        """See `Reader.arm`."""
        if not self.armed and not self.reading and self.owner_reads() and self.fd >= 0 and self.owner.alive:
            self.armed = True
            self.owner.watch(self.fd, self)
            self.host.serve(self.owner)

    def disarm(self) -> None:
        """Undo `arm`."""
        if self.armed:
            self.armed = False
            self.owner.unwatch(self.fd, pollee=self)

    # ---- the owner

    def hand_over(self, new: Process, *, messages: bool = True) -> None:
        """Make `new` the owner: the queued messages move first, in order, then the socket.  With the lock held."""
        old = self.owner
        if messages:
            move_messages(old, new, self.term)
        armed = self.armed
        self.disarm()
        old.disown(self)
        self.owner = new
        if armed:
            self.arm()

    def own_by(self, process: Process) -> None:
        """End with `process`, which has just been made the owner.  Without the lock: it may have ended already."""
        process.own(self)
        with self.lock:
            if self.ended or self.owner is not process:  # closed in between, or handed on
                process.disown(self)

    def monitor(self, ref: Ref, watcher: Process) -> None:
        """See `SocketHandle.monitor`."""
        with self.lock:
            if self.state not in self.over:
                self.monitors = self.monitors or {}
                self.monitors[ref] = watcher
                return
        kind, gone = self.monitored_as
        watcher.post(("DOWN", ref, kind, self.term, gone))

    def cancel_monitor(self, ref: Ref) -> bool:
        """See `SocketHandle.cancel_monitor`."""
        with self.lock:
            return cancel(self.monitors, ref)

    def fire_monitors(self, reason: Term) -> None:
        """The socket is closed; with the lock held."""
        monitors, self.monitors = self.monitors, None
        if monitors:
            fire(monitors, self.monitored_as[0], self.term, reason)

    # ---- the descriptor; with the lock held, but for what faces call

    def unplug(self) -> None:
        """Close the descriptor, now or when the system calls on it are over."""
        self.doomed = True
        self.reap()

    def reap(self) -> None:
        """See `Reader.reap`."""
        if self.doomed and not self.reading and self.fd >= 0 and not self.keeps_descriptor():
            release(self)

    def ended_with(self) -> Process | None:
        """See `SocketHandle.ended_with`."""
        owner = self.owner.seen_as if self.orphaned else None
        return None if owner is None or owner.alive else owner

    @property
    def owner_ended(self) -> bool:
        """See `SocketHandle.owner_ended`."""
        return not self.owner.alive

    def lose(self) -> None:
        """The system does not know the descriptor: somebody else has closed it."""
        if self.fd >= 0:
            self.disarm()
            forget(self)

    def robbed(self) -> None:
        """See `Holding.robbed`."""
        with self.lock:
            self.lose()
            if self.acceptors is not None:
                self.acceptors.close("ebadf")
            self.on_broken("ebadf")

    def abandon(self) -> None:
        """See `SocketHandle.abandon`."""
        with self.lock:
            self.orphan("normal")

    def fileno(self) -> int:
        """The descriptor, -1 when the socket is closed, even while the driver still writes to it."""
        return -1 if self.state in self.over or self.of_parent else self.fd

    def detach(self) -> int:
        """A duplicate, so that nothing here can close it under its new owner.

        -1 while there is output that was not written, or input that was not delivered (it would be lost), and while
        somebody is in a blocking recv (which only an end of file would end).
        """
        with self.lock:
            if self.fd < 0 or self.keeps_descriptor() or self.inbound or self.reading:
                return -1
            fd = duplicate(self)
            self.close_now(None)
        return fd

    def recv_many(self, most: int, timeout: Time) -> Result:
        """See `SocketHandle.recv_many`."""
        result = self.recv(0, timeout)
        if result[0] != "ok":
            return result
        packets = [result[1]]
        add_buffered(self, packets, most)
        return ("ok", packets)
