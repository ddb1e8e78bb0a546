from __future__ import annotations

import pytest

from gentcp_conformance import differences
from gentcp_conformance.case import load
from gentcp_conformance.differences import DifferencesError, parse

GOOD = {
    "case": "a/b",
    "subject": "inet",
    "release": "27-29",
    "verdict": "DIFFERENT",
    "reason": "A bug of the VM.",
    "link": "https://example.org/1",
}


def entry(**changes: str | int | None) -> str:
    keys = {**GOOD, **changes}
    lines = [f"{key} = {value!r}" for key, value in keys.items() if value is not None]
    return "\n".join(["[[difference]]", *lines, ""])


def test_an_entry_is_found_by_case_subject_and_release() -> None:
    listed = parse(entry(), ["a/b"])
    found = listed.find("a/b", "inet", "28")
    assert found is not None
    assert found.reason == "A bug of the VM."
    assert listed.find("a/b", "socket", "28") is None
    assert listed.find("a/c", "inet", "28") is None


def test_what_a_subject_is_like_has_its_entries() -> None:
    listed = parse('[like]\naio = "inet"\n' + entry() + entry(subject="aio", release="30"), ["a/b"])
    assert listed.find("a/b", "aio", "28") is listed.find("a/b", "inet", "28") is not None
    assert listed.find("a/b", "aio", "30") is not None
    assert listed.find("a/b", "inet", "30") is None


def test_lists_are_merged_and_the_first_one_counts() -> None:
    own = parse('[like]\naio = "socket"\n' + entry(subject="mine"), ["a/b"])
    both = differences.merged([own, parse('[like]\naio = "inet"\ntoo = "inet"\n' + entry(), ["a/b"])])
    assert [each.subject for each in both.entries] == ["mine", "inet"]
    assert both.like == {"aio": "socket", "too": "inet"}


@pytest.mark.parametrize(
    ("releases", "release", "covered"),
    [("29", "29", True), ("29", "28", False), ("27-29", "27", True), ("27-29", "30", False), ("27-29", "26", False)],
)
def test_releases_are_one_or_a_range(releases: str, release: str, covered: bool) -> None:
    (found,) = parse(entry(release=releases), ["a/b"]).entries
    assert found.covers(release) is covered


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (entry(case="a/z"), "difference 1: unknown case 'a/z'"),
        (entry(colour="red"), "difference 1: unknown key 'colour'; known: case, subject"),
        (entry(reason=None), "difference 1: 'reason' is missing"),
        (entry(link="  "), "'link' is missing, empty"),
        (entry(release=29), "'release' is missing, empty or no string"),
        (entry(release="29+"), 'want "29" or "27-29"'),
        (entry(verdict="SAME"), "verdict 'SAME' is none of DIFFERENT"),
        (entry() + entry(), "a/b on inet, release 27-29: there twice"),
        (entry() + entry(case="a/z"), "difference 2: unknown case"),
        ("[difference", "differences: "),
        ("[[differences]]", "unknown key 'differences'"),
        ("[like]\naio = 1", "like: aio = 1: want a subject"),
        ("[like]\naio = 'io'\nio = 'inet'", "like: aio = 'io': want a subject that is like no other"),
    ],
)
def test_a_malformed_list_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(DifferencesError, match=complaint.replace("[", r"\[")):
        parse(text, ["a/b"])


def test_the_list_of_the_kit_is_well_formed() -> None:
    differences.load(load().ids())
