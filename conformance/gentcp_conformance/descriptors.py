"""Descriptors where a backend runs, in this process or in a VM: handing one over, and leaving it none."""

from __future__ import annotations

import os
import resource
import socket
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import gentcp
from gentcp.erl import ErlangError

from .term import Term
from .waiting import CaseError, Unsupported


def lend(backend: str, descriptor: int) -> int:
    """The number that a duplicate of `descriptor` has where the backend runs; whoever uses it closes it."""
    with ExitStack() as stack:
        receiver = _Receiver.of(backend, stack)
        return os.dup(descriptor) if receiver is None else receiver.take(descriptor)


@contextmanager
def exhausted(backend: str) -> Generator[None]:
    """The process in which the backend runs gets no new descriptor as long as this lasts.

    What is open stays so: the limit is put below the first number that is free.  Raises `Unsupported` for a VM that is
    no process of this machine and user.
    """
    process = _process_of(backend)
    try:
        limits = resource.prlimit(process, resource.RLIMIT_NOFILE)
        resource.prlimit(process, resource.RLIMIT_NOFILE, (_first_free(process), limits[1]))
    except OSError as error:
        raise Unsupported(f"the limits of the backend's process cannot be set: {error}") from None
    try:
        yield
    finally:
        resource.prlimit(process, resource.RLIMIT_NOFILE, limits)


def _process_of(backend: str) -> int:
    try:
        return int(bytes(gentcp.get_backend(backend).apply("os", "getpid", [])))
    except ErlangError:  # there is no such function here: it is a backend of this process
        return os.getpid()


def _first_free(process: int) -> int:
    if process == os.getpid():
        free = os.open(os.devnull, os.O_RDONLY)
        os.close(free)
        return free
    opened = {int(name) for name in os.listdir(f"/proc/{process}/fd")}  # noqa: PTH208  names, not paths
    return next(number for number in range(len(opened) + 1) if number not in opened)


class _Receiver:
    """A socket of the VM's module `socket`, and our end of it; SCM_RIGHTS does the rest."""

    def __init__(self, apply: _Apply, ours: socket.socket, theirs: Term) -> None:
        self._apply = apply
        self._ours = ours
        self._theirs = theirs

    @classmethod
    def of(cls, backend: str, stack: ExitStack) -> _Receiver | None:
        """None for a backend of this process."""
        apply = _Apply(backend)
        try:
            listener = apply("open", "local", "stream", "default")
        except ErlangError as error:
            if error.term != "undef":
                raise
            return None
        stack.callback(apply, "close", listener)
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="gentcp-"))
        path = Path(folder) / "descriptors"
        apply("bind", listener, {"family": "local", "path": bytes(path)})
        apply("listen", listener)
        ours = stack.enter_context(socket.socket(socket.AF_UNIX))
        ours.connect(bytes(path))
        theirs = apply("accept", listener)
        stack.callback(apply, "close", theirs)
        return cls(apply, ours, theirs)

    def take(self, descriptor: int) -> int:
        """The number there."""
        socket.send_fds(self._ours, [b"."], [descriptor])
        message = self._apply("recvmsg", self._theirs, 1, 64)
        return int.from_bytes(message["ctrl"][0]["data"], "little")


class _Apply:
    """Calls of the VM's module `socket`; ErlangError (undef) where there is none."""

    def __init__(self, backend: str) -> None:
        self._backend = gentcp.get_backend(backend)

    def __call__(self, function: str, *arguments: Term) -> Term:
        result = self._backend.apply("socket", function, list(arguments))
        match result:
            case ("ok", value):
                return value
            case "ok":
                return "ok"
            case _:
                raise CaseError(f"socket:{function} gave {result!r}")
