"""What every test run says about itself."""

from __future__ import annotations

import os
import shutil

from hypothesis import HealthCheck, settings

import gentcp

# How long an example takes says more about the machine than about the code.
settings.register_profile("same", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("same")

OPTIONAL_PEERS = (
    "curl", "epmd", "erl", "ldapsearch", "lighttpd", "memcached", "nginx", "redis-server", "rpcinfo", "slapd", "strace",
    "wrk",
)  # fmt: skip


def pytest_report_header() -> str:
    """Name the backends under test and the peers that the exchanges with real programs need."""
    places = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
    peers = ", ".join(f"{name} {'found' if shutil.which(name, path=places) else 'ABSENT'}" for name in OPTIONAL_PEERS)
    return f"gentcp: backends {', '.join(gentcp.available_backends())}; optional peers: {peers}"
