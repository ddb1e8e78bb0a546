"""Sockets of the socket backend: their rules, and the functions of gen_tcp and inet on them.

What a transition does to the descriptor and whoever waits is here, and the usual send; the rest is functions over a
socket in the modules beside this one.
"""

from __future__ import annotations

import socket
from functools import partial
from typing import Any, ClassVar

from gentcp.abc import Backend, Result, Term, Time
from gentcp.engine import (
    CHUNK,
    CLOSED,
    READ,
    TOO_LONG,
    AcceptOp,
    Endpoint,
    Later,
    Operation,
    RecvOp,
    State,
    Steps,
    abandon,
    answer_of,
    complete_receivers,
    copy_from,
    finish_receiver,
    held,
    interrupted,
    leave_send,
    lingers,
    name_of,
    ready,
    send_left,
    wait,
)
from gentcp.errors import ErlangError, reason_of
from gentcp.options import copied
from gentcp.process import Process, current_process
from gentcp.terms import is_int

from . import _beginning, _info, _lingering, _options, _sending, _shutting
from ._beginning import begin_frame, line_up
from ._operations import RestOp
from ._sending import Breaking
from ._settings import SocketSettings
from ._states import CLOSING, CONNECTED, GONE, HUNG_UP, LISTENING, step
from ._writer import DirectWriter

_FLAGS = _sending.FLAGS
_CLOSE_FIRST = ("close", "abandon", "unsendable", "close lingered", "abandon lingered", "unsendable lingered")
"""Events in which the system's socket closes before anybody is told."""
_LONGEST = 1 << 50
"""Milliseconds; 35,000 years, and still exact as a float."""
_LONGEST_TIMER = (1 << 63) // 1_000_000
"""Milliseconds; the monotonic time of a VM is nanoseconds in 64 bits."""


class SocketSocket(Endpoint):
    """Connected or listening."""

    __slots__ = ("accepting", "bound", "delayed", "read_waited", "unpaused", "write_waited", "writer")

    over = (GONE, HUNG_UP)
    monitored_as = ("socket", "nosock")
    inherited: ClassVar[dict[int, tuple[str, ...]]] = copied("socket")

    def __init__(
        self, backend: Backend, sock: socket.socket, owner: Process, settings: SocketSettings, state: State
    ) -> None:
        self.writer: DirectWriter = DirectWriter()
        super().__init__(backend, sock, owner, settings, state, listening=state is LISTENING)
        self.delayed: str = ""  # why the connection ended; reported once
        self.accepting: bool = False
        """It was when it was shut down, which `inet:info/1` goes on telling."""
        self.bound: bool = False
        """The next three are what `inet:info/1` tells: it has been given a name, somebody has waited for the system."""
        self.read_waited: bool = False
        self.write_waited: bool = False
        self.unpaused: int = 0  # bytes at the end of the buffer that the server has read before, without waiting since

    @property
    def own_settings(self) -> SocketSettings:
        """They are always of this class: the constructor takes no other."""
        settings = self.settings
        assert isinstance(settings, SocketSettings)
        return settings

    # ---- rules

    def refuse_recv(self, length: int) -> Result:
        if self.active is not False:
            self.catch_up()
        if self.state is not CONNECTED:
            reason, self.delayed = self.delayed, ""
            return ("error", reason or self.state.answers["recv"])
        if self.active is not False:
            return ("error", "einval")
        waits = self.receiver is not None and not self.receiver.overtaken
        return None if waits else self.refuse_turn(length)

    def refuse_turn(self, length: int) -> Result:
        refused = self.active is not False or (length and self.settings.family is not None)
        return ("error", "einval") if refused else None

    def refuse_line(self) -> None:
        """What the server has put off it looks at again: on an active socket those behind the receiver are refused."""
        line = self.queue_recv
        if line and self.active is not False:
            for op in [op for op in line if not op.overtaken]:
                line.remove(op)
                op.complete(("error", "einval"))

    def recv_size(self, length: int) -> int:
        size, settings = super().recv_size(length), self.settings
        if settings.family is not None:
            lacking = self._lacking(0) if settings.small_reads else self.inbound.lacking()
            return min(lacking, CHUNK) if settings.read_size < lacking else settings.read_size
        return max(size, settings.raw_chunk) if settings["read_ahead"] is True else size

    def recv_has_precedence(self) -> bool:
        return True

    def on_lent(self) -> None:
        self.read_waited = self.read_waited or not ready(self.fd, READ)

    def on_expired(self, length: int, *, at_once: bool) -> None:
        self.read_waited = True

    def note_waiting(self) -> None:
        """It has become active: its server reads what there is, and waits if it may have more."""
        if self.active is not True and ready(self.fd, READ):
            self.catch_up()
        self.read_waited = self.active is not False

    def read_for(self, op: RecvOp) -> None:
        """See `Reader.read_for`; the server goes on as long as there is something and it need not wait."""
        inbound, again = self.inbound, True
        while again:
            lacking = self._lacking(op.length) if op.length or inbound.buf else 0
            before = len(inbound)
            wanted = before + lacking if lacking and self.own_settings.reads_exactly(lacking) else 0
            super().read_for(op)
            whole = len(inbound) >= wanted or len(inbound) - before >= CHUNK  # it asks the system for all of it at once
            again = op.result is None and whole and self.reads_for(op) and ready(self.fd, READ)

    def count_more(self, size: int) -> None:
        """See `Reader.count_more`: what is longer than the buffer of the server counts when all of it is there."""
        lacking = self._lacking(0 if self.receiver is None else self.receiver.length)
        if size < lacking and self.own_settings.reads_exactly(lacking):
            self.rx.add_part(size)
        else:
            self.rx.add(size)

    def _lacking(self, length: int) -> int:
        """Bytes that are missing for the packet in front, or a recv of `length` bytes; 0: nobody knows."""
        settings, inbound = self.own_settings, self.inbound
        if settings.family is not None:
            head = settings.least - len(inbound) if settings.small_reads and inbound.buf else 0
            return inbound.lacking() or max(head, 0)
        return max(length - len(inbound), 0)

    def serve_small(self) -> None:
        """See `Reader.serve_small`: the server reads several times before it waits."""
        size, came = len(self.inbound), self.fresh
        self.serve()
        goes_on = self.state is CONNECTED and len(self.inbound) == size and ready(self.fd, READ)
        self.unpaused = self.unpaused + came if goes_on else 0

    def owner_reads(self) -> bool:
        return self.state is CONNECTED and self.receiver is None

    def on_fin(self) -> None:
        if self.receiver is not None and self.receiver.overtaken:
            self.serve()
        if self.returned is not None and isinstance(self.returned, Breaking):
            self.on_broken("econnreset")  # of which the system tells only the first who asks
        else:
            self.transit("unreadable", "closed")

    def on_broken(self, reason: str) -> None:
        if reason == "ebadf":
            self.lose()
        self.transit("unreadable", self.curated(reason))

    def on_misframed(self) -> None:
        self.transit("misframed", "emsgsize")

    def curated(self, reason: str) -> str:
        """A reset is called closed unless `show_econnreset` is set."""
        if reason in ("econnreset", "econnaborted", "epipe"):
            return "econnreset" if self.settings["show_econnreset"] is True else "closed"
        return reason

    # ---- transitions; with the lock held

    def transit(self, event: str, reason: str = "closed", *, by: Process | None = None, lingered: str = "") -> None:
        """Let `event` happen.  `reason` is what waiting calls and the owner are told; `by` closes.

        Where close(2) lingers, the same happens again when that is over; `lingered` is the mode of the first time.
        """
        active = self.active is not False and self.state is CONNECTED
        mode = lingered or ("active" if active else "passive" if self.receiver is None else "waiting")
        exits = self.settings["exit_on_close"] is not False
        said = f"{event} lingered" if lingered else event
        step_ = step(self.state, said, mode=mode, exit_on_close=exits)
        if step_ is None:
            return
        if self.lingers and step_.next in self.over and lingers(self.sock):
            over = partial(self.transit, event, reason, by=by, lingered=mode)
            _lingering.begin(self, over, by if event == "close" else None, rouses=mode == "active")
            said = f"{event} lingers"
            step_ = step(self.state, said, mode=mode, exit_on_close=exits) or step_
        if step_.delays:
            self.delayed = reason
        if event == "misframed":
            self.inbound.cut(self.fresh and self.fresh + self.unpaused)
        elif event != "activate":
            self.inbound.clear()
        if said in _CLOSE_FIRST:
            self.fire_monitors("closed")  # the system's socket closes first
        for message in step_.tell:
            if message == "tcp_error" and reason != "closed":
                self.tell(message, reason)
            elif message == "tcp_closed" and (by is None or by is not self.owner):
                self.tell(message)
        self.active = False
        if step_.next is not self.state:
            self._enter(step_.next, reason)
        elif self.receiver is not None:
            finish_receiver(self, self.receiver, ("error", reason))

    def look(self) -> None:
        """See `Endpoint.look`."""
        writer = self.writer
        writer.open = "send" not in self.state.answers
        if writer.open:
            writer.look()
        else:
            writer.direct = False

    def _enter(self, state: State, reason: str) -> None:
        self.become(state)
        self.disarm()
        if state is CLOSING:
            _lingering.postpone(self, reason)
        else:
            complete_receivers(self, ("error", reason), ("error", "closed"))
        if state in (GONE, HUNG_UP):
            if self.acceptors is not None:
                self.acceptors.close()
            self.writer.mend()
            for op in self.writer.waiting():
                if op.result is None:
                    op.complete(("error", "closed"))
            self.unplug()
            self.fire_monitors("closed")
        if state is GONE:
            self.delayed = ""
            self.owner.disown(self)
            self.pin(False)

    def unsendable(self, process: Process, error: OSError) -> Result | Later:
        """Writing for `process` failed: the connection is over."""
        reason = self.curated(reason_of(error))
        if reason == "ebadf":
            self.lose()
        self.transit("unsendable", reason)
        return self.answered(process, ("error", reason))

    # ---- gen_tcp

    def send(self, data: Term) -> Result:
        if type(data) is not bytes:
            if self.state in (GONE, HUNG_UP):
                return ("error", "closed")
            data = _sending.flat(data, self.settings.head)
        settings = self.settings
        size = len(data)
        pack = settings.pack
        if pack is not None:
            try:
                data = pack(size) + data
            except TOO_LONG:
                data = settings.framed(data)
            size += settings.head
        writer = self.writer
        lock = self.lock
        found: Any = None
        try:
            try:
                lock.acquire()  # by hand, as engine.locks has it
                if writer.direct:
                    writer.direct = False  # a signal handler must not write in the middle
                    try:
                        written = self.sock.send(data, _FLAGS)
                    except OSError as error:
                        found = self._not_sent(data, error)
                    else:
                        tx = self.tx
                        if tx.size == size == written:  # as `Counters.add`; if a handler has sent, `size` is another
                            tx.run += 1
                            writer.direct = True
                            return "ok"
                        if written == size and not writer.left:
                            tx.other(size)
                            writer.direct = True
                            return "ok"
                        found = self._sent(data, written)
            finally:
                try:
                    lock.release()
                except RuntimeError:
                    pass
            if found is None:
                found = self._begin_behind(data)
            return wait(found) if isinstance(found, Operation) else found
        except BaseException:
            interrupted(lock, writer, found)
            raise

    def _sent(self, frame: bytes, written: int) -> Result | Operation:
        """Count what is written of `frame`; the rest waits for room, and what a handler has sent goes behind it."""
        if written < len(frame):
            self.tx.add_bytes(written)
            return line_up(self, current_process(), frame, written, timed=True)
        self.tx.other(written)
        self.send_left()
        return "ok"

    def _not_sent(self, frame: bytes, error: OSError) -> Result | Operation:
        """The system has taken nothing of `frame`."""
        if isinstance(error, BlockingIOError):
            return self._sent(frame, 0)
        return self.unsendable(current_process(), error)

    def _begin_behind(self, frame: bytes) -> Result | Operation:
        """A send that may not write at once."""
        process = current_process()
        if held(self.lock):
            leave_send(self, process, frame)
            return self.leave(self.send_left)
        with self.lock:
            if (refused := self.answer("send")) is not None:
                return refused
            if self.writer.left:
                self.send_left()
            return line_up(self, process, frame, 0, timed=True)

    def send_left(self) -> None:
        """Send what signal handlers have left."""
        with self.lock:
            send_left(self.writer, partial(begin_frame, self))

    def begin_send(self, process: Process, data: Term) -> Result | Operation:
        if self.state in (GONE, HUNG_UP):
            return ("error", "closed")
        return begin_frame(self, process, self.settings.framed(_sending.flat(data, self.settings.head)))

    def send_at_once(self, data: bytes) -> Result | Operation:
        if self.state is CONNECTED and self.writer.head is None:
            return begin_frame(self, self.owner, self.settings.framed(data))
        return None

    def begin_send_rest(self, process: Process, rest: bytes, *, resumable: bool) -> Result | Operation:
        return begin_frame(self, process, rest, RestOp, resumable=resumable)

    def unsent(self) -> bytes:
        torn = self.writer.torn
        return b"" if torn is None else torn.rest()

    def begin_rest(self, process: Process) -> Result | Operation:
        return _beginning.rest(self, process)

    def forget_rest(self) -> bytes:
        with self.lock:
            torn = self.writer.mend()
        return b"" if torn is None else torn.rest()

    def recv_arguments(self, length: Term, timeout: Time) -> tuple[int, float | None] | Result:
        if not is_int(length) or length < 0:
            raise ErlangError("function_clause")
        if timeout == "infinity":
            return length, None
        if not is_int(timeout) or timeout < 0:
            raise ErlangError("function_clause")
        return length, min(timeout, _LONGEST) / 1000

    def begin_accept(self, process: Process, timeout: Time) -> Result | Operation:
        wait_for = seconds(timeout)
        found: Result | Operation = None
        try:
            with self.lock:
                if wait_for == 0 and self.state is not GONE:
                    return ("error", "timeout")  # the timer is over before anything is tried
                if (refused := self.answer("accept")) is not None:
                    return refused
                acceptors = self.acceptors
                assert acceptors is not None
                # What is set while we wait comes too late.
                take_in = partial(self._take_in, process, self.own_settings, self.active)
                found = acceptors.accept(process, wait_for, take_in)
                if found.__class__ is AcceptOp or found is _shutting.NOBODY:  # without a call
                    self.read_waited = True
        except BaseException:
            abandon(found)
            raise
        return found

    def _take_in(self, owner: Process, settings: SocketSettings, active: Any, sock: socket.socket) -> Result:
        handle = SocketSocket(self.backend, sock, owner, settings, CONNECTED)
        copy_from(handle, self)
        handle.active = active
        handle.start()
        handle.read_waited = active is True
        if active is not True and active is not False:
            with handle.lock:
                handle.note_waiting()
        return ("ok", handle)

    def shutdown_steps(self, process: Process, how: Term) -> Steps:
        return _shutting.shutdown(self, process, how)

    def close_steps(self, process: Process) -> Steps:
        with self.lock:
            self.catch_up()
            self.close_now(process)
            later = None if self.lingering is None else self.later(process, "ok")
        if later is not None:
            yield later
        return "ok"

    def close_now(self, by: Process | None) -> None:
        """See `Endpoint.close_now`."""
        if self.state is GONE:
            return
        if self.acceptors is not None:
            self.acceptors.close()
        if self.lingering is not None and by is None:
            self.lingering.serves = False
        if by is None:
            self.transit("abandon")
        else:
            self.transit("close", by=by)

    def inherit(self) -> None:
        self.writer = DirectWriter()
        super().inherit()

    def orphan(self, reason: Term) -> None:
        self.orphaned = self.state not in self.over
        self.close_now(None)

    def controlling_process(self, process: Term) -> Result:
        if not isinstance(process, Process):
            raise ErlangError("function_clause")
        by = current_process()
        with self.lock:
            self.catch_up()
            found: Any = self.answer("controlling_process")
            if found is None and process is self.owner:
                found = "ok"
            if found is None and by is not self.owner:
                found = ("error", "not_owner")
            if self.lingering is not None:
                later = self.later(by, CLOSED, partial(self.controlling_process, process))
                # Whoever closes ends the server, unless the owner, roused by a message, is quicker.
                late = self.lingering.ends and not self.lingering.rouses
                found = later or found or (CLOSED if late else None)
            if found is None:
                self.refuse_line()
                by.check()  # if it has been killed, it may have missed messages that would move
                self.hand_over(process)
        if isinstance(found, Later):
            return answer_of(found)
        if found is None:
            self.own_by(process)
        return found or "ok"

    def begin_sendfile(self, process: Process, file: int, offset: int, count: int) -> Result | Operation:
        return _beginning.sendfile(self, process, file, offset, count)

    # ---- inet

    def setopts(self, options: Term) -> Result:
        checked = _options.each(options, _options.normalised)
        if checked is None:
            return ("error", "einval")
        if held(self.lock):
            return self.leave(self.setopts, options)
        with self.lock:
            if self.armed and self.active is not False:
                self.catch_up()
            later = None
            if self.lingering is not None:
                later = self.later(current_process(), CLOSED, partial(self.setopts, options))
            if later is None:
                if (refused := self.answer("setopts")) is not None:
                    return refused
                if self.late is not None:
                    self.late.update(name for name, _value in checked)
                reason = _options.apply(self, checked)
                result: Result = ("error", reason) if reason else "ok"
                if self.lingers and self.armed:
                    self.catch_up()  # the server reads before it answers; if that is the end, close(2) comes first
                if self.lingering is not None:
                    later = self.later(current_process(), result)
                if later is None:
                    return result
        return answer_of(later)

    def getopts(self, names: Term) -> Result:
        return _options.get_all(self, names)

    def sockname(self) -> Result:
        return name_of(self, "sockname", "getsockname")

    def peername(self) -> Result:
        return name_of(self, "peername", "getpeername")

    def getstat(self, names: Term) -> Result:
        return _info.getstat(self, names)

    def info(self) -> dict[str, Term]:
        return _info.info(self)


def seconds(time: Time) -> float | None:
    """A time for `erlang:start_timer/3`."""
    if time == "infinity":
        return None
    if (type(time) is not int and not is_int(time)) or not 0 <= time <= _LONGEST_TIMER:
        raise ErlangError("badarg")
    if time > 0xFFFFFFFF:
        raise ErlangError("timeout_value")
    return time / 1000
