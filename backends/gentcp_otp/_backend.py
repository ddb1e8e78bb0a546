"""The two backends: `gen_tcp` of a real VM, with either of OTP's own."""

from __future__ import annotations

from collections.abc import Callable

from gentcp import config
from gentcp.abc import Backend, Result, Term, Time
from gentcp.process import Process, current_process
from gentcp.terms import ImproperList

from ._handle import OtpPort, OtpSocket, value_of
from ._vm import VM, vm


class OtpBackend(Backend):
    """`gen_tcp` as the VM has it, with `{inet_backend, Follows}`."""

    elsewhere = True

    def __init__(self, follows: str, handle: type[OtpSocket]) -> None:
        self.name: str = f"otp_{follows}"
        self.follows: str = follows
        self._handle = handle
        self.description: str = f"A real Erlang VM, with its {follows} backend."

    def connect(self, address: Term, port: Term, options: Term, timeout: Time) -> Result:
        """`gen_tcp:connect/4`; `connect/3` for an address in one map."""
        if isinstance(address, dict):
            return self._open("connect", [_spelt(address), self._options(options), timeout])
        return self._open("connect", [_spelt(address), port, self._options(options), timeout])

    def fdopen(self, fd: Term, options: Term) -> Result:
        """`gen_tcp:fdopen/2`, of a descriptor of the VM."""
        return self._open("fdopen", [fd, self._options(options)])

    def listen(self, port: Term, options: Term) -> Result:
        """`gen_tcp:listen/2`."""
        return self._open("listen", [port, self._options(options)], listening=True)

    def apply(self, module: str, function: str, arguments: list[Term]) -> Term:
        """Any function of the VM."""
        return value_of(vm().call(module, function, arguments))

    def about(self) -> dict[str, str]:
        """Release, versions and command of the VM, which is started if need be."""
        return dict(vm().about)

    def maker(self, where: VM, *, listening: bool = False) -> Callable[[Term], Term]:
        """A function from `{ok, Socket}` of the VM to the same with a handle, owned by the calling process."""
        owner = current_process()

        def make(result: Term) -> Term:
            match result:
                case ("ok", there):
                    return ("ok", self.handle(where, there, owner, listening=listening))
                case _:
                    return result

        return make

    def handle(self, where: VM, there: Term, owner: Process, *, listening: bool = False) -> OtpSocket:
        """A handle for a socket of the VM."""
        return self._handle(self, where, there, owner, listening=listening)

    def _open(self, function: str, arguments: list[Term], *, listening: bool = False) -> Result:
        where = vm()
        _bring_environment(where)
        made = self.maker(where, listening=listening)
        return value_of(where.call("gen_tcp", function, arguments, on_value=made))

    def _options(self, options: Term) -> Term:
        chosen = ("inet_backend", self.follows)
        return [chosen, *map(_spelt, options)] if isinstance(options, list) else _cons(chosen, options)


def _spelt(term: Term) -> Term:
    """An address, or an option with one, with the path of a local socket as VM wants it: a string, not an atom."""
    match term:
        case ("local", str(path)) if isinstance(term, tuple) and ("/" in path or path.startswith("\0")):
            return ("local", path.encode())
        case ("ip" | "ifaddr" as name, value):
            return (name, _spelt(value))
        case {"path": str(path)}:
            return {**term, "path": path.encode()}
        case _:
            return term


def _cons(head: Term, tail: Term) -> ImproperList:
    if isinstance(tail, ImproperList):
        return ImproperList([head, *tail.items], tail.tail)
    return ImproperList([head], tail)


def _bring_environment(where: VM) -> None:
    """The VM has the defaults for new sockets that are set here."""
    wanted, there = config.environment("kernel"), where.environment
    for key in there.keys() - wanted.keys():
        value_of(where.call("application", "unset_env", ["kernel", key]))
    for key, value in wanted.items():
        if key not in there or there[key] != value:
            value_of(where.call("application", "set_env", ["kernel", key, value]))
    where.environment = wanted


inet = OtpBackend("inet", OtpPort)
socket = OtpBackend("socket", OtpSocket)
