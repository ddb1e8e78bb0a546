"""Sources in LFE (Lisp Flavoured Erlang) as trees.  They are read as Scheme, which has its lists, quotes and tuples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from .erlang import BUILT_IN, broken, comments, made, text_in, text_of
from .relevance import chosen
from .tree import Node, Source

if TYPE_CHECKING:
    import tree_sitter

    Found = tree_sitter.Node

_SIGNS = frozenset({"!", "++", "=:=", "==", "=/=", "/="})


def read(path: str, data: bytes) -> Source:
    """The functions of a file."""
    root = _parser().parse(data).root_node
    forms: list[Node] = []
    for child in chosen(_inside(root), text_in(data)):
        head = text_of(child.named_children[0]) if child.type == "list" and child.named_children else ""
        if head in {"defun", "defmacro"}:
            forms.append(_function(child))
        elif head not in {"defmodule", "defrecord", "include-lib", "include-file"}:
            forms.append(made("form", child, "", (_node(child),)))
    return Source(path, tuple(forms), tuple(comments(root, b";")), broken(root), data)


@cache
def _parser() -> tree_sitter.Parser:
    from tree_sitter_language_pack import get_parser

    return get_parser("scheme")


def _inside(found: Found) -> list[Found]:
    return [child for child in found.named_children if child.type != "comment"]


def _function(found: Found) -> Node:
    _, *rest = _inside(found)
    name = text_of(rest[0]) if rest else ""
    if len(rest) > 1 and all(_starts_with_list(each) for each in rest[1:]):
        clauses = [_clause(each, _inside(_inside(each)[0]), _inside(each)[1:], name) for each in rest[1:]]
    else:
        clauses = [_clause(found, _inside(rest[1]) if len(rest) > 1 else [], rest[2:], name)]
    return made("form", found, clauses[0].text, clauses)


def _starts_with_list(found: Found) -> bool:
    inside = _inside(found)
    return found.type == "list" and bool(inside) and inside[0].type == "list"


def _clause(found: Found, patterns: Sequence[Found], rest: Sequence[Found], name: str = "") -> Node:
    guards: list[Node] = []
    if rest and rest[0].type == "list" and text_of(rest[0]).startswith("(when"):
        guards = [_node(each) for each in _inside(rest[0])[1:]]
        rest = rest[1:]
    parts = ([_node(each) for each in patterns], guards, [_node(each) for each in rest])
    text = f"{name}/{len(patterns)}" if name else ""
    return made("clause", found, text, [made("other", found, "", each) for each in parts])


def _clauses(children: Sequence[Found]) -> list[Node]:
    return [_clause(child, _inside(child)[:1], _inside(child)[1:]) for child in children if child.type == "list"]


def _node(found: Found, quoted: bool = False) -> Node:
    inside = _inside(found)
    match found.type:
        case "symbol":
            name = text_of(found)
            return made("atom" if quoted and name != "_" else "variable", found, name)
        case "number" | "string" | "boolean":
            return made("number" if found.type == "number" else "string", found, text_of(found))
        case "quote" | "quasiquote":
            return _node(inside[0], quoted=True) if inside else made("none", found)
        case "unquote":
            return _node(inside[0]) if inside else made("none", found)
        case "vector":
            return made("tuple", found, "", [_node(each, quoted=True) for each in inside])
        case "list" if quoted:
            return made("list", found, "", [_node(each, quoted=True) for each in inside])
        case "list" if inside and inside[0].type == "symbol":
            return _expression(found, text_of(inside[0]), inside[1:])
        case _:
            return made("other", found, found.type, [_node(each, quoted) for each in inside])


def _expression(found: Found, head: str, rest: Sequence[Found]) -> Node:
    make = _FORMS.get(head)
    if make is not None:
        return make(found, rest)
    if head in {"list", "tuple"}:
        return made("list" if head == "list" else "tuple", found, "", [_node(each) for each in rest])
    name = f"erlang:{head}" if head in BUILT_IN or head in _SIGNS else head
    return made("call", found, name, [_node(each) for each in rest])


def _case(found: Found, rest: Sequence[Found]) -> Node:
    looked_at = _node(rest[0]) if rest else made("none", found)
    return made("case", found, "", (looked_at, *_clauses(rest[1:])))


def _receive(found: Found, rest: Sequence[Found]) -> Node:
    clauses = [each for each in rest if not text_of(each).startswith("(after")]
    after = [_node(each) for each in rest if each not in clauses]
    return made("receive", found, "", (*_clauses(clauses), *after))


def _let(found: Found, rest: Sequence[Found]) -> Node:
    steps: list[Node] = []
    for binding in _inside(rest[0]) if rest else ():
        inside = _inside(binding)
        if len(inside) > 1:
            steps.append(made("match", binding, "", (_node(inside[0]), _node(inside[-1]))))
    return made("other", found, "let", (*steps, *(_node(each) for each in rest[1:])))


def _called(found: Found, rest: Sequence[Found]) -> Node:
    """`(call 'gen_tcp 'send ...)`."""
    names = [_node(each) for each in rest[:2]]
    module, name = (node.text if node.kind == "atom" else "?" for node in names) if len(names) > 1 else ("?", "?")
    return made("call", found, f"{module}:{name}", [_node(each) for each in rest[2:]])


_FORMS: dict[str, Callable[[Found, Sequence[Found]], Node]] = {
    "case": _case, "receive": _receive, "let": _let, "let*": _let, "call": _called,
}  # fmt: skip
