"""Where a mutation cannot change what the code does: annotations, and what is there for a type checker alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_FOR_CHECKERS = frozenset({"TypeVar", "ParamSpec", "TypeAlias", "cast", "NamedTuple"})
_DECORATORS = frozenset({"override", "overload", "final", "abstractmethod", "runtime_checkable"})
_NEGATED_BY_ANOTHER = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


@dataclass(frozen=True)
class Harmless:
    """What to leave out of one module: spans of lines and columns, and starts of tests that AddNot need not negate."""

    spans: tuple[tuple[tuple[int, int], tuple[int, int]], ...]
    negated: frozenset[tuple[int, int]]

    def has(self, operator: str, place: tuple[int, int]) -> bool:
        """Whether a mutation there is none, or the same as another one."""
        if operator == "core/AddNot" and place in self.negated:
            return True
        return any(start <= place < end for start, end in self.spans)


def harmless(source: str) -> Harmless:
    """What is harmless in a module."""
    nodes = list(ast.walk(ast.parse(source)))
    spans = tuple(_span(part) for node in nodes for part in _parts(node))
    return Harmless(spans, frozenset(_span(test)[0] for node in nodes for test in _simple_tests(node)))


def _span(node: ast.expr | ast.stmt) -> tuple[tuple[int, int], tuple[int, int]]:
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0)


def _parts(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    match node:
        case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=ast.expr() as annotation):
            yield annotation
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            yield node
        case ast.Assign(value=ast.BinOp(op=ast.BitOr()) | ast.Subscript()) if node.col_offset == 0:
            yield node  # an alias of a type
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _FOR_CHECKERS:
            yield first
        case _:
            pass
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield from _of_definition(node)


def _of_definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Iterator[ast.expr | ast.stmt]:
    if not isinstance(node, ast.ClassDef) and node.returns:
        yield node.returns
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Name) and decorator.id in _DECORATORS:
            yield ast.Name(
                decorator.id, lineno=decorator.lineno, col_offset=decorator.col_offset - 1,
                end_lineno=decorator.end_lineno, end_col_offset=decorator.end_col_offset,
            )  # fmt: skip
    if not isinstance(node, ast.ClassDef) and node.name == "__repr__":
        yield node


def _simple_tests(node: ast.AST) -> Iterator[ast.expr]:
    """Comparisons whose negation the operators on comparisons make as well."""
    match node:
        case (
            ast.If(test=ast.Compare(ops=[op]) as test)
            | ast.While(test=ast.Compare(ops=[op]) as test)
            | ast.IfExp(test=ast.Compare(ops=[op]) as test)
            | ast.Assert(test=ast.Compare(ops=[op]) as test)
        ) if isinstance(op, _NEGATED_BY_ANOTHER):
            yield test
        case ast.If(test=ast.UnaryOp(op=ast.Not()) as test) | ast.IfExp(test=ast.UnaryOp(op=ast.Not()) as test):
            yield test
        case _:
            pass
