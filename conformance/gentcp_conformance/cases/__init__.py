"""The cases: the modules of an area begin with its name, what they share is in modules with an underscore."""

from __future__ import annotations

import pkgutil
from importlib import import_module

AREAS = ("send", "recv", "active", "packet", "listen_accept", "connect", "close_shutdown", "ownership")


def load() -> None:
    """Register all cases, in the order of the areas."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    for area in AREAS:
        for name in names:
            if name == area or name.startswith(f"{area}_"):
                import_module(f"{__name__}.{name}")
