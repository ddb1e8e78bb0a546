"""What cases may need of the machine, found out by trying."""

from __future__ import annotations

import socket
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

NAMES = frozenset({"inet6", "local"})


def missing(needs: Iterable[str]) -> list[str]:
    """Those of `needs` that this machine does not have."""
    return [name for name in needs if not _has(name)]


def _inet6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _local() -> bool:
    return hasattr(socket, "AF_UNIX")


_PROBES: dict[str, Callable[[], bool]] = {"inet6": _inet6, "local": _local}


@cache
def _has(name: str) -> bool:
    return _PROBES[name]()
