"""Host names that stand for several addresses, where a backend runs: in this process, or in a VM."""

from __future__ import annotations

import itertools
import socket
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import gentcp
from gentcp.abc import Backend
from gentcp.erl import ErlangError

from .term import Term

IP = tuple[int, int, int, int]
_taken: set[int] = set()
_taking = Lock()


@contextmanager
def host(backend: str, count: int) -> Generator[tuple[str, list[IP]]]:
    """A new name and its addresses on this machine, which are nobody else's; in this order, while it lasts."""
    with _number() as number:
        yield from _numbered(backend, number, count)


@contextmanager
def _number() -> Generator[int]:
    """The smallest that nobody has."""
    with _taking:
        number = next(number for number in itertools.count(1) if number not in _taken)
        _taken.add(number)
    try:
        yield number
    finally:
        _taken.discard(number)


def _numbered(backend: str, number: int, count: int) -> Generator[tuple[str, list[IP]]]:
    name = f"host-{number}.test"
    addresses: list[IP] = [(127, 1 + number // 250 % 250, number % 250, last) for last in range(1, count + 1)]
    asked = gentcp.get_backend(backend)
    lookup = _lookup_there(asked)
    with _known_there(asked, lookup, name, addresses) if lookup else _known_here.added(name, addresses):
        yield name, addresses


def _lookup_there(asked: Backend) -> list[Term]:
    """Where a VM looks names up; nothing when the backend does not run in one."""
    try:
        return list(asked.apply("inet_db", "res_option", ["lookup"]))
    except ErlangError as error:
        if error.term != "undef":
            raise
        return []


@contextmanager
def _known_there(asked: Backend, lookup: list[Term], name: str, addresses: list[IP]) -> Generator[None]:
    """In the VM's own table, into which it looks first meanwhile.  For the whole VM: such a case runs alone."""
    asked.apply("inet_db", "set_lookup", [["file", *(place for place in lookup if place != "file")]])
    for address in addresses:
        asked.apply("inet_db", "add_host", [address, [list(name.encode())]])
    try:
        yield
    finally:
        for address in addresses:
            asked.apply("inet_db", "del_host", [address])
        asked.apply("inet_db", "set_lookup", [lookup])


class _Lookup:
    """Takes the place of `socket.getaddrinfo` as long as there are names; several cases may run at once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: dict[str, list[IP]] = {}
        self._before = socket.getaddrinfo

    @contextmanager
    def added(self, name: str, addresses: list[IP]) -> Generator[None]:
        """While this lasts it knows the name."""
        with self._lock:
            if not self._known:
                self._before = socket.getaddrinfo
                socket.getaddrinfo = self
            self._known[name] = addresses
        try:
            yield
        finally:
            with self._lock:
                del self._known[name]
                if not self._known:
                    socket.getaddrinfo = self._before

    def __call__(self, host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
        addresses = self._known.get(host)
        if addresses is None:
            return self._before(host, port, *arguments, **named)
        texts = (".".join(map(str, address)) for address in addresses)
        return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (text, port)) for text in texts]


_known_here = _Lookup()
