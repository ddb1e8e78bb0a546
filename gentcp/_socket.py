"""The socket objects of the Python face; the Erlang face passes the same objects around as opaque terms."""

from __future__ import annotations

from .abc import SocketHandle


class BaseSocket:
    """What a connected and a listening socket have in common."""

    __slots__ = ("__weakref__", "_handle")

    def __init__(self, handle: SocketHandle) -> None:
        self._handle = handle

    @property
    def inet_backend(self) -> str:
        """The name of the backend that this socket was made with."""
        return self._handle.backend.name

    @property
    def handle(self) -> SocketHandle:
        """The backend's object behind this socket, for other faces and for tests of backends."""
        return self._handle


class Socket(BaseSocket):
    """A connected socket."""

    __slots__ = ()


class Listener(BaseSocket):
    """A listening socket."""

    __slots__ = ()
