"""The mutation operators: those of cosmic-ray that say something of this code, and one that leaves a statement out."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

Position = tuple[int, int]
"""Line and column, as `ast` counts them."""

_ARITHMETIC = (
    "Add_Sub Sub_Add Mul_FloorDiv Div_Mul FloorDiv_Mul Mod_Add LShift_RShift RShift_LShift "
    "BitOr_BitAnd BitAnd_BitOr BitXor_BitAnd"
)
# To compare by another order, or by identity, gives exceptions, or what is the same for atoms.
_COMPARISONS = "Eq_NotEq NotEq_Eq Lt_LtE Lt_GtE LtE_Lt LtE_Gt Gt_GtE Gt_LtE GtE_Gt GtE_Lt Is_IsNot IsNot_Is"
_OTHERS = (
    "ReplaceUnaryOperator_USub_UAdd ReplaceUnaryOperator_Delete_Not ReplaceUnaryOperator_Delete_Invert AddNot "
    "ReplaceTrueWithFalse ReplaceFalseWithTrue ReplaceAndWithOr ReplaceOrWithAnd ReplaceBreakWithContinue "
    "ReplaceContinueWithBreak ExceptionReplacer NumberReplacer RemoveDecorator ZeroIterationForLoop"
)
REMOVE = "RemoveStatement"

NAMES = (
    *(f"core/ReplaceBinaryOperator_{name}" for name in _ARITHMETIC.split()),
    *(f"core/ReplaceComparisonOperator_{name}" for name in _COMPARISONS.split()),
    *(f"core/{name}" for name in _OTHERS.split()),
    REMOVE,
)


def available() -> bool:
    """Whether cosmic-ray is installed."""
    return find_spec("cosmic_ray") is not None


class RemoveStatement:
    """Puts `pass` in the place of a call, of `x.y = z` and of `x += y`; shaped like cosmic-ray's operators."""

    _ASSIGNS = frozenset({"=", "annassign"})

    def mutation_positions(self, node: Any) -> Iterator[tuple[Position, Position]]:
        """Where it can do that to this node: once or not at all."""
        if node.type == "simple_stmt" and self._does_something(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """The node without its statement."""
        old = node.children[0]
        name = _cosmic_ray("ast").parso.python.tree.Name
        node.children[0] = name("pass", old.start_pos, prefix=old.get_first_leaf().prefix)
        return node

    def _does_something(self, statement: Any) -> bool:
        if statement.type == "expr_stmt":
            target, how = statement.children[:2]
            augmented = how.type == "operator" and how.value not in self._ASSIGNS
            return augmented or (how.type == "operator" and target.type in {"atom_expr", "power"})
        return statement.type in {"atom_expr", "power"}


def positions(source: str) -> Iterator[tuple[str, int, Position]]:
    """All mutants of a module: the operator, which of its occurrences, and where it stands."""
    ast = _cosmic_ray("ast")
    nodes = list(ast.ast_nodes(ast.get_ast(source)))
    for name in NAMES:
        operator = _operator(name)
        found = (start for node in nodes for start, _ in operator.mutation_positions(node))
        for occurrence, start in enumerate(found):
            yield name, occurrence, start


def takes_one(name: str, occurrence: int) -> bool:
    """Whether it makes a number one less: cosmic-ray makes it one more first, and then one less."""
    return name == "core/NumberReplacer" and occurrence % 2 == 1


def mutated(source: str, name: str, occurrence: int) -> str:
    """The module with one mutation.  ValueError when there is no such occurrence; unchanged where cosmic-ray fails."""
    try:
        code: str | None = _cosmic_ray("mutating").mutate_code(source, _operator(name), occurrence)
    except AttributeError:  # cosmic-ray's for `except module.Error:`
        return source
    if code is None:
        raise ValueError(f"{name} has no occurrence {occurrence}")
    return code


@cache
def _operator(name: str) -> Any:
    return RemoveStatement() if name == REMOVE else _cosmic_ray("plugins").get_operator(name)()


@cache
def _cosmic_ray(module: str) -> Any:
    return import_module(f"cosmic_ray.{module}")  # has no types, and is here for mutation testing alone
