"""Functions of `elsewhere.toml`: they do what no program in Erlang can ask for, and other tests hold them."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .places import Module

FILE = Path(__file__).parent / "elsewhere.toml"


@dataclass(frozen=True)
class Entry:
    """`functions`, "package.module.Class.method", or whole classes or modules; what they do, and the tests of that."""

    functions: tuple[str, ...]
    reason: str
    tests: str


@dataclass(frozen=True)
class Elsewhere:
    """All entries."""

    entries: tuple[Entry, ...]

    def spans(self, module: Module) -> list[range]:
        """The lines of a module that are left out."""
        names = {name for entry in self.entries for name in entry.functions}
        return [lines for name, lines in parts(module) if name in names]


def parts(module: Module) -> Iterator[tuple[str, range]]:
    """The module, its functions and classes, and the methods of these; and their lines."""
    yield module.name, range(1, len(module.source.splitlines()) + 1)
    yield from _parts(ast.parse(module.source).body, module.name)


def _parts(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, range]]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            yield f"{prefix}.{node.name}", range(first, (node.end_lineno or first) + 1)
        if isinstance(node, ast.ClassDef):
            yield from _parts(node.body, f"{prefix}.{node.name}")


def load(path: Path = FILE) -> Elsewhere:
    """Those in a file.  ValueError when an entry is not whole."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("elsewhere", [])
    for entry in entries:
        if set(entry) != {"functions", "reason", "tests"} or not all(entry.values()):
            raise ValueError(f"{path.name}: an entry has functions, reason and tests: {entry}")
    return Elsewhere(tuple(Entry(tuple(each["functions"]), each["reason"], each["tests"]) for each in entries))
