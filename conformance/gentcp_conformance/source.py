"""Source text of a case: its function and, after it, the functions of `cases` that it uses."""

from __future__ import annotations

import inspect
import textwrap
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_CASES = "gentcp_conformance.cases"


def of(function: Callable[..., object]) -> str:
    """The function without its decorators, then each helper below it, in the order of first use."""
    return "\n\n\n".join(_text(each) for each in _with_helpers(function))


def _text(function: Callable[..., object]) -> str:
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    start = next((number for number, line in enumerate(lines) if line.startswith("def ")), 0)
    return "\n".join(lines[start:]).rstrip()


def _with_helpers(function: Callable[..., object]) -> list[Callable[..., object]]:
    found: list[Callable[..., object]] = [function]
    for each in found:
        for helper in _helpers(each):
            if helper not in found:
                found.append(helper)
    return found


def _helpers(function: Callable[..., object]) -> Iterator[Callable[..., object]]:
    if isinstance(function, FunctionType):
        for name in _names(function.__code__):
            used = function.__globals__.get(name)
            if isinstance(used, FunctionType) and used.__module__.startswith(_CASES):
                yield used


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
