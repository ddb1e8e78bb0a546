"""The picture of one subject: its lanes, what moves between them, and how full they are.

Sizes are in the units of the SVG's own box; a letter of the text is 6.05 of them wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING

from .arrows import CALLER, KERNEL, PEER, QUEUE, Arrow, arrows, pills
from .events import Kind, Point, State
from .lines import Line, wrapped
from .phrases import Phrase, is_setup
from .rows import Row

if TYPE_CHECKING:
    from .events import Trace

WIDTH = 460
_LETTER = 6.05
_TOP = 38
_LINE = 13
_ARROW = 19
_GAP = 7
_NUMBERS = 20
_LANE = 17
_RIGHT = 448
_X = {QUEUE: 250, KERNEL: 342, PEER: _RIGHT}
_PILL = 27
_INTO = f"{KERNEL}<"
_LEVEL_X = {QUEUE: _X[QUEUE], KERNEL: _X[KERNEL] - 3, _INTO: _X[KERNEL] + 3}


@dataclass(frozen=True)
class Step:
    """A row of the picture: what is said on each side, and how high it is.  `number` is shown in the margin."""

    row: Row
    said: tuple[Phrase | None, Phrase | None]
    first: bool

    def point(self, side: int) -> Point | None:
        """The point on a side."""
        return (self.row.left, self.row.right)[side]


@dataclass
class _Bar:
    """A call that blocks: where it began, until it ends."""

    lane: int
    top: float


@dataclass
class Panel:
    """One side.  Texts and shapes are collected by kind, and shapes of a kind are one path."""

    steps: Sequence[Step]
    side: int
    trace: Trace
    paths: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    texts: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        self.lanes = _callers(self.trace.points)
        self.left = _NUMBERS + len(self.lanes) * _LANE + 4
        self.inet = self.side == 0
        self._states = list(self._changes())

    # What there is to draw

    def _changes(self) -> list[tuple[State, State]]:
        """The state before and after each step."""
        found: list[tuple[State, State]] = []
        last = State()
        for step in self.steps:
            point = step.point(self.side)
            after = point.state if point and point.state else last
            before = last if after.connection == last.connection else State(after.connection)
            found.append((before, after))
            last = after
        return found

    def _arrows(self, place: int) -> list[list[Arrow]]:
        point = self.steps[place].point(self.side)
        if point is None or (said := self.steps[place].said[self.side]) is None or (said.faint and is_setup(point)):
            return []
        return arrows(point, *self._states[place])

    def _lines(self, place: int) -> list[Line]:
        said = self.steps[place].said[self.side]
        if said is None:
            return []
        point = self.steps[place].point(self.side)
        tag = f"P{point.lane} " if point and len(self.lanes) > 1 and point.kind in {Kind.CALL, Kind.MESSAGES} else ""
        return wrapped(said, tag, int((_RIGHT - 8 - self.left) / _LETTER))

    def height(self, place: int) -> int:
        """What a step needs on this side."""
        step = self.steps[place]
        lines = len(self._lines(place)) + step.first
        return lines * _LINE + max(len(self._arrows(place)), self._pilled(place)) * _ARROW + _GAP

    def _pilled(self, place: int) -> int:
        return 1 if pills(*self._states[place], inet=self.inet) else 0

    # Drawing

    def svg(self, heights: Sequence[int], summary: str) -> str:
        """The whole picture."""
        bottom = _TOP + sum(heights)
        self._levels(heights, bottom)
        top = float(_TOP)
        open_bars: dict[int, _Bar] = {}
        for place, height in enumerate(heights):
            self._step(place, top, height, open_bars)
            top += height
        for bar in open_bars.values():
            self._path("b", f"M{bar.lane} {bar.top:g}V{bottom}")
        name = f"{self.trace.subject}: {self.trace.case}"
        body = "".join(f'<path class="{kind}" d="{"".join(parts)}"/>' for kind, parts in self._ordered())
        return (
            f'<svg viewBox="0 0 {WIDTH} {bottom + 4}" role="img" aria-label="{escape(name)}">'
            f"<title>{escape(name)}</title><desc>{escape(summary)}</desc>"
            f"{self._lifelines(bottom)}{body}{''.join(self.texts)}</svg>"
        )

    def _ordered(self) -> list[tuple[str, list[str]]]:
        return [(kind, self.paths[kind]) for kind in _ORDER if kind in self.paths]

    def _lifelines(self, bottom: float) -> str:
        xs = [self._caller(lane) for lane in self.lanes]
        lines = "".join(
            f"M{x} {_TOP - 4}V{bottom}" for x in [*xs, *([_X[QUEUE]] if self.inet else []), _X[KERNEL], _X[PEER]]
        )
        ghost = "" if self.inet else f'<path class="g" d="M{_X[QUEUE]} {_TOP - 4}V{bottom}"/>'
        heads = [(f"P{lane}", self._caller(lane), "") for lane in self.lanes]
        queue = ("driver queue", _X[QUEUE], "") if self.inet else ("no queue", _X[QUEUE], " f")
        heads += [queue, ("kernel", _X[KERNEL], "")]
        texts = "".join(f'<text class="h{kind}" x="{x}" y="{_TOP - 10}">{text}</text>' for text, x, kind in heads)
        name = f'<text class="n" x="0" y="11">{escape(self.trace.subject)}</text>'
        peer = f'<text class="h e" x="{WIDTH}" y="{_TOP - 10}">peer</text>'
        return f'{name}<path class="l" d="{lines}"/>{ghost}{texts}{peer}'

    def _levels(self, heights: Sequence[int], bottom: float) -> None:
        """How full queue and kernel are, as bars along their lanes."""
        top = float(_TOP)
        begun: dict[str, tuple[str, float]] = {}
        for place, height in enumerate(heights):
            after = self._states[place][1]
            y = self._middle(place, top)
            for lane, level, kind in _level(after):
                old = begun.get(lane)
                if old is None or old[0] != kind or not level:
                    if old:
                        self._path(old[0], f"M{_LEVEL_X[lane]} {old[1]:g}V{y:g}")
                    begun.pop(lane, None)
                    if level:
                        begun[lane] = (kind, y)
            top += height
        for lane, (kind, y) in begun.items():
            self._path(kind, f"M{_LEVEL_X[lane]} {y:g}V{bottom:g}")

    def _step(self, place: int, top: float, height: int, bars: dict[int, _Bar]) -> None:
        step, point = self.steps[place], self.steps[place].point(self.side)
        said = step.said[self.side]
        if step.first:
            self._path("d", f"M0 {top:g}H{WIDTH}V{top + height:g}H0Z")
            self._text("first difference", WIDTH - 4, top + _LINE - 3, "e m")
        y = top + _LINE * step.first
        self._text(str(place + 1), 14, y + _LINE - 2, "e s")
        for line in self._lines(place):
            y += _LINE
            if said and said.peer:
                self._line(line, _RIGHT - 8, y - 2, "e")
            else:
                self._line(line, self.left, y - 2)
        if point is not None and said is not None:
            self._bar(point, top + _LINE * step.first, top + height - _GAP, bars)
        self._moves(place, self._middle(place, top))

    def _bar(self, point: Point, top: float, end: float, bars: dict[int, _Bar]) -> None:
        x = self._caller(point.lane)
        if point.kind is Kind.END and (bar := bars.pop(point.other, None)):
            self._path("b", f"M{bar.lane} {bar.top:g}V{top + 4:g}")
            self._path("x", f"M{bar.lane - 4} {top:g}l8 8m0 -8l-8 8")
        if point.kind is not Kind.CALL or is_setup(point):
            return
        if point.begins and point.ends:
            self._path("b" if point.took else "i", f"M{x} {top + 2:g}V{max(end, top + 12):g}")
        elif point.begins:
            bars[point.lane] = _Bar(x, top + 2)
        elif bar := bars.pop(point.lane, None):
            self._path("b", f"M{x} {bar.top:g}V{top + _LINE:g}")

    def _middle(self, place: int, top: float) -> float:
        """Where the first line of arrows is."""
        return top + _LINE * (len(self._lines(place)) + self.steps[place].first) + _ARROW / 2 + 2

    def _moves(self, place: int, first: float) -> None:
        found = self._arrows(place)
        point = self.steps[place].point(self.side)
        lane = point.lane if point else 1
        shown = pills(*self._states[place], inet=self.inet)
        for line in range(max(len(found), 1 if shown else 0)):
            middle = first + _ARROW * line
            pilled = shown if line == 0 else []
            taken = {lane for lane, _ in pilled}
            for arrow in found[line] if line < len(found) else []:
                self._arrow(arrow, middle, lane, taken)
            for where, text in pilled:
                self._pill(where, text, middle)

    def _arrow(self, arrow: Arrow, y: float, lane: int, taken: set[str]) -> None:
        xs = [self._caller(lane) if end == CALLER else _X[end] for end in (arrow.start, arrow.end)]
        way = 1 if xs[1] > xs[0] else -1
        start = xs[0] + way * (_PILL if arrow.start in taken else 3)
        end = xs[1] - way * (_PILL if arrow.end in taken else 3)
        kind = "r" if arrow.label == "RST" else "v" if arrow.message else "a"
        self._path(kind, f"M{start} {y:g}H{end}m{-5 * way} -3.5l{5 * way} 3.5l{-5 * way} 3.5")
        if arrow.label:
            self._text(arrow.label, (start + end) / 2, y - 2, "c w" if arrow.label == "RST" else "c r")

    def _pill(self, lane: str, text: str, y: float) -> None:
        self._path("p" if text != "empty" else "o", f"M{_X[lane] - _PILL} {y - 7:g}h{2 * _PILL}v14h{-2 * _PILL}z")
        self._text(text, _X[lane], y + 3.5, "c")

    def _caller(self, lane: int) -> int:
        return _NUMBERS + 4 + _LANE * self.lanes.index(lane) if lane in self.lanes else _NUMBERS + 4

    def _path(self, kind: str, shape: str) -> None:
        self.paths.setdefault(kind, []).append(shape)

    def _line(self, line: Line, x: float, y: float, kind: str = "") -> None:
        more = f'<tspan class="{line.more_kind}">{escape(line.more, quote=False)}</tspan>' if line.more else ""
        self._text(line.text, x, y, f"{kind} {line.kind}".strip(), more)

    def _text(self, text: str, x: float, y: float, kind: str = "", more: str = "") -> None:
        shown = f' class="{kind}"' if kind else ""
        self.texts.append(f'<text{shown} x="{x:g}" y="{y:g}">{escape(text, quote=False)}{more}</text>')


# What is drawn over what: bands, bars of levels, arrows, pills.
_ORDER = ("d", "q", "k", "K", "j", "i", "b", "x", "a", "v", "r", "p", "o")


def _callers(points: Sequence[Point]) -> list[int]:
    """The processes that have something to do with sockets."""
    busy = {point.lane for point in points if point.kind in {Kind.CALL, Kind.MESSAGES} and not is_setup(point)}
    return sorted(busy | {1})


def _level(state: State) -> list[tuple[str, bool, str]]:
    return [
        (QUEUE, bool(state.queue), "q"),
        (KERNEL, bool(state.out), "K" if state.out == "full" else "k"),
        (_INTO, bool(state.into), "j"),
    ]
