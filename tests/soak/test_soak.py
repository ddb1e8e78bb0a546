"""The soak for a few seconds, and what it has to find out."""

from __future__ import annotations

import itertools
import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp.engine.inspection import settled

from ..support import PATIENCE, left_behind, settle
from . import __main__ as command
from . import measures, moves, rounds, soaking
from .connections import Connection, End
from .measures import Sample
from .owners import Owner
from .soaking import EVENTS
from .streams import PACKETS, Corrupt, Stream

_PROGRAM = "import sys; sys.path.append(sys.argv.pop(1)); from tests.soak.__main__ import main; sys.exit(main())"
_ROOT = Path(__file__).parents[2]
_PATIENCE = 110.0
"""Seconds for a whole soak, less than pytest has."""
_FEW = ["--connections", "30", "--owners", "4", "--minutes", "0.02", "--seed", "1"]


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    settled(PATIENCE)  # the driver is there
    before, limit = left_behind(), resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limit)
    settle(before)


def _soak(*arguments: str) -> dict[str, str]:
    """What it has counted, in a process of its own, where nothing else is begun and nothing else has been left."""
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", _PROGRAM, str(_ROOT), *arguments]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_PATIENCE)
    except subprocess.TimeoutExpired as error:
        pytest.fail(f"it has not ended: {error.stdout!r}")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "FAULT" not in done.stdout
    return {line.rsplit(None, 1)[0]: line.rsplit(None, 1)[1] for line in done.stdout.splitlines() if line}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--connections", "500", "--minutes", "0.05", "--seed", "20261130"],
        [*_FEW, "--backend", "inet"],
        [*_FEW, "--backend", "socket"],
        [*_FEW, "--processes", "3", "--owners", "3"],
    ],
    ids=["many", "inet", "socket", "processes"],
)
def test_nothing_is_lost_and_nothing_is_left(arguments: list[str]) -> None:
    counts = _soak(*arguments, "--all-events")
    assert [event for event in EVENTS if counts[event] == "0"] == []


# ---- what goes wrong is found out


def _soaked(capsys: pytest.CaptureFixture[str], status: int) -> str:
    assert command.main(_FEW) == status
    return capsys.readouterr().out


def test_a_byte_that_is_lost_on_the_way(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    send, numbers = gentcp.Socket.send, itertools.count()

    def shortened(self: gentcp.Socket[Any], data: bytes) -> None:
        send(self, data[:-2] + data[-1:] if len(data) > 2 and next(numbers) % 50 == 0 else data)

    monkeypatch.setattr(gentcp.Socket, "send", shortened)
    assert "FAULT" in _soaked(capsys, 1)


def test_a_packet_that_comes_twice(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    send, numbers = gentcp.Socket.send, itertools.count()

    def doubled(self: gentcp.Socket[Any], data: bytes) -> None:
        send(self, data)
        if next(numbers) % 50 == 0:
            send(self, data)

    monkeypatch.setattr(gentcp.Socket, "send", doubled)
    assert "FAULT" in _soaked(capsys, 1)


def test_a_descriptor_that_stays(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    close, numbers, leaked = gentcp.Socket.close, itertools.count(1), list[int]()

    def leaks(self: gentcp.Socket[Any]) -> None:
        close(self)
        if not next(numbers) % 5:
            leaked.append(os.dup(0))

    monkeypatch.setattr(measures, "PATIENCE", 0.1)
    monkeypatch.setattr(gentcp.Socket, "close", leaks)
    assert "FAULT: descriptors: " in _soaked(capsys, 1)
    for fd in leaked:
        os.close(fd)


def test_blocks_that_stay(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    close, leaked = gentcp.Socket.close, list[Any]()

    def leaks(self: gentcp.Socket[Any]) -> None:
        close(self)
        leaked.extend([] for _ in range(1000))

    monkeypatch.setattr(measures, "PATIENCE", 0.1)
    monkeypatch.setattr(gentcp.Socket, "close", leaks)
    assert "FAULT: blocks: " in _soaked(capsys, 1)


def test_an_owner_that_is_stuck(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    send, go_on, once = gentcp.Socket.send, threading.Event(), threading.Lock()

    def hangs(self: gentcp.Socket[Any], data: bytes) -> None:
        send(self, data)
        if once.acquire(blocking=False):
            go_on.wait()

    monkeypatch.setattr(rounds, "_PATIENCE", 1.0)
    monkeypatch.setattr(gentcp.Socket, "send", hangs)
    try:
        assert "in hangs\n" in _soaked(capsys, 1)
    finally:
        go_on.set()


def test_a_process_that_ends(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("""
import gentcp, os, sys
if "--multiprocessing-fork" in sys.argv:
    gentcp.spawn = lambda *_arguments, **_names: os._exit(7)
""")
    command = [sys.executable, "-c", _PROGRAM, str(_ROOT), *_FEW, "--processes", "2"]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
    )
    assert done.returncode == 1
    assert "FAULT: process 1: it has ended with 7" in done.stdout


def test_too_few_descriptors(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "raise_limit", lambda: 50)
    assert "CANNOT MAKE 30 connections: the hard limit of 50 descriptors is enough for 0 in" in _soaked(capsys, 1)


def test_too_few_descriptors_in_so_many_processes(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--connections", "1_000_000_000", "--processes", "2"]) == 1
    assert "CANNOT MAKE 1000000000 connections" in capsys.readouterr().out


# ---- the parts


@pytest.mark.parametrize(
    "error", [gentcp.Closed("closed", ""), gentcp.OptionError("process", ""), gentcp.ProcessKilled()]
)
@pytest.mark.parametrize("killed", [False, True])
def test_an_end_that_cannot_be_handed_over_stays_where_it_was(
    error: BaseException, killed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the connection has ended, or one of both owners; and until that is known it belongs to who gives it."""
    round_ = rounds.Round(0, 3, ["inet"], 1)
    giver, of_peer, other = round_.owners
    _connection, end, peer = _ends()
    end.owner, peer.owner = giver, of_peer
    holders = list[tuple[Any, ...]]()

    def fails(_self: object, process: gentcp.Process) -> None:
        holders.append((end.holder, end.owner, process))
        if killed:
            giver.process.kill()
        raise error

    monkeypatch.setattr(gentcp.Socket, "controlling_process", fails)
    monkeypatch.setattr(moves, "look_at_mode", lambda *looked: holders.append(looked))
    monkeypatch.setattr(Owner, "me", property(lambda owner: owner.process))
    if killed or isinstance(error, gentcp.ProcessKilled):
        with pytest.raises(gentcp.ProcessKilled):
            moves.hand_over(giver, end)
    else:
        moves.hand_over(giver, end)
    round_.end()
    stays = not killed and not isinstance(error, gentcp.ProcessKilled)
    assert holders == [(giver, other, other.process), *([(giver, end)] if stays else [])]
    assert (end.holder, end.owner) == (giver, giver)


@pytest.mark.parametrize("packet", PACKETS)
def test_a_stream_is_followed(packet: str | int) -> None:
    stream, position = Stream(7, packet), 0
    for _ in range(1000):
        data = stream.packet(position)
        end = stream.follow(position, data)
        assert end == position + stream.size(position)
        with pytest.raises(Corrupt):
            stream.follow(position + 1, data)
        with pytest.raises(Corrupt):
            Stream(8, packet).follow(position, data * 20)
        position = end


def test_who_takes_an_end_looks_whether_it_has_become_passive(monkeypatch: pytest.MonkeyPatch) -> None:
    round_, looked = rounds.Round(0, 1, ["inet"], 1), list[tuple[Any, ...]]()
    _connection, end, _peer = _ends()
    monkeypatch.setattr(moves, "look_at_mode", lambda *found: looked.append(found))
    round_.owners[0].hear(("take", end))
    owner = round_.owners[0]
    round_.end()
    assert looked == [(owner, end)]


@pytest.mark.parametrize("replaced", ["before", "meanwhile", "afterwards"])
def test_an_end_is_lost_once_its_owner_has_been_replaced(replaced: str, monkeypatch: pytest.MonkeyPatch) -> None:
    round_ = rounds.Round(0, 3, ["inet"], 1)
    giver, of_peer, other = round_.owners
    _connection, end, peer = _ends()
    end.owner, peer.owner, end.sent = giver, of_peer, 9
    round_.ends = {end.sock: end, peer.sock: peer}
    monkeypatch.setattr(round_, "_may_end", lambda owner: owner is other)
    monkeypatch.setattr(Connection, "__repr__", lambda _self: "it")

    def controlling_process(_self: object, _process: gentcp.Process) -> None:
        if replaced == "meanwhile":
            round_.replace_one()
            assert not end.lost_owner  # the giver has it, or nobody knows

    monkeypatch.setattr(gentcp.Socket, "controlling_process", controlling_process)
    if replaced == "before":
        round_.replace_one()
    moves.hand_over(giver, end)
    if replaced == "afterwards":
        assert not end.lost_owner
        round_.replace_one()
    assert end.lost_owner is end.over is (replaced != "before")
    assert not peer.over
    round_.ends.clear()
    round_.end()


def test_an_event_that_does_not_happen(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soaking, "_MORE", 0.1)
    monkeypatch.setattr(soaking, "EVENTS", ["earthquakes"])
    assert command.main([*_FEW, "--all-events"]) == 1
    assert "FAULT: there were no earthquakes" in capsys.readouterr().out


def _ends(**traits: Any) -> tuple[Connection, End, End]:
    """A connection whose second end has sent 10 bytes, closed, and lost one of them."""
    connection = Connection(1, "raw", small=False, half_open=False)
    owner: Any = None
    ends = [End(connection, gentcp.Socket.__new__(gentcp.Socket), Stream(side, "raw"), owner) for side in (0, 1)]
    connection.ends = ends[0], ends[1]
    ends[0].received, ends[1].sent, ends[0].saw_end = 9, 10, True
    for name, value in traits.items():
        setattr(ends[1], name, value)
    return connection, ends[0], ends[1]


@pytest.mark.parametrize("traits", [{"reset": True}, {"broken": True}, {"sent": 9}, {"sent": 0, "sending": 9}])
def test_what_may_be_lost(traits: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "__repr__", lambda _self: "it")
    assert not list(_ends(**traits)[0].faults())
    connection, receiver, _sender = _ends()
    assert list(connection.faults()) == ["9 bytes came of 10, and then the end of the stream: it"]
    receiver.sent = 1  # which the sender has not received: its close was a reset
    assert not list(connection.faults())


def test_what_may_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "__repr__", lambda _self: "it")
    assert list(_ends(sent=4, sending=4)[0].faults()) == ["9 bytes came of 8: it"]


def test_limits() -> None:
    before = Sample(10, 2, 1000, 1 << 20, 1 << 20)
    assert not list(measures.faults(before, before, before, 1, 1))
    much = Sample(10_000, 20, 100_000, 1 << 30, 1 << 30)
    found = [fault.split(":")[0] for fault in measures.faults(before, much, much, 1, 1)]
    assert found == ["descriptors", "threads", "blocks", "heap", "memory", "memory", "threads", "descriptors"]
