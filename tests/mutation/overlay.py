"""A copy of the packages with a mutant in it; the checkout stays as it is."""

from __future__ import annotations

import compileall
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from .places import PATHS, ROOT, Module

_COPIED = (ROOT / "gentcp", ROOT / "backends/gentcp_inet", ROOT / "backends/gentcp_socket")
_NOT_COPIED = shutil.ignore_patterns("__pycache__")


def environment(overlay: Path | None = None) -> dict[str, str]:
    """For a child that takes its packages from `overlay` first, and then from the checkout."""
    folders = ([overlay] if overlay else []) + list(PATHS)
    # With neither the folder of the call nor old bytecode in the way.
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, folders)),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@contextmanager
def copied() -> Generator[Path]:
    """A folder with copies of the packages that are mutated."""
    with tempfile.TemporaryDirectory(prefix="gentcp-mutants-") as name:
        folder = Path(name)
        for package in _COPIED:
            shutil.copytree(package, folder / package.name, ignore=_NOT_COPIED)
        compileall.compile_dir(folder, quiet=2)
        yield folder


@contextmanager
def changed(folder: Path, module: Module, code: str) -> Generator[None]:
    """The copy of a module has this code for as long as this lasts."""
    path = place(folder, module)
    path.write_text(code, encoding="utf-8")
    Path(importlib.util.cache_from_source(str(path))).unlink(missing_ok=True)
    try:
        yield
    finally:
        path.write_text(module.source, encoding="utf-8")


def place(folder: Path, module: Module) -> Path:
    """Where the copy of a module is."""
    root = next(parent for parent in (ROOT / "backends", ROOT) if module.path.is_relative_to(parent))
    return folder / module.path.relative_to(root)
