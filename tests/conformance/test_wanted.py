"""Backends as command lines name them."""

from __future__ import annotations

import pytest

from gentcp_conformance.wanted import Wanted, parse

from .toys import vm


@pytest.mark.parametrize(
    ("spec", "follows"), [("inet", "inet"), ("socket", "socket"), ("inet:socket", "socket"), ("otp_socket", "socket")]
)
def test_what_a_backend_follows(spec: str, follows: str) -> None:
    with vm("29"):
        assert parse(spec) == Wanted(spec.partition(":")[0], follows)


@pytest.mark.parametrize(
    ("spec", "says"), [("nope", "no backend 'nope' is installed"), ("inet:tcp", "say which of OTP's it follows")]
)
def test_what_is_wrong(spec: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse(spec)
