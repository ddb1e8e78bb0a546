from __future__ import annotations

from typing import TYPE_CHECKING

from gentcp_conformance.environment import about, about_vm, describe_backend, describe_subject, sysctls

from .toys import vm

if TYPE_CHECKING:
    from pathlib import Path


def test_settings_of_the_system_are_read_where_there_are_any(tmp_path: Path) -> None:
    for name, text in {"net/ipv4/tcp_rmem": "4096\t131072\t6291456\n", "net/core/somaxconn": "128\n"}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert sysctls(tmp_path) == {"net.core.somaxconn": "128", "net.ipv4.tcp_rmem": "4096 131072 6291456"}


def test_a_run_is_described_with_the_settings_of_the_system() -> None:
    assert {"python", "platform", "gentcp", *sysctls()} == about().keys()


def test_a_vm_is_described_with_its_versions_but_not_its_place() -> None:
    with vm("26"):
        assert describe_subject("otp_inet") == {
            "name": "otp_inet",
            "description": "A toy VM.",
            "distribution": "registered in this process",
            "release": "26",
            "erts": "1.2",
            "kernel": "3.4",
        }
        assert "release" not in describe_backend("otp_inet")
        assert about_vm()["command"] == "/somewhere/erl"


def test_a_backend_that_is_no_vm_has_no_versions() -> None:
    assert describe_subject("inet") == describe_backend("inet")
