from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from gentcp_conformance.case import load
from gentcp_conformance.report import render
from gentcp_conformance.report.highlight import Span, spans

from .toys import make, matrix, record, result

VOID = {"meta", "input", "link", "br"}


class Page(HTMLParser):
    """What a page consists of; fails for tags that do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.data: dict[str, list[str]] = {}
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self._open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name in {"src", "srcset", "action", "data", "poster"}:
                self.loads.append(value or "")
            elif name.startswith("data-"):
                self.data.setdefault(name, []).append(value or "")

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in {"script", "style"}:
            self.texts.append(data)


def case_code(_: object) -> str:
    return "ok"  # <b>"&"</b>


CASES = [
    make(case_code, "send/x/one", title="One <i>", means="Means <script>alert(1)</script> & more."),
    make(case_code, "recv/x/two"),
]
RECORDING = record(
    result("send/x/one", "inet", "{ok,<<1>>}"),
    result("send/x/one", "socket", "{error,closed}"),
    result("recv/x/two", "inet", "ok"),
    result("recv/x/two", "socket", "ok", "also"),
)
RUN = record(
    result("send/x/one", "inet", "{ok,<<1>>}"),
    result("send/x/one", "socket", "{error,closed}"),
    result("recv/x/two", "inet", "ok"),
    result("recv/x/two", "socket", "wrong", "ok", "wrong"),
)


@pytest.fixture(scope="module")
def text() -> str:
    return render(matrix(CASES, RUN, RECORDING))


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_nothing_is_loaded_from_anywhere(text: str, page: Page) -> None:
    assert page.loads == []
    assert all(link.startswith("#") for link in page.links)
    assert "link" not in page.tags
    assert "http://" not in text
    assert "https://" not in text
    assert "@import" not in text
    assert "url(" not in text


def test_every_case_can_be_linked_to(page: Page) -> None:
    assert len(set(page.ids)) == len(page.ids)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert {"#send/x/one", "#recv/x/two"} <= set(page.links)


def test_outcomes_code_and_verdicts_are_there(page: Page) -> None:
    shown = "".join(page.texts)
    assert "FLAKY 1/3" in shown
    assert "DIVERGES (undocumented)" in shown
    assert 'return "ok"  # <b>"&"</b>' in shown
    assert "Means <script>alert(1)</script> & more." in shown
    assert "gentcp compare --case send/x/one" in shown
    assert "also" in shown


def test_columns_can_be_compared_by_their_whole_outcome(page: Page) -> None:
    columns, texts = page.data["data-column"], page.data["data-text"]
    assert columns == ["s-inet", "s-socket", "o-inet", "o-socket"] * 2
    assert texts[:4] == ["{ok,<<1>>}", "{error,closed}"] * 2
    assert page.data["data-judgement"][4:] == ["SAME", "FLAKY", "", ""]


def test_nothing_of_a_case_is_markup(page: Page) -> None:
    assert page.tags.count("script") == 1
    assert "b" not in page.tags


def test_it_is_made_for_phones_and_the_dark(text: str) -> None:
    assert 'name="viewport" content="width=device-width' in text
    assert "prefers-color-scheme: dark" in text


def test_the_same_matrix_gives_the_same_page_but_for_the_environment(text: str) -> None:
    elsewhere = replace(RUN, about={"python": "PyPy 9"})
    again = render(matrix(CASES, elsewhere, RECORDING))
    assert again != text
    assert again.replace("PyPy 9", "CPython 3.x") == text


def test_a_page_of_all_cases_stays_small() -> None:
    from gentcp_conformance.record import recorded

    whole = render(matrix(load().select(), recorded("29"), recorded("29")))
    assert len(whole.encode()) < 3_000_000
    assert set(load().ids()) <= set(Page(whole).ids)


def test_code_is_styled() -> None:
    found = [span for span in spans("def f(x):\n    return 'é', 1  # no\n") if span.style]
    assert found == [
        Span("def", "k"),
        Span("f", "f"),
        Span("return", "k"),
        Span("'é'", "s"),
        Span("1", "n"),
        Span("# no", "c"),
    ]


def test_styling_leaves_the_code_of_every_case_as_it_is() -> None:
    for case in load().select():
        assert "".join(span.text for span in spans(case.code)) == case.code
