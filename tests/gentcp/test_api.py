"""Making sockets: whom `connect` and `listen` take for whom, and what they say when they cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import gentcp
from gentcp.errors import ErlangError, Exit

from .scripted import ScriptedBackend


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> ScriptedBackend:
    """A backend that notes what it is asked for, as the default one."""
    backend = ScriptedBackend()
    monkeypatch.setattr("gentcp._registry._registered", {"scripted": backend})
    monkeypatch.setenv("GENTCP_INET_BACKEND", "scripted")
    return backend


# What reaches the backend


def test_the_defaults_are_bytes_and_passive(scripted: ScriptedBackend) -> None:
    defaults = [("mode", "binary"), ("active", False)]
    assert gentcp.connect("localhost", 5678).inet_backend == "scripted"
    assert scripted.asked == ("localhost", 5678, defaults, "infinity")


def test_the_defaults_of_a_listener_are_those_of_its_connections(scripted: ScriptedBackend) -> None:
    assert gentcp.listen().inet_backend == "scripted"
    assert scripted.asked == (0, [("mode", "binary"), ("active", False)])


def test_options_reach_the_backend_under_their_names_in_its_units(scripted: ScriptedBackend) -> None:
    gentcp.connect("h", 1, timeout=1.5, packet=4, active="once", send_timeout=0.25, linger=None, local_port=7)
    assert scripted.asked[3] == 1500
    assert sorted(scripted.asked[2]) == sorted(
        [
            ("mode", "binary"),
            ("active", "once"),
            ("packet", 4),
            ("send_timeout", 250),
            ("linger", (False, 0)),
            ("port", 7),
        ]
    )


@pytest.mark.parametrize(
    ("host", "port", "term", "family"),
    [
        ("localhost", 1, "localhost", None),
        ("127.0.0.1", 1, "127.0.0.1", None),
        ((127, 0, 0, 1), 1, (127, 0, 0, 1), None),
        ("::1", 1, "::1", "inet6"),
        ("fe80::1%eth0", 1, "fe80::1%eth0", "inet6"),
        ((0, 0, 0, 0, 0, 0, 0, 1), 1, (0, 0, 0, 0, 0, 0, 0, 1), "inet6"),
        (Path("/run/x"), None, ("local", b"/run/x"), "local"),
        (("local", "/run/x"), None, ("local", b"/run/x"), "local"),
        (("local", b"\0name"), None, ("local", b"\0name"), "local"),
        (("local", Path("x")), None, ("local", b"x"), "local"),
    ],
)
def test_a_host_has_many_spellings(
    scripted: ScriptedBackend, host: Any, port: int | None, term: Any, family: str | None
) -> None:
    gentcp.connect(host, port)
    assert scripted.asked[0] == term
    assert [option for option in scripted.asked[2] if isinstance(option, str)] == ([family] if family else [])


@pytest.mark.parametrize(
    ("ip", "term", "family"),
    [
        ("127.0.0.1", (127, 0, 0, 1), None),
        ("::1", (0, 0, 0, 0, 0, 0, 0, 1), "inet6"),
        ("any", "any", None),
        ("loopback", "loopback", None),
        ((10, 0, 0, 1), (10, 0, 0, 1), None),
        (Path("/run/x"), ("local", b"/run/x"), "local"),
    ],
)
@pytest.mark.parametrize("name", ["ip", "ifaddr"])
def test_an_interface_has_many_spellings(
    scripted: ScriptedBackend, name: str, ip: Any, term: Any, family: str | None
) -> None:
    gentcp.listen(**{name: ip})
    assert (name, term) in scripted.asked[1]
    assert [option for option in scripted.asked[1] if isinstance(option, str)] == ([family] if family else [])


def test_inet6_chooses_the_family_of_a_name_and_of_a_listener(scripted: ScriptedBackend) -> None:
    gentcp.connect("localhost", 1, inet6=True)
    assert scripted.asked[2][0] == "inet6"
    gentcp.listen(inet6=True, ip="any")
    assert scripted.asked[1][0] == "inet6"


# What is refused before anything is done

BAD_CONNECTS: list[tuple[str, dict[str, Any], str]] = [
    ("host", {"host": "/run/x.sock", "port": None}, "pass a path object, Path('/run/x.sock')"),
    ("host", {"host": ""}, "expected a host name"),
    ("host", {"host": b"localhost"}, "expected a host name"),
    ("host", {"host": None}, "expected a host name"),
    ("host", {"host": (127, 0, 0, 256)}, "expected a host name"),
    ("host", {"host": (127, 0, 0, True)}, "expected a host name"),
    ("host", {"host": ("local", 5), "port": None}, "expected a path as str, bytes or path object, not 5"),
    ("host", {"host": Path("x" * 108), "port": None}, "has at most 107 bytes, this one 108"),
    ("port", {"port": None}, "expected an int from 0 to 65535, not None"),
    ("port", {"port": 65536}, "expected an int from 0 to 65535, not 65536"),
    ("port", {"port": True}, "expected an int from 0 to 65535, not True"),
    ("port", {"port": "http"}, "expected an int from 0 to 65535, not 'http'"),
    ("port", {"host": Path("x"), "port": 1}, "a local socket has none"),
    ("timeout", {"timeout": -1}, "expected seconds from 0 to 2147483, or None for no limit, not -1"),
    ("inet_backend", {"inet_backend": 5}, "scripted, socket, not 5"),
    ("pakcet", {"pakcet": 4}, "there is no such option; did you mean 'packet'?"),
    ("zzz", {"zzz": 4}, "there is no such option; there are active, bind_to_device, buffer"),
    ("broadcast", {"broadcast": True}, "there is no such option"),
    ("backlog", {"backlog": 5}, "an option of listen only"),
    ("ipv6_v6only", {"ipv6_v6only": True}, "an option of listen and setopts only"),
    ("nopush", {"nopush": True}, "an option of setopts only"),
    ("packet", {"packet": 3}, "ssl_tls, ssl, not 3"),
    ("local_port", {"local_port": -1}, "expected an int from 0 to 65535, not -1"),
    ("fd", {"fd": -1}, "expected an int from 0 to 2147483647, not -1"),
    ("inet6", {"inet6": 1}, "expected True or False, not 1"),
    ("host", {"host": ("local", "a\0b"), "port": None}, "cannot be a path"),
    ("host", {"host": ("local", "\ud800"), "port": None}, "cannot be a path"),
    ("netns", {"netns": b"\0name"}, "cannot be a path"),
    ("raw", {"raw": (2**31, 1, b"")}, "expected an int from -2147483648 to 2147483647, not 2147483648"),
    ("netns", {"netns": 1}, "expected a path as str, bytes or path object, not 1"),
    ("ip", {"ip": "localhost"}, "expected an IP address as text"),
    ("ip", {"ip": "\0"}, "expected an IP address as text"),
    ("ip", {"host": "::1", "ip": "127.0.0.1"}, "IPv4 does not go with host, which is IPv6"),
    ("ifaddr", {"ifaddr": Path("x")}, "local does not go with host, which is IPv4 or IPv6"),
    ("inet6", {"host": (127, 0, 0, 1), "inet6": True}, "IPv6 does not go with host, which is IPv4"),
    ("inet6", {"host": "::1", "inet6": False}, "IPv4 does not go with host, which is IPv6"),
]


def _with(arguments: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    return {**defaults, **arguments}


@pytest.mark.parametrize(("name", "arguments", "message"), BAD_CONNECTS)
def test_connect_names_the_bad_argument(
    scripted: ScriptedBackend, name: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(gentcp.OptionError) as caught:
        gentcp.connect(**_with(arguments, host="localhost", port=5678))
    assert caught.value.option == name
    assert str(caught.value).startswith(f"{name}: ")
    assert message in str(caught.value)
    assert scripted.asked == ()


BAD_LISTENS: list[tuple[str, dict[str, Any], str]] = [
    ("port", {"port": -1}, "expected an int from 0 to 65535, not -1"),
    ("port", {"port": None}, "expected an int from 0 to 65535, not None"),
    ("port", {"port": 1, "ifaddr": Path("x")}, "a local socket has none"),
    ("local_port", {"local_port": 1}, "an option of connect only"),
    ("line_delimiter", {"line_delimiter": 0}, "an option of connect and setopts only"),
    ("backlog", {"backlog": -1}, "expected an int from 0 to 65535, not -1"),
    ("inet6", {"ip": "127.0.0.1", "inet6": True}, "IPv6 does not go with ip, which is IPv4"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), BAD_LISTENS)
def test_listen_names_the_bad_argument(
    scripted: ScriptedBackend, name: str, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(gentcp.OptionError) as caught:
        gentcp.listen(**arguments)
    assert caught.value.option == name
    assert message in str(caught.value)
    assert scripted.asked == ()


def test_an_unknown_backend_is_answered_with_the_installed_ones(scripted: ScriptedBackend) -> None:
    with pytest.raises(gentcp.NoBackend, match="did you mean 'scripted'"):
        gentcp.connect("localhost", 1, inet_backend="scriptd")


# What backends answer


@pytest.mark.parametrize(
    ("reason", "kind", "message"),
    [
        ("econnrefused", gentcp.Refused, "somewhere:5678: Connection refused"),
        ("timeout", gentcp.Timeout, "somewhere:5678: timed out"),
        ("etimedout", gentcp.Unanswered, "somewhere:5678: the peer has not answered, and the system has given"),
        ("ehostunreach", gentcp.AddressError, "somewhere:5678: No route to host"),
        ("nxdomain", gentcp.AddressError, "'somewhere' has no IPv4 address; inet6=True asks for the other kind"),
        ("enetunreach", gentcp.AddressError, "somewhere:5678: Network is unreachable"),
        (("shutdown", "emfile"), gentcp.Error, "somewhere:5678: Too many open files"),
    ],
)
def test_a_failed_connection_says_whose(
    scripted: ScriptedBackend, reason: Any, kind: type[gentcp.Error], message: str
) -> None:
    scripted.failure = ("error", reason)
    with pytest.raises(kind) as caught:
        gentcp.connect("somewhere", 5678)
    assert caught.value.reason == reason
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "failure", [("error", "einval"), ("error", ("invalid", {})), Exit("badarg"), ErlangError("undef")]
)
def test_what_only_the_backend_can_refuse_names_the_candidates(scripted: ScriptedBackend, failure: Any) -> None:
    scripted.failure = failure
    with pytest.raises(gentcp.OptionError, match=r"^host, tclass: one of these is refused here \(backend 'scripted'"):
        gentcp.connect("somewhere", 5678, tclass=3, packet=4)
    with pytest.raises(gentcp.OptionError, match=r"^tclass: this is refused here \(backend 'scripted'"):
        gentcp.listen(tclass=3, packet=4)
    with pytest.raises(gentcp.Error, match=r"port 5678: "):
        gentcp.listen(5678)


def test_an_address_with_an_interface_that_is_not_there(scripted: ScriptedBackend) -> None:
    scripted.failure = ("error", "nxdomain")
    with pytest.raises(gentcp.AddressError, match="'fe80::1%nodev' is no address of this machine's networks"):
        gentcp.connect("fe80::1%nodev", 5678)
