"""Whether a part of a source is what a rule's signal describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from .tree import Node

if TYPE_CHECKING:
    from .occurrences import Occurrence, What


@dataclass(frozen=True)
class Signal:
    """What in a source a rule is about.

    `names` are those of an `Occurrence`, with `*` for any; `value` is a pattern that its value has to be an instance
    of: atoms and numbers have to stand there, `_` is anything.  `at` says to which functions an option may be given;
    one that is seen nowhere near a function may be given to any.  `on_socket`: one of a call's arguments
    has to be seen to be a socket.
    """

    what: What
    names: tuple[str, ...]
    value: Node | None = None
    at: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    not_beside: tuple[str, ...] = ()
    on_socket: bool = False

    def matches(self, found: Occurrence) -> bool:
        """Whether the occurrence is one."""
        return (
            self.what == found.what
            and any(fnmatchcase(found.name, name) for name in self.names)
            and (not self.at or not found.at or any(fnmatchcase(found.at, name) for name in self.at))
            and (self.value is None or (found.value is not None and is_instance(found.value, self.value)))
            and found.beside.issuperset(self.beside)
            and found.beside.isdisjoint(self.not_beside)
            and (found.on_socket or not self.on_socket)
        )


def is_instance(node: Node, pattern: Node) -> bool:
    """Whether a term or pattern says what `pattern` says, at least."""
    if pattern.kind == "variable" and pattern.text.startswith("_"):
        return True
    if node.kind == "match":  # {error, closed} = Error
        return any(is_instance(part, pattern) for part in node.parts)
    if node.kind != pattern.kind:
        return False
    if pattern.kind == "list":
        return all(any(is_instance(item, wanted) for item in node.parts) for wanted in pattern.parts)
    if pattern.parts:
        return len(node.parts) == len(pattern.parts) and _all_instances(node.parts, pattern.parts)
    return not node.parts and _plain(node) == _plain(pattern)


def _all_instances(nodes: Sequence[Node], patterns: Sequence[Node]) -> bool:
    return all(is_instance(node, pattern) for node, pattern in zip(nodes, patterns, strict=True))


def _plain(node: Node) -> str:
    return node.text.replace("_", "") if node.kind == "number" else node.text
