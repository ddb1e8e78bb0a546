"""A docstring that says "see" names something that there is."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import gentcp
import gentcp_inet
import gentcp_socket

PACKAGES = (gentcp, gentcp_inet, gentcp_socket)
POINTER = re.compile(r"\b[Ss]ee `([A-Z]\w+)\.(\w+)`")
MODULES = [
    importlib.import_module(found.name)
    for package in PACKAGES
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]


def classes(name: str) -> list[object]:
    """Those of that name."""
    return [vars(module)[name] for module in MODULES if name in vars(module)]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_what_is_to_be_seen_is_there(module: object) -> None:
    file = getattr(module, "__file__", None)
    pointers = POINTER.findall(Path(file).read_text()) if file else []
    assert [(name, part) for name, part in pointers if not any(hasattr(found, part) for found in classes(name))] == []


def test_there_are_pointers() -> None:
    assert sum(len(POINTER.findall(Path(str(module.__file__)).read_text())) for module in MODULES) > 30
