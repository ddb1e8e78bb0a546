"""What the documents show is what happens: every `pycon` fence of the README and of docs runs as a doctest."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from gentcp_conformance.case import load

from .support.fixtures import nothing_left_behind as nothing_left_behind

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```pycon\n(.*?)^```$", re.DOTALL | re.MULTILINE)
NAMED_CASES = re.compile(r"\b[Cc]ases? ((?:[a-z0-9-]+(?:/[a-z0-9*-]+)+(?:, | and )?)+)")
"""In a docstring of a test."""
SHOWN_CASE = re.compile(r"gentcp show ([a-z0-9/-]+)")


def fences() -> list[doctest.DocTest]:
    """One test a fence, placed so that a failure names the document's line."""
    parser, found = doctest.DocTestParser(), []
    for path in DOCUMENTS:
        text, name = path.read_text(), str(path.relative_to(ROOT))
        for fence in FENCE.finditer(text):
            line = text.count("\n", 0, fence.start(1))
            found.append(parser.get_doctest(fence[1], {}, f"{name}:{line + 1}", name, line))
    return found


@pytest.mark.usefixtures("nothing_left_behind")  # nor a message of an earlier test
@pytest.mark.parametrize("example", fences(), ids=lambda example: example.name)
def test_an_example_prints_what_it_shows(example: doctest.DocTest) -> None:
    report: list[str] = []
    doctest.DocTestRunner().run(example, out=report.append)
    assert not report, "".join(report)


def test_the_readme_has_examples() -> None:
    assert [example for example in fences() if example.filename == "README.md"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_cases_that_it_shows_exist(path: Path) -> None:
    assert set(SHOWN_CASE.findall(path.read_text())) <= set(load().ids())


def test_the_cases_that_tests_name_exist() -> None:
    texts = [
        path.read_text() for folder in ("backends", "gentcp") for path in (ROOT / "tests" / folder).glob("**/*.py")
    ]
    named = {name for text in texts for found in NAMED_CASES.findall(text) for name in re.split(", | and ", found)}
    assert len(named) > 50
    assert [name for name in sorted(named) if name and not load().select([name.removesuffix("*")])] == []


def test_the_cases_that_ci_records_again_exist() -> None:
    sample = re.search(r"^sample=\((.*?)\)", (ROOT / ".ci" / "run").read_text(), re.DOTALL | re.MULTILINE)
    assert sample
    assert [prefix for prefix in sample[1].split() if not load().select([prefix])] == []
