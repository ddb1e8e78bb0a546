"""Ports: a socket of the inet backend, its rules, and the functions of gen_tcp and inet on it.

What a transition does to the descriptor, the queue and whoever waits is here, and the usual send; the rest is functions
over a port in the modules beside this one.
"""

from __future__ import annotations

import socket
from functools import partial
from typing import Any, ClassVar

from gentcp.abc import Backend, Result, Term, Time
from gentcp.engine import (
    CHUNK,
    NOTHING,
    TOO_LONG,
    Active,
    Driver,
    Endpoint,
    FramingError,
    Operation,
    RecvOp,
    State,
    Steps,
    complete_receivers,
    generated,
    held,
    interrupted,
    leave_send,
    run,
    send_left,
    wait,
)
from gentcp.errors import reason_of
from gentcp.options import copied
from gentcp.process import Process, Ref, current_process
from gentcp.terms import NotIodata, iodata_to_bytes, is_int

from . import (
    _accepting,
    _info,
    _input,
    _lingering,
    _options,
    _owed,
    _owning,
    _primitives,
    _registering,
    _sendfile,
    _sending,
    _shutting,
)
from ._arguments import recv_numbers, seconds
from ._names import known_name
from ._settings import InetSettings
from ._states import CLOSED, CONNECTED, FLUSHING, LISTENING, Step, step
from ._suspending import begin, put
from ._writer import QueueWriter

_FLAGS = _sending.FLAGS


class InetPort(Endpoint):
    """Connected, listening, or open and neither."""

    __slots__ = (
        "asked", "assumed", "deaf", "goal", "ignored", "owes_recv", "owes_send", "primed", "primed_at", "registered",
        "told_closed", "writer",
    )  # fmt: skip

    is_port = True
    over = (CLOSED,)
    monitored_as = ("port", "noproc")
    inherited: ClassVar[dict[int, tuple[str, ...]]] = copied("inet")

    def __init__(
        self, backend: Backend, sock: socket.socket, owner: Process, settings: InetSettings, state: State
    ) -> None:
        plain = state.flows and not settings.delay_send
        self.writer: QueueWriter = QueueWriter(Driver.started or owner.host is not None, plain)
        super().__init__(backend, sock, owner, settings, state, listening=state is LISTENING)
        self.asked: int = 0  # how often somebody has asked for a message with a result
        self.assumed: dict[str, Term] | None = None
        """By method of the system's socket, the name that is said instead."""
        self.registered: str | None = None
        """Where its functions are, for a port that prim_inet accepted: "undefined" until somebody says so."""
        self.owes_send: str = ""
        self.owes_recv: str = ""
        self.deaf: bool = False
        self.ignored: bool = False
        """Somebody else has the descriptor: `prim_inet:ignorefd/2`."""
        self.goal: int = 0
        """With `room`: so many bytes are read before a packet is looked for."""
        self.primed: Active | None = None
        """As long as `active` is still that, there is a buffer: setopts has made it, which tried to read;"""
        self.primed_at: int = 0
        """and, if that is True or False, as long as no more than so many packets have been received."""
        self.told_closed: bool = False

    @property
    def own_settings(self) -> InetSettings:
        """They are always of this class: the constructor takes no other."""
        settings = self.settings
        assert isinstance(settings, InetSettings)
        return settings

    @property
    def gone(self) -> bool:
        """The port is no longer there, nor its driver, which stays until everything is written."""
        return self.state is CLOSED and not (self.writer.queue.size and self.fd >= 0)

    def answer(self, operation: str) -> Any:
        """See `Endpoint.answer`."""
        reason = self.state.answers.get(operation)
        if reason is None or (self.state is CLOSED and operation in FLUSHING and not self.gone):
            return None
        return ("error", reason)

    # ---- rules

    def refuse_recv(self, length: int) -> Result:
        if self.active is not False:
            self.catch_up()
        if self.state is not CONNECTED:
            return _owed.answer_recv(self)
        if self.active is not False or (length and self.settings.family is not None):
            return ("error", "einval")
        if length > 0x4000000:
            return ("error", "enomem")
        return None if self.receiver is None else ("error", "ealready")

    def on_fin(self) -> None:
        self.transit("fin")

    def on_broken(self, reason: str) -> None:
        if reason == "ebadf":
            self.lose()
        if reason == "econnreset" and self.writer.queue:
            self.unsendable(reason, background=True)  # of the two events the driver looks at the writing one first
        elif reason == "econnreset" and not self.settings["show_econnreset"]:
            self.transit("fin")
        else:
            self.transit("broken", reason)

    def on_misframed(self) -> None:
        if self.active is False or self.fresh:
            self.transit("broken", "emsgsize")
        else:
            self.arm()  # told when the descriptor is readable again

    def on_expired(self, length: int, *, at_once: bool) -> None:
        _input.expired(self, length, at_once=at_once)

    def recv_size(self, length: int) -> int:
        if self.room:
            return _input.to_read(self, length)
        if self.settings.family is not None:
            return min(self.inbound.lacking() or self.settings.read_size, CHUNK)
        return super().recv_size(length)

    def read_for(self, op: RecvOp) -> None:
        """See `Reader.read_for`."""
        if op.timeout == 0:
            _input.read_on(self, op)
        else:
            super().read_for(op)

    def received(self, data: bytes | None, failure: str | None) -> None:
        """See `Reader.received`."""
        if self.room and _input.answers_before(self) and not data:
            return  # whoever reads next gets it again
        if data and not self.room and self.own_settings.small and not self.inbound.buf:
            self.room = self.own_settings.buffer
        super().received(data, failure)

    def look_again(self) -> None:
        """See `Endpoint.look_again`; if that is no packet, it is told now."""
        self.fresh = 1
        self.serve()
        self.fresh = 0

    def take(self, length: int) -> Any:
        """See `Reader.take`."""
        if self.room:
            return _input.take(self, length)
        data = super().take(length)
        if data is NOTHING and self.active is not False and _input.too_far(self):
            raise FramingError
        return data

    def owner_reads(self) -> bool:
        return self.state is CONNECTED and not self.deaf and not self.ignored

    def recv_has_precedence(self) -> bool:
        return self.active is False and not self.ignored

    def keeps_descriptor(self) -> bool:
        lingering = self.lingering
        polled = lingering is not None and lingering.polled()
        return polled or self.writer.queue.size > 0 or self.writer.transfer is not None

    # ---- transitions; with the lock held

    def transit(self, event: str, reason: str = "closed", *, down: Term = "normal") -> None:
        """Let `event` happen.  `reason` is what waiting calls, and the owner, are told; `down` is for monitors."""
        mode = self.active is not False
        shown = "closed" if mode or event not in ("fin", "broken") else reason
        step_ = step(self.state, event, active=mode, exit_on_close=self.settings["exit_on_close"] is True)
        if step_ is None:
            return
        if self.writer.transfer is not None:
            _sendfile.abort_at(self, event, reason)
        if self.lingers and _lingering.would_linger(self, step_):
            _lingering.begin(self)
        if mode and step_.next is CLOSED:
            told = event not in ("unsendable", "close") and self.writer.blocked
            closers, self.writer.closers = self.writer.closers, None
            for closer in closers or () if told else ():
                closer.told()
        waited = _sending.answer_senders(self, event, reason, keeps=step_.keeps_queue)
        if step_.owes_send and not waited:
            self.owes_send = "closed"
        if step_.owes_recv:
            self.owes_recv = reason
        if event != "activate":
            self.inbound.clear()
            self.room = self.goal = 0
            self.primed = None
        if step_.deaf:
            self.deaf = True
            self.disarm()
        tell = step_.tell
        if tell and self.receiver is not None and self.lingering is None:
            _owning.tell_end(self, tell, reason)  # before the receiver
            tell = ()
        if step_.next is not self.state:
            self._enter(step_.next, shown, keeps=step_.keeps_queue)
        elif not mode:
            complete_receivers(self, ("error", reason))
        if event == "broken":
            down = reason
        if self.lingering is None:
            self._tell(tell, step_, reason, down)
        else:
            self.lingering.then(partial(self._tell, tell, step_, reason, down))

    def _tell(self, tell: tuple[str, ...], step_: Step, reason: str, down: Term) -> None:
        """What a transition means to those who wait for no result; when close(2) is over, if it lingers."""
        if tell:
            _owning.tell_end(self, tell, reason)
        if step_.next is CLOSED:
            self.owner.disown(self)
            self.pin(False)
            self.fire_monitors(down)
        if self.writer.suspended or self.writer.closers:
            _sending.settle(self)

    def look(self) -> None:
        """See `Endpoint.look`; or `delay_send` has changed."""
        writer = self.writer
        writer.plain = self.flows and not self.settings.delay_send
        if writer.plain:
            writer.look()
        else:
            writer.direct = False

    def _enter(self, state: State, reason: str, *, keeps: bool) -> None:
        self.become(state)
        self.writer.busy = False
        result: Result = ("error", reason)
        if self.lingering is not None and self.receiver is not None:
            result = self.answered(self.receiver.process, result)
        complete_receivers(self, result)
        self.disarm()
        if not keeps:
            self.writer.queue.clear()
        if not self.writer.queue.size:
            self.unplug()
        if state is CLOSED:
            if self.gone:
                self.active = False
            self.owes_send = self.owes_recv = ""

    def unplug(self) -> None:
        """See `Endpoint.unplug`."""
        if self.fd >= 0:
            self.host.stop_flushing(self.fd, self)
        super().unplug()

    def lose(self) -> None:
        """See `Endpoint.lose`; with it goes what is queued."""
        if self.fd >= 0:
            self.host.stop_flushing(self.fd, self)
        super().lose()
        if self.state is CLOSED:
            self.writer.queue.clear()

    def unsendable(self, reason: str, *, postponed: bool = False, background: bool = False) -> Result:
        """Writing failed: the connection is over.  Only a reset is ever called by another name than closed."""
        if reason == "ebadf":
            self.lose()
        reset = reason == "econnreset" or (reason == "epipe" and not postponed and not self.writer.write_shut)
        shown = "econnreset" if reset and self.settings["show_econnreset"] is True else "closed"
        owes = background and not self.writer.blocked and self.active is False
        self.transit("unsendable", shown)
        if owes:
            self.owes_send = "closed"
        return ("error", shown)

    def catch_up(self) -> None:
        """See `Endpoint.catch_up`; the driver writes as well."""
        super().catch_up()
        _sending.flush_if_ready(self)

    # ---- gen_tcp: send

    def send(self, data: Term) -> Result:
        if type(data) is not bytes:
            return self._send_iodata(data)
        writer = self.writer
        lock = self.lock
        found: Any = None
        try:
            try:
                lock.acquire()  # by hand, as engine.locks has it
                if writer.direct:
                    settings = self.settings
                    size = len(data)
                    pack = settings.pack
                    if pack is not None:
                        try:
                            data = pack(size) + data
                        except TOO_LONG:
                            data = settings.framed(data)
                        size += settings.head
                    elif not size:
                        return _sending.write(self, data)
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
                found = self._begin_usual(data)
            return wait(found) if isinstance(found, Operation) else found
        except BaseException:
            interrupted(lock, writer, found)
            raise

    def _sent(self, frame: bytes, written: int) -> Result:
        """Count `frame`, of which so much is written; queue the rest, and what a handler has sent."""
        self.tx.other(len(frame))
        if written < len(frame):
            _sending.enqueue(self, frame, written)
        if self.writer.left:
            self.send_left()
        return "ok"

    def _not_sent(self, frame: bytes, error: OSError) -> Result | Operation:
        """The system has taken nothing of `frame`."""
        if isinstance(error, BlockingIOError):
            return self._sent(frame, 0)
        self.tx.other(len(frame))
        result = self.answered(current_process(), self.unsendable(reason_of(error)))
        self.send_left()
        return result

    def _send_iodata(self, data: Term) -> Result:
        if self.state is CLOSED and self.lingering is None:
            return ("error", "closed")
        try:
            return self.send(iodata_to_bytes([data] if is_int(data) else data))  # port_command takes a lone byte
        except NotIodata:
            return ("error", "einval")

    def _begin_usual(self, data: bytes) -> Result | Operation:
        """A send that may not write at once."""
        _registering.check(self)
        process = current_process()
        if held(self.lock):
            leave_send(self, process, data)
            return self.leave(self.send_left)
        if (later := _lingering.later(self, process, partial(self.send, data))) is not None:
            return later
        with self.lock:
            if self.writer.left:
                self.send_left()
            return put(self, process, data, timed=True)

    def send_left(self) -> None:
        """Send what signal handlers have left."""
        with self.lock:
            send_left(self.writer, partial(put, self, timed=False))

    def begin_send(self, process: Process, data: Term) -> Result | Operation:
        _registering.check(self)
        later = _lingering.later(self, process, partial(begin, self, process, data))
        return begin(self, process, data) if later is None else later

    def send_at_once(self, data: bytes) -> Result | Operation:
        lock = self.lock
        try:
            lock.acquire()
            if data and self.writer.direct:
                result = _sending.write(self, self.settings.framed(data))
                return result if self.lingering is None else self.answered(self.owner, result)
            return None
        finally:
            try:
                lock.release()
            except RuntimeError:
                pass

    def hand_over(self, new: Process, *, messages: bool = True) -> None:
        """See `Endpoint.hand_over`.  The host of the new owner flushes the queue."""
        before = self.host
        super().hand_over(new, messages=messages)
        _sending.change_host(self, before)

    def on_writable(self) -> None:
        """The descriptor takes data again."""
        with self.lock:
            if self.fd >= 0 and self.writer.transfer is None:
                _sending.flush(self)

    def pending(self) -> int:
        """Bytes that wait to be written (`send_pend`)."""
        return self.writer.queue.size

    # ---- gen_tcp: recv, accept

    def recv_arguments(self, length: Term, timeout: Time) -> tuple[int, float | None] | Result:
        _registering.check(self)
        return recv_numbers(self, length, timeout)

    def unrecv(self, data: Term) -> Result:
        _registering.check(self)
        _lingering.wait_until_over(self)
        return _input.push_back(self, data)

    def begin_accept(self, process: Process, timeout: Time) -> Result | Operation:
        _registering.check(self)
        if (refused := self.answer("accept")) is not None:
            return refused
        return _accepting.accept(self, process, seconds(timeout))

    # ---- gen_tcp: shutdown, close, the owner

    def shutdown_steps(self, process: Process, how: Term) -> Steps:
        _registering.check(self)
        if self.lingering is not None:
            yield from _lingering.steps(self, process)
        return (yield from _shutting.shutdown(self, process, how))

    def close_steps(self, process: Process) -> Steps:
        term = self.term
        if self.lingering is not None:
            yield from _lingering.steps(self, process)
        yield from _shutting.flush_and_close(self, process)
        if self.told_closed:
            _shutting.take_one(process, ("tcp_closed", term))
        return "ok"

    def close_now(self, by: Process | None, *, down: Term = "normal") -> None:
        """See `Endpoint.close_now`; it does not matter by whom.  `down` is what monitors are told."""
        if self.state is CLOSED:
            return
        if self.acceptors is not None:
            self.acceptors.close()
        self.transit("close", down=down)

    def inherit(self) -> None:
        self.writer = QueueWriter(False, False)
        self.room = self.goal = 0
        super().inherit()

    def orphan(self, reason: Term) -> None:
        _owning.orphan(self, reason)

    def controlling_process(self, process: Term) -> Result:
        _lingering.wait_until_over(self)
        return _owning.give_to(self, process)

    def begin_sendfile(self, process: Process, file: int, offset: int, count: int) -> Result | Operation:
        ask = partial(_sendfile.ask, self, process, file, offset, count)
        later = _lingering.later(self, process, ask)
        return ask() if later is None else later

    def primitive(self, module: str, function: str, *arguments: Term) -> Term:
        return run(self.primitive_steps(current_process(), module, function, *arguments))

    def primitive_steps(self, process: Process, module: str, function: str, *arguments: Term) -> Steps:
        if self.lingering is not None:
            yield from _lingering.steps(self, process)
        return (yield from _primitives.call(self, process, module, function, arguments))

    # ---- inet

    def setopts(self, options: Term) -> Result:
        checked = _options.normalised(options if isinstance(options, list) else generated(options))
        if checked is None:
            return ("error", "einval")
        if held(self.lock):
            return self.leave(self.setopts, options)
        _lingering.wait_until_over(self)
        with self.lock:
            if (self.armed and self.active is not False) or self.writer.queue.size:
                self.catch_up()
            if (refused := self.answer("setopts")) is not None:
                return refused
            if self.late is not None:
                self.late.update(name for name, _value in checked)
            reason = _options.apply(self, checked)
        return ("error", reason) if reason else "ok"

    def getopts(self, names: Term) -> Result:
        _lingering.wait_until_over(self)
        return _options.get_all(self, names)

    def sockname(self) -> Result:
        _lingering.wait_until_over(self)
        return known_name(self, "sockname", "getsockname")

    def peername(self) -> Result:
        _lingering.wait_until_over(self)
        return known_name(self, "peername", "getpeername")

    def getstat(self, names: Term) -> Result:
        _lingering.wait_until_over(self)
        return _info.getstat(self, names)

    def monitor(self, ref: Ref, watcher: Process) -> None:
        _lingering.wait_until_over(self)
        super().monitor(ref, watcher)

    def info(self) -> dict[str, Term]:
        _lingering.wait_until_over(self)
        return _info.info(self)
