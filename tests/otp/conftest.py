"""A real VM for the tests of gentcp_otp."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import gentcp
import gentcp_otp
from gentcp.abc import Backend

BACKENDS = ("otp_inet", "otp_socket")


@pytest.fixture(autouse=True, scope="session")
def _vm() -> Iterator[None]:
    """One VM for all tests of a session, but for those that end it."""
    if gentcp_otp.find() is None:
        pytest.skip("no erl on PATH, nor in GENTCP_ERL")
    yield
    gentcp_otp.stop()


@pytest.fixture(params=BACKENDS)
def name(request: pytest.FixtureRequest) -> str:
    """The name of each backend in turn."""
    found: str = request.param
    return found


@pytest.fixture
def vm() -> Backend:
    """For functions that are not about a socket."""
    return gentcp.get_backend("otp_inet")


FOLLOWED = "29"


@pytest.fixture(scope="session")
def followed() -> None:
    """For comparisons with gentcp, which follows one release."""
    release = gentcp.get_backend("otp_inet").about()["release"]
    if release != FOLLOWED:
        pytest.skip(f"gentcp follows OTP {FOLLOWED}, and this is OTP {release}")
