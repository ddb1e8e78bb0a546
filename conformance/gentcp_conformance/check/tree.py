"""What a source says, whatever its language: a tree of few kinds of nodes, which rules are about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "atom", "number", "string", "variable", "tuple", "list", "rest", "map", "pair",
    "call", "function", "match", "case", "clause", "receive", "catch", "form", "macro", "any", "other", "none",
]  # fmt: skip
"""Kinds of nodes.

- `tuple`, `list`, `map` of `pair`: their items; the tail of a list is a `rest` at its end.
- `call`: `text` is "module:function" or "function", and "?Module:function" for a module that is in a variable; parts
  are the arguments.  Operators are calls of `erlang:+` and so on; Elixir's `Port.info(x)` is one of `erlang:port_info`.
- `function`: a reference to one, such as "gen_tcp:send/2".
- `match`: the pattern, the value; `text` is "<-" where another value does not raise.
- `case`: what is looked at, then `clause`s; of several things it is an `any`.
- `clause`: its patterns, its guards, its body, each an `other`; `text` is "send/2" in a function of that name.
- `receive`: clauses.  `catch`: clauses whose patterns are the class and the reason of an exception.
- `form`: the clauses of one function, or else what is written outside functions; `text` is "send/2", or empty.
- `macro`: `text` is its name, the parts its arguments.
"""


@dataclass(slots=True, eq=False)
class Node:
    """A part of a source.  `line` and `column` count from 1; columns in bytes of UTF-8."""

    kind: Kind
    text: str
    parts: tuple[Node, ...]
    line: int
    column: int

    def __iter__(self) -> Iterator[Node]:
        """The node and all that is in it, from left to right; what an `any` names stands elsewhere."""
        waiting: list[Node] = [self]
        while waiting:
            node = waiting.pop()
            yield node
            if node.kind != "any":
                waiting.extend(reversed(node.parts))

    @property
    def patterns(self) -> tuple[Node, ...]:
        """Of a clause."""
        return self.parts[0].parts

    @property
    def guards(self) -> Node:
        """Of a clause."""
        return self.parts[1]

    @property
    def body(self) -> tuple[Node, ...]:
        """Of a clause."""
        return self.parts[2].parts

    @property
    def arity(self) -> str:
        """Of a call, as rules name it: "gen_tcp:send/2"."""
        return f"{self.text}/{len(self.parts)}"


@dataclass(frozen=True)
class Comment:
    """A comment, with the line where it begins."""

    text: str
    line: int


@dataclass(frozen=True)
class Source:
    """A file that was read.  `broken` has the lines at which its grammar found something that it does not know."""

    path: str
    forms: tuple[Node, ...]
    comments: tuple[Comment, ...] = ()
    broken: tuple[int, ...] = ()
    text: bytes = b""

    def line(self, number: int) -> str:
        """A line without its indent; the first is 1, and there are empty ones behind the last."""
        lines = self.text.split(b"\n", number)
        return lines[number - 1].decode(errors="replace").strip() if number <= len(lines) else ""


def atom_of(node: Node) -> str:
    """The atom that a node is; empty if it is something else."""
    return node.text if node.kind == "atom" else ""
