"""Lists as Erlang has them: they may end in something that is no list."""

from __future__ import annotations

from typing import Any

from gentcp.errors import ErlangError
from gentcp.terms import ImproperList

Term = Any


def split_list(term: Term) -> tuple[list[Term], Term]:
    """Its elements, and [] or what it ends in; a term that is no list has no elements and is its own end.

    So is a list that comes back to itself.
    """
    if isinstance(term, list):
        return term, []
    items: list[Term] = []
    seen: set[int] = set()
    while isinstance(term, ImproperList) and id(term) not in seen:
        seen.add(id(term))
        items += term.items
        term = term.tail
    return (items + term, []) if isinstance(term, list) else (items, term)


def generated(term: Term) -> list[Term]:
    """The elements of a proper list, for a comprehension: bad_generator, with what it ends in, for another."""
    items, end = split_list(term)
    if end != []:
        raise ErlangError(("bad_generator", end))
    return items
