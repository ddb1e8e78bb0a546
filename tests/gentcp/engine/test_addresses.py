"""Addresses: Erlang's terms, Python's, and names."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gentcp.engine import address_term, bind_name, complete, ip_text, is_ip, map_name, sockaddr
from gentcp.engine.addresses import LONGEST_PATH, ip_tuple, lookup, path_bytes, translate_ip

V4, V6, LOCAL = socket.AF_INET, socket.AF_INET6, socket.AF_UNIX
QUADS = st.tuples(*[st.integers(0, 255)] * 4)
OCTETS = st.tuples(*[st.integers(0, 65535)] * 8)


@given(QUADS)
def test_an_ipv4_tuple_survives_its_text(ip: tuple[int, ...]) -> None:
    assert is_ip(ip, V4)
    assert not is_ip(ip, V6)
    assert ip_tuple(ip_text(ip), V4) == ip
    assert sockaddr(ip, 80, V4) == (ip_text(ip), 80)


@given(OCTETS)
def test_an_ipv6_tuple_survives_its_text(ip: tuple[int, ...]) -> None:
    assert is_ip(ip, V6)
    assert not is_ip(ip, V4)
    assert ip_tuple(ip_text(ip), V6) == ip
    assert sockaddr(ip, 80, V6) == (ip_text(ip), 80, 0, 0)


@pytest.mark.parametrize("junk", [None, (), (1, 2, 3), (1, 2, 3, 256), (1, 2, 3, -1), (1, 2, 3, 4.0), (1, 2, 3, True),
                                  [127, 0, 0, 1], "127.0.0.1", b"\x7f\0\0\1", (1,) * 5], ids=repr)  # fmt: skip
def test_what_is_no_ip(junk: Any) -> None:
    assert not is_ip(junk, V4)
    assert not is_ip(junk, V6)
    with pytest.raises(ValueError, match="address"):
        sockaddr(junk, 80, V4)


@pytest.mark.parametrize("port", [-1, 65536, None, 1.0, "80", True])
def test_a_port_is_an_int_of_sixteen_bits(port: Any) -> None:
    with pytest.raises(ValueError, match="address"):
        sockaddr((127, 0, 0, 1), port, V4)


def test_any_and_loopback_stand_for_addresses() -> None:
    assert translate_ip("any", V4) == (0, 0, 0, 0)
    assert translate_ip("loopback", V4) == (127, 0, 0, 1)
    assert translate_ip("any", V6) == (0,) * 8
    assert translate_ip("loopback", V6) == (0, 0, 0, 0, 0, 0, 0, 1)
    assert translate_ip((1, 2, 3, 4), V4) == (1, 2, 3, 4)
    assert translate_ip("any", LOCAL) is None


def test_a_map_is_an_address_too() -> None:
    """Cases connect/sockaddr/..."""
    assert map_name(complete({"family": "inet", "addr": "loopback", "port": 8}), V4) == ("127.0.0.1", 8)
    assert bind_name(complete({"family": "inet"}), 9, V4) == ("0.0.0.0", 0)
    six = {"family": "inet6", "addr": (0,) * 7 + (1,), "port": 8, "flowinfo": -1, "scope_id": -1}
    assert map_name(six, V6) == ("::1", 8, 0xFFFFF, 0xFFFFFFFF)
    with pytest.raises(OSError, match="family"):
        map_name(six, V4)
    with pytest.raises(ValueError, match="address"):
        map_name({**six, "addr": (127, 0, 0, 1)}, V6)


@pytest.mark.parametrize("path", [b"/x/y", "/x/y", list(b"/x/y"), ("local", b"/x/y"), ("local", "/x/y")])
def test_paths_of_local_sockets(path: Any) -> None:
    assert sockaddr(path, 0, LOCAL) == b"/x/y"


@pytest.mark.parametrize("path", [b"", b"\0abstract", "\0abstract", b"a" * LONGEST_PATH, b"\0" * (LONGEST_PATH + 1)])
def test_abstract_empty_and_long_paths_are_taken(path: Any) -> None:
    assert len(path_bytes(path)) == len(path)


@pytest.mark.parametrize("path", [b"a" * (LONGEST_PATH + 1), "atom", None, 5, ["x"], {}, [300_000_000], [-1]], ids=repr)
def test_what_is_no_path(path: Any) -> None:
    with pytest.raises(ValueError, match="path"):
        path_bytes(path)


def test_names_that_the_system_gives_become_terms() -> None:
    assert address_term(("127.0.0.1", 80), V4) == ((127, 0, 0, 1), 80)
    assert address_term(("::1", 80, 0, 0), V6) == ((0, 0, 0, 0, 0, 0, 0, 1), 80)
    assert address_term(("fe80::1%lo", 80, 0, 1), V6) == ((0xFE80, 0, 0, 0, 0, 0, 0, 1), 80)
    assert address_term("/x", LOCAL) == ("local", b"/x")
    assert address_term(b"\0x", LOCAL) == ("local", b"\0x")
    assert address_term(None, LOCAL) == ("local", b"")


# ---- names


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The names that resolve, in place of the system's."""
    known: dict[str, list[str]] = {}

    def getaddrinfo(name: str, port: int, family: int, kind: int) -> list[Any]:
        assert (port, kind) == (0, socket.SOCK_STREAM)
        if name not in known:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(family, kind, 6, "", (address, 0)) for address in known[name]]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return known


def test_a_name_gives_all_its_addresses_once_and_in_order(resolver: dict[str, list[str]]) -> None:
    resolver["two.example"] = ["10.0.0.2", "10.0.0.1", "10.0.0.2"]
    assert lookup("two.example", V4) == ([(10, 0, 0, 2), (10, 0, 0, 1)], "")
    assert lookup(list(map(ord, "two.example")), V4) == ([(10, 0, 0, 2), (10, 0, 0, 1)], "")


@pytest.mark.parametrize("name", ["unknown.example", [], "", "a" * 300, "-", None, True])
def test_a_name_nobody_knows(resolver: dict[str, list[str]], name: Any) -> None:
    assert lookup(name, V4) == ([], "nxdomain")


@pytest.mark.parametrize("name", ["a b", "tab\t", b"localhost", 127, (127, 0, 0), (127, 0, 0, 256), {}], ids=repr)
def test_what_is_no_name(resolver: dict[str, list[str]], name: Any) -> None:
    assert lookup(name, V4) == ([], "einval")


def test_a_tuple_needs_no_resolver_and_must_fit_the_family(resolver: dict[str, list[str]]) -> None:
    assert lookup((127, 0, 0, 1), V4) == ([(127, 0, 0, 1)], "")
    assert lookup((127, 0, 0, 1), V6) == ([], "eafnosupport")
    assert lookup((0,) * 8, V4) == ([], "eafnosupport")
