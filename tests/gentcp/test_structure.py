"""The structure that docs/architecture.md promises: short lines of descent, one place that waits, no circles."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..support import seams

PACKAGE = "gentcp"
ROOT = seams.folder(PACKAGE)
WAITING = {"park", "wait_fd"}
"""The methods of a mailbox in which a thread waits for something else than messages."""


def modules(*packages: str) -> Iterator[tuple[str, Path]]:
    for package in packages:
        folder = seams.folder(package)
        for path in sorted(folder.rglob("*.py")):
            parts = [package, *path.relative_to(folder).with_suffix("").parts]
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


@pytest.mark.parametrize("backend", seams.BACKENDS)
def test_a_socket_has_at_most_five_classes(backend: str, capsys: pytest.CaptureFixture[str]) -> None:
    line = seams.handle_class(backend).__mro__
    with capsys.disabled():
        print(f"\n{backend}: {' <- '.join(cls.__name__ for cls in reversed(line))}")  # noqa: T201
    assert len(line) <= 5


def waits(tree: ast.Module) -> set[str]:
    calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {func.attr for func in calls if isinstance(func, ast.Attribute)} & WAITING


def test_one_module_waits_for_operations(capsys: pytest.CaptureFixture[str]) -> None:
    """And recv, whose first poll is part of its usual way."""
    found = {name: sorted(waits(ast.parse(path.read_text()))) for name, path in modules(PACKAGE, *seams.PACKAGES)}
    where = {name: calls for name, calls in found.items() if calls}
    with capsys.disabled():
        print("\nwaiting:", where)  # noqa: T201
    assert where == {"gentcp.engine.reader": ["wait_fd"], "gentcp.engine.waiting": ["park", "wait_fd"]}


def imported(name: str, path: Path, known: set[str]) -> set[str]:
    """The modules of gentcp that this one imports, at any time, type checking included."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])
            found |= {each if (each := f"{base}.{alias.name}") in known else base for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return (found & known) - {name}


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """The sets of modules each of which imports the others, by whatever way."""

    def reachable(start: str) -> set[str]:
        seen, todo = set[str](), [start]
        while todo:
            for each in graph[todo.pop()] - seen:
                seen.add(each)
                todo.append(each)
        return seen

    reach = {name: reachable(name) for name in graph}
    found = [{other for other in reach[name] if name in reach[other]} for name in graph if name in reach[name]]
    return [circle for number, circle in enumerate(found) if circle not in found[:number]]


def test_no_circle_of_imports() -> None:
    paths = dict(modules(PACKAGE))
    assert circles({name: imported(name, path, set(paths)) for name, path in paths.items()}) == []


def test_the_check_above_sees_a_circle() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [{"b", "c"}]
