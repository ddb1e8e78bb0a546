"""A backend whose answers a test writes down, to see what the Python face makes of them."""

from __future__ import annotations

from typing import Any

from gentcp.abc import Backend, Result, SocketHandle, Term, Time
from gentcp.process import Process


class ScriptedHandle(SocketHandle):
    """Answers `answers[name of the method]`, raises it when it is an exception, and notes the calls."""

    def __init__(self, backend: ScriptedBackend, *, listening: bool = False, **answers: Any) -> None:
        super().__init__(listening=listening)
        self.backend = backend
        self.answers: dict[str, Any] = {"close": "ok", "getopts": ("ok", []), **answers}
        self.calls: list[tuple[Any, ...]] = []

    def _answer(self, method: str, *arguments: Any) -> Result:
        self.calls.append((method, *arguments))
        answer = self.answers.get(method, ("error", "enotsup"))
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def accept(self, timeout: Time) -> Result:
        return self._answer("accept", timeout)

    def send(self, data: Term) -> Result:
        return self._answer("send", data)

    def recv(self, length: Term, timeout: Time) -> Result:
        return self._answer("recv", length, timeout)

    def shutdown(self, how: Term) -> Result:
        return self._answer("shutdown", how)

    def close(self) -> Result:
        return self._answer("close")

    def controlling_process(self, process: Process) -> Result:
        return self._answer("controlling_process", process)

    def setopts(self, options: Term) -> Result:
        return self._answer("setopts", options)

    def getopts(self, names: Term) -> Result:
        """What `answers["options"]` has of these, or the answer for the method."""
        options = self.answers.get("options")
        if options is None:
            return self._answer("getopts", names)
        return ("ok", [(name, options[name]) for name in names if name in options])

    def sockname(self) -> Result:
        return self._answer("sockname")

    def peername(self) -> Result:
        return self._answer("peername")

    def getstat(self, names: Term) -> Result:
        return self._answer("getstat", names)


class ScriptedBackend(Backend):
    """Gives `handle`, or what `failure` is set to, and notes what it was asked for."""

    name = "scripted"
    description = "answers what a test wrote down"

    def __init__(self, failure: Any = None) -> None:
        self.failure = failure
        self.asked: tuple[Any, ...] = ()

    def connect(self, address: Term, port: Term, options: list[Term], timeout: Time) -> Result:
        self.asked = (address, port, options, timeout)
        return self._answer(listening=False)

    def listen(self, port: Term, options: list[Term]) -> Result:
        self.asked = (port, options)
        return self._answer(listening=True)

    def _answer(self, *, listening: bool) -> Result:
        if isinstance(self.failure, BaseException):
            raise self.failure
        return self.failure or ("ok", ScriptedHandle(self, listening=listening))


def scripted_socket(**answers: Any) -> tuple[Any, ScriptedHandle]:
    """A socket of the Python face (a Listener with `listening=True`) and the handle behind it."""
    handle = ScriptedHandle(ScriptedBackend(), **answers)
    return handle.term, handle
