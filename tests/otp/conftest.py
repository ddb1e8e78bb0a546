"""A real VM for the tests of gentcp_otp."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import gentcp
import gentcp_otp
from gentcp.abc import Backend

from ..support.differential import PROPERTY

BACKENDS = ("otp_inet", "otp_socket")


@pytest.fixture(autouse=True, scope="session")
def _vm() -> Iterator[None]:
    """One VM for all tests of a session, but for those that end it."""
    if gentcp_otp.find() is None:
        pytest.skip("no erl on PATH, nor in GENTCP_ERL")
    yield
    gentcp_otp.stop()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what the differential tests have compared."""
    reports = [report for name in ("passed", "failed") for report in terminalreporter.stats.get(name, [])]
    counts = [value for report in reports for name, value in getattr(report, "user_properties", ()) if name == PROPERTY]
    if counts:
        terminalreporter.write_line(f"{sum(counts)} {PROPERTY} with the VM, in {len(counts)} tests")


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
