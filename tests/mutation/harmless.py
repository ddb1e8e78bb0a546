"""Where a mutation cannot change what a program sees: annotations, logs, shortcuts, what is done for want of memory."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

_FOR_CHECKERS = frozenset({"TypeVar", "ParamSpec", "TypeAlias", "cast", "NamedTuple"})
_DECORATORS = frozenset({"override", "overload", "final", "abstractmethod", "runtime_checkable"})
_SHORTAGES = frozenset({"MemoryError", "RuntimeError", "BaseException", "Exception"})
"""No memory, no thread, Ctrl-C: no case can bring them about, and tests/faults makes each happen at every call."""
_ZERO = ("Lt_LtE", "GtE_Gt")
_NEGATED_BY_ANOTHER = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


Place = tuple[int, int]
Span = tuple[Place, Place]
Part = ast.expr | ast.stmt | ast.excepthandler


@dataclass(frozen=True)
class Harmless:
    """What to leave out of one module: spans of lines and columns, and starts of tests that AddNot need not negate.

    `only` has spans in which some operators change nothing, each with its operators.  Those of NumberReplacer have a
    sign behind them, as only one of its two changes may do nothing.
    """

    spans: tuple[Span, ...]
    negated: frozenset[Place]
    only: tuple[tuple[Span, frozenset[str]], ...]

    def has(self, operator: str, place: Place, *, less: bool = False) -> bool:
        """Whether a mutation there is none, or the same as another one; `less`: by a number that is one less."""
        if operator == "core/AddNot" and place in self.negated:
            return True
        if any(start <= place < end for start, end in self.spans):
            return True
        name = operator.removeprefix("core/") + ("-" if less else "")
        return any(start <= place < end and name in names for (start, end), names in self.only)


def harmless(source: str) -> Harmless:
    """What is harmless in a module."""
    nodes = list(ast.walk(ast.parse(source)))
    spans = tuple(_span(part) for node in nodes for part in _parts(node))
    negated = frozenset(_span(test)[0] for node in nodes for test in _simple_tests(node))
    return Harmless(spans, negated, tuple(found for node in nodes for found in _some(node)))


def _span(node: Part) -> Span:
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or 0)


def _parts(node: ast.AST) -> Iterator[Part]:
    match node:
        case ast.AnnAssign(annotation=annotation) | ast.arg(annotation=ast.expr() as annotation):
            yield annotation
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            yield node
        case ast.Assign(value=ast.BinOp(op=ast.BitOr()) | ast.Subscript()) if node.col_offset == 0:
            yield node  # an alias of a type
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _FOR_CHECKERS:
            yield first
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="_log")))):
            yield node
        case ast.ExceptHandler(type=ast.expr() as caught) if _SHORTAGES & _names(caught):
            yield node
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


def _names(node: ast.expr) -> set[str]:
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}


def _some(node: ast.AST) -> Iterator[tuple[Span, frozenset[str]]]:
    """Where some operators change nothing."""
    match node:
        case ast.BoolOp(op=ast.Or() | ast.And(), values=[ast.Compare() as quick, ast.expr() as whole]) if _quick(quick):
            # `type(x) is int or is_int(x)`: the first is for speed, and what it says the second says too.
            yield (_end(quick), _span(whole)[0]), frozenset({"ReplaceOrWithAnd", "ReplaceAndWithOr"})
        case ast.Compare(
            left=ast.Name(id="fd") | ast.Attribute(attr="fd") as left, comparators=[ast.Constant(value=0)]
        ):
            # 0 is stdin, and no socket of a program that has one.
            zero = node.comparators[0]
            yield (_end(left), _span(zero)[0]), frozenset(f"ReplaceComparisonOperator_{name}" for name in _ZERO)
            yield _span(zero), frozenset({"NumberReplacer"})
        case ast.BinOp(op=ast.Div(), right=ast.Constant(value=1000) as thousand):
            # A time that is longer or shorter by a thousandth.
            yield _span(thousand), frozenset({"NumberReplacer", "NumberReplacer-"})
        case _:
            pass


def _end(node: Part) -> Place:
    return _span(node)[1]


def _quick(test: ast.Compare) -> bool:
    return ast.unparse(test).startswith("type(") and ast.unparse(test.comparators[0]) == "int"


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
