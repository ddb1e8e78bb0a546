"""What holds for the whole process: the default backend, and the kernel application's environment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gentcp
from gentcp import config
from gentcp.erl import application, gen_tcp


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("GENTCP_INET_BACKEND", raising=False)
    gentcp.set_default_backend(None)
    yield
    gentcp.set_default_backend(None)


def used() -> str:
    """The backend that the Erlang face takes when none is named."""
    _ok, listener = gen_tcp.listen(0, [])
    gen_tcp.close(listener)
    return str(listener.inet_backend)


def test_without_anything_it_is_inet() -> None:
    assert gentcp.default_backend() == "inet"
    assert used() == "inet"


def test_the_environment_names_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENTCP_INET_BACKEND", "socket")
    assert gentcp.default_backend() == "socket"
    assert used() == "socket"


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENTCP_INET_BACKEND", "")
    assert gentcp.default_backend() == "inet"


def test_what_the_program_sets_goes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENTCP_INET_BACKEND", "inet")
    gentcp.set_default_backend("socket")
    assert used() == "socket"
    gentcp.set_default_backend(None)
    assert used() == "inet"


def test_an_unknown_default_is_refused_and_changes_nothing() -> None:
    gentcp.set_default_backend("socket")
    with pytest.raises(gentcp.NoBackend, match=r"inet_backend.*'soket'.*'socket'.*Installed: .*inet.*socket"):
        gentcp.set_default_backend("soket")
    assert gentcp.default_backend() == "socket"


def test_the_environment_of_an_application_is_read_back() -> None:
    assert application.get_env("kernel", "gentcp_test") == "undefined"
    assert application.set_env("kernel", "gentcp_test", [("active", False)]) == "ok"
    assert application.get_env("kernel", "gentcp_test") == ("ok", [("active", False)])
    assert application.get_env("stdlib", "gentcp_test") == "undefined"
    assert config.get_env("kernel", "gentcp_test") == [("active", False)]
    assert application.unset_env("kernel", "gentcp_test") == "ok"
    assert application.unset_env("kernel", "gentcp_test") == "ok"
    assert application.get_env("kernel", "gentcp_test") == "undefined"
