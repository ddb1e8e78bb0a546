"""The modules that are mutated."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

PATHS = (ROOT, ROOT / "backends", ROOT / "conformance")
"""What holds the packages of the checkout."""

FOLLOWS = {"inet": "inet", "socket": "socket", "aio_inet": "inet", "aio_socket": "socket"}
"""The backends that the cases are run on, and which of OTP's each has to be like."""

DIRECT = tuple(name for name, like in FOLLOWS.items() if name == like)
"""Those without an asyncio loop between the case and the backend."""

_ALL = tuple(FOLLOWS)


@dataclass(frozen=True)
class Package:
    """A package whose modules are mutated; `backends` are those that run its code."""

    name: str
    folder: Path
    backends: tuple[str, ...]


PACKAGES = (
    Package("gentcp.engine", ROOT / "gentcp/engine", _ALL),
    Package("gentcp.packet", ROOT / "gentcp/packet", _ALL),
    Package("gentcp_inet", ROOT / "backends/gentcp_inet", ("inet", "aio_inet")),
    Package("gentcp_socket", ROOT / "backends/gentcp_socket", ("socket", "aio_socket")),
)


@dataclass(frozen=True)
class Module:
    """A module that is mutated."""

    name: str
    path: Path
    package: Package

    @property
    def source(self) -> str:
        """Its code, unchanged."""
        return self.path.read_text(encoding="utf-8")


def modules(wanted: Iterable[str] = ()) -> list[Module]:
    """Those whose name begins with one of `wanted`, or all, in order.  ValueError when none begins with one of them."""
    found = [
        Module(f"{package.name}.{path.stem}".removesuffix(".__init__"), path, package)
        for package in PACKAGES
        for path in sorted(package.folder.glob("*.py"))
    ]
    prefixes = tuple(wanted)
    for prefix in prefixes:
        if not any(module.name.startswith(prefix) for module in found):
            raise ValueError(f"no module that is mutated begins with {prefix!r}")
    return [module for module in found if module.name.startswith(prefixes or "")]


def digest(paths: Iterable[Path]) -> str:
    """Changes with the content of one of the files."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes() + b"\0")
    return total.hexdigest()[:16]
