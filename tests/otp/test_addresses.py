"""Addresses to connect to, to bind to and to listen on, generated: each backend says what the VM says.

Everything ends on this machine.  GENTCP_DIFFERENTIAL is the number of inputs; with it they are others in each run.
"""

from __future__ import annotations

import re
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gentcp.erl import ErlangError, gen_tcp, inet
from gentcp_conformance.term import reason

from ..support.differential import as_often, share

pytestmark = pytest.mark.usefixtures("followed")
AS_OFTEN_AS_ASKED = as_often(share(0.05, 6, 60))
BACKENDS = pytest.mark.parametrize("backend", ["inet", "socket"])
FOUR, SIX = (127, 0, 0, 1), (0, 0, 0, 0, 0, 0, 0, 1)
PORT = "Port"
"""Stands for the port, or in a path for the folder, of the servers, which are others in each run."""
FOLDER = b"/Folder"
CHOSEN = re.compile(rb"\0[0-9a-f]{5}")


def in_order(term: Any) -> Any:
    """The VM lists keys that are strange in an order of its own."""
    match term:
        case ("keys", list() as keys):
            return ("keys", sorted(keys))
        case tuple():
            return tuple(map(in_order, term))
        case _:
            return term


class Servers:
    """Who answers: one port on all addresses of both kinds, and a local socket in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.four = socket.create_server(("0.0.0.0", 0), backlog=1000)
        self.port = self.four.getsockname()[1]
        self.six = socket.create_server(("::", self.port), family=socket.AF_INET6, backlog=1000, dualstack_ipv6=False)
        self.local = socket.socket(socket.AF_UNIX)
        self.local.bind(str(folder / "there"))
        self.local.listen(1000)

    def close(self) -> None:
        for server in (self.four, self.six, self.local):
            server.close()

    def filled_in(self, term: Any) -> Any:
        """A term with the port and the folder."""
        match term:
            case str() if term == PORT:
                return self.port
            case bytes():
                return term.replace(FOLDER, bytes(self.folder))
            case dict():
                return {key: self.filled_in(value) for key, value in term.items()}
            case list() | tuple():
                return type(term)(map(self.filled_in, term))
            case _:
                return term

    def outcome(self, backend: str, call: Any, *arguments: Any) -> Any:
        """What a call gives: the names of the socket that it has made, or the error."""
        for path in self.folder.iterdir():
            if path.name != "there":
                path.unlink()
        *front, options = self.filled_in(list(arguments))
        try:
            result = call(*front, [("inet_backend", backend), ("active", False), *options])
        except ErlangError as error:
            return in_order((error.class_, reason(error.term)))
        if result[0] != "ok":
            return in_order(result)
        names = self.known(inet.sockname(result[1])), self.known(inet.peername(result[1]))
        if call is gen_tcp.connect:
            inet.setopts(result[1], [("linger", (True, 0))])  # no connection is left that would keep the port
        gen_tcp.close(result[1])
        return names

    def known(self, name: Any) -> Any:
        match name:
            case ("ok", ("local", bytes() as path)):
                return ("local", "chosen" if CHOSEN.fullmatch(path) else path)
            case ("ok", (address, port)):
                return (address, port if port in (0, self.port) else "chosen")
            case _:
                return name


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with tempfile.TemporaryDirectory(prefix="gentcp-") as folder:
        found = Servers(Path(folder))
        yield found
        found.close()


FAMILIES = st.sampled_from(["inet", "inet6", "local", "foo"])
IPS: st.SearchStrategy[Any] = st.sampled_from(
    [FOUR, SIX, (127, 0, 0, 2), (0, 0, 0, 0), (0,) * 8, (192, 0, 2, 1), "any", "loopback", (1, 2, 3), (256, 0, 0, 1)]
) | st.sampled_from([b"x", 5, [], "undefined"])
NUMBERS: st.SearchStrategy[Any] = st.sampled_from([0, 1, -1, 1 << 20, 1 << 32, "a", 1.5])
PORTS: st.SearchStrategy[Any] = st.just(PORT) | st.sampled_from([0, -1, "nosuchservice", 1.5])
PATHS: st.SearchStrategy[Any] = st.sampled_from(
    [FOLDER + b"/there", FOLDER + b"/new", FOLDER + b"/none/new", FOLDER, b"", b"\0gentcp-no-such-name", b"/" * 108]
) | st.sampled_from([b"x" * 300, 5, (b"x",), [-1]])
MAPS = st.fixed_dictionaries(
    {}, optional={"family": FAMILIES, "addr": IPS, "port": PORTS, "flowinfo": NUMBERS, "scope_id": NUMBERS,
                  "path": PATHS, "foo": st.just(1)},
)  # fmt: skip
LIKELY_MAPS = st.fixed_dictionaries(
    {"family": st.sampled_from(["inet", "inet6"]), "addr": st.sampled_from([FOUR, SIX, "loopback"]), "port": PORTS},
    optional={"flowinfo": NUMBERS, "scope_id": NUMBERS},
)
LOCALS = PATHS.map(lambda path: ("local", path))
# A port of one's own other than 0 would be one that is taken: by the servers, or by the connection before.
OWN_MAPS = MAPS.map(lambda found: {**found, "port": 0})
BINDINGS = st.tuples(st.just("ip"), OWN_MAPS).map(lambda option: [option]) | st.lists(
    st.tuples(st.sampled_from(["ip", "ifaddr"]), IPS | LOCALS)
    | st.tuples(st.just("ifaddr"), OWN_MAPS)
    | st.sampled_from([("port", 0), ("port", "foo"), ("port", 1.5)])
    | st.sampled_from(["inet", "inet6", "local"]),
    max_size=3,
)


@BACKENDS
@AS_OFTEN_AS_ASKED
@given(address=MAPS | LIKELY_MAPS, options=BINDINGS)
def test_connect_to_a_map(servers: Servers, backend: str, address: Any, options: list[Any]) -> None:
    here, there = (servers.outcome(name, gen_tcp.connect, address, options) for name in (backend, f"otp_{backend}"))
    assert here == there


@BACKENDS
@AS_OFTEN_AS_ASKED
@given(address=IPS | LOCALS, port=PORTS, options=BINDINGS)
def test_connect_to_an_address(servers: Servers, backend: str, address: Any, port: Any, options: list[Any]) -> None:
    arguments = (address, 0 if isinstance(address, tuple) and address[:1] == ("local",) else port, options)
    here, there = (servers.outcome(name, gen_tcp.connect, *arguments) for name in (backend, f"otp_{backend}"))
    assert here == there


@BACKENDS
@AS_OFTEN_AS_ASKED
@given(port=st.sampled_from([0, 0, 0, "nosuchservice", 1.5, -1 << 40]), options=BINDINGS)
def test_listen(servers: Servers, backend: str, port: Any, options: list[Any]) -> None:
    here, there = (servers.outcome(name, gen_tcp.listen, port, options) for name in (backend, f"otp_{backend}"))
    assert here == there
