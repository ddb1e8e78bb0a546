"""What a state of a socket is; backends have the tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """One state of a backend's table.

    `answers` has the operations that do not go ahead in this state, with the reason they fail with.
    """

    name: str
    doc: str
    answers: MappingProxyType[str, str] = field(default_factory=lambda: MappingProxyType({}))
    flows: bool = False
    """Data may be delivered."""

    def __repr__(self) -> str:
        return self.name


def answers(**reasons: str) -> MappingProxyType[str, str]:
    """Operation = reason."""
    return MappingProxyType(reasons)
