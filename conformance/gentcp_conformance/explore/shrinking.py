"""A program made small: the fewest steps and options, the plainest arguments that still show a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

from ..term import Term
from .program import OWN, Program, Step, Zeros

if TYPE_CHECKING:
    Removal = Callable[[Program], Program]
    Test = Callable[[Sequence[Program]], list[bool]]

_ROUNDS = 12
_FEW = 7


def shrink(program: Program, differ: Test) -> Program:
    """The program made small.  `differ` says of several at a time whether they still show the difference."""
    for _ in range(_ROUNDS):
        smaller = _round(program, differ)
        if smaller == program:
            return program
        program = smaller
    return program


def _round(program: Program, differ: Test) -> Program:
    """Without what can go, then with plainer things for what must stay."""
    program = _fewer(program, differ)
    for candidates in (_plainer_settings(program), _plainer_steps(program)):
        listed = [each for each in candidates if each != program]
        found = _first(listed, differ)
        if found is not None:
            return found
    return program


def _fewer(program: Program, differ: Test) -> Program:
    """Try each removal for itself, then all that worked together, then one after the other."""
    while True:
        worked = _working(program, list(_removals(program)), differ) or _working(program, _pairs(program), differ)[:1]
        if not worked:
            return program
        together = program
        for removal in reversed(worked):
            together = removal(together)
        if len(worked) > 1 and differ([together])[0]:
            program = together
            continue
        for removal in reversed(worked[1:]):
            without = removal(program)
            if differ([without])[0]:
                program = without
        program = _only(program, worked[0], differ)


def _working(program: Program, removals: Sequence[Removal], differ: Test) -> list[Removal]:
    """Those after which there still is the difference."""
    does = differ([removal(program) for removal in removals])
    return [removal for removal, works in zip(removals, does, strict=True) if works]


def _pairs(program: Program) -> list[Removal]:
    """Two things at a time, where few are left: a step may need another one."""
    removals = list(_removals(program))
    if len(removals) > _FEW:
        return []
    return [_chained(first, second) for first, second in combinations(removals, 2)]


def _chained(first: Removal, second: Removal) -> Removal:
    return lambda program: first(second(program))


def _only(program: Program, removal: Removal, differ: Test) -> Program:
    without = removal(program)
    return without if without != program and differ([without])[0] else program


def _first(candidates: Sequence[Program], differ: Test) -> Program | None:
    for candidate, does in zip(candidates, differ(candidates), strict=True):
        if does:
            return candidate
    return None


def _removals(program: Program) -> Iterator[Removal]:
    """What may be left out.  Applied from the last one to the first, they do not get in each other's way."""
    for name in ("options", "other", "environment"):
        for index in range(len(getattr(program, name))):
            yield _without(name, index)
    for index in range(len(program.steps)):
        yield _without("steps", index)


def _without(name: str, index: int) -> Removal:
    def removal(program: Program) -> Program:
        items = getattr(program, name)
        return _with(program, name, items[:index] + items[index + 1 :])

    return removal


def _with(program: Program, name: str, items: tuple[Any, ...]) -> Program:
    changed: dict[str, Any] = {name: items}
    return replace(program, **changed)


def _plainer_settings(program: Program) -> Iterator[Program]:
    """A plainer opening, family and buffers."""
    if program.rcvbuf:
        yield replace(program, rcvbuf=0)
    if program.family != "inet":
        yield replace(program, family="inet")
    if program.opening == "accepted":
        yield replace(program, opening="connected")
    for name in ("options", "other"):
        items = getattr(program, name)
        for index, item in enumerate(items):
            for plainer in _plainer_option(item):
                yield _with(program, name, (*items[:index], plainer, *items[index + 1 :]))


def _plainer_steps(program: Program) -> Iterator[Program]:
    for index, step in enumerate(program.steps):
        for plainer in _plainer_step(step):
            steps = (*program.steps[:index], plainer, *program.steps[index + 1 :])
            yield replace(program, steps=steps)
    yield from _fewer_processes(program)


def _plainer_step(step: Step) -> Iterator[Step]:
    if step.by != OWN and step.kind != "messages":
        yield replace(step, by=OWN, waits=True)
    if step.by != OWN and not step.waits:
        yield replace(step, waits=True)
    for index, argument in enumerate(step.args):
        for plainer in _plainer(argument):
            yield replace(step, args=(*step.args[:index], plainer, *step.args[index + 1 :]))


def _fewer_processes(program: Program) -> Iterator[Program]:
    """One process in the place of two."""
    used = sorted({step.by for step in program.steps if step.by != OWN})
    for first, second in pairwise(used):
        yield replace(program, steps=tuple(_renamed(step, second, first) for step in program.steps))


def _renamed(step: Step, old: str, new: str) -> Step:
    args = tuple(new if argument == old else argument for argument in step.args)
    return replace(step, by=new if step.by == old else step.by, args=args)


def _plainer(argument: Term) -> Iterator[Term]:
    match argument:
        case Zeros(size):
            yield from (bytes(n) if n < 100 else Zeros(n) for n in (1, 10000, size // 4, size // 2) if n < size)
        case bytes() if len(argument) > 1:
            yield from (argument[: len(argument) // 2], argument[:-1], argument[1:])
            if argument.strip(b"a"):
                yield b"a" * len(argument)
        case [first, bytes(), *_] if isinstance(first, bytes):  # a label, which must stay
            return
        case list() if any(isinstance(item, bytes) for item in argument):
            yield b"".join(item if isinstance(item, bytes) else b"a" for item in argument)
        case list() if len(argument) > 1:
            yield from (argument[:index] + argument[index + 1 :] for index in range(len(argument)))
        case list() if argument:
            yield from ([plainer] for plainer in _plainer_option(argument[0]))
        case _:
            return


def _plainer_option(option: Term) -> Iterator[Term]:
    match option:
        case "list":
            yield "binary"
        case ("active", value) if value is not True and value is not False:
            yield ("active", True)
        case _:
            return
