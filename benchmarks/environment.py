"""What was measured on, and which versions."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

from . import erl, load
from .sides import cpus

PACKAGES = ("gentcp", "uvloop", "gevent", "trio", "twisted", "h11", "httptools")


def environment() -> dict[str, Any]:
    measured, other = cpus()
    return {
        "cpu": _cpu(),
        "cpus": os.cpu_count(),
        "measured_on": measured,
        "load_on": other,
        "nice": os.nice(0),
        "load_average": list(os.getloadavg()),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "libc": " ".join(platform.libc_ver()),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "compiler": _compiler(),
        "versions": versions(),
    }


def versions() -> dict[str, str | None]:
    """Of every contestant; None for those that are not here."""
    found: dict[str, str | None] = {name: _version(name) for name in PACKAGES}
    return found | {"erl": erl.version()}


def line(about: dict[str, Any]) -> str:
    """The same in few words."""
    there = ", ".join(f"{name} {version}" for name, version in about["versions"].items() if version)
    return (
        f"{about['python']}, {about['system']}, {about['cpus']} x {about['cpu']}\n"
        f"measured on CPU {about['measured_on']}, load on CPU {about['load_on']}; "
        f"load average {about['load_average'][0]:.1f}\n{there}"
    )


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cpu() -> str:
    """The name of the processor, as Linux knows it."""
    for row in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = row.partition(":")
        if name.strip() in {"model name", "Model", "cpu model"}:
            return value.strip()
    return platform.processor() or platform.machine()


def _compiler() -> str | None:
    found = load.compiler()
    if found is None:
        return None
    done = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)
    return done.stdout.partition("\n")[0] or found
