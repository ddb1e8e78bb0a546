"""Local (unix) sockets."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp.erl import gen_tcp, inet

from ..support import Net, catch


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: a path has to fit 107 bytes."""
    made = Path(tempfile.mkdtemp())
    yield made
    shutil.rmtree(made)


def address(path: Path) -> tuple[str, bytes]:
    return ("local", bytes(path))


def both(net: Net, there: Any, *options: Any) -> tuple[gentcp.Listener, gentcp.Socket, gentcp.Socket]:
    listener = net.ok(gen_tcp.listen(0, net.options(("ifaddr", there), *options)))
    sock = net.ok(gen_tcp.connect(there, 0, net.options(*options), 5000))
    return listener, sock, net.ok(gen_tcp.accept(listener, 5000))


def test_they_listen_connect_and_talk(net: Net, folder: Path) -> None:
    """Case listen-accept/local/names."""
    there = address(folder / "s")
    listener, sock, accepted = both(net, there, ("packet", 4))
    assert gen_tcp.send(sock, b"hi") == "ok"
    assert gen_tcp.recv(accepted, 0, 5000) == ("ok", b"hi")
    assert gen_tcp.send(accepted, b"yo") == "ok"
    assert gen_tcp.recv(sock, 0, 5000) == ("ok", b"yo")
    assert [inet.sockname(item) for item in (listener, sock, accepted)] == [
        ("ok", there), ("ok", ("local", b"")), ("ok", there),
    ]  # fmt: skip
    assert [inet.peername(item) for item in (listener, sock, accepted)] == [
        ("error", "enotconn"), ("ok", there), ("ok", ("local", b"")),
    ]  # fmt: skip
    assert [inet.port(item) for item in (listener, sock)] == [("ok", there[1]), ("ok", b"")]
    gen_tcp.close(listener)
    assert (folder / "s").exists()


def test_active_mode(net: Net, folder: Path) -> None:
    _listener, sock, accepted = both(net, address(folder / "s"))
    assert inet.setopts(sock, [("active", True)]) == "ok"
    assert gen_tcp.send(accepted, b"abc") == "ok"
    assert gentcp.receive(timeout=5.0) == ("tcp", sock, b"abc")
    gen_tcp.close(accepted)
    assert gentcp.receive(timeout=5.0) == ("tcp_closed", sock)


def test_abstract_names(net: Net, folder: Path) -> None:
    there = ("local", b"\0gentcp-test-" + folder.name.encode())
    listener, sock, accepted = both(net, there)
    assert inet.sockname(listener) == ("ok", there)
    assert inet.peername(sock) == ("ok", there)
    assert gen_tcp.send(sock, b"hi") == "ok"
    assert gen_tcp.recv(accepted, 2, 5000) == ("ok", b"hi")


def test_both_ends_may_have_a_name(net: Net, folder: Path) -> None:
    """Case listen-accept/local/connecting-path."""
    there, here = address(folder / "s"), address(folder / "c")
    listener = net.ok(gen_tcp.listen(0, net.options(("ifaddr", there))))
    sock = net.ok(gen_tcp.connect(there, 0, net.options(("ifaddr", here)), 5000))
    assert inet.sockname(sock) == ("ok", here)
    assert inet.peername(net.ok(gen_tcp.accept(listener, 5000))) == ("ok", here)


def test_errors(net: Net, folder: Path) -> None:
    there = address(folder / "s")
    net.ok(gen_tcp.listen(0, net.options(("ifaddr", there))))
    assert gen_tcp.listen(0, net.options(("ifaddr", there))) == ("error", "eaddrinuse")
    assert gen_tcp.connect(address(folder / "missing"), 0, net.options(), 1000) == ("error", "enoent")
    (folder / "file").touch()
    assert gen_tcp.connect(address(folder / "file"), 0, net.options(), 1000) == ("error", "econnrefused")
    class_ = "exit" if net.backend == "inet" else "error"
    assert catch(gen_tcp.connect, there, 1, net.options(), 1000) == ("exception", class_, "function_clause")
    assert catch(gen_tcp.listen, 1, net.options(("ifaddr", there))) == ("exception", "error", "function_clause")


@pytest.mark.parametrize("value", [True, False])
def test_nodelay_is_ignored_or_refused(net: Net, folder: Path, value: bool) -> None:
    """Cases listen-accept/local/nodelay, listen-accept/local/options: one of the documented differences."""
    _listener, sock, _accepted = both(net, address(folder / "s"))
    expected = "ok" if net.backend == "inet" else ("error", "enotsup")
    option = ("nodelay", value)
    assert inet.setopts(sock, [option]) == expected
    assert inet.getopts(sock, ["nodelay"]) == ("ok", [])
    listened = gen_tcp.listen(0, net.options(("ifaddr", address(folder / "t")), option))
    assert (listened if listened[0] == "error" else listened[0]) == expected
    if listened[0] == "ok":
        net.ok(listened)
    assert inet.setopts(sock, [("keepalive", True), ("recbuf", 8192), ("priority", 3)]) == "ok"


def test_a_long_path(net: Net) -> None:
    path = b"/" + b"a" * 199
    described = ("error", ("invalid", ("sockaddr", {"family": "local", "path": path})))
    expected = ("error", "einval") if net.backend == "inet" else described
    assert catch(gen_tcp.listen, 0, net.options(("ifaddr", ("local", path)))) == expected


def test_a_stalled_peer_blocks_as_on_tcp(net: Net, folder: Path) -> None:
    _listener, sock, accepted = both(net, address(folder / "s"), ("send_timeout", 30))
    payload = bytes(3_000_000)
    result = gen_tcp.send(sock, payload)
    if net.backend == "inet":
        assert result == "ok"
        assert gen_tcp.send(sock, b"x") == ("error", "timeout")
        assert gen_tcp.recv(accepted, len(payload) + 1, 10_000) == ("ok", payload + b"x")
    else:
        rest = result[1][1]
        assert result == ("error", ("timeout", rest))
        sent = len(payload) - len(rest)
        assert gen_tcp.recv(accepted, sent, 10_000) == ("ok", bytes(sent))
