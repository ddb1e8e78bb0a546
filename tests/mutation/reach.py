"""Which lines have to run for a mutant to be alive."""

from __future__ import annotations

import ast

Lines = frozenset[int]


def lines_of(source: str, line: int) -> Lines | None:
    """The lines of the statement that `line` is part of, of one with a body those of its head.

    None when which case runs it says little: it runs as the module is imported, or what it gives is cached.
    """
    statements = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)]
    if not any(_in_body(node, line) for node in statements):
        return None
    heads = [head for head in map(_head, statements) if line in head]
    return min(heads, key=len, default=frozenset({line}))


def _in_body(node: ast.stmt, line: int) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return False
    if any("cache" in ast.dump(decorator) for decorator in node.decorator_list):
        return False
    return node.body[0].lineno <= line <= (node.end_lineno or line)


def _head(statement: ast.stmt) -> Lines:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(each.lineno for each in decorators)])
    last = statement.end_lineno or first
    inner: list[ast.stmt] = getattr(statement, "body", [])
    cases: list[ast.match_case] = getattr(statement, "cases", [])
    begins = [each.lineno for each in inner[:1]] + [each.pattern.lineno for each in cases[:1]]
    if begins:
        last = max(first, begins[0] - 1)
    return frozenset(range(first, last + 1))
