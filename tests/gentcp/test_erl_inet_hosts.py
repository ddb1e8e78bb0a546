"""Hosts, services and interfaces.  The resolver is ours here; what comes out for it is OTP 29's."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from gentcp.erl import inet

from ..support import catch

EINVAL, NXDOMAIN = ("error", "einval"), ("error", "nxdomain")
HOSTS = {("web", socket.AF_INET): ["192.0.2.1", "192.0.2.2"], ("web", socket.AF_INET6): ["2001:db8::1"]}


@pytest.fixture(autouse=True)
def _resolver(monkeypatch: pytest.MonkeyPatch) -> None:
    """One host with two addresses, and nobody else."""

    def getaddrinfo(name: str, _port: int, family: int, kind: int, **_: int) -> list[Any]:
        if (name, family) not in HOSTS:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(family, kind, 6, "web.example", (ip, 0)) for ip in HOSTS[name, socket.AddressFamily(family)]]

    def gethostbyname_ex(name: str) -> tuple[str, list[str], list[str]]:
        return "web.example", [name], HOSTS[name, socket.AF_INET]

    def gethostbyaddr(address: str) -> tuple[str, list[str], list[str]]:
        if address != "192.0.2.1":
            raise socket.herror(1, "unknown")
        return "web.example", ["web"], [address]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket, "gethostbyname_ex", gethostbyname_ex)
    monkeypatch.setattr(socket, "gethostbyaddr", gethostbyaddr)
    monkeypatch.setattr(socket, "gethostname", lambda: "here.example")


def test_all_addresses_and_the_first() -> None:
    assert inet.getaddrs("web", "inet") == ("ok", [(192, 0, 2, 1), (192, 0, 2, 2)])
    assert inet.getaddr([119, 101, 98], "inet") == ("ok", (192, 0, 2, 1))
    assert inet.getaddr("web", "inet6", 0) == ("ok", (0x2001, 0xDB8, 0, 0, 0, 0, 0, 1))


def test_an_address_is_its_own() -> None:
    assert inet.getaddr((1, 2, 3, 4), "inet") == ("ok", (1, 2, 3, 4))
    for family in ("inet6", "local", "foo", 1):
        assert inet.getaddr((1, 2, 3, 4), family) == ("error", "eafnosupport")
    assert inet.getaddr((1, 2, 3, 256), "inet") == EINVAL


@pytest.mark.parametrize("host", [b"web", 1, 1.0, {}, (1, 2), "we b", "we\nb", "wéb", [300], [-1], ["web"]], ids=repr)
def test_what_is_no_host(host: Any) -> None:
    assert inet.getaddr(host, "inet") == inet.getaddrs(host, "inet6") == EINVAL


@pytest.mark.parametrize("host", ["", "elsewhere", "::1", "::ffff:127.0.0.1", True], ids=repr)
def test_who_has_no_ipv4_address(host: Any) -> None:
    """IPv6 addresses are names, and nobody's.  Hexadecimal numbers are what the resolver makes of them."""
    assert inet.getaddr(host, "inet") == NXDOMAIN


def test_this_machine_knows_itself() -> None:
    assert inet.gethostname() == ("ok", [104, 101, 114, 101])
    assert inet.getaddr("Here.Example", "inet") == ("ok", (127, 0, 0, 1))
    assert inet.getaddr("here.example", "inet6") == ("ok", (0, 0, 0, 0, 0, 0, 0, 1))


@pytest.mark.parametrize("timeout", [0, 1 << 43, "infinity"], ids=repr)
def test_a_timeout_may_be_as_long_as_a_clock_goes(timeout: Any) -> None:
    assert inet.getaddr((1, 2, 3, 4), "inet", timeout) == ("ok", (1, 2, 3, 4))


@pytest.mark.parametrize("timeout", [-1, "foo", 1.0, True, 1 << 44], ids=repr)
def test_what_is_no_timeout(timeout: Any) -> None:
    assert catch(inet.getaddr, (1, 2, 3, 4), "inet", timeout) == ("exception", "error", "badarg")


def test_a_host_as_a_record() -> None:
    name, alias = list(b"web.example"), list(b"web")
    ips = [(192, 0, 2, 1), (192, 0, 2, 2)]
    assert inet.gethostbyname("web") == ("ok", ("hostent", name, [alias], "inet", 4, ips))
    record: Any = ("hostent", name, [], "inet6", 16, [(0x2001, 0xDB8, 0, 0, 0, 0, 0, 1)])
    assert inet.gethostbyname("web", "inet6") == ("ok", record)
    assert inet.gethostbyname("we b") == inet.gethostbyname("") == NXDOMAIN
    assert inet.gethostbyname("web", "local") == inet.gethostbyname(1) == EINVAL
    assert catch(inet.gethostbyname, ["web"]) == ("exception", "error", "function_clause")


def test_a_host_by_its_address() -> None:
    record = ("hostent", list(b"web.example"), [list(b"web")], "inet", 4, [(192, 0, 2, 1)])
    assert inet.gethostbyaddr((192, 0, 2, 1)) == inet.gethostbyaddr("192.0.2.1") == ("ok", record)
    assert inet.gethostbyaddr((192, 0, 2, 9)) == NXDOMAIN
    assert inet.gethostbyaddr((127, 0, 0, 1))[1][1] == list(b"here")
    assert inet.gethostbyaddr("web") == inet.gethostbyaddr(1) == inet.gethostbyaddr([]) == EINVAL


def test_ip_of_addresses_and_names() -> None:
    assert inet.ip((1, 2, 3, 4)) == ("ok", (1, 2, 3, 4))
    assert inet.ip("web") == ("ok", (192, 0, 2, 1))
    assert inet.ip((1, 2, 3, 256)) == inet.ip((0,) * 8) == EINVAL


def test_services(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_name(name: str, kind: str) -> int:
        if (name, kind) != ("web", "tcp"):
            raise OSError("unknown")
        return 80

    monkeypatch.setattr(socket, "getservbyname", by_name)
    monkeypatch.setattr(socket, "getservbyport", lambda _port, _kind: "web")
    assert inet.getservbyname("web", "tcp") == inet.getservbyname(list(b"web"), list(b"tcp")) == ("ok", 80)
    assert inet.getservbyname("web", "udp") == inet.getservbyname("web", 1) == EINVAL
    assert catch(inet.getservbyname, b"web", "tcp") == ("exception", "error", "function_clause")
    assert inet.getservbyport(80, "tcp") == ("ok", list(b"web"))
    assert inet.getservbyport("80", "tcp") == inet.getservbyport(80, 1) == EINVAL
    assert catch(inet.getservbyport, 80.0, "tcp") == ("exception", "error", "badarith")


# ---- interfaces


def test_the_loopback_interface() -> None:
    ok, found = inet.getifaddrs()
    assert ok == "ok"
    (options,) = [options for name, options in found if str(name) == "lo"]
    assert options[:3] == [
        ("flags", ["up", "loopback", "running"]), ("addr", (127, 0, 0, 1)), ("netmask", (255, 0, 0, 0)),
    ]  # fmt: skip
    assert ("hwaddr", [0] * 6) in options
    assert not [value for key, value in options if key == "broadaddr"]


def test_interfaces_are_the_same_for_both_backends_and_namespaces_that_are_ours() -> None:
    everywhere = inet.getifaddrs([])
    assert inet.getifaddrs([("inet_backend", "socket")]) == everywhere
    assert inet.getif([("inet_backend", "inet")]) == inet.getif()
    assert ((127, 0, 0, 1), (0, 0, 0, 0), (255, 0, 0, 0)) in inet.getif()[1]


@pytest.mark.parametrize(
    ("options", "outcome"),
    [("lo", ("exception", "error", "function_clause")), (["lo"], ("exception", "exit", "badarg")),
     ([("netns", 1)], ("exception", "exit", "badarg")), ([("netns", b"/gentcp")], ("error", "enoent")),
     ([("inet_backend", "foo")], ("exception", "error", "function_clause"))],
    ids=repr,
)  # fmt: skip
def test_options_of_getifaddrs(options: Any, outcome: Any) -> None:
    assert catch(inet.getifaddrs, options) == catch(inet.getif, options) == outcome


def test_the_socket_backend_refuses_otherwise() -> None:
    options = [("inet_backend", "socket"), "foo"]
    assert catch(inet.getifaddrs, options) == ("exception", "error", "function_clause")
    assert catch(inet.getif, options) == ("exception", "error", ("case_clause", ["foo"]))
