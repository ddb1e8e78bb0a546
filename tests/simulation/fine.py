"""Points between any two statements of the engine: the interpreter may change threads there, too.

The functions of the engine's modules get code that was compiled from the same source, with a call before each
statement; `Fine.use` changes between that and their own.
"""

from __future__ import annotations

import ast
import inspect
import types
from collections.abc import Callable, Iterator
from typing import Any

_NAME = "_simulated_point"
_Key = tuple[str, int]


class _Points(ast.NodeTransformer):
    """A call before each statement of a function."""

    def __init__(self) -> None:
        self._inside = False

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        outside, self._inside = self._inside, True
        self.generic_visit(node)
        self._inside = outside
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> Any:
        outside, self._inside = self._inside, False
        self.generic_visit(node)
        self._inside = outside
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        if self._inside:
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if isinstance(block, list):
                    setattr(node, name, [each for statement in block for each in _with_point(statement)])
        return node


def _with_point(statement: ast.stmt) -> Iterator[ast.stmt]:
    if not isinstance(statement, (ast.Global, ast.Nonlocal)):
        call = ast.Expr(ast.Call(ast.Name(_NAME, ast.Load()), [], []))
        yield ast.fix_missing_locations(ast.copy_location(call, statement))
    yield statement


class Fine:
    """The functions of some modules, and both kinds of code that they can have."""

    def __init__(self, modules: list[types.ModuleType], point: Callable[[], None]) -> None:
        self._codes: list[tuple[types.FunctionType, types.CodeType, types.CodeType]] = []
        self._used = False
        for module in modules:
            vars(module)[_NAME] = point
            self._codes += _codes_of(module)

    def use(self, fine: bool) -> None:
        """From now on, with points or without."""
        if fine is not self._used:
            self._used = fine
            for function, plain, dotted in self._codes:
                function.__code__ = dotted if fine else plain


def _codes_of(module: types.ModuleType) -> Iterator[tuple[types.FunctionType, types.CodeType, types.CodeType]]:
    tree = _Points().visit(ast.parse(inspect.getsource(module)))
    found = dict(_inside(compile(tree, module.__file__ or "", "exec", dont_inherit=True)))
    for function in _functions(vars(module), module.__name__, set()):
        plain = function.__code__
        dotted = found.get((plain.co_qualname, plain.co_firstlineno))
        if dotted is not None and dotted.co_freevars == plain.co_freevars and plain.co_filename == module.__file__:
            yield function, plain, dotted


def _inside(code: types.CodeType) -> Iterator[tuple[_Key, types.CodeType]]:
    for each in code.co_consts:
        if isinstance(each, types.CodeType):
            yield (each.co_qualname, each.co_firstlineno), each
            yield from _inside(each)


def _functions(names: dict[str, Any], module: str, seen: set[int]) -> Iterator[types.FunctionType]:
    for value in tuple(names.values()):
        if getattr(value, "__module__", module) != module or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, type):
            yield from _functions(dict(vars(value)), module, seen)
        for function in (value, *(getattr(value, name, None) for name in ("__func__", "fget", "fset"))):
            if isinstance(function, types.FunctionType) and function.__module__ == module:
                yield function
