"""Elixir's sources as trees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from .erlang import BUILT_IN, broken, comments, made, text_in, text_of
from .relevance import chosen
from .tree import Node, Source

if TYPE_CHECKING:
    import tree_sitter

    from .tree import Kind

    Found = tree_sitter.Node
    Maker = Callable[[Found], Node]

_PORT = {
    "info": "port_info", "command": "port_command", "close": "port_close", "connect": "port_connect",
    "list": "ports", "demonitor": "demonitor",
}  # fmt: skip
_PROCESS = {"link": "link", "unlink": "unlink", "demonitor": "demonitor", "exit": "exit"}
_DEFINES = frozenset({"def", "defp", "defmacro", "defmacrop", "test"})
_NOT_CALLS = frozenset({
    "defmodule", "defimpl", "defprotocol", "describe", "use", "import", "require", "alias", "if", "unless",
})  # fmt: skip
_SKIPPED = frozenset(
    {"spec", "type", "typep", "opaque", "callback", "moduledoc", "doc", "typedoc", "impl", "behaviour"}
)


def read(path: str, data: bytes) -> Source:
    """The functions of the modules of a file, and what is written outside them."""
    root = _parser().parse(data).root_node
    forms: list[Node] = []
    for child in chosen(_written(root.named_children), text_in(data)):
        _form(forms, child)
    return Source(path, tuple(forms), tuple(comments(root, b"#")), broken(root), data)


@cache
def _parser() -> tree_sitter.Parser:
    from tree_sitter_language_pack import get_parser

    return get_parser("elixir")


# ---- forms


def _written(children: Sequence[Found]) -> list[Found]:
    """Functions and attributes, of modules inside modules and under conditions too."""
    found: list[Found] = []
    for child in children:
        if _target(child) in _NOT_CALLS:
            found += _written([*_block(child), *_blocks(child, "else_block")])
        elif child.type != "comment" and not _is_skipped(child):
            found.append(child)
    return found


def _form(forms: list[Node], found: Found) -> None:
    if _target(found) in _DEFINES:
        clause = _definition(found)
        if forms and forms[-1].text == clause.text:
            before = forms[-1]
            forms[-1] = Node("form", clause.text, (*before.parts, clause), before.line, before.column)
        else:
            forms.append(made("form", found, clause.text, (clause,)))
    else:
        forms.append(made("form", found, "", (_node(found),)))


def _is_skipped(found: Found) -> bool:
    operand = found.child_by_field_name("operand") if found.type == "unary_operator" else None
    return operand is not None and (_target(operand) or text_of(operand)) in _SKIPPED


def _definition(found: Found) -> Node:
    arguments = _arguments(found)
    head = arguments[0] if arguments else found
    guards: list[Node] = []
    if head.type == "binary_operator":
        guards = [_field(head, "right")]
        head = head.child_by_field_name("left") or head
    patterns = _inside(_child(head, "arguments"))
    name = f"{_target(head) or text_of(head)}/{len(patterns)}"
    body = [_node(each) for each in _block(found)] or _value(arguments, "do")
    return _clause(found, patterns, guards, body, name)


def _clause(
    found: Found, patterns: Sequence[Node], guards: Sequence[Node], body: Sequence[Node], name: str = ""
) -> Node:
    return made("clause", found, name, [made("other", found, "", each) for each in (patterns, guards, body)])


# ---- parts of the grammar's nodes


def _child(found: Found, kind: str) -> Found | None:
    return next((child for child in found.named_children if child.type == kind), None)


def _arguments(found: Found) -> list[Found]:
    inside = _child(found, "arguments")
    return [] if inside is None else [child for child in inside.named_children if child.type != "comment"]


def _block(found: Found, kind: str = "do_block") -> list[Found]:
    """What is between `do` and `end`, but for `else` and the like."""
    block = _child(found, kind)
    if block is not None and kind != "do_block":
        return [child for child in block.named_children if child.type != "comment"]
    inside = [] if block is None else block.named_children
    return [child for child in inside if child.type != "comment" and not child.type.endswith("_block")]


def _blocks(found: Found, kind: str) -> list[Found]:
    block = _child(found, "do_block")
    part = None if block is None else _child(block, kind)
    return [] if part is None else [child for child in part.named_children if child.type != "comment"]


def _value(arguments: Sequence[Found], key: str) -> list[Node]:
    """What a call has for `key:` at the end of its arguments."""
    last = arguments[-1] if arguments else None
    for pair in last.named_children if last is not None and last.type == "keywords" else ():
        if text_of(pair.named_children[0]).rstrip().rstrip(":") == key:
            return [_node(child) for child in pair.named_children[1:]]
    return []


def _target(found: Found) -> str:
    """The name of a local call."""
    target = found.child_by_field_name("target") if found.type == "call" else None
    return text_of(target) if target is not None and target.type == "identifier" else ""


def _field(found: Found, name: str) -> Node:
    child = found.child_by_field_name(name)
    return made("none", found) if child is None else _node(child)


def _inside(found: Found | None) -> list[Node]:
    return [] if found is None else [_node(child) for child in found.named_children if child.type != "comment"]


# ---- expressions


def _node(found: Found) -> Node:
    make = _MAKERS.get(found.type)
    return made("other", found, found.type, _inside(found)) if make is None else make(found)


def _atom(found: Found) -> Node:
    return made("atom", found, text_of(found).lstrip(":").strip('"'))


def _keyword(found: Found) -> Node:
    return made("atom", found, text_of(found).strip().rstrip(":").strip('"'))


def _plain(kind: Kind) -> Maker:
    return lambda found: made(kind, found, text_of(found))


def _string(found: Found) -> Node:
    return made("string", found, "", _inside(found))


def _list(found: Found) -> Node:
    items: list[Node] = []
    for child in found.named_children:
        if child.type == "keywords":
            items += _keywords(child).parts
        elif child.type == "binary_operator" and _sign(child) == "|":
            tail = _field(child, "right")
            items += [_field(child, "left"), Node("rest", "", (tail,), tail.line, tail.column)]
        elif child.type != "comment":
            items.append(_node(child))
    return made("list", found, "", items)


def _keywords(found: Found) -> Node:
    return made("list", found, "", [_pair(child, "tuple") for child in found.named_children if child.type == "pair"])


def _pair(found: Found, kind: Kind = "pair") -> Node:
    return made(kind, found, "", _inside(found))


def _map(found: Found) -> Node:
    content = _child(found, "map_content")
    pairs: list[Node] = []
    for child in content.named_children if content is not None else ():
        if child.type == "keywords":
            pairs += [_pair(each) for each in child.named_children if each.type == "pair"]
        elif child.type == "binary_operator":
            pairs.append(made("pair", child, "", (_field(child, "left"), _field(child, "right"))))
    return made("map", found, "", pairs)


def _name_of(target: Found) -> str:
    if target.type == "identifier":
        name = text_of(target)
        return f"erlang:{name}" if name in BUILT_IN or name == "send" else name
    left, right = target.child_by_field_name("left"), target.child_by_field_name("right")
    if target.type != "dot" or left is None or right is None:
        return "?"
    name = text_of(right)
    if left.type == "alias":
        return _of_alias(text_of(left), name)
    module = text_of(left)
    return f"{module.lstrip(':') if left.type == 'atom' else '?' + module.rpartition('.')[2]}:{name}"


def _of_alias(module: str, name: str) -> str:
    if module == "Port" and name in _PORT:
        return f"erlang:{_PORT[name]}"
    if module == "Process" and name in _PROCESS:
        return f"erlang:{_PROCESS[name]}"
    if module in {"__MODULE__", "Kernel"}:
        return f"erlang:{name}" if name in BUILT_IN else name
    return f"{module}:{name}"


def _call(found: Found) -> Node:
    special = _SPECIAL.get(_target(found))
    if special is not None:
        return special(found)
    target = found.child_by_field_name("target")
    name = "?" if target is None else _name_of(target)
    arguments = [_node(child) for child in _arguments(found)]
    if name == "Port:monitor":
        port = made("atom", found, "port")
        return made("call", found, "erlang:monitor", (port, *arguments))
    if name.startswith("?") and _child(found, "arguments") is None:
        return made("other", found, "field", _inside(target))  # state.socket
    rest = [_node(child) for child in found.named_children if child.type == "do_block"]
    before = [_node(target)] if target is not None and name == "?" else []
    return made("call", found, name, (*before, *arguments, *rest))


def _clauses(children: Sequence[Found]) -> list[Node]:
    return [_stab(child) for child in children if child.type == "stab_clause"]


def _stab(found: Found) -> Node:
    left, right = found.child_by_field_name("left"), found.child_by_field_name("right")
    guards: list[Node] = []
    if left is not None and left.type == "binary_operator" and _sign(left) == "when":
        guards = [_field(left, "right")]
        left = left.child_by_field_name("left")
    patterns = _inside(left) if left is None or left.type == "arguments" else [_node(left)]
    return _clause(found, patterns, guards, _inside(right))


def _case(found: Found) -> Node:
    arguments = _arguments(found)
    looked_at = _node(arguments[0]) if arguments else made("none", found)
    return made("case", found, "", (looked_at, *_clauses(_block(found))))


def _receive(found: Found) -> Node:
    after = [_node(each) for each in _blocks(found, "after_block")]
    return made("receive", found, "", (*_clauses(_block(found)), *after))


def _with(found: Found) -> Node:
    arguments = _arguments(found)
    steps = [_node(each) for each in arguments if each.type != "keywords"]
    tried = [each.parts[1] for each in steps if each.kind == "match"]
    body = [_node(each) for each in _block(found)] or _value(arguments, "do")
    clauses = _clauses(_blocks(found, "else_block"))
    last = [made("case", found, "", (made("any", found, "", tried), *clauses))] if clauses else []
    return made("other", found, "with", (*steps, *body, *last))


def _try(found: Found) -> Node:
    body = [_node(each) for each in _block(found)]
    caught = _clauses([*_blocks(found, "rescue_block"), *_blocks(found, "catch_block")])
    parts = [*body]
    if of := _clauses(_blocks(found, "else_block")):
        parts.append(made("case", found, "", (*(body[-1:] or [made("none", found)]), *of)))
    if caught:
        parts.append(made("catch", found, "", caught))
    return made("other", found, "try", (*parts, *(_node(each) for each in _blocks(found, "after_block"))))


def _sign(found: Found) -> str:
    sign = found.child_by_field_name("operator")
    return "" if sign is None else text_of(sign)


def _operator(found: Found) -> Node:
    sign = _sign(found)
    left, right = _field(found, "left"), _field(found, "right")
    if sign in {"=", "<-"}:
        return made("match", found, "<-" if sign == "<-" else "", (left, right))
    if sign == "|>" and right.kind == "call":
        return Node("call", right.text, (left, *right.parts), right.line, right.column)
    return made("call", found, f"erlang:{'!' if sign == 'send' else sign}", (left, right))


def _unary(found: Found) -> Node:
    operand = found.child_by_field_name("operand")
    sign = _sign(found)
    if operand is not None and sign == "&" and operand.type == "binary_operator" and _sign(operand) == "/":
        callee, arity = operand.child_by_field_name("left"), operand.child_by_field_name("right")
        target = callee.child_by_field_name("target") if callee is not None and callee.type == "call" else callee
        name = _name_of(target) if target is not None else "?"
        return made("function", found, f"{name}/{text_of(arity) if arity is not None else '?'}")
    return made("other", found, sign, _inside(found))


_SPECIAL: dict[str, Maker] = {"case": _case, "receive": _receive, "with": _with, "try": _try}
_MAKERS: dict[str, Maker] = {
    "atom": _atom,
    "quoted_atom": _atom,
    "boolean": _plain("atom"),
    "nil": _plain("atom"),
    "keyword": _keyword,
    "quoted_keyword": _keyword,
    "integer": _plain("number"),
    "float": _plain("number"),
    "char": _plain("number"),
    "string": _string,
    "charlist": _string,
    "identifier": _plain("variable"),
    "tuple": lambda found: made("tuple", found, "", _inside(found)),
    "list": _list,
    "keywords": _keywords,
    "map": _map,
    "call": _call,
    "binary_operator": _operator,
    "unary_operator": _unary,
    "stab_clause": _stab,
}
