"""Draw the state machines of the backends from their own tables: `python docs/make_states.py` writes docs/states.

The tables are private modules of the backends (`_states.py`); nothing but this picture wants them from outside, so
they are imported by name here instead of being published.  A test runs this script and compares.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from html import escape
from importlib import import_module
from itertools import groupby, pairwise
from pathlib import Path
from textwrap import wrap
from types import ModuleType
from typing import Any

State = Any
Step = Any
Key = tuple[State, str, str, str]

TABLES = {"inet": "gentcp_inet._states", "socket": "gentcp_socket._states"}

EVENTS = {
    "fin": "the peer has closed its side, or reset the connection while show_econnreset is off",
    "broken": "reading failed, or the stream has no packet where one should be (emsgsize)",
    "unreadable": "end of file, or reading failed",
    "misframed": "the stream has no packet where one should be (emsgsize)",
    "unsendable": "writing failed, in a call or in the background",
    "overdue": "send_timeout is over, and send_timeout_close is on",
    "activate": "setopts sets active on a socket without a connection",
    "close": "close, or on socket send_timeout_close, or on inet the end of the owner",
    "abandon": "the end of the owner",
}
"""What happens; a word missing here stops the script."""
STAGES = {"lingers": "; close(2) lingers", "lingered": "; the close(2) is over that lingered"}
"""Second words of events."""

MODES = {
    "active": "active is not false",
    "passive": "active is false",
    "waiting": "passive, and a recv waits; where this is not named it is as passive",
}
OPERATIONS = {"name": "sockname, peername"}
"""Those that are not called what the function is called."""


@dataclass(frozen=True)
class Row:
    """Entries of the table that differ in nothing but where they start and under which options."""

    event: str
    sources: tuple[State, ...]
    condition: str
    target: State | None
    """None: each stays where it is."""
    effects: tuple[str, ...]
    keys: tuple[Key, ...]


def _meaning(event: str) -> str:
    word, _, stage = event.partition(" ")
    return EVENTS[word] + STAGES.get(stage, "")


def rows(transitions: dict[Key, Step]) -> list[Row]:
    """The table, as few rows as it can be told in, in its own order of events."""
    events = dict.fromkeys(event for _, event, _, _ in transitions)
    return [row for event in events for row in _rows_of(event, transitions)]


def _rows_of(event: str, transitions: dict[Key, Step]) -> Iterator[Row]:
    mine = {key: step for key, step in transitions.items() if key[1] == event}
    modes = {mode for _, _, mode, _ in mine}
    alike: dict[tuple[State, Step], list[Key]] = {}
    for key, step in mine.items():
        alike.setdefault((key[0], step), []).append(key)
    merged: dict[tuple[str, State | None, tuple[str, ...]], list[Key]] = {}
    for (source, step), keys in alike.items():
        target = None if step.next is source else step.next
        merged.setdefault((_condition(keys, modes), target, _effects(step)), []).extend(keys)
    for (condition, target, effects), keys in merged.items():
        yield Row(event, tuple(dict.fromkeys(key[0] for key in keys)), condition, target, effects, tuple(keys))


def _condition(keys: Iterable[Key], every: set[str]) -> str:
    """The modes and exit_on_close of `keys` in words; "" when nothing else can be the case."""
    modes: dict[tuple[str, ...], list[str]] = {}  # of one mode both values of exit_on_close, or one of them
    for mode in dict.fromkeys(key[2] for key in keys):
        modes.setdefault(tuple(sorted(key[3] for key in keys if key[2] == mode)), []).append(mode)
    parts = [
        [_modes(names, every), *(_EXIT[then] for then in thens if len(thens) == 1)] for thens, names in modes.items()
    ]
    return ", or ".join(", ".join(filter(None, part)) for part in parts)


_EXIT = {"exit": "exit_on_close true", "stay": "exit_on_close false"}


def _modes(names: list[str], every: set[str]) -> str:
    return "" if set(names) == every else " or ".join(names)


def _effects(step: Step) -> tuple[str, ...]:
    told = (f"tells {' and '.join(step.tell)}",) if step.tell else ()
    return told + tuple(_words(field.name) for field in fields(step) if getattr(step, field.name) is True)


def _words(name: str) -> str:
    return name.replace("_", " ")


def effects_explained(module: ModuleType) -> dict[str, str]:
    """The flags of a step with their docstrings, which only the source has."""
    [step] = [node for node in ast.parse(inspect.getsource(module)).body if getattr(node, "name", "") == "Step"]
    assert isinstance(step, ast.ClassDef)
    found: dict[str, str] = {}
    for node, doc in pairwise(step.body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(doc, ast.Expr):
            text = " ".join(str(ast.literal_eval(doc.value)).split())
            found[_words(node.target.id)] = text[0].lower() + text[1:].rstrip(".")
    return found


# ---- the table


def page(name: str, module: ModuleType) -> str:
    """Markdown: the picture, then everything in it in words."""
    states, table = list(module.STATES), rows(module.TRANSITIONS)
    parts = [
        f"# States of the {name} backend",
        f"`docs/make_states.py` made this page from `STATES` and `TRANSITIONS` in `{_path(module)}`.",
        f"![The states of the {name} backend]({name}.svg)",
        "## States",
        _table(["State", "Meaning"], [[f"**{state.name}**", state.doc] for state in states]),
        "## Transitions",
        _table(["Event", "From", "If", "To", "Besides"], [_cells(row) for row in table]),
        "Events:",
        _list((event, _meaning(event)) for event in dict.fromkeys(row.event for row in table)),
        "If:",
        _list((mode, MODES[mode]) for mode in dict.fromkeys(mode for _, _, mode, _ in module.TRANSITIONS)),
        "Besides:",
        _list({"tells": _TELLS, **effects_explained(module)}.items()),
        "## Answers",
        "What an operation answers in a state without asking the operating system; a dash means that it goes ahead.",
        _answers(states),
    ]
    return "\n\n".join(parts) + "\n"


_TELLS = "the owner gets these messages, in this order; tcp_error only if there is more to say than closed"


def _cells(row: Row) -> list[str]:
    sources = ", ".join(state.name for state in row.sources)
    target = row.target.name if row.target else "stays"
    return [f"**{row.event}**", sources, row.condition or "always", target, "; ".join(row.effects)]


def _answers(states: list[State]) -> str:
    operations = dict.fromkeys(operation for state in states for operation in state.answers)
    body = [[f"`{OPERATIONS.get(name, name)}`", *(_answer(state, name) for state in states)] for name in operations]
    return _table(["", *(state.name for state in states)], body)


def _answer(state: State, operation: str) -> str:
    return f"`{state.answers[operation]}`" if operation in state.answers else "-"


def _path(module: ModuleType) -> str:
    return f"backends/{module.__name__.replace('.', '/')}.py"


def _table(head: list[str], body: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *body))


def _list(entries: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"- **{name}**: {text}" for name, text in entries)


# ---- the picture

LEFT, COLUMN, RIGHT = 228, 104, 248
TOP, LINE, PAD = 82, 20, 7

STYLE = """
    svg { --back: #ffffff; --band: #eef2f7; --ink: #1f2933; --soft: #4b5866; --line: #aab7c4; --box: #dde8f5;
          --mark: #1d5fbf; --last: #f5dcdc; }
    @media (prefers-color-scheme: dark) {
      svg { --back: #14181d; --band: #222a33; --ink: #e6ebf0; --soft: #b3bec9; --line: #55626f; --box: #22395a;
            --mark: #7db4ff; --last: #55292c; }
    }
    text { font: 15px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; fill: var(--ink); }
    .bold { font-weight: 600; }
    .title { font-size: 18px; font-weight: 600; }
    .name { font-size: 13.5px; font-weight: 600; text-anchor: middle; }
    .soft { fill: var(--soft); }
    .back { fill: var(--back); }
    .band { fill: var(--band); }
    .box { fill: var(--box); stroke: var(--line); }
    .last { fill: var(--last); stroke: var(--line); }
    .life { stroke: var(--line); stroke-dasharray: 3 4; }
    .move { stroke: var(--mark); stroke-width: 2; fill: none; }
    .from { fill: var(--mark); }
""".rstrip()


class Picture:
    """A column for each state, a row for each transition, in the manner of a message sequence chart."""

    def __init__(self, name: str, module: ModuleType) -> None:
        self.name = name
        self.table = rows(module.TRANSITIONS)
        self.at = {state: LEFT + COLUMN // 2 + index * COLUMN for index, state in enumerate(module.STATES)}
        self.right = LEFT + COLUMN * len(self.at)
        self.width = self.right + RIGHT
        self.bottom = TOP
        self.shapes: list[str] = []

    def svg(self) -> str:
        """The whole document."""
        for event, group in groupby(self.table, key=lambda row: row.event):
            self._heading(event)
            for row in group:
                self._row(row)
        leaves = {source for row in self.table for source in row.sources if row.target}
        boxes = [box for state in self.at for box in self._boxes(state, last=state not in leaves)]
        lines = [f'<line class="life" x1="{x}" y1="58" x2="{x}" y2="{self.bottom + 14}"/>' for x in self.at.values()]
        body = "\n".join([*lines, *self.shapes, *boxes])
        return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.bottom + 66}" role="img">
<title>States of the {self.name} backend, generated by docs/make_states.py</title>
<style>{STYLE}
</style>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="6" markerHeight="6" orient="auto">
<path class="from" d="M0 0 10 5 0 10z"/></marker></defs>
<rect class="back" width="100%" height="100%" rx="8"/>
{_text(16, 47, f"{self.name} backend", "title")}
{_text(self.right + 8, 47, "and besides", "soft")}
{body}
</svg>
"""

    def _heading(self, event: str) -> None:
        y = self.bottom
        said = f'<tspan class="bold">{event}</tspan><tspan class="soft" dx="10">{escape(_meaning(event))}</tspan>'
        self.shapes += [
            f'<rect class="band" x="0" y="{y}" width="{self.width}" height="{LINE + 2 * PAD}"/>',
            f'<text x="16" y="{y + PAD + 14}">{said}</text>',
        ]
        self.bottom += LINE + 2 * PAD + 3

    def _row(self, row: Row) -> None:
        said = wrap(row.condition or "always", 31)
        done = wrap(", ".join(row.effects), 31)
        height = max(len(said), len(done)) * LINE + 2 * PAD
        top = self.bottom
        for x, lines in ((16, said), (self.right + 8, done)):
            first = top + (height - len(lines) * LINE) // 2 + 14
            self.shapes += [_text(x, first + index * LINE, line) for index, line in enumerate(lines)]
        sources, y = [self.at[source] for source in row.sources], top + height // 2
        if row.target is None:
            self._arrows(sources, y - 7, [f"M{x} {y - 7}h20a7 7 0 0 1 0 14h-17" for x in sources])
        else:
            to = self.at[row.target]
            ends = {x for x in (min(sources), max(sources)) if x in (min(*sources, to), max(*sources, to))}
            self._arrows(sources, y, [f"M{x} {y}H{to - 3 if x < to else to + 3}" for x in sorted(ends)])
        self.bottom += height

    def _arrows(self, dots: list[int], y: int, paths: list[str]) -> None:
        self.shapes += [f'<path class="move" marker-end="url(#tip)" d="{path}"/>' for path in paths]
        self.shapes += [f'<circle class="from" cx="{x}" cy="{y}" r="4.5"/>' for x in dots]

    def _boxes(self, state: State, *, last: bool) -> Iterator[str]:
        x, half = self.at[state], COLUMN // 2 - 3
        kind = "last" if last else "box"
        for y in (24, self.bottom + 14):
            shape = f'<rect class="{kind}" x="{x - half}" y="{y}" width="{2 * half}" height="34" rx="8"/>'
            yield f"<g><title>{escape(state.doc)}</title>{shape}{_text(x, y + 22, state.name, 'name')}</g>"


def _text(x: int, y: int, text: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{style}>{escape(text)}</text>'


def main(folder: Path) -> None:
    """Write the picture and the page of each backend into `folder`."""
    folder.mkdir(exist_ok=True)
    for name, path in TABLES.items():
        module = import_module(path)
        (folder / f"{name}.svg").write_text(Picture(name, module).svg(), encoding="utf-8")
        (folder / f"{name}.md").write_text(page(name, module), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "states")
