"""sendfile on inet, in the middle of a file."""

from __future__ import annotations

from pathlib import Path

import pytest

import gentcp
from gentcp.abc import Term
from gentcp.erl import file as erl_file
from gentcp.erl import gen_tcp
from gentcp_inet._port import InetPort

from ..support import Net, eventually, inspection

pytestmark = pytest.mark.parametrize("net", ["inet"], indirect=True)
BIG = bytes(1 << 22)


def test_nothing_goes_out_behind_the_file_of_one_that_is_killed(
    net: Net, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From the moment of its death on, and not only from when its sockets have been told."""
    path = tmp_path / "file"
    path.write_bytes(BIG)
    sock, peer = net.stalled()

    def send_it() -> object:
        gentcp.receive()
        with path.open("rb", buffering=0) as file:
            return erl_file.sendfile(file, sock, 0, 0, [])

    owner = net.spawn(send_it)
    assert gen_tcp.controlling_process(sock, owner.process) == "ok"
    owner.process.post("go")
    net.full(sock)
    assert gen_tcp.send(sock, b"queued") == "ok"
    original = InetPort.owner_down

    def owner_down(port: InetPort, reason: Term) -> None:
        eventually(lambda: owner.done)  # its thread is out of sendfile
        assert inspection.settled(5.0)  # and the driver has nothing to do
        original(port, reason)

    monkeypatch.setattr(InetPort, "owner_down", owner_down)
    assert inspection.queued(sock) == 6
    owner.process.kill()
    assert b"queued" not in peer.drain()
