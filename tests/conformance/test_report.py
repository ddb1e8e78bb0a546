from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from gentcp_conformance.case import load
from gentcp_conformance.record import Record
from gentcp_conformance.report import render, view
from gentcp_conformance.report.packed import unpack

from .report_toys import COLUMNS, ERLANG, LINK, LONG, PICTURE, REASON, Pictures, toy_matrix, whole_page
from .toys import BOTH, matrix

VOID = {"meta", "input", "link", "br"}
IDS = ["send/x/one", "send/x/two", "recv/x/three", "close-shutdown/x/four"]


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


@pytest.fixture(scope="module")
def text() -> str:
    return render(toy_matrix(), Pictures())


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


@pytest.fixture(scope="module")
def whole() -> str:
    return whole_page()


@pytest.fixture(scope="module")
def parts() -> dict[str, view.Part]:
    return {row.case.id: view.part(row, "29") for row in toy_matrix().rows}


def test_nothing_is_loaded_from_anywhere(text: str, page: Page) -> None:
    assert page.loads == []
    assert [link for link in page.links if not link.startswith("#")] == [LINK]
    assert "link" not in page.tags
    assert "default-src 'none'" in text
    assert "@import" not in text
    assert "url(" not in text


def test_every_case_can_be_linked_to(page: Page) -> None:
    assert len(set(page.ids)) == len(page.ids)
    assert set(IDS) <= set(page.ids)
    assert {f"#{id}" for id in IDS} <= set(page.links)
    assert {link.partition("?")[0][1:] for link in page.links if link.startswith("#")} <= {*page.ids, ""}


def test_columns_say_by_letters_who_did_the_same(parts: dict[str, view.Part]) -> None:
    # gentcp inet, gentcp socket, otp_inet, third, then inet and socket as recorded of 27 and of 29
    assert parts["send/x/one"].pattern == "A B A C A D A B"
    assert parts["send/x/two"].pattern == "B A A - A A A A"
    assert parts["close-shutdown/x/four"].pattern == "A A A B A B A B"


def test_an_outcome_that_is_not_stable_has_several_letters(parts: dict[str, view.Part]) -> None:
    part = parts["recv/x/three"]
    assert part.pattern == "A B.C A D A A A A.B"
    assert [seat.text for seat in part.seats][1] == "BC"
    assert [seat.spread for seat in part.seats if seat.spread] == [
        {"B": "1 of 3", "C": "2 of 3"},
        {"A": "2 of 3", "B": "1 of 3"},
    ]
    assert [shown.kind for shown in part.outcomes] == ["", "", "", "timeout"]


def test_an_outcome_stands_there_once_with_all_who_came_to_it(page: Page, parts: dict[str, view.Part]) -> None:
    [shown] = [each for each in parts["send/x/two"].outcomes if each.letter == "A"]
    assert len(shown.seats) == len(COLUMNS) - 2
    assert "".join(page.texts).count(LONG) == 1


def test_an_outcome_is_marked_against_the_one_it_is_closest_to(parts: dict[str, view.Part]) -> None:
    marked = {
        shown.letter: [piece.text for piece in shown.pieces if piece.differs] for shown in parts["send/x/one"].outcomes
    }
    assert marked == {"A": ["ok", "<<1>>"], "B": ["closed"], "C": ["wrong"], "D": ["einval"]}


def test_columns_differ_without_an_outcome_in_common(parts: dict[str, view.Part]) -> None:
    differing = {
        pair.left.key + " " + pair.right.key: pair.count for pair in view.pairs(toy_matrix(), [*parts.values()])
    }
    assert differing == {
        "inet socket": 3,
        "otp-29-inet otp-29-socket": 2,
        "otp-27-inet otp-27-socket": 2,
        "otp-27-inet otp-29-inet": 0,
        "otp-27-socket otp-29-socket": 1,
    }


def test_what_cannot_be_compared_does_not_differ(parts: dict[str, view.Part]) -> None:
    assert not view.differ(parts["send/x/two"], COLUMNS[0], COLUMNS[3])


def test_columns_stand_in_groups(page: Page) -> None:
    assert [group.label for group in view.groups(COLUMNS)] == ["gentcp", "live 27", "other", "OTP 27", "OTP 29"]
    assert view.starts(COLUMNS) == [3, 4, 5, 7]
    shown = "".join(page.texts)
    assert "gentcp socket" in shown
    assert "otp_inet (live OTP 27)" in shown


def test_the_numbers_are_at_the_top(page: Page) -> None:
    top = "".join(page.texts).partition("Judged")[0].split()
    assert [int(word) for word in top[-40:] if word.isdigit() and word != "29"] == [4, 2, 1, 1, 1, 1]


def test_outcomes_and_verdicts_are_there(page: Page) -> None:
    shown = "".join(page.texts)
    for wanted in (
        "FLAKY 1/3",
        "DIVERGES (undocumented)",
        "differs before OTP 29 (socket)",
        "It says <so>.",
        REASON,
        "Means <script>alert(1)</script> & more.",
        "gentcp compare --case send/x/one",
        "timeout: 20 s",
        "no IPv6 here",
    ):
        assert wanted in shown, wanted


def test_code_is_there_and_a_diagram_and_erlang_if_there_are_any(text: str) -> None:
    packed = re.search(r'id="packed">(.*?)</script>', text)
    assert packed
    texts = unpack(packed[1])
    assert {kind: text for kind, text in texts["send/x/one"].items() if kind != "python"} == {
        "diagram": PICTURE, "erlang": ERLANG,
    }  # fmt: skip
    assert 'return "ok"  # <b>"&"</b>' in texts["send/x/two"]["python"]
    assert all(set(texts[case]) == {"python"} for case in set(texts) - {"send/x/one"})
    assert text.count('<figure class="diagram">') == 1
    assert text.count("Erlang</figcaption>") == 1
    without = render(toy_matrix())
    assert '<figure class="diagram">' not in without
    assert "Erlang</figcaption>" not in without


def test_nothing_of_a_case_is_markup(page: Page) -> None:
    assert page.tags.count("script") == 3
    assert "so" not in page.tags
    assert "there" not in page.tags


def test_the_same_matrix_gives_the_same_page_but_for_the_environment(text: str) -> None:
    assert render(toy_matrix(), Pictures()) == text
    again = render(toy_matrix("PyPy 9"), Pictures())
    assert again != text
    assert again.replace("PyPy 9", "CPython 3.x") == text


def test_a_page_without_recorded_columns_has_its_letters_from_the_first_one() -> None:
    found = render(matrix([], Record((), {}), Record((), {}), columns=BOTH))
    assert "A is what the first column did." in " ".join(Page(found).texts)


def test_releases_that_did_the_same_are_named_together(parts: dict[str, view.Part]) -> None:
    assert [[names for names, _ in shown.who] for shown in parts["recv/x/three"].outcomes] == [
        ["gentcp inet", "otp_inet (live OTP 27)", "OTP 27, 29 inet", "OTP 27 socket", "OTP 29 socket"],
        ["gentcp socket", "OTP 29 socket"],
        ["gentcp socket"],
        ["third"],
    ]


def test_a_page_of_all_cases_stays_small(whole: str) -> None:
    assert len(whole.encode()) < 3_400 * len(load().ids())
    assert set(load().ids()) <= set(Page(whole).ids)
