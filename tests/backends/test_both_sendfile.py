"""Socket.sendfile of the Python face: files and parts of files, and errors that say what is wrong with which."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp.abc import Result
from gentcp.erl import file as erl_file
from gentcp.erl import gen_tcp

from ..support import Net, Peer

CONTENT = b"0123456789"
BIG = bytes(range(256)) * 16384


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "file"
    found.write_bytes(CONTENT)
    return found


def plain(net: Net) -> tuple[gentcp.Socket, Peer]:
    return net.pair("binary", ("active", False))


@pytest.mark.parametrize(
    "form", [Path, str, os.fsencode, io.FileIO, lambda path: path.open()], ids=["path", "str", "bytes", "raw", "text"]
)
def test_a_path_or_an_open_file(net: Net, path: Path, form: Callable[[Path], Any]) -> None:
    sock, peer = plain(net)
    file = form(path)
    assert sock.sendfile(file) == 10
    if isinstance(file, io.IOBase):
        file.close()
    assert peer.recv_exact(10) == CONTENT


def test_a_part_of_it_and_the_position_does_not_move(net: Net, path: Path) -> None:
    sock, peer = plain(net)
    with path.open("rb") as file:
        file.seek(5)
        assert sock.sendfile(file, 2, 3) == 3
        assert sock.sendfile(file, offset=8) == 2
        assert sock.sendfile(file, offset=100) == 0
        assert file.tell() == 5
    assert peer.recv_exact(5) == b"23489"


@pytest.mark.parametrize("offset", [1 << 50, (1 << 63) - 1])
def test_an_offset_beyond_what_a_file_can_have_costs_nothing(net: Net, path: Path, offset: int) -> None:
    sock, peer = plain(net)
    assert sock.sendfile(path, offset) == 0
    assert sock.sendfile(path, 3, 4) == 4
    assert peer.recv_exact(4) == CONTENT[3:7]


def test_more_than_the_system_takes_at_once(net: Net, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(BIG)
    sock, peer = plain(net)
    reading = net.spawn(peer.recv_exact, len(BIG))
    assert sock.sendfile(tmp_path / "big") == len(BIG)
    assert reading.result() == BIG


def test_a_recv_that_waits_meanwhile_goes_on_waiting(net: Net, tmp_path: Path) -> None:
    """The descriptor is non-blocking for as long as a piece of the file is written, and a recv may begin just then."""
    (tmp_path / "big").write_bytes(BIG)
    sock, peer = plain(net)
    receiver = net.blocked(sock, "recv", 0)
    reading = net.spawn(peer.recv_exact, len(BIG))
    assert sock.sendfile(tmp_path / "big") == len(BIG)
    assert reading.result() == BIG
    again = net.blocked(sock, "recv", 0) if net.backend == "socket" else None  # on inet there is one at a time
    peer.send(b"answer")
    assert receiver.result() == ("ok", b"answer")
    assert os.get_blocking(sock.fileno())
    if again is not None:
        peer.send(b"more")
        assert again.result() == ("ok", b"more")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((Path, -1), "offset: expected an int from 0 to"),
        ((Path, 0, 0), "count: expected an int from 1 to"),
        ((Path, 1.5), "offset: expected an int"),
        ((lambda _: None,), "file: expected a path or an open file, not None"),
        ((lambda _: "a\0b",), "file: 'a.x00b' cannot be a path"),
        ((lambda _: 3,), "file: expected a path or an open file, not 3"),
        ((lambda path: path.open("ab"),), "file: it is not open for reading"),
        ((lambda _: io.BytesIO(b"x"),), "file: expected a path or an open file"),
    ],
)
def test_arguments_that_are_wrong_cost_nothing(net: Net, path: Path, arguments: tuple[Any, ...], says: str) -> None:
    sock, peer = plain(net)
    file = arguments[0](path)
    with pytest.raises(gentcp.OptionError, match=f"^{says}"):
        sock.sendfile(file, *arguments[1:])
    if isinstance(file, io.IOBase):
        file.close()
    sock.send(b"still here")
    assert peer.recv_exact(10) == b"still here"


def test_a_file_that_is_closed(net: Net, path: Path) -> None:
    sock, _ = plain(net)
    with path.open("rb") as file:
        pass
    with pytest.raises(gentcp.OptionError, match="file: it is closed"):
        sock.sendfile(file)


def test_a_pipe_is_no_file(net: Net) -> None:
    sock, _ = plain(net)
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as file, os.fdopen(writer, "wb"), pytest.raises(gentcp.OptionError, match="regular"):
        sock.sendfile(file)


def test_a_pipe_with_a_name_is_refused_at_once(net: Net, tmp_path: Path) -> None:
    """To open it would block until somebody writes to it."""
    sock, _ = plain(net)
    os.mkfifo(tmp_path / "pipe")
    opening = net.spawn(sock.sendfile, tmp_path / "pipe")
    with pytest.raises(gentcp.OptionError, match="file: expected a regular file"):
        opening.result()


def test_a_file_that_does_not_exist(net: Net, tmp_path: Path) -> None:
    sock, _ = plain(net)
    with pytest.raises(FileNotFoundError):
        sock.sendfile(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        sock.sendfile(tmp_path)


def test_a_socket_that_is_closed(net: Net, path: Path) -> None:
    sock, _ = plain(net)
    sock.close()
    with pytest.raises(gentcp.Closed):
        sock.sendfile(path)


def test_only_the_owner_on_inet(net: Net, path: Path) -> None:
    sock, peer = plain(net)
    sending = net.spawn(sock.sendfile, path)
    if net.backend == "inet":
        with pytest.raises(gentcp.NotOwner):
            sending.result()
    else:
        assert sending.result() == 10
        assert peer.recv_exact(10) == CONTENT


def test_how_much_was_written_when_it_failed(net: Net, tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(BIG)
    sock, peer = net.stalled()

    def close_when_stalled() -> None:
        net.full(sock)
        peer.close()

    net.spawn(close_when_stalled)
    with pytest.raises(gentcp.Closed) as caught:
        sock.sendfile(tmp_path / "big")
    if net.backend == "socket":
        reason, sent = caught.value.reason
        assert reason == "econnreset"
        assert 0 < sent < len(BIG)
        assert f"{sent} bytes of the file were written" in str(caught.value)
    else:
        assert caught.value.reason == "closed"


def test_without_sendfile_it_is_read_and_sent(net: Net, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sock, peer = plain(net)
    monkeypatch.setattr(type(sock.handle), "sendfile", lambda *_: ("error", "enotsup"))
    assert sock.sendfile(path, 1, 7) == 7
    assert peer.recv_exact(7) == CONTENT[1:8]
    gen_tcp.close(sock)
    with pytest.raises(gentcp.Closed):
        sock.sendfile(path)


def test_a_function_in_place_of_a_socket(path: Path) -> None:
    pieces: list[bytes] = []

    def send(data: bytes) -> Result:
        pieces.append(data)
        return "ok" if len(pieces) < 4 else ("error", "enough")

    assert erl_file.sendfile(str(path), send) == ("ok", 10)
    with io.FileIO(path) as file:
        assert erl_file.sendfile(file, send, 1, 5, [("chunk_size", 3)]) == ("ok", 5)
        assert erl_file.sendfile(file, send, 0, 0, []) == ("error", "enough")
        assert erl_file.sendfile(file, send, -1, 0, []) == ("error", "einval")
    assert pieces == [CONTENT, b"123", b"45", CONTENT]
    assert erl_file.sendfile(file, send, 0, 0, []) == ("error", "einval")


def test_files_of_the_erlang_face(path: Path, tmp_path: Path) -> None:
    """What file:open and file:close say, as OTP has it."""
    status, file = erl_file.open(str(path), ["raw", "read", "binary"])
    assert status == "ok"
    assert (erl_file.close(file), erl_file.close(file), erl_file.close("file")) == (
        "ok", ("error", "einval"), ("error", "badarg"),
    )  # fmt: skip
    assert erl_file.open(str(path), ["read"]) == ("error", "badarg")
    assert erl_file.open(str(tmp_path), ["raw", "read"]) == ("error", "eisdir")
    assert erl_file.open("a\udc80\ud800", ["raw", "read"]) == ("error", "badarg")
