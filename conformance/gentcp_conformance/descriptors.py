"""Handing a descriptor to where a backend runs: to this process, or to a VM through a local socket."""

from __future__ import annotations

import os
import socket
import tempfile
from contextlib import ExitStack
from pathlib import Path

import gentcp
from gentcp.erl import ErlangError

from .term import Term
from .waiting import CaseError


def lend(backend: str, descriptor: int) -> int:
    """The number that a duplicate of `descriptor` has where the backend runs; whoever uses it closes it."""
    with ExitStack() as stack:
        receiver = _Receiver.of(backend, stack)
        return os.dup(descriptor) if receiver is None else receiver.take(descriptor)


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
