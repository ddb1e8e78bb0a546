"""Options of the Python face that are more than a name and a value."""

from __future__ import annotations

import errno
import socket
from typing import Any

import pytest

import gentcp


def test_packet_options_are_a_dict(backend: str) -> None:
    with (
        gentcp.listen(ip="127.0.0.1", inet_backend=backend, recvtos=True, recvttl=True) as listener,
        gentcp.connect("127.0.0.1", listener.port, inet_backend=backend) as sock,
        listener.accept() as accepted,
    ):
        assert sock.getopts("pktoptions") == {"pktoptions": {}}
        assert sorted(accepted.getopts("pktoptions")["pktoptions"]) == ["tos", "ttl"]
        assert accepted.getopts()["pktoptions"].keys() == {"tos", "ttl"}


def test_packet_options_cannot_be_set(backend: str) -> None:
    with gentcp.listen(inet_backend=backend) as listener:
        wrong: Any = {"pktoptions": {}}
        with pytest.raises(gentcp.OptionError, match="pktoptions: expected nothing, since it can only be read"):
            listener.setopts(**wrong)
    with pytest.raises(gentcp.OptionError, match="pktoptions: an option of setopts only"):
        gentcp.listen(inet_backend=backend, **wrong)


@pytest.mark.parametrize("device", ["lo", b"lo"])
def test_a_device_is_named_by_text_or_bytes(backend: str, device: str | bytes) -> None:
    with gentcp.listen(ip="127.0.0.1", inet_backend=backend, bind_to_device=device) as listener:
        assert listener.getopts("bind_to_device") == {"bind_to_device": b"lo"}


@pytest.mark.parametrize("protocol", ["udp", 6, None, "MPTCP"])
def test_a_protocol_is_tcp_or_mptcp(backend: str, protocol: Any) -> None:
    with pytest.raises(gentcp.OptionError, match='protocol: expected "tcp" or "mptcp", not'):
        gentcp.listen(inet_backend=backend, protocol=protocol)
    with gentcp.listen(inet_backend=backend, protocol="tcp") as listener:
        assert listener.port


def test_a_kernel_without_multipath_tcp(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: object, **_options: object) -> Any:
        raise OSError(errno.EPROTONOSUPPORT, "Protocol not supported")

    monkeypatch.setattr(socket, "socket", refuse)
    for make in (gentcp.listen, lambda **options: gentcp.connect("127.0.0.1", 1, **options)):
        with pytest.raises(gentcp.Error, match="[Pp]rotocol not supported") as caught:
            make(inet_backend=backend, protocol="mptcp")
        assert caught.value.errno == errno.EPROTONOSUPPORT
