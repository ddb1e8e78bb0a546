"""What there is to be covered: `inventory.toml` as rows."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from gentcp import erl

ANYWHERE = ("connect", "listen", "setopts")

_ONLY = {
    "option": ANYWHERE,
    "option_name": ("getopts",),
    "connect_option": ("connect",),
    "listen_option": ("listen",),
    "connect_only": ("connect",),
    "listen_only": ("listen",),
    "setopts_only": ("setopts",),
    "getopts_only": ("getopts",),
}

TITLES = {
    "option": "Options",
    "packet": "Packet types",
    "message": "Messages",
    "http": "Packets of HTTP",
    "address": "Addresses",
    "reason": "Error reasons",
    "exception": "Exceptions",
    "text": "Texts of error reasons",
    "stat": "Counters of inet:getstat",
    "info": "Keys of inet:info",
    "decode_option": "Options of erlang:decode_packet/3",
    "port_command_option": "Options of erlang:port_command/3",
    "setting": "Settings of the application kernel",
}
"""Sections that are not about the functions of a module, in order; rows of a section have its name in front."""


@dataclass(frozen=True)
class Row:
    """One thing that OTP has.  `aspects` are the ways in which it can be used, if that is to be told apart."""

    section: str
    name: str
    aspects: tuple[str, ...] = ()
    documented: bool = True

    @property
    def key(self) -> str:
        """Names it: `gen_tcp:recv/3`, `option/active`."""
        return self.name if ":" in self.section else f"{self.section}/{self.name}"

    @property
    def uses(self) -> tuple[str, ...]:
        """What the index calls its uses: the key, or `option/active@listen` for each aspect."""
        return tuple(f"{self.key}@{aspect}" for aspect in self.aspects) or (self.key,)

    @property
    def function(self) -> tuple[str, str, int] | None:
        """Module, name and arity, of a function."""
        module, colon, rest = self.name.partition(":")
        name, _, arity = rest.rpartition("/")
        return (module, name, int(arity)) if colon else None


@dataclass(frozen=True)
class Inventory:
    """All rows; `internal` has functions that get one only if gentcp has them or a case calls them."""

    rows: tuple[Row, ...]
    internal: tuple[Row, ...]

    @property
    def uses(self) -> frozenset[str]:
        """Everything that the index may mention."""
        return frozenset(use for row in (*self.rows, *self.internal) for use in row.uses)

    def shown(self, used: Sequence[str] | frozenset[str] = ()) -> list[Row]:
        """The rows that are to be shown when cases use `used`, by section."""
        more = [row for row in self.internal if row.key in used or is_there(row)]
        order = {section: number for number, section in enumerate(sections(self.rows, more))}
        return sorted((*self.rows, *more), key=lambda row: order[row.section])


def sections(rows: Sequence[Row], more: Sequence[Row] = ()) -> list[str]:
    """Names of sections in the order of the page: modules first."""
    modules = [row.section for row in (*rows, *more) if row.function]
    return [*dict.fromkeys(modules), *TITLES]


def title(section: str) -> str:
    """Of a section, for people."""
    return TITLES.get(section, f"Functions of {section.rstrip(':')}")


def is_there(row: Row) -> bool:
    """Whether gentcp has a function on its Erlang face; True for what is no function."""
    if row.function is None:
        return True
    module, name, arity = row.function
    found = getattr(getattr(erl, module, None), name, None)
    return callable(found) and _takes(found, arity)


@cache
def load() -> Inventory:
    """The inventory that comes with the kit."""
    return parse((files("gentcp_conformance.coverage") / "inventory.toml").read_text(encoding="utf-8"))


def parse(text: str) -> Inventory:
    """The inventory in a TOML text."""
    data = tomllib.loads(text)
    rows = [*_functions(data["functions"]), *_options(data["options"]), *_packets(data["packets"])]
    rows += [Row(section, name) for section, names in data["names"].items() for name in names]
    if unknown := {row.section for row in rows if not row.function} - set(TITLES):
        raise ValueError(f"inventory: unknown sections {sorted(unknown)}")
    return Inventory(tuple(rows), tuple(_internal(data["functions"])))


def _functions(modules: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[Row]:
    for module, lists in modules.items():
        for kind in ("documented", "undocumented"):
            for name in lists[kind]:
                yield Row(f"{module}:", f"{module}:{name}", documented=kind == "documented")


def _internal(modules: Mapping[str, Mapping[str, Sequence[str]]]) -> Iterator[Row]:
    for module, lists in modules.items():
        for name in lists.get("internal", ()):
            yield Row(f"{module}:", f"{module}:{name}", documented=False)


def _options(lists: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    found: dict[str, set[str]] = {}
    for kind, names in lists.items():
        for name in names:
            found.setdefault(name, set()).update(_ONLY[kind])
    for name, aspects in found.items():
        yield Row("option", name, tuple(each for each in (*ANYWHERE, "getopts") if each in aspects))


def _packets(lists: Mapping[str, Sequence[str]]) -> Iterator[Row]:
    stream = [*lists["stream"], *lists["undocumented_stream"]]
    for name in dict.fromkeys((*stream, *lists["decode"])):
        aspects = tuple(aspect for aspect, names in (("stream", stream), ("decode", lists["decode"])) if name in names)
        yield Row("packet", name, aspects)


def _takes(function: Any, arity: int) -> bool:
    try:
        inspect.signature(function).bind(*[None] * arity)
    except TypeError:
        return False
    return True
