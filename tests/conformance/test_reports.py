"""The list of public reports, and where a case names them."""

from __future__ import annotations

import json

import pytest

from gentcp_conformance import reports
from gentcp_conformance.case import Registry, load
from gentcp_conformance.formats import results
from gentcp_conformance.report import render
from gentcp_conformance.reports import Reports, ReportsError, parse

from .command import run, use_cases, use_recording
from .toys import make, matrix, record, result

CASES = ["send/x/one", "send/x/two", "recv/x/three"]
PROJECTS = '[projects]\notp = "erlang/otp"\nmysql-otp = "mysql-otp/mysql-otp"\n'


def entry(id: str, *cases: str, also: tuple[str, ...] = (), said: str = "It <hangs>.") -> str:
    return f"[[report]]\nid = {id!r}\nalso = {list(also)}\nsaid = {said!r}\ncases = {list(cases)}\n"


def listed(*entries: str) -> Reports:
    return parse(PROJECTS + "".join(entries), CASES)


def test_reports_are_found_by_case() -> None:
    found = listed(entry("otp#12", "send/x/*"), entry("ERL-7", "send/x/two", "recv/*"))
    assert [report.id for report in found.of("send/x/one")] == ["otp#12"]
    assert [report.id for report in found.of("send/x/two")] == ["otp#12", "ERL-7"]
    assert found.of("send/x/none") == ()
    assert found.entries[1].cases == ("send/x/two", "recv/x/three")


def test_an_issue_has_a_link_and_a_ticket_has_that_of_its_issue() -> None:
    found = listed(entry("mysql-otp#9", "send/*"), entry("ERL-7", "send/*", also=("otp#8",)), entry("OTP-1", "send/*"))
    links = [report.link for report in found.entries]
    assert links == ["https://github.com/mysql-otp/mysql-otp/issues/9", "https://github.com/erlang/otp/issues/8", ""]
    assert found.entries[1].numbers == ("ERL-7", "otp#8")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (entry("otp#1", "send/z/*"), "report 'otp#1': no case 'send/z/\\*'"),
        (entry("otp#1", "send/*", "nothing"), "report 'otp#1': no case 'nothing'"),
        (entry("otp#1"), "'cases' is missing or empty"),
        (entry("otp#1", "send/*", said=""), "'said' is missing or empty"),
        (entry("11319", "send/*"), "'11319': want"),
        (entry("ranch#1", "send/*"), "ranch is not in \\[projects\\]"),
        (entry("otp#1", "send/*") + 'link = "x"\n', "unknown key 'link'"),
        (entry("otp#1", "send/*") + entry("OTP-9", "send/*", also=("otp#1",)), "otp#1 is there twice"),
        ('other = "x"', "unknown key"),
        ("[[report]", "reports: "),
    ],
)
def test_a_malformed_list_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ReportsError, match=complaint):
        parse(text if text.startswith(("other", "[[report]\n")) else PROJECTS + text, CASES)


def test_the_list_of_the_kit_is_well_formed() -> None:
    found = reports.load(load().ids())
    assert {"otp#11319", "OTP-19199", "ranch#319"} <= {number for each in found.entries for number in each.numbers}


# Where they are named

REPORTED = listed(entry("otp#12", "send/x/one", also=("ERL-3",)), entry("OTP-4", "send/x/one"))


def reported_matrix() -> str:
    cases = [make(lambda _: "ok", id) for id in CASES[:2]]
    both = record(*(result(case.id, name, "ok") for case in cases for name in ("inet", "socket")))
    made = matrix(cases, both, both, reports=REPORTED)
    return results.render(made) + render(made)


def test_results_name_the_reports_of_a_case() -> None:
    one, two = json.JSONDecoder().raw_decode(reported_matrix())[0]["cases"]
    said, link = "It <hangs>.", "https://github.com/erlang/otp/issues/12"
    assert one["reports"] == [
        {"id": "otp#12", "also": ["ERL-3"], "said": said, "link": link},
        {"id": "OTP-4", "also": [], "said": said, "link": ""},
    ]
    assert two["reports"] == []


def test_the_page_names_the_reports_of_a_case() -> None:
    page = reported_matrix()
    link = 'href="https://github.com/erlang/otp/issues/12"'
    assert f'<dd><a {link} rel="noreferrer">otp#12, ERL-3</a> It &lt;hangs>.</dd>' in page
    assert "<dd><b>OTP-4</b> It &lt;hangs>.</dd>" in page
    assert page.count("<dt>Reported</dt>") == 1


def test_show_names_the_reports_of_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry()
    for id in CASES[:2]:
        make(lambda _: "ok", id, registry=registry)
    use_cases(monkeypatch, registry)
    use_recording(monkeypatch, *(result(id, name, "ok") for id in CASES[:2] for name in ("inet", "socket")))
    monkeypatch.setattr(reports, "load", lambda _: REPORTED)
    output = run("show", "send/x/one").output
    assert "otp#12, ERL-3  It <hangs>.\n  https://github.com/erlang/otp/issues/12\nOTP-4  It <hangs>.\n" in output
    assert "who ran into it" not in run("show", "send/x/two").output
