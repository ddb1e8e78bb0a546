"""What `gentcp` exports: everything that a user of the Python face meets, and nothing by accident."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import gentcp
from gentcp import errors

ERLANG_FACE = {errors.ErlangError, errors.Exit}


def exported() -> dict[str, object]:
    return {
        name: value for name, value in vars(gentcp).items() if not name.startswith("_") and not inspect.ismodule(value)
    }


def imports() -> list[ast.ImportFrom]:
    tree = ast.parse(Path(inspect.getfile(gentcp)).read_text())
    return [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]


def test_every_name_is_exported_under_its_own_name() -> None:
    aliases = [alias for node in imports() for alias in node.names]
    assert all(alias.asname == alias.name for alias in aliases)
    assert {alias.name for alias in aliases} == exported().keys()


def test_no_private_name_is_exported() -> None:
    assert not [alias.name for node in imports() for alias in node.names if alias.name.startswith("_")]


def test_every_error_of_the_python_face_is_exported() -> None:
    defined = {value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, BaseException)}
    assert defined - ERLANG_FACE == {value for value in exported().values() if value in defined}


def test_every_public_function_and_class_has_a_docstring() -> None:
    for name, value in exported().items():
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), name


def test_every_public_method_has_a_docstring() -> None:
    for kind in (gentcp.Socket, gentcp.Listener, gentcp.Process):
        for name, member in inspect.getmembers(kind):
            if not name.startswith("_") and not inspect.ismemberdescriptor(member):
                assert inspect.getdoc(member), f"{kind.__name__}.{name}"
