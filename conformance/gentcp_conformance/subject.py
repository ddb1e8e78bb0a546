"""What a case drives: one backend by name, and the stage for it.

Nothing here waits without a bound, and everything a case makes is gone after it.
"""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from typing import Any

import gentcp
from gentcp.erl import ErlangError, gen_tcp, inet

from . import descriptors, names
from .peer import Peer as Peer
from .peer import RawListener as RawListener
from .peer import connect_raw
from .task import Job as Job
from .task import Task as Task
from .task import is_told
from .term import Term, normalise, notation, reason
from .waiting import CaseError as CaseError
from .waiting import Unsupported as Unsupported
from .waiting import duration_class, wait_until

LOOPBACK = (127, 0, 0, 1)

# Small and fixed on both sides: with autotuning, loopback swallows megabytes before it stalls.
STALLED_BUFFER = 65536
_PATIENCE_MS = 5000


class Subject:
    """One backend.  `backend` is its name; a case sees nothing else of it than the Erlang face."""

    def __init__(self, backend: str) -> None:
        self.backend = backend
        self._made = ExitStack()
        self._folder: Path | None = None

    # Connections

    def options(self, *options: Term) -> list[Term]:
        """An option list that selects the backend, which has to be its first element."""
        return [("inet_backend", self.backend), *options]

    def listen(self, *options: Term, port: int = 0) -> Term:
        """A listener on the loopback address with exactly these options; raises CaseError when refused."""
        return ok(gen_tcp.listen(port, self.options(("ip", LOOPBACK), *options)))

    def port(self, listener: Term) -> int:
        """The port of a listener."""
        number: int = ok(inet.port(listener))
        return number

    def connect(self, port: int, *options: Term) -> Term:
        """A socket connected to a loopback port with exactly these options; raises CaseError when refused."""
        return ok(gen_tcp.connect(LOOPBACK, port, self.options(*options), _PATIENCE_MS))

    def pair(self, *options: Term) -> tuple[Term, Peer]:
        """A connected socket and its raw peer; binary and passive unless `options` say otherwise."""
        return self._connect_raw(self.raw_listener(), options)

    def stalled(self, *options: Term) -> tuple[Term, Peer]:
        """Like `pair`, with small fixed buffers: a send of a megabyte cannot pass while the peer does not read."""
        listener = self.raw_listener(rcvbuf=STALLED_BUFFER)
        return self._connect_raw(listener, (("sndbuf", STALLED_BUFFER), *options))

    def accepted(self, *options: Term) -> tuple[Term, Term, Peer]:
        """Listener with exactly these options, the socket it accepted, and the raw peer that had connected."""
        listener = self.listen(*options)
        peer = self.raw_connect(self.port(listener))
        return listener, ok(gen_tcp.accept(listener, _PATIENCE_MS)), peer

    def both(self, listen_options: list[Term], connect_options: list[Term]) -> tuple[Term, Term, Term]:
        """Listener, connecting socket and accepted socket, all of the backend, with exactly these options."""
        listener = self.listen(*listen_options)
        client = self.connect(self.port(listener), *connect_options)
        return listener, client, ok(gen_tcp.accept(listener, _PATIENCE_MS))

    # The other side

    def raw_listener(self, *, rcvbuf: int | None = None, backlog: int = 5, path: str | None = None) -> RawListener:
        """A raw listener on the loopback address, or on a local `path`."""
        return self._made.enter_context(closing(RawListener(rcvbuf=rcvbuf, backlog=backlog, path=path)))

    def raw_accept(self, listener: RawListener) -> Peer:
        """The raw socket of the next connection to a raw listener."""
        return self._made.enter_context(closing(listener.accept()))

    def raw_connect(self, port: int, *, rcvbuf: int | None = None) -> Peer:
        """A raw socket connected to a loopback port."""
        return self._made.enter_context(closing(connect_raw(port, rcvbuf=rcvbuf)))

    def closed_port(self) -> int:
        """A loopback port that refuses connections until the end of the case."""
        bound = socket.socket()
        self._made.callback(bound.close)
        bound.bind(("127.0.0.1", 0))
        number: int = bound.getsockname()[1]
        return number

    def path(self, name: str = "socket") -> str:
        """A path for a local socket in a folder that goes away after the case."""
        if self._folder is None:
            self._folder = Path(self._made.enter_context(tempfile.TemporaryDirectory(prefix="gentcp-")))
            if not self._sees(self._folder):
                raise self.unsupported("the backend runs where it does not see our files")
        return str(self._folder / name)

    def _sees(self, folder: Path) -> bool:
        try:
            found = gentcp.get_backend(self.backend).apply("filelib", "is_dir", [list(bytes(folder))])
        except ErlangError:  # there is no such function here: it is a backend of this process
            return True
        return found is True

    def host(self, count: int) -> tuple[str, list[tuple[int, int, int, int]]]:
        """A host name that has so many loopback addresses where the backend runs, and those, in order."""
        return self._made.enter_context(names.host(self.backend, count))

    def lend(self, raw: Any) -> int:
        """The number that a duplicate of a file's or socket's descriptor has where the backend runs."""
        return descriptors.lend(self.backend, raw.fileno())

    def no_descriptors(self) -> AbstractContextManager[None]:
        """Where the backend runs no new descriptor is to be had as long as this lasts."""
        return descriptors.exhausted(self.backend)

    # Processes and messages

    def spawn(self, function: Callable[..., Term], *arguments: Any, stay: bool = True) -> Task:
        """A process that makes this call; see `Task`."""
        task = Task(function, arguments, stay=stay)
        self._made.callback(_dismiss, task)
        return task

    def messages(self, count: int = 0, *, within: float = 5.0, idle: float = 0.08) -> list[Term]:
        """The mailbox of the calling process, in order, emptied.

        Waits up to `within` seconds for each of the first `count`, then goes on until `idle` seconds bring none.
        """
        found: list[Term] = []
        while True:
            try:
                found.append(gentcp.receive(_is_for_case, timeout=within if len(found) < count else idle))
            except TimeoutError:
                return found

    def catch(self, function: Callable[..., Term], *arguments: Any) -> Term:
        """The call's value, or {exception, Class, Reason} of the Erlang exception it raised."""
        try:
            return function(*arguments)
        except ErlangError as error:
            return ("exception", error.class_, reason(error.term))

    def timed(self, function: Callable[..., Term], *arguments: Any) -> Term:
        """{immediate | {blocked, Ms}, Value} of a call, exceptions caught; Ms to the nearest 100."""
        began = time.monotonic()
        value = self.catch(function, *arguments)
        return (duration_class(time.monotonic() - began), value)

    def wait_until(self, condition: Callable[[], bool], within: float = 5.0, what: str = "the condition") -> None:
        """Return as soon as `condition()` holds; raises CaseError naming `what` after `within` seconds."""
        wait_until(condition, within, what)

    def unsupported(self, why: str) -> Unsupported:
        """To be raised by a case that finds that it cannot be run."""
        return Unsupported(why)

    def close(self) -> None:
        """Take down everything the case made, last thing first."""
        self._made.close()

    def _connect_raw(self, listener: RawListener, options: tuple[Term, ...]) -> tuple[Term, Peer]:
        sock = self.connect(listener.port, "binary", ("active", False), *options)
        peer = self.raw_accept(listener)
        listener.close()
        return sock, peer


def ok(result: Term) -> Term:
    """The value of {ok, Value}, or 'ok'; raises CaseError for anything else."""
    match result:
        case ("ok", value):
            return value
        case "ok":
            return "ok"
        case _:
            raise CaseError(f"wanted ok, got {notation(normalise(result))}")


def _dismiss(task: Task) -> None:
    if task.process.alive:
        task.kill()


def _is_for_case(message: Any) -> bool:
    return not is_told(message)
