"""What `gentcp` exports: everything that a user of the Python face meets, and nothing by accident."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from types import ModuleType

import pytest

import gentcp
from gentcp import aio, errors

ERLANG_FACE = {errors.ErlangError, errors.Exit}
FACES = pytest.mark.parametrize("face", [gentcp, aio], ids=lambda face: face.__name__)
ELSEWHERE = {"close_inherited",
    "available_backends", "default_backend", "fdopen", "get_backend", "processes", "register", "set_default_backend",
    "unregister",
}  # fmt: skip
"""Functions of the one face that are nobody else's: what is not to be awaited is used from there."""


def exported(face: ModuleType = gentcp) -> dict[str, object]:
    return {
        name: value for name, value in vars(face).items() if not name.startswith("_") and not inspect.ismodule(value)
    }


def imports(face: ModuleType) -> list[ast.ImportFrom]:
    tree = ast.parse(Path(inspect.getfile(face)).read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


@FACES
def test_every_name_is_exported_under_its_own_name(face: ModuleType) -> None:
    aliases = [alias for node in imports(face) for alias in node.names]
    assert all(alias.asname == alias.name for alias in aliases)
    assert {alias.name for alias in aliases} == exported(face).keys()


@FACES
def test_no_private_name_is_exported(face: ModuleType) -> None:
    assert not [alias.name for node in imports(face) for alias in node.names if alias.name.startswith("_")]


def test_every_error_of_the_python_face_is_exported() -> None:
    defined = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, BaseException)}
    assert defined - ERLANG_FACE == {value for value in exported().values() if value in defined}


@FACES
def test_every_public_function_and_class_has_a_docstring(face: ModuleType) -> None:
    for name, value in exported(face).items():
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), name


def test_every_public_method_has_a_docstring() -> None:
    for kind in (gentcp.Socket, gentcp.Listener, gentcp.Process, aio.Socket, aio.Listener, aio.TaskProcess):
        for name, member in inspect.getmembers(kind):
            if not name.startswith("_") and not inspect.ismemberdescriptor(member):
                assert inspect.getdoc(member), f"{kind.__name__}.{name}"


# ---- the asyncio face has the names of the other


def test_the_asyncio_face_has_the_functions_of_the_other() -> None:
    names = {name for name, value in exported().items() if inspect.isfunction(value)}
    assert names - ELSEWHERE == names & exported(aio).keys()


@pytest.mark.parametrize("kind", ["Socket", "Listener"])
def test_its_sockets_have_the_methods_of_the_other(kind: str) -> None:
    theirs, ours = (methods(getattr(face, kind)) for face in (gentcp, aio))
    waiting = {"__iter__": "__aiter__", "__enter__": "__aenter__", "__exit__": "__aexit__"}
    assert {waiting.get(name, name) for name in theirs} <= ours


def methods(kind: type) -> set[str]:
    special = ("__iter__", "__aiter__", "__enter__", "__aenter__", "__exit__", "__aexit__")
    return {name for name in dir(kind) if not name.startswith("_") or name in special}


def test_its_calls_have_the_parameters_of_the_other() -> None:
    for name in ("connect", "listen", "receive", "spawn", "monitor", "demonitor"):
        assert parameters(getattr(gentcp, name)) == parameters(getattr(aio, name)), name
    for kind in ("Socket", "Listener"):
        theirs, ours = getattr(gentcp, kind), getattr(aio, kind)
        for name, member in inspect.getmembers(theirs, inspect.isfunction):
            if not name.startswith("_"):
                assert parameters(member) == parameters(getattr(ours, name)), f"{kind}.{name}"


def parameters(function: object) -> list[tuple[str, object, object]]:
    assert callable(function)
    return [(each.name, each.kind, each.default) for each in inspect.signature(function).parameters.values()]
