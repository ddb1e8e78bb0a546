"""Programs as data: what is opened, with which options, and the steps.  They go through JSON unchanged."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ..term import Term

OWN = ""
"""The process that opens the sockets and owns them."""


@dataclass(frozen=True)
class Zeros:
    """So many zero bytes."""

    size: int

    def __bytes__(self) -> bytes:
        return bytes(self.size)


@dataclass(frozen=True)
class Step:
    """One step.  `on` is the socket or peer it is about, `by` the process that makes the call.

    Unless it `waits`, the result is looked at later.  `to` names what a call makes: a socket, a reference.
    """

    kind: str
    args: tuple[Term, ...] = ()
    on: str = "s"
    by: str = OWN
    waits: bool = True
    to: str = ""


@dataclass(frozen=True)
class Program:
    """A program.  `opening` says what there is in the beginning (see `opening`), `family` the kind of address.

    `options` are those of the socket that it is about, `other` those of the other end or of the listener, if they are
    of the backend too.  `environment` has options of the kernel application; `rcvbuf` is the peer's, 0 for the
    system's.
    """

    area: str
    opening: str
    options: tuple[Term, ...]
    steps: tuple[Step, ...]
    other: tuple[Term, ...] = ()
    family: str = "inet"
    rcvbuf: int = 0
    environment: tuple[tuple[str, tuple[Term, ...]], ...] = field(default=())

    @property
    def alone(self) -> bool:
        """Whether it changes what others see."""
        return bool(self.environment)

    def without(self, index: int) -> Program:
        """Without that step."""
        return replace(self, steps=self.steps[:index] + self.steps[index + 1 :])


def dumps(program: Program) -> str:
    """One line of JSON."""
    return json.dumps(as_json(program), separators=(",", ":"))


def loads(text: str) -> Program:
    """What `dumps` wrote.  Raises ValueError for anything else."""
    return from_json(json.loads(text))


def as_json(program: Program) -> dict[str, Any]:
    """A program as JSON has it; what is as usual is left out."""
    found = _given(program)
    for name in ("options", "other", "environment"):
        if name in found:
            found[name] = _outward(found[name])
    found["steps"] = [_step(step) for step in program.steps]
    return found


def from_json(raw: Any) -> Program:
    """The program.  Raises ValueError when it is none."""
    try:
        given = dict(raw)
        for name in ("options", "other", "environment"):
            if name in given:
                given[name] = _inward(given[name])
        given["steps"] = tuple(Step(**{**step, "args": _inward(step.get("args", []))}) for step in given["steps"])
        return Program(**given)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"not a program: {error}") from None


def _given(thing: Program | Step) -> dict[str, Any]:
    values = {each.name: getattr(thing, each.name) for each in fields(thing)}
    usual = {each.name: each.default for each in fields(thing)}
    return {name: value for name, value in values.items() if value != usual[name]}


def _step(step: Step) -> dict[str, Any]:
    found = _given(step)
    if "args" in found:
        found["args"] = _outward(found["args"])
    return found


def _outward(term: Term) -> Any:
    match term:
        case bytes():
            return {"bytes": term.hex()}
        case Zeros(size):
            return {"zeros": size}
        case list():
            return {"list": [_outward(item) for item in term]}
        case tuple():
            return [_outward(item) for item in term]
        case _:
            return term


def _inward(raw: Any) -> Term:
    match raw:
        case {"bytes": digits}:
            return bytes.fromhex(digits)
        case {"zeros": size}:
            return Zeros(size)
        case {"list": items}:
            return [_inward(item) for item in items]
        case list():
            return tuple(_inward(item) for item in raw)
        case _:
            return raw
