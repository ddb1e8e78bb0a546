"""The settings of the kernel application: as attributes, by environment variables, for a while."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import gentcp
from gentcp import config
from gentcp.config import kernel
from gentcp.erl import application, gen_tcp, inet

CONNECT = "GENTCP_INET_DEFAULT_CONNECT_OPTIONS"
LISTEN = "GENTCP_INET_DEFAULT_LISTEN_OPTIONS"


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in (CONNECT, LISTEN, "GENTCP_INET_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    with kernel.changed():
        kernel.inet_default_connect_options = kernel.inet_default_listen_options = None
        yield


def listening(*names: str) -> list[Any]:
    """Values that a listener has by default."""
    listener = gen_tcp.listen(0, [])[1]
    values = [value for _, value in inet.getopts(listener, list(names))[1]]
    gen_tcp.close(listener)
    return values


def test_nothing_is_set() -> None:
    assert kernel.inet_backend == "inet"
    assert kernel.inet_default_connect_options is kernel.inet_default_listen_options is None
    assert config.environment("kernel") == {}


@pytest.mark.parametrize("backend", ["inet", "socket"])
@pytest.mark.parametrize(
    "given",
    [{"nodelay": True, "send_timeout": 0.5, "packet": 2}, [("nodelay", True), ("send_timeout", 500), ("packet", 2)]],
    ids=type,
)
def test_connect_and_listen_begin_with_them(backend: str, given: Any) -> None:
    kernel.inet_backend = backend
    kernel.inet_default_listen_options = kernel.inet_default_connect_options = given
    assert kernel.inet_default_listen_options == [("nodelay", True), ("send_timeout", 500), ("packet", 2)]
    with gentcp.listen(ip="127.0.0.1") as listener, gentcp.connect("127.0.0.1", listener.port, nodelay=False) as sock:
        for made, nodelay in ((listener, True), (sock, False)):
            assert made.inet_backend == backend
            assert made.getopts("nodelay", "send_timeout", "packet") == {
                "nodelay": nodelay, "send_timeout": 0.5, "packet": 2,
            }  # fmt: skip


@pytest.mark.parametrize("by", ["program", "environment"])
def test_what_is_read_is_a_copy(by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if by == "program":
        kernel.inet_default_connect_options = [("nodelay", True)]
    else:
        monkeypatch.setenv(CONNECT, '{"nodelay": true}')
    found = kernel.inet_default_connect_options
    assert found is not None
    found.append(("no_such_option", 1))
    assert kernel.inet_default_connect_options == [("nodelay", True)]


def test_both_faces_see_the_same_settings() -> None:
    application.set_env("kernel", "inet_default_listen_options", [("keepalive", True)])
    assert kernel.inet_default_listen_options == [("keepalive", True)]
    application.set_env("kernel", "inet_default_listen_options", ("nodelay", True))
    assert kernel.inet_default_listen_options == [("nodelay", True)]
    kernel.inet_default_listen_options = {"linger": 3}
    assert application.get_env("kernel", "inet_default_listen_options") == ("ok", [("linger", (True, 3))])


def test_the_environment_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LISTEN, '{"nodelay": true, "send_timeout": 0.5, "active": false}')
    monkeypatch.setenv("GENTCP_INET_BACKEND", "socket")
    assert listening("nodelay", "send_timeout", "active") == [True, 500, True]  # never `active`, as in OTP
    given = [("nodelay", True), ("send_timeout", 500), ("active", False)]
    assert config.environment("kernel") == {"inet_default_listen_options": given, "inet_backend": "socket"}
    assert application.get_env("kernel", "inet_backend") == ("ok", "socket")
    kernel.inet_default_listen_options = {"nodelay": False}
    assert listening("nodelay", "send_timeout") == [False, "infinity"]
    kernel.inet_default_listen_options = None
    assert listening("nodelay") == [True]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{nodelay, true}]", "expected a JSON object of options, not '.{nodelay, true}.'"),
        ('[["nodelay", true]]', "expected a JSON object of options"),
        ('{"nodelay": 1}', "nodelay: expected True or False, not 1"),
        ('{"nodely": true}', "nodely: there is no such option; did you mean 'nodelay'"),
        ('{"ipv6_v6only": true}', "ipv6_v6only: an option of listen and setopts only"),
        ('{"ip": "127.0.0.1"}', "ip: has no default, give it to each connect"),
        ('{"netns": "/run/netns/a"}', "netns: has no default, give it to each connect"),
    ],
)
def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch, text: str, message: str) -> None:
    monkeypatch.setenv(CONNECT, text)
    with pytest.raises(gentcp.OptionError, match=f"{CONNECT}: {message}"):
        gen_tcp.connect("localhost", 1, [])
    with pytest.raises(gentcp.OptionError, match=CONNECT):
        gentcp.connect("localhost", 1)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([("nodelay", 1)], "nodelay: expected True or False, not 1"),
        ([("foo", 1)], "inet_default_connect_options: .'foo', 1. is not one of its options"),
        ([("ip", (127, 0, 0, 1))], "is not one of its options"),
        (["foo"], "'foo' is not one"),
        (5, "expected a list of options, or a dict of keywords, not 5"),
        ({"nodelay": "yes"}, "nodelay: expected True or False"),
    ],
)
def test_a_bad_value_is_refused_and_changes_nothing(given: Any, message: str) -> None:
    kernel.inet_default_connect_options = ["binary", ("raw", 6, 1, b"\1\0\0\0"), ("active", 3)]
    with pytest.raises(gentcp.OptionError, match=message):
        kernel.inet_default_connect_options = given
    assert kernel.inet_default_connect_options == ["binary", ("raw", 6, 1, b"\1\0\0\0"), ("active", 3)]


def test_for_a_while() -> None:
    kernel.inet_default_listen_options = {"nodelay": True}
    with kernel.changed(inet_backend="socket", inet_default_listen_options=[("keepalive", True)]):
        assert kernel.inet_backend == "socket"
        assert listening("nodelay", "keepalive") == [False, True]
    assert kernel.inet_backend == "inet"
    assert listening("nodelay", "keepalive") == [True, False]


def test_what_is_refused_ends_it() -> None:
    with (
        pytest.raises(gentcp.OptionError),
        kernel.changed(inet_backend="socket", inet_default_listen_options=[("nodelay", 1)]),
    ):
        raise AssertionError("never reached")
    assert kernel.inet_backend == "inet"
    with pytest.raises(gentcp.NoBackend):
        kernel.inet_backend = "nosuch"


def test_the_backend_of_a_running_kernel_stays() -> None:
    """OTP reads it when it starts; what set_env changes later has no effect."""
    application.set_env("kernel", "inet_backend", "socket")
    assert application.get_env("kernel", "inet_backend") == ("ok", "socket")
    assert kernel.inet_backend == "inet"
    assert gen_tcp.listen(0, [])[1].inet_backend == "inet"
