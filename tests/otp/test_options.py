"""Options on each backend and on the VM's: generated lists of them, good ones and bad, on every kind of socket."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gentcp
from gentcp.erl import ErlangError, gen_tcp, inet

from ..support.differential import as_often, share
from ..support.options import LOOPBACK6, ODD, RAW_REQUESTS, READ, any_option, good, option_lists

pytestmark = pytest.mark.usefixtures("followed")
AS_OFTEN_AS_ASKED = settings(as_often(share(0.1, 30, 40)), deadline=None)
BACKENDS = ("inet", "socket")
KINDS = ("inet", "inet6", "local", "listener", "listener6", "ended", "closed")
FAMILIES = ("inet", "inet6", "local")
CRASHED = ("raised", "exit", "crashed")
Term = Any


class Servers:
    """A listener of each family, for connections whose other side does not matter."""

    def __init__(self, folder: Path) -> None:
        local = socket.socket(socket.AF_UNIX)
        local.bind(str(folder / "s"))
        local.listen()
        self._listening = {
            "inet": socket.create_server(("127.0.0.1", 0)),
            "inet6": socket.create_server(("::1", 0), family=socket.AF_INET6),
            "local": local,
        }
        self._addresses = {"inet": (127, 0, 0, 1), "inet6": LOOPBACK6, "local": ("local", os.fsencode(folder / "s"))}

    def connect(self, family: str, options: Term) -> Term:
        """The result of connecting to the one of that family; call `accept` if it is good."""
        port = 0 if family == "local" else self._listening[family].getsockname()[1]
        return caught(gen_tcp.connect, self._addresses[family], port, options, 5000)

    def accept(self, family: str) -> socket.socket:
        """The other side."""
        return self._listening[family].accept()[0]

    def close(self) -> None:
        """Close all."""
        for listening in self._listening.values():
            listening.close()


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Where the other sides come from."""
    made = Servers(tmp_path_factory.mktemp("local"))
    yield made
    made.close()


class Stage:
    """A passive socket of `backend`, of one of the kinds."""

    def __init__(self, servers: Servers, backend: str, kind: str) -> None:
        self.peer: socket.socket | None = None
        start = [("inet_backend", backend), ("active", False)]
        if kind.startswith("listener"):
            self.sock = gen_tcp.listen(0, [*start, "inet6"] if kind == "listener6" else start)[1]
            return
        family = kind if kind in FAMILIES else "inet"
        self.sock = servers.connect(family, [start[0], family, start[1]])[1]
        self.peer = servers.accept(family)
        if kind == "ended":
            self.peer.close()
            gen_tcp.recv(self.sock, 0, 5000)
        elif kind == "closed":
            gen_tcp.close(self.sock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        caught(gen_tcp.close, self.sock)
        if self.peer is not None:
            self.peer.close()
        _messages(self.sock)

    def set(self, options: Term) -> Term:
        """Result of setopts."""
        return named(caught(inet.setopts, self.sock, options), self.sock)

    def get(self, names: Term) -> Term:
        """Result of getopts."""
        return named(caught(inet.getopts, self.sock, names), self.sock)


def caught(call: Callable[..., Term], *arguments: Term) -> Term:
    """The result, or what was raised."""
    try:
        return call(*arguments)
    except ErlangError as error:
        if isinstance(error.term, tuple) and "gen_statem" in repr(error.term):
            return CRASHED
        return ("raised", error.class_, _without_stack(error.term))


def _without_stack(term: Term) -> Term:
    """`connect` of a VM exits with a reason and where it comes from."""
    traced = isinstance(term, tuple) and len(term) == 2 and isinstance(term[1], list) and term[1]
    return term[0] if traced and isinstance(term[1][0], tuple) and len(term[1][0]) == 4 else term


def named(term: Term, sock: Term) -> Term:
    """With a name for the socket."""
    if term is sock:
        return "SOCK"
    if isinstance(term, (tuple, list)):
        return type(term)(named(part, sock) for part in term)
    return term


def _messages(sock: Term) -> list[Term]:
    found = gentcp.current_process().take(lambda _message: True)
    return [named(message, sock) for message in found if sock in message]  # not those of tests before


def read_all(sock: Term) -> list[Term]:
    """Each option with what getopts says of it alone; how much of the time for connecting was left is no matter."""
    found = [(name, named(caught(inet.getopts, sock, [name]), sock)) for name in READ]
    return [(name, "some" if name == "start_opts" and "timeout" in repr(got) else got) for name, got in found]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backend", BACKENDS)
@AS_OFTEN_AS_ASKED
@given(lists=st.lists(option_lists(any_option()), min_size=1, max_size=3))
def test_setopts(servers: Servers, backend: str, kind: str, lists: list[Term]) -> None:
    """One call after the other, and what is set then."""
    here, there = [_set(servers, name, kind, lists) for name in (backend, f"otp_{backend}")]
    assert here == there or CRASHED in there[0]


def _set(servers: Servers, backend: str, kind: str, lists: list[Term]) -> Any:
    with Stage(servers, backend, kind) as stage:
        done = [stage.set(options) for options in lists]
        return done, read_all(stage.sock), _messages(stage.sock)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_option_with_odd_values(servers: Servers, backend: str, kind: str) -> None:
    """A few options for each pair of sockets; the other tests have those that do not get along."""
    names = [name for name in READ if isinstance(name, str) and name not in ("debug", "exit_on_close", "active")]
    for value in ODD:
        with Stage(servers, backend, kind) as here, Stage(servers, f"otp_{backend}", kind) as there:
            for name in names:
                expected, got = [(side.set([(name, value)]), side.get([name])) for side in (there, here)]
                assert (name, value, got) == (name, value, expected) or expected[0] == CRASHED
                if expected[0] == CRASHED:
                    break


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_getopts(servers: Servers, backend: str, kind: str) -> None:
    """Names in strange company."""
    requests: list[Term] = [[request] for request in RAW_REQUESTS]
    requests += [
        ["nodelay", "foo"],
        [("nodelay", "undefined")],
        [("nodelay", 1)],
        ["mode"] * 40,
        [[]],
        [()],
        [1],
        "mode",
    ]
    requests += [["nodelay", "pktoptions", "reuseport_lb", "mode", "recbuf"]]
    with Stage(servers, backend, kind) as here, Stage(servers, f"otp_{backend}", kind) as there:
        for names in requests:
            assert (names, here.get(names)) == (names, there.get(names))


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("backend", BACKENDS)
@AS_OFTEN_AS_ASKED
@given(options=option_lists(any_option()))
def test_connect(servers: Servers, backend: str, family: str, options: Term) -> None:
    """And what is set then."""
    here, there = [_connect(servers, name, family, options) for name in (backend, f"otp_{backend}")]
    assert here == there


def _connect(servers: Servers, backend: str, family: str, options: Term) -> Any:
    chosen = _behind([("inet_backend", backend), family], options)
    status, sock, *rest = servers.connect(family, chosen)
    if status != "ok":
        return (status, sock, *rest)
    with servers.accept(family):
        found = read_all(sock)
        gen_tcp.close(sock)
    _messages(sock)
    return found


def _behind(first: list[Term], options: Term) -> Term:
    if isinstance(options, list):
        return first + options
    return type(options)(first + options.items, options.tail)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("backend", BACKENDS)
@AS_OFTEN_AS_ASKED
@given(
    options=option_lists(any_option(), 3),
    before=st.none() | option_lists(good(), 3),
    late=st.none() | option_lists(good(), 3),
)
def test_inheritance(backend: str, family: str, options: Term, before: Term, late: Term) -> None:
    """What an accepted socket has of its listener: set in listen, before somebody connects, and when he waits."""
    here, there = [_accept(name, family, options, before, late) for name in (backend, f"otp_{backend}")]
    assert here == there


def _accept(backend: str, family: str, options: Term, *changes: Term) -> Any:
    binding = [("ifaddr", ("local", b""))] if family == "local" else []
    chosen = _behind([("inet_backend", backend), family, *binding], options)
    status, listener, *rest = caught(gen_tcp.listen, 0, chosen)
    if status != "ok":
        return (status, listener, *rest)
    try:
        return _inherited(listener, family, *changes)
    finally:
        gen_tcp.close(listener)
        _messages(listener)


def _inherited(listener: Term, family: str, before: Term, late: Term) -> Any:
    done = [None if before is None else caught(inet.setopts, listener, before)]
    with _connected(inet.sockname(listener)[1], family):
        done.append(None if late is None else caught(inet.setopts, listener, late))
        status, sock = caught(gen_tcp.accept, listener, 5000)
        found = read_all(sock) if status == "ok" else sock
        if status == "ok":
            gen_tcp.close(sock)
    return done, found, read_all(listener)


def _connected(name: Term, family: str) -> socket.socket:
    if family == "local":
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(bytes(name[1]))
        return peer
    return socket.create_connection(("127.0.0.1" if family == "inet" else "::1", name[1]))


ADDRESSES: list[Term] = [
    *[("ip", ip) for ip in ((127, 0, 0, 1), "loopback", "any", LOOPBACK6, "x", (1, 2, 3), ("local", b""), "undefined")],
    ("ifaddr", {"family": "inet", "addr": (127, 0, 0, 1)}),
    ("ifaddr", {"family": "inet6", "addr": LOOPBACK6, "port": 0}), ("ifaddr", (0, 0, 0, 0)),
    ("ifaddr", {"family": "inet", "addr": "any", "foo": 1}), ("ifaddr", {"addr": (1, 2, 3, 4)}),
    ("ifaddr", {"family": "inet", "addr": "x"}), ("ifaddr", {"family": "inet6", "addr": (127, 0, 0, 1)}),
    ("port", 0), ("port", "x"), ("port", 1.0), ("fd", -1), ("fd", "x"), "inet", "inet6", "local",
    *[("tcp_module", module) for module in ("inet_tcp", "inet6_tcp", "local_tcp", "nomod", "lists", 5)],
    *[("backlog", backlog) for backlog in (5, 0, -1, "x")],
    *[("protocol", protocol) for protocol in ("tcp", "udp", "default", "foo", 6, 17, -1, 1.5)],
    ("netns", b"/nosuch"), ("netns", b""), ("netns", [47, 110]), ("netns", 5), ("netns", b"/proc/self/ns/net"),
    ("line_delimiter", 59), ("line_delimiter", 256), ("inet_backend", "inet"), ("sys_debug", []),
]  # fmt: skip
"""What decides which socket is made."""


@pytest.mark.parametrize("call", ["connect", "listen"])
@pytest.mark.parametrize("backend", BACKENDS)
@AS_OFTEN_AS_ASKED
@given(options=option_lists(st.sampled_from(ADDRESSES) | good(), 3))
def test_opening(servers: Servers, backend: str, call: str, options: Term) -> None:
    """Families, addresses, ports, modules, namespaces."""
    here, there = [_open(servers, name, call, options) for name in (backend, f"otp_{backend}")]
    assert here == there


def _open(servers: Servers, backend: str, call: str, options: Term) -> Any:
    chosen = _behind([("inet_backend", backend)], options)
    made = servers.connect("inet", chosen) if call == "connect" else caught(gen_tcp.listen, 0, chosen)
    if made[0] != "ok":
        return made
    sock = made[1]
    with servers.accept("inet") if call == "connect" else contextlib.nullcontext():
        name, found = inet.sockname(sock), read_all(sock)
        gen_tcp.close(sock)
    _messages(sock)
    return found, (name[1][0] if name[0] == "ok" else name)
