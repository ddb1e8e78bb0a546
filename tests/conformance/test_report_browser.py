"""The page in a headless Chromium: what only its script and its styles do."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from gentcp_conformance.case import load
from gentcp_conformance.report import render

from .browser import Browser, chromium, find
from .report_toys import ERLANG, Pictures, toy_matrix, whole_page

SHOWN = "[...document.querySelectorAll('.case')].filter(e => e.checkVisibility()).map(e => e.lastElementChild.id)"
OPEN = "[...document.querySelectorAll('.case[open]')].map(e => e.lastElementChild.id)"
FOCUSED = "(e => e.closest('.case')?.lastElementChild.id ?? (e.closest('.area') ?? e).id)(document.activeElement)"
HASH = "location.hash"
ALL = ["send/x/one", "send/x/two", "recv/x/three", "close-shutdown/x/four"]
OPEN_ALL = "document.querySelectorAll('details').forEach(each => each.open = true)"

# Text whose colour is too close to what is behind it, with the ratio: WCAG wants 4.5.
FAINT = """(() => {
  const channels = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (text) => {
    const linear = (part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = channels(text).map((part) => linear(part / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (channels(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const found = new Set();
  for (const element of document.querySelectorAll("body *:not(svg *)")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.matches("option, script")) continue;
    const [one, other] = [getComputedStyle(element).color, behind(element)].map(light).sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) found.add(`${element.tagName}.${element.className}: ${ratio.toFixed(2)}`);
  }
  return [...found];
})()"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Generator[Browser]:
    command = find()
    if command is None:
        pytest.skip("no Chromium on the PATH, and GENTCP_CHROMIUM names none")
    with chromium(command, tmp_path_factory.mktemp("profile")) as found:
        yield found


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(render(toy_matrix(), Pictures()), encoding="utf-8")
    return file.as_uri()


def choose(browser: Browser, id: str, value: str) -> None:
    """Set a field as a reader does."""
    browser.run(
        f"(field => {{ field.value = '{value}'; field.dispatchEvent(new Event('input', {{bubbles: true}})) }})"
        f"(document.getElementById('{id}'))"
    )
    browser.settle()


def unpacked(browser: Browser) -> None:
    """Wait until what is open has its code."""
    browser.settle()
    left = "document.querySelector('.case[open] code:empty')"
    browser.run(f"new Promise(done => {{ const look = () => {left} ? setTimeout(look, 5) : done(); look(); }})")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [390, 800, 1280])
def test_it_fits_into_the_window_and_complains_of_nothing(
    browser: Browser, address: str, width: int, dark: bool
) -> None:
    browser.open(address, width=width, dark=dark)
    assert browser.run("document.documentElement.scrollWidth") == width
    browser.run(OPEN_ALL)
    browser.run("document.getElementById('more').click()")
    unpacked(browser)
    assert browser.run("document.documentElement.scrollWidth") == width
    assert browser.run(OPEN) == ALL
    assert browser.complaints == []


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_can_be_read(browser: Browser, address: str, dark: bool) -> None:
    browser.open(address, dark=dark)
    browser.run(OPEN_ALL)
    unpacked(browser)
    assert browser.run(FAINT) == []
    ground = browser.run("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert (max(ground) < 60) is dark
    assert (min(ground) > 200) is not dark


def test_a_diagram_is_unpacked_when_its_case_is_opened(browser: Browser, address: str) -> None:
    browser.open(f"{address}#send/x/one")
    unpacked(browser)
    assert browser.run("document.querySelector('.case[open] .diagram svg text').textContent") == "queue"
    assert browser.complaints == []


def test_a_long_outcome_is_wrapped_on_a_phone(browser: Browser, address: str) -> None:
    browser.open(f"{address}#send/x/two", width=390)
    browser.settle()
    box = browser.run(
        "(b => [b.left, b.right, b.height])(document.querySelector('.case[open] .term').getBoundingClientRect())"
    )
    assert box[0] >= 0
    assert box[1] <= 390
    assert box[2] > 100


def test_every_column_of_the_matrix_is_to_be_seen_on_a_phone(browser: Browser, address: str) -> None:
    browser.open(address, width=390)
    cells = browser.run(
        "[...document.querySelector('.case .strip').children].map(each => each.getBoundingClientRect())"
        ".map(box => [box.left, box.right, box.height])"
    )
    title = browser.run("document.querySelector('.case .what').getBoundingClientRect().bottom")
    assert browser.run("document.querySelector('.case .strip').getBoundingClientRect().top") >= title
    heads = browser.run(
        "[...document.querySelectorAll('.heads .strip i')].map(each => each.getBoundingClientRect())"
        ".map(box => (box.left + box.right) / 2)"
    )
    assert len(cells) == len(heads) == 8
    for (left, right, height), head in zip(cells, heads, strict=True):
        assert 0 <= left < head < right <= 390
        assert right - left > 20
        assert height > 15


def test_only_where_two_columns_differ(browser: Browser, address: str) -> None:
    browser.open(address)
    assert browser.run(SHOWN) == ALL
    browser.run("document.getElementById('only').click()")
    assert browser.run(SHOWN) == ["send/x/one", "send/x/two", "recv/x/three"]
    choose(browser, "right", "otp-29-socket")
    assert browser.run(SHOWN) == ["send/x/one", "send/x/two", "close-shutdown/x/four"]
    choose(browser, "left", "otp-27-socket")
    assert browser.run(SHOWN) == ["send/x/one"]
    assert browser.run("document.getElementById('shown').textContent") == "1 of 4 cases"
    assert browser.run("[...document.querySelectorAll('.area')].map(each => each.hidden)") == [False, True, True]
    letters = "[...document.querySelectorAll('.area:first-of-type .case:first-of-type [data-l]')]"
    assert browser.run(f"{letters}.filter(e => e.checkVisibility()).map(e => e.dataset.l)") == ["B", "D"]


def test_choosing_a_column_is_asking_where_it_differs(browser: Browser, address: str) -> None:
    browser.open(address)
    choose(browser, "right", "third")
    assert browser.run("document.getElementById('only').checked") is True
    assert browser.run(SHOWN) == ["send/x/one", "recv/x/three", "close-shutdown/x/four"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("x/THREE", ["recv/x/three"]),
        ("two of", ["send/x/two"]),
        ("alert means", ["send/x/one"]),
        ("enoent", []),
        ("{error,einval}", ["send/x/one"]),
        ("hangs <there>", ["close-shutdown/x/four"]),
        ("flaky", ["recv/x/three"]),
    ],
)
def test_search(browser: Browser, address: str, words: str, found: list[str]) -> None:
    browser.open(address)
    browser.press("/", *words)
    assert browser.run(SHOWN) == found
    assert browser.run("document.getElementById('none').checkVisibility()") is not bool(found)
    browser.press("Escape")
    assert browser.run(SHOWN) == ALL


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("area", "recv", ["recv/x/three"]),
        ("otp", "documented", ["close-shutdown/x/four"]),
        ("otp", "undocumented", ["send/x/one"]),
        ("otp", "diverges", ["send/x/one", "close-shutdown/x/four"]),
        ("otp", "same", ["send/x/two", "recv/x/three"]),
        ("otp", "since", ["send/x/one"]),
        ("otp", "manual", ["send/x/one"]),
        ("verdict", "FLAKY", ["recv/x/three"]),
        ("verdict", "DIFFERENT", ["send/x/one", "send/x/two"]),
        ("verdict", "third:DIFFERENT", ["send/x/one"]),
        ("verdict", "ACCEPTED", ["close-shutdown/x/four"]),
        ("verdict", "UNSUPPORTED", ["send/x/two"]),
        ("verdict", "not", ALL),
    ],
)
def test_filters(browser: Browser, address: str, field: str, value: str, found: list[str]) -> None:
    browser.open(address)
    choose(browser, field, value)
    assert browser.run(SHOWN) == found
    assert browser.run(HASH) == f"#?{field}={quote_plus(value)}"
    browser.run("document.getElementById('reset').click()")
    browser.settle()
    assert browser.run(SHOWN) == ALL
    assert browser.run("location.href") == f"{address}#"


def test_an_address_opens_its_case(browser: Browser, address: str) -> None:
    browser.open(f"{address}#close-shutdown/x/four")
    browser.settle()
    assert browser.run(OPEN) == ["close-shutdown/x/four"]
    assert browser.run(FOCUSED) == "close-shutdown/x/four"
    seen = "document.activeElement.getBoundingClientRect()"
    bar = "document.querySelector('.bar').getBoundingClientRect().bottom"
    assert browser.run(f"{seen}.top >= {bar} && {seen}.bottom <= innerHeight") is True
    assert browser.complaints == []


def test_an_address_brings_the_filters_back(browser: Browser, address: str) -> None:
    browser.open(f"{address}#recv/x/three?q=title&only=1&left=inet&right=third&verdict=FLAKY")
    browser.settle()
    assert browser.run(SHOWN) == ["recv/x/three"]
    assert browser.run(OPEN) == ["recv/x/three"]
    assert browser.run("document.getElementById('q').value") == "title"
    chosen = "[...document.querySelectorAll('.case[open] .chosen')].map(e => e.firstChild.data.trim())"
    assert browser.run(chosen) == ["gentcp inet", "third"]
    assert browser.run(HASH) == "#recv/x/three?q=title&only=1&left=inet&right=third&verdict=FLAKY"


def test_a_case_that_the_filters_hide_is_opened_all_the_same(browser: Browser, address: str) -> None:
    browser.open(f"{address}#send/x/two?area=recv")
    browser.settle()
    assert browser.run(OPEN) == ["send/x/two"]
    assert browser.run(FOCUSED) == "send/x/two"
    assert browser.run(SHOWN) == ALL


@pytest.mark.parametrize("fragment", ["#no/such/case", "#?area=none&left=none&verdict=none", "#%E0%A4%A", "#matrix"])
def test_an_address_that_leads_nowhere_shows_everything(browser: Browser, address: str, fragment: str) -> None:
    browser.open(f"{address}{fragment}")
    browser.settle()
    assert browser.run(SHOWN) == ALL
    assert browser.complaints == []


def test_an_address_of_filters_leads_to_the_matrix(browser: Browser, address: str) -> None:
    browser.open(f"{address}#?only=1&left=inet&right=third", height=500)
    browser.settle()
    assert browser.run("Math.round(document.querySelector('.bar').getBoundingClientRect().top)") == 0


def test_what_is_open_stands_in_the_address(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.run("document.querySelectorAll('.case > summary')[1].click()")
    browser.settle()
    assert browser.run(HASH) == "#send/x/two"
    choose(browser, "area", "send")
    assert browser.run(HASH) == "#send/x/two?area=send"
    browser.run("document.querySelectorAll('.case > summary')[1].click()")
    browser.settle()
    assert browser.run(HASH) == "#?area=send"


def test_the_numbers_at_the_top_lead_to_their_cases(browser: Browser, address: str) -> None:
    browser.open(address)
    links = browser.run(
        "[...document.querySelectorAll('header a[href*=\"?\"]')].map(link => link.getAttribute('href'))"
    )
    assert len(links) > 10
    for link in links:
        browser.run(f"document.querySelector('header a[href=\"{link}\"]').click()")
        browser.settle()
        number = browser.run(f"parseInt(document.querySelector('header a[href=\"{link}\"]').textContent)")
        assert len(browser.run(SHOWN)) == number, link


def test_it_can_be_used_by_keyboard(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.press("j", "j")
    assert browser.run(FOCUSED) == "send/x/one"
    browser.press("Enter")
    assert browser.run(OPEN) == ["send/x/one"]
    browser.press("ArrowDown", "j")
    assert browser.run(FOCUSED) == "area-recv"
    browser.press("Enter", "j")
    assert browser.run(FOCUSED) == "area-close-shutdown"
    browser.press("k", "k", "ArrowUp")
    assert browser.run(FOCUSED) == "send/x/one"
    assert browser.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    browser.press("Tab")
    assert browser.run("document.activeElement.closest('.body') !== null") is True
    browser.press("Escape")
    assert browser.run(OPEN) == []
    assert browser.run(FOCUSED) == "send/x/one"
    browser.press("?")
    assert browser.run("document.getElementById('legend').open") is True


def test_keys_mean_nothing_in_fields_but_what_is_typed(browser: Browser, address: str) -> None:
    browser.open(address)
    browser.press("/", "j", "k", "?", "/")
    assert browser.run("document.getElementById('q').value") == "jk?/"
    assert browser.run("document.getElementById('legend').open") is False
    browser.press("Escape")
    browser.run("document.getElementById('area').focus()")
    browser.press("j")
    assert browser.run(FOCUSED) == "area"


def test_every_field_says_what_it_is(browser: Browser, address: str) -> None:
    browser.open(address)
    unnamed = "field => !field.ariaLabel && ![...field.labels].some(label => label.textContent.trim())"
    assert (
        browser.run(f"[...document.querySelectorAll('input, select')].filter({unnamed}).map(field => field.id)") == []
    )
    assert browser.run("[...document.querySelectorAll('button')].filter(each => !each.textContent.trim()).length") == 0


def test_without_scripts_it_is_a_document(browser: Browser, address: str) -> None:
    browser.open(f"{address}#send/x/two", scripts=False)
    assert browser.run(SHOWN) == ALL
    assert browser.run(OPEN) == ["send/x/two"]
    assert browser.run("scrollY > 0") is True
    assert browser.run("document.querySelector('.controls').checkVisibility()") is False


def test_all_cases_open_whole(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(whole_page(), encoding="utf-8")
    browser.open(file.as_uri(), width=390)
    browser.run(OPEN_ALL)
    unpacked(browser)
    codes = browser.run(
        "Object.fromEntries([...document.querySelectorAll('.case .body')]"
        ".map(each => [each.id, each.querySelector('.python').textContent]))"
    )
    assert codes == {case.id: case.code for case in load().select()}
    assert browser.run("document.documentElement.scrollWidth") == 390
    assert browser.complaints == []


@pytest.mark.parametrize(
    ("language", "code", "styled"),
    [
        (
            "python",
            "def f(x):\n    return 'é', 0x1f  # no \"\n",
            [["def", "k"], ["f", "f"], ["return", "k"], ["'é'", "s"], ["0x1f", "n"], ['# no "', "c"]],
        ),
        ("python", 'not_a_1 = b\'#\' % rb"\\""', [["b'#'", "s"], ['rb"\\""', "s"]]),
        ("erlang", ERLANG, [["one", "f"], ['"<a>"', "s"]]),
        (
            "erlang",
            'case G of {ok, <<"a\\"%">>} -> 16#ff; \'end\' -> $" end. % of\n',
            [
                ["case", "k"],
                ["of", "k"],
                ['"a\\"%"', "s"],
                ["16#ff", "n"],
                ["'end'", "s"],
                ['$"', "s"],
                ["end", "k"],
                ["% of", "c"],
            ],
        ),
    ],
)
def test_code_is_styled(browser: Browser, address: str, language: str, code: str, styled: list[list[str]]) -> None:
    browser.open(address)
    found = browser.run(
        f"(e => {{ e.className = '{language}'; e.textContent = {json.dumps(code)}; highlight(e);"
        "return [e.textContent, [...e.children].map(i => [i.textContent, i.className])] })"
        "(document.createElement('code'))"
    )
    assert found == [code, styled]


def test_an_open_case_has_its_code_styled(browser: Browser, address: str) -> None:
    browser.open(f"{address}#send/x/one")
    unpacked(browser)
    assert browser.run("document.querySelector('.case[open] .python .k').textContent") == "def"
    assert browser.run("document.querySelectorAll('.case:not([open]) .k').length") == 0
