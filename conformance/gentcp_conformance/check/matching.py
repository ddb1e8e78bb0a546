"""Whether a part of a source is what a rule's signal describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from .tree import Node

if TYPE_CHECKING:
    from .occurrences import Occurrence, What

_VARIABLES = {"_Ignored": "_", "_Variable": ""}
"""Those of patterns that are variables alone, and how these begin."""


@dataclass(frozen=True)
class Signal:
    """What in a source a rule is about.

    - `names`: those of an `Occurrence`, with `*` for any.
    - `value`: patterns; its value has to be an instance of one.  Atoms and numbers have to stand there, `_` is
      anything, `_Ignored` a variable that begins with `_`, `_Variable` any variable, `#{}` any map.  `unlike`: patterns
      of which it must not be an instance.
    - `at`: to which functions an option may be given; one that is seen nowhere near a function may be given to any,
      unless it has to be `seen`.
    - `on_socket`: one of a call's arguments, or of a message's parts, has to be seen to be a socket.
    - `asserted`: any other result raises.  `spawned`: the call is made by a process that is started there.  `flushed`:
      the message is received only if it is there already.
    - `inside` and `outside`: functions, such as "terminate/2", in which a call or result has to be, or must not.
    """

    what: What
    names: tuple[str, ...]
    value: tuple[Node, ...] = ()
    unlike: tuple[Node, ...] = ()
    at: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    not_beside: tuple[str, ...] = ()
    on_socket: bool = False
    asserted: bool = False
    seen: bool = False
    spawned: bool = False
    flushed: bool = False
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()

    def is_about(self, what: str, name: str) -> bool:
        """Whether an occurrence of that kind and name may be one."""
        return self.what == what and _is_one_of(name, self.names)

    def matches(self, found: Occurrence) -> bool:
        """Whether the occurrence is one."""
        return (
            self.is_about(found.what, found.name)
            and (not self.at or self._is_at(found.at))
            and (not self.value or any(_has(found.value, pattern) for pattern in self.value))
            and not any(_has(found.value, pattern) for pattern in self.unlike)
            and found.beside.issuperset(self.beside)
            and found.beside.isdisjoint(self.not_beside)
            and (found.on_socket or not self.on_socket)
            and (found.asserted or not self.asserted)
            and (found.spawned or not self.spawned)
            and (found.flushed or not self.flushed)
            and (not self.inside or _is_one_of(found.function, self.inside))
            and not _is_one_of(found.function, self.outside)
        )

    def _is_at(self, function: str) -> bool:
        return _is_one_of(function, self.at) if function else not self.seen


def _is_one_of(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _has(value: Node | None, pattern: Node) -> bool:
    return value is not None and is_instance(value, pattern)


def is_instance(node: Node, pattern: Node) -> bool:
    """Whether a term or pattern says what `pattern` says, at least."""
    if pattern.kind == "variable" and pattern.text.startswith("_"):
        named = node.kind == "variable" and node.text.startswith(_VARIABLES.get(pattern.text, ""))
        return named or pattern.text not in _VARIABLES
    if node.kind == "match":  # {error, closed} = Error
        return any(is_instance(part, pattern) for part in node.parts)
    if node.kind != pattern.kind:
        return False
    if pattern.kind == "list" and pattern.parts:
        return all(any(is_instance(item, wanted) for item in node.parts) for wanted in pattern.parts)
    if pattern.kind == "map" and not pattern.parts:
        return True
    if pattern.parts:
        return len(node.parts) == len(pattern.parts) and _all_instances(node.parts, pattern.parts)
    return not node.parts and _plain(node) == _plain(pattern)


def _all_instances(nodes: Sequence[Node], patterns: Sequence[Node]) -> bool:
    return all(is_instance(node, pattern) for node, pattern in zip(nodes, patterns, strict=True))


def _plain(node: Node) -> str:
    return node.text.replace("_", "") if node.kind == "number" else node.text
