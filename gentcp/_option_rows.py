"""What a row of the table of options is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from socket import AF_INET, AF_INET6, AF_UNIX
from typing import Any, Final, Literal, TypeAlias

from ._option_kinds import Kind
from ._option_system import SystemOption

Term = Any
Families: TypeAlias = tuple[int, ...]
V4: Final[Families] = (AF_INET,)
V6: Final[Families] = (AF_INET6,)
IP: Final[Families] = V4 + V6
ALL: Final[Families] = (*IP, AF_UNIX)

Role: TypeAlias = Literal["kept", "process", "system", "constant", "ignored", "unsupported", "foreign", "own"]
"""What a backend may make of an option.  One that it does not know at all is an error wherever it is given.

* kept: the backend keeps it, and checks its type
* process: kept by the process that OTP's socket backend has for a socket, unchecked, and gone with the connection
* system: an option of the operating system
* constant: its type is checked, and it stays what it is
* ignored: taken, and without effect
* unsupported: known, but not on Linux: it cannot be set
* foreign: for other kinds of sockets: an error
* own: with rules of its own
"""
Told: TypeAlias = Literal["value", "nothing", "error"]
VARIES: Final[Term] = ...
"""The default of an option that has none, or for which it is up to the machine."""
MOST: Final = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What one backend makes of an option."""

    role: Role
    default: Term = VARIES
    """What getopts tells of a new socket; None of an option that it leaves out until it is set."""
    told: Told = "value"
    """getopts tells the value; or it leaves the option out; or it is an error to ask."""
    inherited: Families = ALL
    """The families in which an accepted socket has what its listener has, whenever that was set.

    In others the operating system may hand it down, see `SystemOption.handed_down`.
    """
    families: Families = ALL
    """The backend has it for these of the families of the row."""
    reports: bool = True
    """Says when the operating system refuses a value; otherwise the old one stays, and the result is good."""


@dataclass(frozen=True, slots=True)
class Option:
    """One row."""

    name: str
    kind: Kind
    doc: str
    on: Mapping[str, Behaviour] = field(default_factory=dict)
    """By backend."""
    where: str = "cls"
    """Where the manual has it: "c" (connect), "l" (listen), "s" (setopts).  The Python face has it there as well."""
    system: SystemOption | None = None
    families: Families = ALL
    """The kinds of addresses whose sockets have it; on others setting it changes nothing."""
    bounds: tuple[int, int] | None = None
    """Least and most of a number, where that is narrower than its kind.  Those of the system's options are Linux's."""
    sockopt: bool = True
    """The name is one that OTP has for setopts, of whatever kind of socket; others are for making a socket."""


def kept(inet: Term, socket: Term = VARIES) -> Mapping[str, Behaviour]:
    """`socket` is the default there, if it is another."""
    return {"inet": Behaviour("kept", inet), "socket": Behaviour("process", inet if socket is VARIES else socket)}


def limit(default: int) -> Mapping[str, Behaviour]:
    """Of the queue that sends go through where they are buffered."""
    return {"inet": Behaviour("kept", default), "socket": Behaviour("ignored", told="nothing")}


def system(
    default: Term = VARIES, *, inet: Families = (), socket: Families = (), reports: bool = False
) -> Mapping[str, Behaviour]:
    """The families in which each backend sees to it that accepted sockets have it, and whether inet `reports`."""
    return {
        "inet": Behaviour("system", default, inherited=inet, reports=reports),
        "socket": Behaviour("system", default, inherited=socket),
    }


def foreign(inet: Behaviour) -> Mapping[str, Behaviour]:
    """OTP's driver has one list of options for all kinds of sockets."""
    return {"inet": inet, "socket": Behaviour("foreign", told="error")}


NOT_ON_LINUX: Final = Behaviour("unsupported", told="nothing")
IGNORED: Final = Behaviour("ignored", told="nothing")
WRITE_ONLY: Final = Behaviour("own", told="error", inherited=())
