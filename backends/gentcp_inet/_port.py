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
    CAN_SENDFILE,
    CHUNK,
    NOTHING,
    STATISTICS,
    TOO_LONG,
    Acceptors,
    Active,
    Endpoint,
    FramingError,
    Operation,
    State,
    Steps,
    check_list,
    counted,
    generated,
    run,
    split_list,
    wait,
)
from gentcp.errors import ErlangError, reason_of
from gentcp.options import copied
from gentcp.process import Process, current_process
from gentcp.terms import NotIodata, iodata_to_bytes

from . import _commands, _input, _options, _primitives, _sendfile, _sending, _shutting
from ._names import known_name
from ._operations import FileOp, InLine, Sender
from ._settings import InetSettings
from ._states import CLOSED, CONNECTED, LISTENING, step
from ._writer import QueueWriter

_MODULES = {socket.AF_INET: "inet_tcp", socket.AF_INET6: "inet6_tcp", socket.AF_UNIX: "local_tcp"}
_FLAGS = _sending.FLAGS


def seconds(time: Time) -> float | None:
    """The driver takes times as unsigned 32-bit numbers, the largest (-1) being infinity."""
    if time == "infinity":
        return None
    if type(time) is not int:
        raise ErlangError("function_clause")
    time &= 0xFFFFFFFF
    return None if time == 0xFFFFFFFF else time / 1000


class InetPort(Endpoint):
    """Connected or listening."""

    __slots__ = (
        "asked", "assumed", "deaf", "goal", "misframed", "owes_recv", "owes_send", "primed", "registered",
        "told_closed", "writer",
    )  # fmt: skip

    is_port = True
    over = (CLOSED,)
    monitored_as = ("port", "noproc")
    inherited: ClassVar[dict[int, tuple[str, ...]]] = copied("inet")

    def __init__(
        self, backend: Backend, sock: socket.socket, owner: Process, settings: InetSettings, state: State
    ) -> None:
        super().__init__(backend, sock, owner, settings, state, listening=state is LISTENING)
        self.writer: QueueWriter = QueueWriter()
        self.asked: int = 0  # how often somebody has asked for a message with a result
        self.assumed: dict[str, Term] | None = None
        """By method of the system's socket, the name that is said instead."""
        self.registered: str | None = None
        """Where its functions are, for a port that prim_inet accepted: "undefined" until somebody says so."""
        self.owes_send: str = ""
        self.owes_recv: str = ""
        self.deaf: bool = False
        self.goal: int = 0
        """With `room`: so many bytes are read before a packet is looked for."""
        self.misframed: bool = False  # the next packet is none; told when the descriptor is readable again
        self.primed: Active = False
        """As long as `active` is still that, the buffer was made by setopts, which looked whether there was data."""
        self.told_closed: bool = False

    @property
    def own_settings(self) -> InetSettings:
        """They are always of this class: the constructor takes no other."""
        settings = self.settings
        assert isinstance(settings, InetSettings)
        return settings

    # ---- rules

    def refuse_recv(self, length: int) -> Result:
        if self.active is not False:
            self.catch_up()
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

    def on_fin(self) -> None:
        self.transit("fin")

    def on_broken(self, reason: str) -> None:
        if reason == "econnreset" and self.writer.queue:
            self.unsendable(reason, background=True)  # of the two events the driver looks at the writing one first
        elif reason == "econnreset" and not self.settings["show_econnreset"]:
            self.transit("fin")
        else:
            self.transit("broken", reason)

    def on_misframed(self) -> None:
        if self.active is False or self.fresh or self.misframed:
            self.transit("broken", "emsgsize")
        else:
            self.misframed = True
            self.arm()

    def on_expired(self, length: int, *, at_once: bool) -> None:
        _input.expired(self, length, at_once=at_once)

    def recv_size(self, length: int) -> int:
        if self.room:
            return _input.to_read(self, length)
        if self.settings.family is not None:
            return min(self.inbound.lacking() or self.settings.read_size, CHUNK)
        return super().recv_size(length)

    def received(self, data: bytes | None, failure: str | None) -> None:
        """See `Reader.received`."""
        if data and not self.room and self.own_settings.small and not self.inbound.buf:
            self.room = self.own_settings.buffer
        super().received(data, failure)

    def look_again(self) -> None:
        """See `Endpoint.look_again`; what is no packet is told now."""
        self.misframed = True
        self.serve()
        self.misframed = False

    def take(self, length: int) -> Any:
        """See `Reader.take`."""
        if self.room:
            return _input.take(self, length)
        data = super().take(length)
        if data is NOTHING and self.active is not False and _input.too_far(self):
            raise FramingError
        return data

    def owner_reads(self) -> bool:
        return self.state is CONNECTED and not self.deaf

    def keeps_descriptor(self) -> bool:
        return bool(self.writer.queue) or self.writer.transfer is not None

    # ---- transitions; with the lock held

    def transit(self, event: str, reason: str = "closed") -> None:
        """Let `event` happen.  `reason` is what waiting calls, and the owner, are told."""
        mode = self.active is not False
        told = "closed" if mode or event not in ("fin", "broken") else reason
        step_ = step(self.state, event, active=mode, exit_on_close=self.settings["exit_on_close"] is True)
        if step_ is None:
            return
        self._abort_file(event, reason)
        if mode and step_.next is CLOSED and event != "overdue" and not (event != "unsendable" and self.writer.blocked):
            self.writer.closers = None
        waited = self._answer_senders(event, reason, keeps=step_.keeps_queue)
        if step_.owes_send and not waited:
            self.owes_send = "closed"
        if step_.owes_recv:
            self.owes_recv = reason
        if event != "activate":
            self.inbound.clear()
            self.room = self.goal = 0
        self._tell_end(step_.tell, reason)
        if step_.deaf:
            self.deaf = True
            self.disarm()
        if event == "broken" and step_.next is CLOSED:
            self.fire_monitors(reason)
        if step_.next is not self.state:
            self._enter(step_.next, told, keeps=step_.keeps_queue)
        elif not mode:
            self.complete_receivers(("error", reason))
        _sending.settle(self)

    def _abort_file(self, event: str, reason: str) -> None:
        goes_on = event == "activate" or (event == "fin" and self.settings["exit_on_close"] is False)
        if self.writer.transfer is not None and not goes_on:
            _sendfile.abort(self, reason)

    def _tell_end(self, messages: tuple[str, ...], reason: str) -> None:
        for message in messages:
            if message == "tcp_error":
                if reason != "closed":
                    self.tell(message, reason)
            elif not self.told_closed:  # tcp_closed comes once in the life of a port
                self.told_closed = True
                self.tell(message)

    def _answer_senders(self, event: str, reason: str, *, keeps: bool) -> bool:
        """A blocked sender does not survive the connection, nor does what it had queued."""
        writer = self.writer
        if not writer.blocked or event == "overdue":
            _sending.complete_senders(self, ("error", "closed"))
            return False
        writer.busy = False
        if event in ("fin", "broken") and keeps:
            writer.queue.clear()
        _sending.complete_senders(self, ("error", reason if event == "unsendable" else "closed"))
        writer.look()
        return True

    def _enter(self, state: State, reason: str, *, keeps: bool) -> None:
        self.become(state)
        self.writer.busy = False
        self.complete_receivers(("error", reason))
        self.disarm()
        if not keeps:
            self.writer.queue.clear()
        self.writer.look()
        if not self.writer.queue:
            self.unplug()
        if state is CLOSED:
            self.active = False
            self.owner.disown(self)
            self.pin(False)
            self.fire_monitors("normal")

    def unplug(self) -> None:
        """See `Endpoint.unplug`."""
        if self.fd >= 0:
            self.host.stop_flushing(self.fd)
        super().unplug()

    def unsendable(self, reason: str, *, postponed: bool = False, background: bool = False) -> Result:
        """Writing failed: the connection is over.  Only a reset is ever called by another name than closed."""
        reset = reason == "econnreset" or (reason == "epipe" and not postponed and not self.writer.write_shut)
        shown = "econnreset" if reset and self.settings["show_econnreset"] is True else "closed"
        owes = background and not self.writer.blocked and self.active is False
        self.transit("unsendable", shown)
        if owes:
            self.owes_send = "closed"
        return ("error", shown)

    def answer_send(self) -> Result:
        """What send says of a port that is not connected."""
        reason, self.owes_send = self.owes_send, ""
        if reason and self.owes_recv:
            reason = self.owes_recv  # econnreset stays owed to recv
        return ("error", reason or self.state.answers["send"])

    def catch_up(self) -> None:
        """See `Endpoint.catch_up`; the driver writes as well."""
        super().catch_up()
        _sending.flush_if_ready(self)

    # ---- gen_tcp: send

    def send(self, data: Term) -> Result:
        if type(data) is not bytes:
            return self._send_iodata(data)
        lock = self.lock
        lock.acquire()  # by hand, as in `engine.reader`
        try:
            settings = self.settings
            size = len(data)
            if not size or not self.flows or not self.writer.direct or settings.delay_send:
                found = self._begin_usual(data)
            else:
                pack = settings.pack
                if pack is not None:
                    try:
                        data = pack(size) + data
                    except TOO_LONG:
                        data = settings.framed(data)
                    size += settings.head
                tx = self.tx
                if tx.size == size:  # as `Counters.add`, without the call
                    tx.run += 1
                else:
                    tx.other(size)
                try:
                    written = self.sock.send(data, _FLAGS)
                except BlockingIOError:
                    written = 0
                except OSError as error:
                    return self.unsendable(reason_of(error))
                if written < size:
                    _sending.enqueue(self, data, written)
                return "ok"
        finally:
            lock.release()
        return wait(found) if isinstance(found, Operation) else found

    def _send_iodata(self, data: Term) -> Result:
        if self.state is CLOSED:
            return ("error", "closed")
        try:
            return self.send(iodata_to_bytes([data] if type(data) is int else data))  # port_command takes a lone byte
        except NotIodata:
            return ("error", "einval")

    def _begin_usual(self, data: bytes) -> Result | Operation:
        self.check_registered()
        return self.put(current_process(), data, timed=True)

    def begin_send(self, process: Process, data: Term) -> Result | Operation:
        self.check_registered()
        if self.state is CLOSED:
            return ("error", "closed")
        try:
            flat = iodata_to_bytes([data] if type(data) is int else data)
        except NotIodata:
            return ("error", "einval")
        with self.lock:
            return self.put(process, flat, timed=False)

    def send_at_once(self, data: bytes) -> Result | Operation:
        lock = self.lock
        lock.acquire()
        try:
            settings = self.settings
            if data and self.writer.direct and self.state is CONNECTED and not settings.delay_send:
                return _sending.write(self, settings.framed(data))
            return None
        finally:
            lock.release()

    def put(self, process: Process, data: bytes, *, timed: bool, force: bool = False) -> Result | Operation:
        """The result of a send, or a sender that waits for it: `timed`, in a thread.  With the lock held."""
        if self.writer.busy and self.state is CONNECTED and not force:
            op = Sender(process, self, data, timed=timed)
            self.suspend(op)
            return op
        result = _sending.submit(self, data)
        if result is None:
            op = Sender(process, self, None, timed=timed)
            _sending.block(self, op)
            return op
        return result

    def suspend(self, op: InLine) -> None:
        """In front of a busy port.  A close that waits for the queue waits for it too.  With the lock held."""
        writer = self.writer
        if writer.suspended is None:
            writer.suspended = _sending.new_line()
        writer.suspended.append(op)
        op.stay(writer.spell)

    def hand_over(self, new: Process, *, messages: bool = True) -> None:
        """See `Endpoint.hand_over`.  The host of the new owner flushes the queue."""
        before = self.host
        super().hand_over(new, messages=messages)
        host = self.host
        if host is not before and self.fd >= 0:
            before.stop_flushing(self.fd)
            if self.writer.queue and self.writer.transfer is None:
                flush = host.flush_later if self.writer.flusher() is None else host.flush_elsewhere
                flush(self.fd, self)

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
        self.check_registered()
        return self.recv_numbers(length, timeout)

    def recv_numbers(self, length: Term, timeout: Time) -> tuple[int, float | None] | Result:
        """The same, whether gen_tcp knows the port or not."""
        if self.state is CLOSED:
            return ("error", "closed")
        if type(length) is not int or length < 0:
            raise ErlangError("function_clause")
        return (_int32(length) if length > 0x7FFFFFFF else length), seconds(timeout)

    def unrecv(self, data: Term) -> Result:
        self.check_registered()
        return self.push_back(data)

    def push_back(self, data: Term) -> Result:
        """unrecv, whether gen_tcp knows the port or not."""
        with self.lock:
            self.catch_up()
            if (refused := self.answer("unrecv")) is not None:
                return refused
            try:
                data = iodata_to_bytes(data)
            except NotIodata:
                return ("error", "einval")
            _input.pushed_back(self, len(data))
            self.inbound.push_back(data)
            if self.active is not False:
                self.start_active()
        return "ok"

    def begin_accept(self, process: Process, timeout: Time) -> Result | Operation:
        self.check_registered()
        if (refused := self.answer("accept")) is not None:
            return refused
        return self.accept_for(process, seconds(timeout))

    def accept_for(self, process: Process, timeout: float | None, *, bare: bool = False) -> Result | Operation:
        """A connection as a port, or a place in the line; `bare`, a port below gen_tcp."""
        with self.lock:
            if (refused := self.answer("accept")) is not None:
                return refused
            acceptors: Acceptors | None = self.acceptors
            assert acceptors is not None
            return acceptors.accept(process, timeout, partial(self.take_in, process, bare=bare))

    def take_in(self, owner: Process, sock: socket.socket, *, bare: bool = False, plainly: bool = False) -> Result:
        """`("ok", port)` for a connection.  `plainly`: only with those options that the driver itself hands down."""
        settings = self.own_settings.inherited()
        if plainly and settings.delay_send:
            settings = settings.changed("delay_send", False)
        port = InetPort(self.backend, sock, owner, settings, CONNECTED)
        if bare or plainly:
            port.register("undefined")
        if plainly:
            port.lingers = self.lingers
        else:
            port.copy_from(self)
            port.active = self.active
            port.primed = port.active is not True and port.active
        port.start()
        return ("ok", port)

    def register(self, module: str) -> None:
        """Say in which module its functions are; gen_tcp has said so of its own."""
        if self.registered is None and module != "undefined":
            return
        self.registered = module
        known = module in _MODULES.values()
        self.flows = known and self.state.flows
        self.writer.direct = known
        if known:
            self.writer.look()

    @property
    def module(self) -> Term:
        """The module that gen_tcp calls for it."""
        return _MODULES[self.sock.family] if self.registered is None else self.registered

    def check_registered(self) -> None:
        """gen_tcp does not find a port that nobody has registered."""
        if self.registered is not None and self.state is not CLOSED and self.registered not in _MODULES.values():
            raise ErlangError("undef")

    # ---- gen_tcp: shutdown, close, the owner

    def shutdown_steps(self, process: Process, how: Term) -> Steps:
        self.check_registered()
        return (yield from _shutting.shutdown(self, process, how))

    def close_steps(self, process: Process) -> Steps:
        term = self.term
        yield from _shutting.flush_and_close(self, process)
        if self.told_closed:
            _shutting.take_one(process, ("tcp_closed", term))
        return "ok"

    def close_now(self, by: Process | None) -> None:
        """See `Endpoint.close_now`; it does not matter by whom."""
        if self.state is CLOSED:
            return
        if self.acceptors is not None:
            self.acceptors.close()
        self.transit("close")

    def owner_down(self, reason: Term) -> None:
        with self.lock:
            if self.linger_time() == (True, 0) or self.writer.transfer is not None:
                _sending.drop_queue(self)
            self.fire_monitors(reason)
            self.close_now(None)

    def controlling_process(self, process: Term) -> Result:
        if not isinstance(process, Process):
            raise ErlangError("function_clause")
        me = current_process()
        with self.lock:
            self.catch_up()
            if (refused := self.answer("controlling_process")) is not None:
                return refused
            if process is self.owner:
                return "ok"
            if me is not self.owner:
                return ("error", "not_owner")
            if not process.alive:
                self.active = False
                return ("error", "badarg")
            self.hand_over(process)
        process.own(self)
        return "ok"

    def begin_sendfile(self, process: Process, file: int, offset: int, count: int) -> Result | Operation:
        if not CAN_SENDFILE:
            return ("error", "enotsup")
        if file < 0:
            return ("error", "badarg")
        if self.state is not CLOSED and process is not self.owner:
            return ("error", "not_owner")
        if self.state is CLOSED or not (0 <= offset <= _sendfile.MOST and 0 <= count <= _sendfile.MOST):
            return ("error", "einval")
        with self.lock:
            if (refused := self.answer("sendfile")) is not None:
                return refused
            return _sendfile.begin(self, process, file, offset, count)

    def write_file(self, op: FileOp) -> None:
        """The system takes data for the file."""
        _sendfile.attempt(self, op)

    def end_file(self, op: FileOp) -> None:
        """The file is through, or given up."""
        _sendfile.end(self, op)

    def obey(self, process: Process, data: bytes) -> None:
        """Do what a command says.  With the lock held."""
        _commands.obey(self, process, data)

    def primitive(self, module: str, function: str, *arguments: Term) -> Term:
        return run(self.primitive_steps(current_process(), module, function, *arguments))

    def primitive_steps(self, process: Process, module: str, function: str, *arguments: Term) -> Steps:
        return _primitives.call(self, process, module, function, arguments)

    # ---- inet

    def setopts(self, options: Term) -> Result:
        checked = _options.normalised(options if isinstance(options, list) else generated(options))
        if checked is None:
            return ("error", "einval")
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
        asked, end = split_list(names)
        if end != [] and not asked:
            raise ErlangError("function_clause")
        with self.lock:
            self.catch_up()
            if (refused := self.answer("getopts")) is not None and end == []:
                return refused
            values = _options.read(self, asked) if refused is None else []
        if values is not None and end != []:
            raise ErlangError("function_clause")
        return ("error", "einval") if values is None else ("ok", values)

    def sockname(self) -> Result:
        return known_name(self, "sockname", "getsockname")

    def peername(self) -> Result:
        return known_name(self, "peername", "getpeername")

    def getstat(self, names: Term) -> Result:
        if names is None:
            names = list(STATISTICS)
        check_list(names)
        with self.lock:
            self.catch_up()
        if (refused := self.answer("getstat")) is not None:
            return refused
        if any(name not in STATISTICS for name in names):
            return ("error", "einval")
        return ("ok", [(name, self.counted(name)) for name in names])

    def counted(self, name: str) -> int:
        """One of the numbers of `inet:getstat/2`."""
        return self.writer.queue.size if name == "send_pend" else counted(self, name)

    def info(self) -> dict[str, Term]:
        with self.lock:
            self.catch_up()
        if self.state is CLOSED:
            return {"states": ["closed"]}
        return {
            "counters": dict(self.getstat(None)[1]),
            "input": 0,  # OTP counts what a driver delivers as binaries; this one makes messages of its own
            "links": [self.owner.seen_as],
            "memory": len(self.inbound) + self.pending(),
            "monitors": self.monitored_processes(),
            "output": self.counted("send_oct"),
            "owner": self.owner.seen_as,
            "states": self.state_names(),
        }

    def monitored_processes(self) -> list[Term]:
        """Those whose end the port looks out for, as `erlang:port_info(Port, monitors)` has them: its acceptors."""
        with self.lock:
            waiting = self.acceptors.processes() if self.acceptors is not None else []
        return [("process", process.seen_as) for process in waiting]

    def state_names(self) -> list[str]:
        """As `prim_inet:getstatus/1` has them."""
        if self.state is LISTENING:
            waiting = self.acceptors is not None and self.acceptors.waiting()
            return ["accepting", "listen", "open"] if waiting else ["listen", "open"]
        names = ["connected", "open"] if self.state is CONNECTED else []
        return ["busy", *names] if self.writer.busy else names


def _int32(number: int) -> int:
    """A length reaches the driver in 32 bits, signed: 2^31 and more come out as 0 or as what is left."""
    number &= 0xFFFFFFFF
    return number if number < 0x80000000 else 0
