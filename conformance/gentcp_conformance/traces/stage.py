"""What is replaced so that a recorder sees what a case does, without a change of the case."""

from __future__ import annotations

from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import gentcp
from gentcp import erl
from gentcp.erl import ErlangError, inet
from gentcp_conformance import subject as kit
from gentcp_conformance import task
from gentcp_conformance.peer import Peer, RawListener

from .events import Kind
from .observer import socket_name
from .patching import Patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .observer import Observer
    from .recorder import Recorder

_PEER = (
    "send", "send_bytewise", "recv", "recv_exact", "take", "drain", "pending", "wait_ended", "shutdown", "close",
    "reset",
)  # fmt: skip
_QUIET_FUNCTIONS = frozenset({"self", "make_ref"})
_MAKERS = frozenset({"connect", "accept", "fdopen"})


class Stage:
    """Replacements that tell `recorder` of acts and `observer`, if there is one, of connections."""

    def __init__(self, recorder: Recorder, observer: Observer | None, backend: str) -> None:
        self._recorder = recorder
        self._observer = observer
        self._backend = backend
        self._ports = (inet.sockname, inet.peername)

    def patches(self) -> Iterator[Patch]:
        """All of them."""
        for module in _modules():
            yield from (Patch(module, name, self._function(module, name)) for name in _functions(module))
        yield Patch(type(gentcp.get_backend(self._backend)), "apply", self._apply)
        yield from (Patch(Peer, name, self._method(Kind.PEER, name)) for name in _PEER)
        yield Patch(RawListener, "close", self._method(Kind.STAGE, "close_listener"))
        yield Patch(kit.Subject, "raw_listener", self._method(Kind.STAGE, "listen"))
        yield Patch(kit.Subject, "raw_accept", self._meets("accept"))
        yield Patch(kit.Subject, "raw_connect", self._meets("connect"))
        yield Patch(kit.Subject, "closed_port", self._method(Kind.STAGE, "closed_port"))
        yield Patch(kit.Subject, "path", self._method(Kind.STAGE, "path"))
        yield Patch(kit.Subject, "wait_until", self._until)
        yield Patch(kit.Subject, "messages", self._method(Kind.MESSAGES, "flush"))
        yield Patch(gentcp, "receive", self._receive)
        yield Patch(gentcp.Process, "post", self._post)
        yield Patch(gentcp, "spawn", self._spawn)
        yield from self._of_tasks()

    def _of_tasks(self) -> Iterator[Patch]:
        yield Patch(kit.Subject, "spawn", self._spawn_task)
        yield Patch(task.Job, "run", self._run)
        yield Patch(task.Job, "outcome", self._target(Kind.LOOK, "look"))
        yield Patch(task.Job, "timed", self._target(Kind.LOOK, "look_timed"))
        yield Patch(task.Task, "start", self._target(Kind.ASK, "start"))
        yield Patch(task.Task, "call", self._target(Kind.ASK, "call"))
        yield Patch(task.Task, "end", self._target(Kind.END, "end"))
        yield Patch(task.Task, "kill", self._target(Kind.END, "kill"))

    def _function(self, module: ModuleType, name: str) -> Callable[..., Any]:
        verb = f"{module.__name__.rpartition('.')[2]}:{name}"

        def around(original: Callable[..., Any], *args: Any) -> Any:
            def call() -> Any:
                value = original(*args)
                if name in _MAKERS:
                    self._made(value)
                return value

            return self._recorder.act(Kind.CALL, verb, args, call)

        return around

    def _apply(self, original: Callable[..., Any], backend: Any, module: str, function: str, args: list[Any]) -> Any:
        call = lambda: original(backend, module, function, args)  # noqa: E731
        return self._recorder.act(Kind.CALL, f"{module}:{function}", tuple(args), call)

    def _made(self, value: Any) -> None:
        """A socket may have come to be: find out what its connection is."""
        if self._observer is None or not isinstance(value, tuple) or len(value) != 2 or value[0] != "ok":
            return
        try:
            match tuple(function(value[1]) for function in self._ports):
                case (("ok", (tuple(own), int(here))), ("ok", (tuple(other), int(there)))):
                    self._observer.connected(value[1], socket_name(own, here), socket_name(other, there))
                case _:
                    pass
        except ErlangError:
            pass

    def _method(self, kind: Kind, verb: str) -> Callable[..., Any]:
        def around(original: Callable[..., Any], this: Any, *args: Any, **kwargs: Any) -> Any:
            shown = (this, *args) if kind is Kind.PEER or verb == "close_listener" else args
            return self._recorder.act(kind, verb, (*shown, *_named(kwargs)), lambda: original(this, *args, **kwargs))

        return around

    def _meets(self, verb: str) -> Callable[..., Any]:
        def around(original: Callable[..., Any], this: Any, *args: Any, **kwargs: Any) -> Any:
            def call() -> Any:
                peer = original(this, *args, **kwargs)
                if self._observer is not None:
                    self._observer.met(peer)
                return peer

            return self._recorder.act(Kind.STAGE, verb, (*args, *_named(kwargs)), call)

        return around

    def _target(self, kind: Kind, verb: str) -> Callable[..., Any]:
        def around(original: Callable[..., Any], this: Any, *args: Any, **kwargs: Any) -> Any:
            shown = args if kind is Kind.LOOK else ()
            return self._recorder.act(
                kind, verb, (*shown, *_named(kwargs)), lambda: original(this, *args, **kwargs), this
            )

        return around

    def _until(
        self, original: Callable[..., Any], this: Any, condition: Any, within: float = 5.0, what: str = "the condition"
    ) -> Any:
        return self._recorder.act(Kind.UNTIL, what, (), lambda: original(this, condition, within, what))

    def _receive(self, original: Callable[..., Any], predicate: Any = None, timeout: float | None = None) -> Any:
        if predicate is task.is_told:
            return original(predicate, timeout)
        return self._recorder.act(Kind.MESSAGES, "receive", (timeout,), lambda: original(predicate, timeout))

    def _post(self, original: Callable[..., Any], process: gentcp.Process, message: Any) -> Any:
        self._recorder.put_back(process, message)
        return original(process, message)

    def _spawn_task(self, original: Callable[..., Any], this: Any, *args: Any, **kwargs: Any) -> Any:
        return self._recorder.act(Kind.SPAWN, "spawn", _named(kwargs), lambda: original(this, *args, **kwargs))

    def _spawn(
        self, original: Callable[..., Any], function: Callable[..., Any], *args: Any, name: str | None = None
    ) -> Any:
        recorder = self._recorder
        if gentcp.current_process() not in recorder.lanes:
            return original(function, *args, name=name)
        lane = recorder.new_lane()

        def run() -> Any:
            recorder.adopt(gentcp.current_process(), lane)
            return function(*args)

        process = original(run, name=name or getattr(function, "__name__", None))
        recorder.adopt(process, lane)
        return process

    def _run(self, original: Callable[..., Any], job: task.Job) -> Any:
        self._recorder.job(job)
        return original(job)


def _modules() -> Iterator[ModuleType]:
    for name, module in vars(erl).items():
        if isinstance(module, ModuleType) and not name.startswith("_"):
            yield module


def _functions(module: ModuleType) -> list[str]:
    return [
        name
        for name, function in vars(module).items()
        if isinstance(function, FunctionType)
        and function.__module__ == module.__name__
        and not name.startswith("_")
        and name not in _QUIET_FUNCTIONS
    ]


def _named(kwargs: dict[str, Any]) -> tuple[Any, ...]:
    """Keyword arguments as pairs, those that say nothing left out."""
    return tuple((name, value) for name, value in kwargs.items() if value is not None)
