"""Address maps of `ifaddr`; what is expected is what OTP 29 does (cases options/opening/ifaddr-map)."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from gentcp.engine import bind_name
from gentcp.engine.binding import complete
from gentcp.erl import ErlangError

LOOPBACK6 = (0, 0, 0, 0, 0, 0, 0, 1)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"family": "inet"}, {"family": "inet", "addr": "any", "port": 0}),
        ({"family": "inet", "port": 1}, {"family": "inet", "addr": "any", "port": 1}),
        (
            {"family": "inet6", "addr": LOOPBACK6},
            {"family": "inet6", "addr": LOOPBACK6, "port": 0, "flowinfo": 0, "scope_id": 0},
        ),
        ({"family": "local", "path": [47, 120]}, {"family": "local", "path": b"/x"}),
        ({"family": "foo", "x": 1}, {"family": "foo", "x": 1}),
    ],
    ids=repr,
)
def test_a_map_gets_the_defaults_of_its_family(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert complete(given) == expected


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"addr": "any"}, "family"),
        ({"family": "inet", "foo": 1, "bar": 2}, ("keys", ["foo", "bar"])),
        ({"family": "inet", "scope_id": 1}, ("keys", ["scope_id"])),
        ({"family": "local"}, "path"),
        ({"family": "local", "path": 5}, "path"),
        ({"family": "local", "path": b"x" * 256}, "path"),
    ],
    ids=repr,
)
def test_a_map_that_cannot_be_says_why(given: dict[str, Any], what: Any) -> None:
    with pytest.raises(ErlangError) as caught:
        complete(given)
    assert caught.value.term[0] == "invalid"
    assert caught.value.term[1][:2] == ("sockaddr", what)


def test_a_map_has_its_own_port() -> None:
    assert bind_name(complete({"family": "inet", "addr": "loopback"}), 5, socket.AF_INET) == ("127.0.0.1", 0)
    assert bind_name((127, 0, 0, 1), 5, socket.AF_INET) == ("127.0.0.1", 5)
    scoped = complete({"family": "inet6", "port": 7, "scope_id": 3, "flowinfo": 2})
    assert bind_name(scoped, 5, socket.AF_INET6) == ("::", 7, 2, 3)
    assert bind_name(complete({"family": "local", "path": b"/x"}), 0, socket.AF_UNIX) == b"/x"


@pytest.mark.parametrize(
    "given",
    [
        {"family": "inet6"},
        {"family": "foo"},
        {"family": "inet", "addr": LOOPBACK6},
        {"family": "inet", "addr": "x"},
        {"family": "inet", "port": "x"},
        {"family": "inet", "port": 65536},
    ],
    ids=repr,
)
def test_what_is_no_address_of_the_family(given: dict[str, Any]) -> None:
    with pytest.raises((ValueError, OSError), match="[Aa]ddress"):
        bind_name(complete(given), 0, socket.AF_INET)
