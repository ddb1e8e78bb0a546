"""What a state of a socket is.  Each backend has a table of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final


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


INHERITED: Final = State(
    "inherited", "the program is the child of a fork, and the socket is its parent's",
    answers(send="einval", recv="einval", shutdown="einval", unrecv="einval", sendfile="einval", accept="einval",
            controlling_process="einval", peername="einval", sockname="einval", setopts="einval", getopts="einval",
            getstat="einval"),
)  # fmt: skip
"""Every backend over descriptors has this one, which is left by close alone."""
