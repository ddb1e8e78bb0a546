"""The optional compiled build: what it would compile is there, and nobody gets it without asking."""

from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BUILD = ROOT / "build_compiled.py"


def hot() -> dict[str, list[str]]:
    spec = importlib.util.spec_from_file_location("build_compiled", BUILD)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: dict[str, list[str]] = module.HOT
    return found


@pytest.mark.parametrize(("folder", "names"), hot().items())
def test_every_module_is_there(folder: str, names: list[str]) -> None:
    assert [name for name in names if not (ROOT / folder / f"{name}.py").is_file()] == []


def test_it_is_off_unless_asked_for() -> None:
    hooks = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]["hooks"]
    assert hooks["custom"]["path"] == BUILD.name
    assert hooks["custom"]["enable-by-default"] is False
