"""Erlang's sources as trees."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING

from .relevance import chosen
from .tree import Comment, Kind, Node, Source

if TYPE_CHECKING:
    import tree_sitter

    Found = tree_sitter.Node
    Maker = Callable[[Found], Node]

BUILT_IN = frozenset({
    "is_port", "link", "monitor", "port_close", "port_command", "port_connect", "port_control", "port_info", "ports",
    "unlink", "demonitor", "is_reference", "is_tuple", "is_atom", "port_to_list", "exit", "spawn", "spawn_link",
    "spawn_monitor",
})  # fmt: skip
"""Functions of the module erlang that rules name; they are called without it."""
_SKIPPED = frozenset({
    "comment", "module_attribute", "export_attribute", "export_type_attribute", "spec", "callback", "type_alias",
    "opaque", "nominal", "import_attribute", "behaviour_attribute", "compile_options_attribute", "file_attribute",
    "pp_include", "pp_include_lib", "pp_undef", "pp_ifdef", "pp_ifndef", "pp_endif", "pp_else", "pp_if", "pp_elif",
    "shebang", "feature_attribute", "optional_callbacks_attribute", "moduledoc_attribute", "doc_attribute",
})  # fmt: skip


def read(path: str, data: bytes) -> Source:
    """The forms of a module, header or script."""
    root = _parser().parse(data).root_node
    forms: list[Node] = []
    for child in chosen([child for child in root.named_children if child.type not in _SKIPPED], text_in(data)):
        _add(forms, _node(child))
    return Source(path, tuple(forms), tuple(comments(root, b"%")), broken(root), data)


def pattern(text: str) -> Node:
    """A term or pattern that is written as Erlang has it.  ValueError when it is none."""
    root = _parser().parse(f"f() -> {text}.".encode()).root_node
    forms = [_node(child) for child in root.named_children]
    if root.has_error or len(forms) != 1 or len(forms[0].parts[0].body) != 1:
        raise ValueError(f"not a pattern: {text!r}")
    return forms[0].parts[0].body[0]


def text_in(data: bytes) -> Callable[[Found], bytes]:
    """What is written where a node is."""
    return lambda node: data[node.start_byte : node.end_byte]


@cache
def _parser() -> tree_sitter.Parser:
    from tree_sitter_language_pack import get_parser

    return get_parser("erlang")


def text_of(node: Found) -> str:
    """What is written there."""
    return (node.text or b"").decode(errors="replace")


def broken(root: Found) -> tuple[int, ...]:
    """The lines at which the grammar found what it does not know."""
    found: list[int] = []
    waiting = [root] if root.has_error else []
    while waiting:
        node = waiting.pop()
        if node.type == "ERROR" or node.is_missing:
            found.append(node.start_point[0] + 1)
        else:
            waiting.extend(child for child in node.children if child.has_error or child.is_missing)
    return tuple(sorted(set(found)))


def comments(root: Found, mark: bytes) -> Iterable[Comment]:
    """Those that ask gentcp for something."""
    text = root.text or b""
    for number, line in enumerate(text.splitlines(), 1) if b"gentcp:" in text else ():
        if mark in line and b"gentcp:" in line:
            yield Comment(line[line.index(mark) :].decode(errors="replace"), number)


def made(kind: Kind, where: Found, text: str = "", parts: Iterable[Node] = ()) -> Node:
    """A node at the place where something is written."""
    line, column = where.start_point
    return Node(kind, text, tuple(parts), line + 1, column + 1)


def _add(forms: list[Node], form: Node) -> None:
    """The grammar has a form for each clause; those of one function belong together."""
    if forms and form.text and forms[-1].text == form.text:
        before = forms[-1]
        forms[-1] = Node("form", form.text, before.parts + form.parts, before.line, before.column)
    else:
        forms.append(form)


def _node(found: Found) -> Node:
    make = _MAKERS.get(found.type)
    return _other(found) if make is None else make(found)


def _other(found: Found) -> Node:
    return made("other", found, found.type, _inside(found))


def _inside(found: Found | None) -> list[Node]:
    return [] if found is None else [_node(child) for child in found.named_children if child.type != "comment"]


def _field(found: Found, name: str) -> Node:
    child = found.child_by_field_name(name)
    return made("none", found) if child is None else _node(child)


def _all(found: Found, name: str) -> list[Node]:
    return [_node(child) for child in found.children_by_field_name(name) if child.is_named and child.type != "comment"]


def unquoted(text: str) -> str:
    """An atom's name."""
    return text[1:-1].replace("\\'", "'") if text[:1] == "'" else text


def _atom(found: Found) -> Node:
    return made("atom", found, unquoted(text_of(found)))


def _plain(kind: Kind) -> Maker:
    return lambda found: made(kind, found, text_of(found))


def _of_parts(kind: Kind) -> Maker:
    return lambda found: made(kind, found, "", _inside(found))


def _list(found: Found) -> Node:
    items: list[Node] = []
    for item in _all(found, "exprs"):
        items += item.parts if item.kind == "rest" else [item]
    return made("list", found, "", items)


def _pipe(found: Found) -> Node:
    tail = _field(found, "rhs")
    return made("rest", found, "", (_field(found, "lhs"), Node("rest", "", (tail,), tail.line, tail.column)))


def _name_of(callee: Found) -> str:
    if callee.type == "atom":
        name = unquoted(text_of(callee))
        return f"erlang:{name}" if name in BUILT_IN else name
    if callee.type == "remote":
        module = callee.child_by_field_name("module")
        of = module.child_by_field_name("module") if module is not None else None
        called = callee.child_by_field_name("fun")
        name = unquoted(text_of(called)) if called is not None and called.type == "atom" else "?"
        if of is not None and text_of(of) == "?MODULE":
            return name
        return f"{_module(of)}:{name}"
    return "?"


def _module(found: Found | None) -> str:
    """An atom's name; "?Transport" for a variable or macro of that name, "?" for anything else."""
    if found is None or found.type not in {"atom", "var", "macro_call_expr"}:
        return "?"
    text = text_of(found)
    return unquoted(text) if found.type == "atom" else "?" + text.lstrip("?")


def _call(found: Found) -> Node:
    callee, arguments = found.child_by_field_name("expr"), found.child_by_field_name("args")
    name = "?" if callee is None else _name_of(callee)
    inside = _inside(arguments)
    if callee is not None and name == "?":
        inside = [_node(callee), *inside] if callee.type not in {"var", "atom"} else inside
    return made("call", found, name, inside)


def _operator(found: Found) -> Node:
    sign = next((text_of(child) for child in found.children if not child.is_named), "?")
    return made("call", found, f"erlang:{sign}", (_field(found, "lhs"), _field(found, "rhs")))


def _reference(found: Found) -> Node:
    module, name, arity = (found.child_by_field_name(field) for field in ("module", "fun", "arity"))
    of = module.child_by_field_name("name") if module is not None else None
    parts = [text_of(part) if part is not None else "?" for part in (name, arity)]
    prefix = "" if module is None else (unquoted(text_of(of)) if of is not None else "?") + ":"
    return made("function", found, prefix + unquoted(parts[0]) + parts[1])


def _match(found: Found) -> Node:
    return made("match", found, "", (_field(found, "lhs"), _field(found, "rhs")))


def _clause(found: Found) -> Node:
    arguments, name = found.child_by_field_name("args"), found.child_by_field_name("name")
    patterns = _all(found, "pat") if arguments is None else _inside(arguments)
    text = f"{unquoted(text_of(name))}/{len(patterns)}" if name is not None else ""
    guard, body = found.child_by_field_name("guard"), found.child_by_field_name("body")
    parts = (
        made("other", found, "", patterns),
        made("other", guard or found, "", _inside(guard)),
        made("other", body or found, "", _inside(body)),
    )
    return made("clause", found, text, parts)


def _caught(found: Found) -> Node:
    kind = found.child_by_field_name("class")
    of = _inside(kind) if kind is not None else [made("atom", found, "throw")]
    body = found.child_by_field_name("body")
    parts = (
        made("other", found, "", [*of, *_all(found, "pat")]),
        made("other", found, "", _all(found, "guard")),
        made("other", body or found, "", _inside(body)),
    )
    return made("clause", found, "", parts)


def _case(found: Found) -> Node:
    return made("case", found, "", (_field(found, "expr"), *_all(found, "clauses")))


def _try(found: Found) -> Node:
    body = _all(found, "exprs")
    clauses = _all(found, "clauses")
    looked_at = body[-1:] if clauses else []
    parts = [*body[: len(body) - len(looked_at)]]
    if clauses:
        parts.append(made("case", found, "", (*looked_at, *clauses)))
    caught = [_caught(each) for each in found.children_by_field_name("catch") if each.is_named]
    if caught:
        parts.append(made("catch", found, "", caught))
    return made("other", found, "try", (*parts, *_all(found, "after")))


def _maybe(found: Found) -> Node:
    body, clauses = _all(found, "exprs"), _all(found, "clauses")
    if not clauses:
        return made("other", found, "maybe", body)
    tried = [each.parts[1] for each in body if each.kind == "match"]
    return made("other", found, "maybe", (*body, made("case", found, "", (made("any", found, "", tried), *clauses))))


def _receive(found: Found) -> Node:
    return made("receive", found, "", (*_all(found, "clauses"), *_all(found, "after")))


def _map(found: Found) -> Node:
    fields = [_node(each) for each in found.children_by_field_name("fields") if each.is_named]
    of = found.child_by_field_name("expr")
    return made("map", found, "", fields if of is None else [*fields, _node(of)])


def _record_field(found: Found) -> Node:
    name, value = found.child_by_field_name("name"), found.child_by_field_name("expr")
    key = made("none", found) if name is None else _node(name)
    inside = _inside(value)
    return made("pair", found, "", (key, inside[0] if inside else made("none", found)))


def _function(found: Found) -> Node:
    clauses = _all(found, "clause")
    return made("form", found, clauses[0].text if clauses else "", clauses)


def _definition(found: Found) -> Node:
    return made("form", found, "", _all(found, "replacement"))


def _macro(found: Found) -> Node:
    name = found.child_by_field_name("name")
    return made("macro", found, text_of(name) if name is not None else "", _inside(found.child_by_field_name("args")))


def _written_together(found: Found) -> Node:
    return made("string", found, "".join(text_of(each) for each in found.named_children))


_MAKERS: dict[str, Maker] = {
    "atom": _atom,
    "integer": _plain("number"),
    "float": _plain("number"),
    "char": _plain("number"),
    "string": _plain("string"),
    "concatables": _written_together,
    "binary": lambda found: made("string", found, "", _inside(found)),
    "var": _plain("variable"),
    "tuple": _of_parts("tuple"),
    "list": _list,
    "pipe": _pipe,
    "map_expr": _map,
    "map_expr_update": _map,
    "map_field": lambda found: made("pair", found, "", (_field(found, "key"), _field(found, "value"))),
    "record_expr": _map,
    "record_update_expr": _map,
    "record_field": _record_field,
    "call": _call,
    "binary_op_expr": _operator,
    "internal_fun": _reference,
    "external_fun": _reference,
    "match_expr": _match,
    "cond_match_expr": _match,
    "case_expr": _case,
    "cr_clause": _clause,
    "if_clause": _clause,
    "fun_clause": _clause,
    "function_clause": _clause,
    "receive_expr": _receive,
    "try_expr": _try,
    "maybe_expr": _maybe,
    "fun_decl": _function,
    "pp_define": _definition,
    "macro_call_expr": _macro,
}
