"""Compiled modules (.beam) as trees: a VM takes their abstract code out, if they were compiled with debug_info."""

from __future__ import annotations

import os
import shlex
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, cast

from .erlang import BUILT_IN
from .tree import Kind, Node, Source

_ENVIRONMENT = "GENTCP_ERL"
_TAKE_OUT = """
Node = fun(Anno) -> case erl_anno:location(Anno) of {L, C} -> {L, C}; L -> {L, 1} end end,
Forms = fun(Beam) ->
    {ok, {Module, [{debug_info, {debug_info_v1, Backend, Data}}]}} = beam_lib:chunks(Beam, [debug_info]),
    {ok, Found} = Backend:debug_info(erlang_v1, Module, Data, []),
    [erl_parse:map_anno(Node, Form) || Form <- Found, element(1, Form) =:= function]
end,
Port = open_port({fd, 0, 1}, [{packet, 4}, binary, eof]),
Serve = fun Serve() -> receive
    {Port, {data, Beam}} ->
        Answer = try {ok, Forms(Beam)} catch _:_ -> none end,
        port_command(Port, term_to_binary(Answer)), Serve();
    {Port, eof} -> erlang:halt(0)
end end,
Serve().
"""
_FLAGS = ("-noinput", "-boot", "no_dot_erlang", "-kernel", "logger_level", "none", "-eval", " ".join(_TAKE_OUT.split()))
_PATIENCE = 60.0

Term = Any
"""A term as erlang_py gives it."""


class NoVM(Exception):
    """There is nothing that could read compiled modules; says what is missing."""


def read_all(paths: Iterable[Path]) -> Iterator[tuple[Path, Source | None]]:
    """The modules, and None for one that was compiled without debug_info.  Raises NoVM."""
    with subprocess.Popen([*_command(), *_FLAGS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as vm:  # noqa: S603 - what the user named
        taken, given = cast("IO[bytes]", vm.stdin), cast("IO[bytes]", vm.stdout)
        for path in paths:
            answer = _asked(taken, given, path.read_bytes())
            yield path, None if _name(answer) == "none" else _source(path, answer[1])
        taken.close()
        vm.wait(_PATIENCE)


def _command() -> list[str]:
    words = shlex.split(os.environ.get(_ENVIRONMENT, "")) or ["erl"]
    found = shutil.which(words[0])
    if found is None:
        raise NoVM(f"no {words[0]} to read compiled modules with")
    return [found, *words[1:]]


def _asked(taken: IO[bytes], given: IO[bytes], beam: bytes) -> Term:
    import erlang  # erlang_py is an extra

    try:
        taken.write(struct.pack(">I", len(beam)) + beam)
        taken.flush()
    except BrokenPipeError:
        raise NoVM("the VM that reads compiled modules has ended") from None
    head = given.read(4)
    if len(head) < 4:
        raise NoVM("the VM that reads compiled modules has ended")
    return erlang.binary_to_term(given.read(struct.unpack(">I", head)[0]))


def _source(path: Path, forms: Sequence[Term]) -> Source:
    return Source(str(path), tuple(_form(form) for form in forms))


# ---- abstract code; its terms are described in OTP's manual, "The Abstract Format"


def _name(term: Term) -> str:
    """An atom's name, as text."""
    value = getattr(term, "value", term)
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _made(kind: Kind, where: Term, text: str = "", parts: Iterable[Node] = ()) -> Node:
    place = where[1] if isinstance(where, tuple) and len(where) > 1 else None
    line, column = place if isinstance(place, tuple) and len(place) == 2 else (0, 0)
    return Node(kind, text, tuple(parts), int(line), int(column))


def _form(form: Term) -> Node:
    name = f"{_name(form[2])}/{form[3]}"
    return _made("form", form, name, [_clause(clause, name) for clause in form[4]])


def _clause(clause: Term, name: str = "") -> Node:
    _, _, patterns, guards, body = clause
    tests = [test for each in guards for test in each]
    return _made("clause", clause, name, [_made("other", clause, "", _nodes(each)) for each in (patterns, tests, body)])


def _caught(clause: Term) -> Node:
    """Its pattern is {Class, Reason, Stack}."""
    _, _, ((_, _, (kind, reason, _)),), guards, body = clause
    tests = [test for each in guards for test in each]
    parts = [_made("other", clause, "", _nodes(each)) for each in ([kind, reason], tests, body)]
    return _made("clause", clause, "", parts)


def _nodes(terms: Iterable[Term]) -> list[Node]:
    return [_node(term) for term in terms]


def _node(term: Term) -> Node:
    make = _MAKERS.get(_name(term[0])) if isinstance(term, tuple) and term else None
    return _other(term) if make is None else make(term)


def _other(term: Term) -> Node:
    """Whatever else there is: what is in it counts."""
    parts = term[2:] if isinstance(term, tuple) else term if isinstance(term, list) else ()
    inside = [each for part in parts for each in (part if isinstance(part, list) else [part])]
    return _made("other", term, "", _nodes(each for each in inside if isinstance(each, tuple)))


def _call(term: Term) -> Node:
    callee, arguments = term[2], _nodes(term[3])
    kind = _name(callee[0])
    if kind == "remote":
        module, name = (_name(part[2]) if _name(part[0]) == "atom" else "?" + _name(part[2]) for part in callee[2:4])
        return _made("call", term, f"{module}:{name}", arguments)
    name = _name(callee[2]) if kind == "atom" else "?"
    return _made("call", term, f"erlang:{name}" if name in BUILT_IN else name, arguments)


def _cons(term: Term) -> Node:
    items: list[Node] = []
    rest = term
    while _name(rest[0]) == "cons":
        items.append(_node(rest[2]))
        rest = rest[3]
    if _name(rest[0]) != "nil":
        items.append(_made("rest", rest, "", [_node(rest)]))
    return _made("list", term, "", items)


def _try(term: Term) -> Node:
    _, _, body, clauses, caught, after = term
    parts = _nodes(body)
    if clauses:
        parts.append(_made("case", term, "", [*parts[-1:], *(_clause(each) for each in clauses)]))
    if caught:
        parts.append(_made("catch", term, "", [_caught(each) for each in caught]))
    return _made("other", term, "try", [*parts, *_nodes(after)])


def _receive(term: Term) -> Node:
    after = [_node(term[3]), *_nodes(term[4])] if len(term) > 3 else []
    return _made("receive", term, "", [*(_clause(each) for each in term[2]), *after])


def _reference(term: Term) -> Node:
    what = term[2]
    if _name(what[0]) == "clauses":
        return _made("other", term, "", [_clause(clause) for clause in what[1]])
    names = [_name(part[2] if isinstance(part, tuple) else part) for part in what[1:]]
    return _made("function", term, (f"{names[0]}:" if len(names) > 2 else "") + "/".join(names[-2:]))


def _plain(kind: Kind) -> Callable[[Term], Node]:
    return lambda term: _made(kind, term, _name(term[2]))


_MAKERS: Mapping[str, Callable[[Term], Node]] = {
    "atom": _plain("atom"),
    "integer": _plain("number"),
    "float": _plain("number"),
    "char": _plain("number"),
    "string": _plain("string"),
    "var": _plain("variable"),
    "bin": lambda term: _made("string", term, "", [_other(each) for each in term[2]]),
    "tuple": lambda term: _made("tuple", term, "", _nodes(term[2])),
    "nil": lambda term: _made("list", term),
    "cons": _cons,
    "call": _call,
    "match": lambda term: _made("match", term, "", _nodes(term[2:4])),
    "maybe_match": lambda term: _made("match", term, "", _nodes(term[2:4])),
    "op": lambda term: _made("call", term, f"erlang:{_name(term[2])}", _nodes(term[3:])),
    "case": lambda term: _made("case", term, "", [_node(term[2]), *(_clause(each) for each in term[3])]),
    "if": lambda term: _made("other", term, "", [_clause(each) for each in term[2]]),
    "receive": _receive,
    "clause": _clause,
    "try": _try,
    "fun": _reference,
    "named_fun": lambda term: _made("other", term, "", [_clause(each) for each in term[3]]),
    "catch": lambda term: _made("call", term, "erlang:catch", [_node(term[2])]),
    "block": lambda term: _made("other", term, "block_expr", _nodes(term[2])),
}
