"""What a run was made with."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

import gentcp

from .matrix import LIVE

# What sizes of buffers, backlogs and refusals depend on.
SYSCTLS = (
    "net.core.rmem_default",
    "net.core.rmem_max",
    "net.core.somaxconn",
    "net.core.wmem_default",
    "net.core.wmem_max",
    "net.ipv4.tcp_abort_on_overflow",
    "net.ipv4.tcp_max_syn_backlog",
    "net.ipv4.tcp_moderate_rcvbuf",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
    "net.ipv6.bindv6only",
    "net.ipv6.conf.lo.disable_ipv6",
)

_PROC = Path("/proc/sys")


def about() -> dict[str, str]:
    """Python, platform, version of gentcp and the system's settings, as strings."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "gentcp": _version(),
        **sysctls(),
    }


def sysctls(root: Path = _PROC) -> dict[str, str]:
    """The settings of `SYSCTLS` that this system has, by name."""
    found: dict[str, str] = {}
    for name in SYSCTLS:
        try:
            text = (root / name.replace(".", "/")).read_text(encoding="ascii")
        except OSError:
            continue
        found[name] = " ".join(text.split())
    return found


def describe_backend(name: str) -> dict[str, str]:
    """Name, description and distribution of an installed backend; starts no VM.  Raises what `get_backend` raises."""
    backend = gentcp.get_backend(name)
    return {"name": name, "description": backend.description, "distribution": gentcp.available_backends()[name]}


def describe_subject(name: str) -> dict[str, str]:
    """`describe_backend` and what the backend says of itself: a VM its versions.  Raises gentcp.errors.NoBackend."""
    said = dict(gentcp.get_backend(name).about())
    # Where the VM is found is this machine's business.
    said.pop("command", None)
    return describe_backend(name) | said


def about_vm() -> dict[str, str]:
    """What the VM at hand says of itself: "release" ("29"), "erts", "kernel", "command".

    Starts it.  Raises gentcp.errors.NoBackend when there is none.
    """
    return gentcp.get_backend(LIVE["inet"]).about()


def _version() -> str:
    try:
        return metadata.version("gentcp")
    except metadata.PackageNotFoundError:
        return "not installed (run from a checkout)"
