"""The mutants of modules, always in the same order."""

from __future__ import annotations

import ast
import difflib
import hashlib
import random
from collections.abc import Iterable
from dataclasses import dataclass

from . import elsewhere as elsewhere_
from . import operators
from .harmless import harmless
from .places import Module


@dataclass(frozen=True)
class Mutant:
    """One change of one module: the operator, which of its occurrences in the source, and the line it begins in."""

    module: Module
    operator: str
    occurrence: int
    line: int

    @property
    def id(self) -> str:
        """Unique; it changes when the module does."""
        digest = hashlib.sha256(self.module.source.encode()).hexdigest()[:8]
        return f"{self.module.name}:{self.operator.removeprefix('core/')}:{self.occurrence}:{digest}"

    @property
    def code(self) -> str:
        """The module with the change."""
        return operators.mutated(self.module.source, self.operator, self.occurrence)

    @property
    def diff(self) -> list[str]:
        """What is taken out and put in, line by line, without context."""
        lines = difflib.unified_diff(self.module.source.splitlines(), self.code.splitlines(), n=0, lineterm="")
        return [line for line in lines if not line.startswith(("---", "+++", "@@"))]

    @property
    def text(self) -> str:
        """The changed lines, such as "if a < b: => if a <= b:"; indentation does not count, several become one."""
        return " => ".join(
            " ".join(" ".join(line[1:].split()) for line in self.diff if line.startswith(sign)) for sign in "-+"
        )

    def changes_nothing(self) -> bool:
        """Whether the change is one of the text alone."""
        return ast.dump(ast.parse(self.module.source)) == ast.dump(ast.parse(self.code))


def mutants(modules: Iterable[Module]) -> list[Mutant]:
    """All mutants of the modules, by place, without those that no case can see: `harmless`, `elsewhere.toml`."""
    found: list[Mutant] = []
    known = elsewhere_.load()
    for module in modules:
        source = module.source
        nothing, elsewhere = harmless(source), known.spans(module)
        all_of = [
            (place, operator, occurrence)
            for operator, occurrence, place in operators.positions(source)
            if not nothing.has(operator, place, less=operators.takes_one(operator, occurrence))
            and not any(place[0] in lines for lines in elsewhere)
        ]
        found += [Mutant(module, operator, occurrence, place[0]) for place, operator, occurrence in sorted(all_of)]
    return found


def sample(listed: list[Mutant], size: int, seed: int) -> list[Mutant]:
    """So many of them, or all, in an order that follows from the seed."""
    return random.Random(seed).sample(listed, min(size, len(listed)))
