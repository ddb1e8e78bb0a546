"""Sequence diagrams: both subjects side by side, one SVG each, on the same steps.

The pictures use the classes of `report/templates/diagram.css`, which a page has to have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .panel import Panel, Step
from .phrases import Phrase, is_setup, phrase, setup
from .rows import Row, first_difference, rows

if TYPE_CHECKING:
    from .events import Trace


def diagram(left: Trace, right: Trace) -> str:
    """Both pictures, in a box of the class "sq"."""
    steps = _steps(rows(left.points, right.points))
    drawn = [Panel(steps, side, trace) for side, trace in enumerate((left, right))]
    heights = [max(panel.height(place) for panel in drawn) for place in range(len(steps))]
    summary = _summary(steps)
    return f'<div class="sq">{"".join(panel.svg(heights, summary) for panel in drawn)}</div>'


def told(left: Trace, right: Trace) -> list[tuple[str, str, bool]]:
    """The steps in words: what happens on the left, on the right, and whether it is their first difference."""
    steps = _steps(rows(left.points, right.points))
    words = [[_spoken(each) if each else "" for each in step.said] for step in steps]
    return [(left_said, right_said, step.first) for (left_said, right_said), step in zip(words, steps, strict=True)]


def _steps(found: Sequence[Row]) -> list[Step]:
    steps: list[Step] = []
    first = first_difference(found)
    making: list[Row] = []
    for place, row in enumerate(found):
        if all(is_setup(point) for point in row.points) and place != first:
            making.append(row)
            continue
        steps += _setup_step(making)
        making = []
        said = tuple(phrase(point) if point else None for point in (row.left, row.right))
        if any(said):
            steps.append(Step(row, (said[0], said[1]), place == first))
    return steps + _setup_step(making)


def _setup_step(making: Sequence[Row]) -> list[Step]:
    texts = [setup([point for row in making if (point := (row.left, row.right)[side])]) for side in (0, 1)]
    said = [Phrase(text, faint=True) if text else None for text in texts]
    return [Step(making[-1], (said[0], said[1]), first=False)] if any(texts) else []


def _summary(steps: Sequence[Step]) -> str:
    for number, step in enumerate(steps, 1):
        if step.first:
            said = [_spoken(each) if each else "nothing" for each in step.said]
            return f"{len(steps)} steps. First difference in step {number}: inet: {said[0]}; socket: {said[1]}."
    return f"{len(steps)} steps, alike on both."


def _spoken(said: Phrase) -> str:
    return f"{said.text} {'blocks' if said.blocks else said.result}".strip()
