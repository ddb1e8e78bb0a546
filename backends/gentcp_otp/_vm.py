"""The VM: one a Python process, started when first needed, ended with it.

A call waits until its reply is there, on the waker of the calling process, so that it ends when that is killed.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import os
import threading
import weakref
from collections.abc import Callable
from typing import Any

from gentcp.abc import SocketHandle
from gentcp.mailbox import Predicate
from gentcp.process import Process, Ref, current_process
from gentcp.terms import Opaque

from . import _terms
from ._command import NoErlang
from ._pipe import Pipe
from ._shadow import Shadow
from ._terms import Term

_PATIENCE = 30.0
"""Seconds that a VM may take to start."""


class VMDied(RuntimeError):
    """The VM has ended, and its sockets with it.  The next connect or listen starts another one."""


class Call:
    """A call that is under way.  `answer` is (class, term), with class "value" for one that returned."""

    __slots__ = ("answer", "caller", "on_value")

    def __init__(self, caller: Process, on_value: Callable[[Term], Term] | None = None) -> None:
        self.caller = caller
        self.on_value = on_value
        self.answer: tuple[str, Term] | None = None


class VM:
    """A running VM."""

    def __init__(self) -> None:
        self._state = threading.Lock()
        self._shadowing = threading.RLock()
        self._ids = itertools.count(1)
        self._calls: dict[int, Call] = {}
        self._shadows: dict[int, Shadow] = {}
        self._by_process: dict[Process, Shadow] = {}
        self._known: dict[Term, Term] = {}
        self._faded: weakref.WeakValueDictionary[Term, Any] = weakref.WeakValueDictionary()
        self._ready = threading.Event()
        self.alive: bool = True
        self.about: dict[str, str] = {}
        self.environment: dict[str, Term] = {}
        """What has been set in it of the kernel application's environment."""
        self._pipe = Pipe(self._dispatch, self._ended)
        self._pipe.start()
        self._wait_ready()

    def _wait_ready(self) -> None:
        self._ready.wait(_PATIENCE)
        command = " ".join(self._pipe.command)
        if not self.about:
            self.stop()
            raise NoErlang(f"{command} does not start a VM: {self._pipe.last_words}")
        self.about["command"] = command

    # ---- calls

    def call(
        self,
        module: str,
        function: str,
        arguments: list[Term],
        *,
        take_back: Predicate | None = None,
        on_value: Callable[[Term], Term] | None = None,
    ) -> tuple[str, Term]:
        """What the function comes to in the shadow of the calling process: ("value", term) or (class, reason).

        Messages that satisfy `take_back` are where the function looks for them, in the shadow's mailbox; `on_value`
        maps the value before later messages are looked at.  VMDied when the VM ends meanwhile.
        """
        process = current_process()
        process.check()
        shadow = self.shadow(process)
        number, taken = next(self._ids), list[Term]()
        try:
            if take_back is not None:
                held = next(self._ids)
                self._ask(held, self._frame("hold", shadow.number, held), Call(process))
                taken = process.take(take_back)
            frame = self._frame("call", shadow.number, number, module, function, arguments, taken)
            return self._ask(number, frame, Call(process, on_value))
        except TypeError:
            raise
        except BaseException:
            if self.alive:
                # Interrupted: what it does there cannot be called off, so it ends with its sockets.
                self.forget(shadow)
            raise

    def cast(self, module: str, function: str, arguments: list[Term]) -> None:
        """Make a call in a process of its own, and do not wait.  May be called anywhere."""
        if self.alive:
            with contextlib.suppress(OSError):
                self._pipe.write(self._frame("cast", module, function, arguments))

    def _ask(self, number: int, frame: bytes, call: Call) -> tuple[str, Term]:
        with self._state:
            self._calls[number] = call
        try:
            self._pipe.write(frame)
            while call.answer is None and self.alive:
                call.caller.park(None)
        except OSError:
            pass  # the reader finds the VM's end
        finally:
            with self._state:
                self._calls.pop(number, None)
        if call.answer is None:
            raise VMDied(f"the Erlang VM has ended: {self._pipe.last_words}")
        return call.answer

    # ---- processes

    def shadow(self, process: Process) -> Shadow:
        """The shadow of a process, started if there is none."""
        with self._shadowing:
            found = self._by_process.get(process)
            if found is not None:
                return found
            number, shadow = next(self._ids), Shadow(self, process, next(self._ids))
            with self._state:
                self._shadows[shadow.number] = shadow
            _, shadow.pid = self._ask(number, self._frame("start", shadow.number, number), Call(current_process()))
            with self._state:
                self._by_process[process] = shadow
                self._known[shadow.pid] = process
        process.own(shadow)
        return shadow

    def owner(self, process: Process) -> Shadow | None:
        """The shadow of a process, if there is one."""
        return self._by_process.get(process)

    def forget(self, shadow: Shadow, reason: str = "kill") -> None:
        """End a shadow: its process has ended, or has left it in a call.  Never blocks for long."""
        with self._state:
            there = self._shadows.pop(shadow.number, None)
            self._by_process.pop(shadow.process, None)
            if self._known.pop(shadow.pid, None) is not None:
                self._faded[shadow.pid] = shadow.process
        shadow.release()
        if there is not None and self.alive:
            with contextlib.suppress(OSError):
                self._pipe.write(self._frame("stop", shadow.number, reason))

    # ---- what stands for what

    def learn(self, there: Term, here: Ref | SocketHandle, *, hold: bool) -> None:
        """From now on terms that come in have what is `here` for the VM's `there`; unless `hold`, while it lives."""
        with self._state:
            if hold:
                self._known[there] = here
            else:
                self._known.pop(there, None)
                self._faded[there] = here

    def _frame(self, *items: Term) -> bytes:
        return _terms.encode(_terms.outward(items, self._stands_for))

    def _stands_for(self, term: Term) -> Term:
        if isinstance(term, Process):
            return self.shadow(term).pid if term.alive else self._nobody()
        there = getattr(getattr(term, "handle", None), "there", None)
        if isinstance(term, Ref):
            there = next((there for there, here in [*self._faded.items()] if here is term), None)
        if there is None:
            raise TypeError(f"{term!r} is no Erlang term")
        return there

    def _nobody(self) -> Term:
        """The pid of a process that has ended."""
        ended = Process("ended")
        shadow = self.shadow(ended)
        self.forget(shadow)
        return shadow.pid

    def _inward(self, value: Any) -> Term:
        return _terms.term(value, self._here)

    def _here(self, there: Term) -> Term:
        found = self._known.get(there)
        if found is None:
            found = self._faded.get(there, there)
        return found.term if isinstance(found, SocketHandle) else found

    # ---- what comes in, on the reading thread

    def _dispatch(self, frame: tuple[Any, ...]) -> None:
        kind = frame[0].value
        if kind == "reply":
            self._reply(*frame[1:])
        elif kind == "messages":
            shadow = self._shadows.get(frame[1])
            if shadow is not None:
                self._post(shadow.process, frame[2])
        elif kind == "down":
            shadow = self._shadows.pop(frame[1], None)
            if shadow is not None:
                shadow.process.kill()
        elif kind == "ready":
            self.about = {str(key): value.decode() for key, value in self._inward(frame[1]).items()}
            self._ready.set()

    def _reply(self, number: int, result: tuple[Any, Any], messages: Any) -> None:
        with self._state:
            call = self._calls.get(number)
        if call is None:
            return
        class_, value = result[0].value, self._inward(result[1])
        if class_ == "value" and call.on_value is not None:
            value = call.on_value(value)
        self._post(call.caller, messages)
        call.answer = (class_, value)
        call.caller.wake()

    def _post(self, process: Process, messages: Any) -> None:
        for message in messages:
            process.post(self._adopted(self._inward(message), process))

    @staticmethod
    def _adopted(message: Term, process: Process) -> Term:
        """A message with the result of `prim_inet:async_accept/2` has a socket that nobody knows yet."""
        match message:
            case ("inet_async", listener, number, ("ok", Opaque() as there)):
                made = getattr(getattr(listener, "handle", None), "accepted", None)
                return message if made is None else ("inet_async", listener, number, ("ok", made(there, process)))
            case _:
                return message

    # ---- the end

    def _ended(self) -> None:
        self.alive = False
        self._ready.set()
        with self._state:
            calls = list(self._calls.values())
            shadows = list(self._by_process.values())
            self._by_process.clear()
        for shadow in shadows:
            shadow.process.disown(shadow)
            shadow.release()
        for call in calls:
            call.caller.wake()

    def stop(self) -> None:
        """End the VM and wait for its end."""
        self.alive = False
        self._pipe.stop()

    def let_go(self) -> None:
        """After a fork, in the child: the VM is the parent's, and who held a lock is not here."""
        self.alive = False
        self._state = threading.Lock()
        self._pipe.let_go()


_current: VM | None = None
_starting = threading.Lock()


def vm() -> VM:
    """The running VM, started if need be.  NoErlang when that cannot be."""
    global _current
    with _starting:
        if _current is None or not _current.alive:
            _current = VM()
        return _current


def stop() -> None:
    """End the VM, if one runs, and its sockets; the next use starts another, by what GENTCP_ERL says then."""
    global _current
    with _starting:
        if _current is not None:
            _current.stop()
        _current = None


def _after_fork() -> None:
    global _current, _starting
    _starting = threading.Lock()
    if _current is not None:
        _current.let_go()
    _current = None


atexit.register(stop)
os.register_at_fork(after_in_child=_after_fork)
