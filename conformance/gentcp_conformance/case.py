"""The format of a case: a document with an id, an explanation and a function that drives a subject."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from importlib import import_module

from . import capabilities
from . import source as source_code
from .subject import Subject
from .term import Term

# The order in which they are shown; others come behind.
AREAS = (
    "send",
    "recv",
    "active",
    "packet",
    "decode",
    "listen-accept",
    "connect",
    "close-shutdown",
    "ownership",
    "options",
    "inet",
    "sendfile",
    "fd",
    "prim-inet",
    "ports",
)

CaseFunction = Callable[[Subject], Term]

TIME_LIMIT = 20.0
_WILD = frozenset("*?[")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*){1,3}")


@dataclass(frozen=True)
class Case:
    """One case.  `limit` is in seconds; see `case` for the other fields."""

    id: str
    title: str
    means: str
    source: str
    documented: bool
    needs: tuple[str, ...]
    limit: float
    function: CaseFunction
    contradicts: str = ""
    alone: bool = False

    @property
    def area(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]

    @property
    def name(self) -> str:
        """The id without its area."""
        return self.id.partition("/")[2]

    @cached_property
    def code(self) -> str:
        """Source of the function, without the decorator that carries the explanation, and of the helpers it calls."""
        return source_code.of(self.function)


def named(id: str, pattern: str) -> bool:
    """Whether a pattern means a case: its id, a whole part of it such as "send" or "send/timeout", or with `*` and `?`.

    A pattern that ends in "/" or "-" means whatever begins so.
    """
    if _WILD.intersection(pattern):
        return fnmatchcase(id, pattern)
    return id == pattern or id.startswith(pattern if pattern.endswith(("/", "-")) else f"{pattern}/")


def _by_area(case: Case) -> int:
    return AREAS.index(case.area) if case.area in AREAS else len(AREAS)


class Registry:
    """Cases by id, in the order in which they were added."""

    def __init__(self) -> None:
        self._cases: dict[str, Case] = {}

    def add(self, case: Case) -> None:
        """Raises ValueError for an id that is taken."""
        if case.id in self._cases:
            raise ValueError(f"case id {case.id!r} is taken by {self._cases[case.id].function.__module__}")
        self._cases[case.id] = case

    def get(self, id: str) -> Case | None:
        """The case with this id, or None."""
        return self._cases.get(id)

    def ids(self) -> list[str]:
        """All ids, by area."""
        return [case.id for case in self.select()]

    def select(self, prefixes: Iterable[str] = ()) -> list[Case]:
        """Cases by area that one of `prefixes` means; all of them when there is none.

        "send" means those of that area and not those of "sendfile"; one that means none so, as "send/time", means what
        begins with it.  With `*` and `?` it is a pattern.
        """
        wanted = list(prefixes)
        ids = {id for prefix in wanted for id in self._meant(prefix)} if wanted else self._cases.keys()
        return sorted((case for case in self._cases.values() if case.id in ids), key=_by_area)

    def _meant(self, prefix: str) -> list[str]:
        return [id for id in self._cases if named(id, prefix)] or [id for id in self._cases if id.startswith(prefix)]


registry = Registry()


def load() -> Registry:
    """The registry with all the kit's cases in it."""
    import_module("gentcp_conformance.cases")
    return registry


def case(
    id: str,
    *,
    title: str,
    means: str,
    source: str,
    documented: bool = False,
    contradicts: str = "",
    needs: Iterable[str] = (),
    limit: float = TIME_LIMIT,
    alone: bool = False,
    registry: Registry = registry,
) -> Callable[[CaseFunction], CaseFunction]:
    """Register a function as a case.

    `id` is "area/topic/name", lower case with dashes, and never changes.  `title` is one line, `means` a paragraph:
    what the outcome means for the reader's code.  `source` names the OTP function and the section of its manual.
    `documented` says whether the manual's notes tell of the divergence; `contradicts` is what the manual says, in its
    sense, where the VM does something else.  `needs` lists names of `capabilities`; `limit` is in seconds; `alone` says
    that it changes what holds for all sockets or processes, so that nothing may run at the same time.

    Raises ValueError for an id that is malformed or taken, and for an unknown capability.
    """
    wanted = tuple(needs)
    if not _ID.fullmatch(id):
        raise ValueError(f"case id {id!r}: want area/topic/name in lower case, digits and single dashes")
    if unknown := set(wanted) - capabilities.NAMES:
        raise ValueError(f"case {id}: unknown needs {sorted(unknown)}; known: {sorted(capabilities.NAMES)}")

    def register(function: CaseFunction) -> CaseFunction:
        text, manual = (" ".join(words.split()) for words in (means, contradicts))
        registry.add(Case(id, title, text, source, documented, wanted, limit, function, manual, alone))
        return function

    return register
