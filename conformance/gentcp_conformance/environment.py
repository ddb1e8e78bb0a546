"""What a run was made with."""

from __future__ import annotations

import platform
from importlib import metadata

import gentcp

ENTRY_POINTS = "gentcp.backends"


def about() -> dict[str, str]:
    """Python, platform and version of gentcp, as strings."""
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "gentcp": _version(),
    }


def describe_backend(name: str) -> dict[str, str]:
    """Name, description and distribution of an installed backend.  Raises what `gentcp.get_backend` raises."""
    backend = gentcp.get_backend(name)
    return {"name": name, "description": backend.description, "distribution": _distribution(name)}


def _version() -> str:
    try:
        return metadata.version("gentcp")
    except metadata.PackageNotFoundError:
        return "not installed (run from a checkout)"


def _distribution(name: str) -> str:
    for point in metadata.entry_points(group=ENTRY_POINTS, name=name):
        if point.dist is not None:
            return f"{point.dist.name} {point.dist.version}"
    return "registered in this process"
