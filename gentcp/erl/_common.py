"""What the modules of the Erlang face share."""

from __future__ import annotations

import weakref
from typing import Any

from gentcp import config
from gentcp._face import Face
from gentcp._registry import available_backends, get_backend
from gentcp.abc import Backend, Result, SocketHandle, Time, look_up_in
from gentcp.engine import complete, split_list
from gentcp.errors import ErlangError, Error, NoBackend
from gentcp.process import Ref
from gentcp.terms import ImproperList

Term = Any

monitored: weakref.WeakKeyDictionary[Ref, SocketHandle] = weakref.WeakKeyDictionary()
"""What the references of `inet:monitor/1` are about."""


def look_up(modules: dict[str, Any]) -> None:
    """Let `Backend.apply` find the functions of these modules."""
    look_up_in(lambda module, function: getattr(modules.get(module), function, None))


def handle_of(socket: Term) -> SocketHandle:
    """The handle behind a socket term; function_clause for anything else, as Erlang's guards have it."""
    if isinstance(socket, Face):
        return socket.handle
    error = ErlangError("function_clause")
    error.add_note(f"socket: expected a socket, not {socket!r}")
    raise error


def with_term(result: Result) -> Result:
    """A handle in a result becomes the socket's term, which lives until it is closed or its owner ends."""
    if result[0] != "ok" or isinstance(result[1], Face):
        return result
    handle: SocketHandle = result[1]
    handle.pin()
    return ("ok", handle.term)


def backend_and_options(options: Term) -> tuple[Backend, Term]:
    """Take `{inet_backend, Name}` from the front of the list (`inet:gen_tcp_module/1`)."""
    name: Term = None
    items, end = split_list(options)
    if items and _is_backend_option(items[0]):
        name, items = items[0][1], items[1:]
        options = items if end == [] else ImproperList(items, end) if items else end
    try:
        return get_backend(config.default_backend() if name is None else name), options
    except Error as lacking:
        return _Absent(lacking.reason), options
    except NoBackend as problem:
        error = ErlangError("function_clause")
        error.add_note(f"{problem} (of {', '.join(available_backends())})" if name is None else str(problem))
        raise error from None


class _Absent(Backend):
    """Stands for one that cannot be loaded for now, such as for want of descriptors."""

    name = "absent"

    def __init__(self, reason: Term) -> None:
        self._error = ("error", reason)

    def connect(self, address: Term, port: Term, options: list[Term], timeout: Time) -> Result:
        """See `Backend.connect`."""
        return self._error

    def listen(self, port: Term, options: list[Term]) -> Result:
        """See `Backend.listen`."""
        return self._error

    def fdopen(self, fd: Term, options: list[Term]) -> Result:
        """See `Backend.fdopen`."""
        return self._error


def check_sockaddr(address: dict[str, Term]) -> dict[str, Term]:
    """The map that `connect/2,3` take, completed: function_clause for its family, `{invalid, _}` for strange keys."""
    if address.get("family") not in ("inet", "inet6"):
        raise ErlangError("function_clause")
    return complete(address)


def _is_backend_option(option: Term) -> bool:
    return isinstance(option, tuple) and len(option) == 2 and option[0] == "inet_backend"
