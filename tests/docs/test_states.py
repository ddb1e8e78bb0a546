"""The pictures of the state machines are those of the tables in the code."""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ..support import seams

DOCS = Path(__file__).parents[2] / "docs"
SCRIPT = DOCS / "make_states.py"
MACHINES = pytest.mark.parametrize("name", ["inet", "socket"])
COLOUR = re.compile(r"(--\w+): #")
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("states")
    subprocess.run([sys.executable, str(SCRIPT), str(folder)], check=True)
    return folder


@MACHINES
@pytest.mark.parametrize("kind", ["svg", "md"])
def test_what_the_docs_show_is_up_to_date(drawn: Path, name: str, kind: str) -> None:
    file = f"{name}.{kind}"
    assert (DOCS / "states" / file).read_text() == (drawn / file).read_text(), "run: python docs/make_states.py"


@MACHINES
def test_every_transition_is_in_one_row(name: str) -> None:
    rows: list[Any] = runpy.run_path(str(SCRIPT))["rows"](seams.states(name).TRANSITIONS)
    assert sorted(map(repr, (key for row in rows for key in row.keys))) == sorted(
        map(repr, seams.states(name).TRANSITIONS)
    )
    for row in rows:
        for key in row.keys:
            step = seams.states(name).TRANSITIONS[key]
            assert step.next is (row.target or key[0])
            assert key[0] in row.sources
            assert key[1] == row.event
            assert all(message in " ".join(row.effects) for message in step.tell)


@MACHINES
def test_the_picture_names_every_state_and_event(drawn: Path, name: str) -> None:
    picture = ET.parse(drawn / f"{name}.svg")
    texts = {text for element in picture.iter() for text in element.itertext()}
    assert {state.name for state in seams.states(name).STATES} <= texts
    assert {event for _, event, _, _ in seams.states(name).TRANSITIONS} <= texts


@MACHINES
def test_the_picture_has_colours_for_the_dark(drawn: Path, name: str) -> None:
    style = ET.parse(drawn / f"{name}.svg").findtext(f"{SVG}style") or ""
    light, dark = style.split("@media (prefers-color-scheme: dark)")
    assert COLOUR.findall(light) == COLOUR.findall(dark) != []
