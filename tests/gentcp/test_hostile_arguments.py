"""Every public function with arguments that mean harm.

Whatever they are, what comes is a result as Erlang has it, or an exception that is documented; and the socket that was
given is as good as before: a byte goes each way.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import random
import reprlib
import socket
import threading
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

import gentcp
from gentcp import aio, erl
from gentcp.config import kernel
from gentcp.erl import ErlangError, ImproperList, gen_tcp
from gentcp.options import TABLE
from gentcp.packet import decode_packet, decode_packets

from ..support import Peer
from ..support.fixtures import nothing_left_behind as nothing_left_behind

CALLS = int(os.environ.get("GENTCP_HOSTILE", "1440"))
"""How many in all."""
SHARE = CALLS // 18
"""Of each face, backend and seed."""
PATIENCE = 0.2
"""Seconds after which a call that waits, as it may, has its socket closed."""


LAST = b"\x01last"
"""What comes behind whatever came before."""


class Text(str):
    """An atom of its own kind."""

    __slots__ = ()


class Data(bytes):
    """A binary of its own kind."""

    __slots__ = ()


class Strange:
    """What has no hash."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self is other


def cyclic() -> list[Any]:
    items: list[Any] = [b"x"]
    items.append(items)
    return items


def cyclic_tail() -> ImproperList:
    items = ImproperList([1], b"")
    items.tail = items
    return items


def released() -> memoryview:
    view = memoryview(b"released")
    view.release()
    return view


def odd() -> list[Any]:
    """The values, made anew."""
    return [
        None, True, False, 0, 1, -1, 4, 255, 256, 65535, 65536, 1 << 31, 1 << 63, 1 << 64, -(1 << 63), 10**30, 0.0, 0.5,
        -0.5, 1e300, float("nan"), float("inf"), 1j, "", "x", "\0", "\ud800", "a" * 5000, "infinity", "once", "binary",
        "list", "127.0.0.1", "::1", "tcp", "inet", "inet6", "local", "undefined", "packet", "active", "all", "read",
        Text("once"), Text("read_write"), b"", b"x", b"\0", b"\xff" * 300, Data(b"data"), bytearray(b"x"),
        memoryview(b"x"), memoryview(b"abcd")[::2], released(), [], [b"x"], [0, 255], [256], [None], ["x", b"y"],
        list(b"127.0.0.1"), cyclic(), cyclic_tail(), ImproperList([], []), ImproperList([1], 2),
        ImproperList([("active", False)], "x"), ImproperList([], [("active", False)]), (), (1,), (1, 2), (127, 0, 0, 1),
        (127, 0, 0, 1.0), (0,) * 8, ("local", b""), ("local", []), ("ok", 1), ("active", False), ("packet", 4),
        [("packet", 4)], [("packet", [])], [("packet", {})], [("active", "soon")], [("mode",)], ["list"], [["list"]],
        [("inet_backend", "inet")], [("inet_backend", [])], [("raw", 6, 1, b"\0\0\0\1")], [("raw", 6, 1, [])],
        [("linger", (True, 1))], [("linger", None)], [("ip", (127, 0, 0, 1))], [("ip", "any"), ("port", -1)],
        [("fd", -1)], [("fd", 1 << 40)], [("ifaddr", {})], [("send_timeout", Strange())], {}, {"family": "inet"},
        {"family": "inet", "addr": (127, 0, 0, 1), "port": 0}, {"family": "local", "path": b""}, {1: 2}, set(),
        frozenset(), object(), Strange(), [Strange()], (Strange(), Strange()), bool, ..., NotImplemented, range(3),
        gentcp.Ref(), gentcp.current_process(), Exception("x"), gentcp, socket.AF_INET,
    ]  # fmt: skip


class Pair:
    """A socket, its listener and its raw peer."""

    def __init__(self, backend: str) -> None:
        self.listener = gentcp.listen(0, ip="loopback", inet_backend=backend)
        with socket.create_server(("127.0.0.1", 0)) as server:
            self.sock = gentcp.connect("127.0.0.1", server.getsockname()[1], inet_backend=backend, send_timeout=0.1)
            self.peer = Peer(server.accept()[0])

    def close(self) -> None:
        self.peer.close()
        self.sock.close()
        self.listener.close()

    def works(self) -> None:
        """A byte each way, behind whatever was sent before."""
        self.sock.send(LAST)
        assert self.read(self.peer.sock.recv).endswith(LAST)
        self.peer.send(LAST)
        assert self.read(lambda _size: self.sock.recv(timeout=5.0)).endswith(LAST)
        with suppress(gentcp.Timeout):
            self.listener.accept(timeout=0.001).close()

    @staticmethod
    def read(recv: Callable[[int], bytes]) -> bytes:
        data = b""
        while not data.endswith(LAST):
            data += recv(65536)
        return data


CHANGES = {
    "close", "tcp_close", "ignorefd", "tcp_controlling_process", "shutdown", "setopts", "setopt", "chgopts", "chgopt",
    "detach", "controlling_process", "attach",
    "port_close", "port_connect", "port_command", "unrecv", "async_recv", "async_accept", "register_socket", "recv",
    "setsockname", "setpeername", "unregister_socket", "sendfile", "recv_many",
}  # fmt: skip
"""After these the socket may be another one, if they have succeeded."""
NOT_FOR_THIS = {"i", "fdopen", "getif", "getifaddrs", "get_rc", "stats"}
"""fdopen: a number may be a descriptor of somebody else."""
TIMES = {"timeout", "time"}


def functions(*modules: Any) -> list[tuple[str, Callable[..., Any]]]:
    """Those that are at home in these modules."""
    return [
        (f"{module.__name__}.{name}", function)
        for module in modules
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if name[0] != "_" and name not in NOT_FOR_THIS and function.__module__ == module.__name__
    ]


def methods(kind: type) -> list[tuple[str, Callable[..., Any]]]:
    return [
        (f"{kind.__name__}.{name}", function)
        for name, function in inspect.getmembers(kind, inspect.isfunction)
        if name[0] != "_" and name not in NOT_FOR_THIS
    ]


class Fuzz:
    """Makes calls, and keeps what should not have come of them."""

    def __init__(self, backend: str, seed: int) -> None:
        self.random = random.Random(seed)
        self.backend = backend
        self.faults: dict[tuple[str, str], str] = {}
        self.pair: Pair | None = None
        self.target: Any = None

    def value(self, name: str, first: bool) -> Any:
        """For the parameter `name`: most often the socket where one belongs."""
        assert self.pair is not None
        if name == "self":
            return self.target
        if first and name in ("socket", "port", "listener", "file") and self.random.random() < 0.9:
            return self.pair.listener if name == "listener" else self.pair.sock
        if name in TIMES and self.random.random() < 0.5:
            return self.random.choice([0, 1])
        return self.random.choice(odd())

    def arguments(self, function: Callable[..., Any]) -> tuple[list[Any], dict[str, Any]]:
        """As many as it takes."""
        given, named = list[Any](), dict[str, Any]()
        for index, parameter in enumerate(inspect.signature(function).parameters.values()):
            value = self.value(parameter.name, index == 0)
            if parameter.kind is parameter.VAR_POSITIONAL:
                given += [self.value("", False) for _ in range(self.random.randint(0, 3))]
            elif parameter.kind is parameter.VAR_KEYWORD:
                named |= {self.random.choice(NAMES): value for _ in range(self.random.randint(0, 2))}
            elif parameter.kind is parameter.KEYWORD_ONLY and parameter.name == "inet_backend":
                named[parameter.name] = self.random.choice([self.backend, self.backend, value])
            elif parameter.kind is parameter.KEYWORD_ONLY:
                named[parameter.name] = value
            elif parameter.default is parameter.empty or self.random.random() < 0.7:
                given.append(value)
            else:
                break
        return given, named

    def call(self, name: str, function: Callable[..., Any], documented: tuple[type[BaseException], ...]) -> None:
        """One call, and a look at what it left."""
        if self.pair is None:
            self.pair = Pair(self.backend)
        pair = self.pair
        self.target = pair.listener if name.startswith("Listener.") else pair.sock
        given, named = self.arguments(function)
        done = timed_out = False
        late = threading.Event()
        try:
            with closing_late(pair, late):
                result = function(*given, **named)
                if isinstance(result, (gentcp.Socket, gentcp.Listener)) and result not in (pair.sock, pair.listener):
                    result.close()
                elif isinstance(result, tuple) and isinstance(result[-1], (gentcp.Socket, gentcp.Listener)):
                    result[-1].close()
                elif name.endswith(".detach") and isinstance(result, int):
                    os.close(result)
                timed_out = result == ("error", "timeout")
                done = result not in (False, None) and not (isinstance(result, tuple) and result[:1] == ("error",))
                done = done or result is None
        except documented as error:
            timed_out = isinstance(error, gentcp.Timeout)
        except Exception as error:  # noqa: BLE001
            self.fault(name, error, given, named)
        # On inet a recv that was too late has set the size of the next read.
        if late.is_set() or timed_out or (done and name.rpartition(".")[2] in CHANGES):
            pair.close()
            self.pair = None
            return
        try:
            pair.works()
        except Exception as error:  # noqa: BLE001
            self.fault(f"after {name}", error, given, named)
            pair.close()
            self.pair = None

    def fault(self, name: str, error: BaseException, given: list[Any], named: dict[str, Any]) -> None:
        at = traceback.extract_tb(error.__traceback__)[-1]
        shown = ", ".join(
            [*map(reprlib.repr, given), *(f"{key}={reprlib.repr(value)}" for key, value in named.items())]
        )
        self.faults.setdefault(
            (name, f"{type(error).__name__} at {at.filename.rpartition('/')[2]}:{at.lineno}"),
            f"{name}({shown}): {type(error).__name__}: {error} (at {at.filename}:{at.lineno})",
        )

    def verdict(self) -> None:
        if self.pair is not None:
            self.pair.close()
        assert not self.faults, "\n".join(self.faults.values())


class AioFuzz(Fuzz):
    """The same with what is awaited; a call that waits is cancelled."""

    async def made(self) -> None:
        self.listener = await aio.listen(0, ip="loopback", inet_backend=self.backend)
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            self.sock = await aio.connect("127.0.0.1", port, inet_backend=self.backend, send_timeout=0.1)
            self.peer = Peer(server.accept()[0])

    async def ended(self) -> None:
        self.peer.close()
        await self.sock.close()
        await self.listener.close()

    def value(self, name: str, first: bool) -> Any:
        return self.target if name == "self" else self.random.choice(odd())

    async def calls(self, count: int) -> None:
        await self.made()
        for _ in range(count):
            name, function = self.random.choice(AIO)
            self.target = self.listener if name.startswith("Listener.") else self.sock
            given, named = self.arguments(function)
            again = name.rpartition(".")[2] in CHANGES
            try:
                async with asyncio.timeout(PATIENCE):
                    result = function(*given, **named)
                    result = await result if inspect.isawaitable(result) else result
                if isinstance(result, int) and name.endswith(".detach"):
                    os.close(result)
                elif isinstance(result, (aio.Socket, aio.Listener)) and result not in (self.sock, self.listener):
                    await result.close()
            except documented(name):
                again = False
            except TimeoutError:
                again = True
            except Exception as error:  # noqa: BLE001
                self.fault(name, error, given, named)
            again = again or await self.broken(name, given, named)
            if again:
                await self.ended()
                await self.made()
        await self.ended()

    async def broken(self, name: str, given: list[Any], named: dict[str, Any]) -> bool:
        """A byte each way, or a fault."""
        try:
            async with asyncio.timeout(5.0):
                await self.sock.send(LAST)
                await asyncio.to_thread(Pair.read, self.peer.sock.recv)
                self.peer.send(LAST)
                data = b""
                while not data.endswith(LAST):
                    data += await self.sock.recv()
        except Exception as error:  # noqa: BLE001
            self.fault(f"after {name}", error, given, named)
            return True
        return False


@contextmanager
def closing_late(pair: Pair, is_late: threading.Event) -> Generator[None, None, None]:
    """What waits for data or for a message gets the end of the stream, or a message; then the event is set."""
    me = gentcp.current_process()

    def late() -> None:
        is_late.set()
        me.post("late")
        pair.peer.sock.shutdown(socket.SHUT_RDWR)
        gen_tcp.close(pair.listener)
        gen_tcp.close(pair.sock)

    timer = threading.Timer(PATIENCE, late)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        me.take(lambda _message: True)


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, nothing_left_behind: None) -> Iterator[None]:
    """No name is looked up, and settings come back."""
    look_up = socket.getaddrinfo

    def numeric(host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> Any:
        return look_up(host, port, family, type, proto, flags | socket.AI_NUMERICHOST)

    def unknown(*_arguments: Any) -> Any:
        raise socket.herror(1, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", numeric)
    monkeypatch.setattr(socket, "gethostbyaddr", unknown)
    with kernel.changed(inet_backend="inet"):
        yield
    erl.erlang.system_monitor("undefined")


ERLANG = functions(
    erl.gen_tcp, erl.inet, erl.prim_inet, erl.erlang, erl.file, erl.application, erl.inet_db, erl.inet_tcp
)
PYTHON: list[tuple[str, Callable[..., Any]]] = [
    *methods(gentcp.Socket), *methods(gentcp.Listener), ("connect", gentcp.connect), ("listen", gentcp.listen),
    ("monitor", gentcp.monitor), ("demonitor", gentcp.demonitor), ("get_backend", gentcp.get_backend),
    ("set_default_backend", gentcp.set_default_backend), ("receive", gentcp.receive), ("register", gentcp.register),
    ("spawn", gentcp.spawn), ("unregister", gentcp.unregister), ("decode_packet", decode_packet),
    ("decode_packets", decode_packets),
]  # fmt: skip
AIO: list[tuple[str, Callable[..., Any]]] = [
    *methods(aio.Socket), *methods(aio.Listener), ("connect", aio.connect), ("listen", aio.listen),
    ("monitor", aio.monitor), ("demonitor", aio.demonitor), ("receive", aio.receive), ("awaitable", aio.awaitable),
]  # fmt: skip
MORE: dict[str, tuple[type[BaseException], ...]] = {
    "decode_packet": (TypeError, ValueError), "decode_packets": (TypeError, ValueError), "register": (TypeError,),
    "Socket.sendfile": (OSError,),
}  # fmt: skip
"""What else the documentation of a function names."""


def documented(name: str) -> tuple[type[BaseException], ...]:
    return (gentcp.Error, gentcp.OptionError, gentcp.NoBackend, *MORE.get(name, ()))


NAMES = [option.name for option in TABLE if option.name not in ("fd", "netns")]


@pytest.mark.parametrize("seed", range(3))
def test_the_erlang_face_answers_as_erlang_does(backend: str, seed: int) -> None:
    fuzz = Fuzz(backend, seed)
    for _ in range(SHARE):
        fuzz.call(*fuzz.random.choice(ERLANG), (ErlangError,))
    fuzz.verdict()


@pytest.mark.parametrize("seed", range(3))
def test_the_python_face_raises_what_it_says(backend: str, seed: int) -> None:
    fuzz = Fuzz(backend, seed)
    for _ in range(SHARE):
        name, function = fuzz.random.choice(PYTHON)
        fuzz.call(name, function, documented(name))
    fuzz.verdict()


@pytest.mark.parametrize("seed", range(3))
def test_so_does_the_asyncio_face(backend: str, seed: int) -> None:
    fuzz = AioFuzz(backend, seed)
    asyncio.run(fuzz.calls(SHARE))
    fuzz.verdict()
