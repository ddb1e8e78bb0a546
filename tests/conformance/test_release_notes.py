from __future__ import annotations

import pytest

from gentcp_conformance.case import load as load_cases
from gentcp_conformance.release_notes import Note, ReleaseNotesError, load, parse, release_of

CASES = ["send/x/one", "send/x/two", "recv/x/three"]
GOOD: dict[str, object] = {
    "ticket": "OTP-1",
    "in": ["kernel 11.0.4", "erts 16.2"],
    "also": ["otp#2"],
    "changed": "It is quicker.",
    "cases": ["send/*"],
}


def entry(**changes: object) -> str:
    keys = {**GOOD, **changes}
    return "[[note]]\n" + "".join(f"{key} = {value!r}\n" for key, value in keys.items() if value is not None)


def one(**changes: object) -> Note:
    (note,) = parse(entry(**changes), CASES)
    return note


def test_a_note_has_cases() -> None:
    note = one()
    assert note.cases == ("send/x/one", "send/x/two")
    assert note.numbers == ("OTP-1", "otp#2")
    assert note.release == 29


def test_a_note_may_say_why_it_has_none() -> None:
    note = one(cases=None, no_case="needs Windows", also=None)
    assert (note.cases, note.no_case) == ((), "needs Windows")


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("kernel 8.3.2.4", 24),
        ("kernel 8.4", 25),
        ("kernel 9.2.4.11", 26),
        ("kernel 10.2.7.5", 27),
        ("kernel 10.3", 28),
        ("kernel 11.0.4", 29),
        ("erts 12.0", 24),
        ("erts 15.2.7.13", 27),
        ("erts 17.1", 29),
    ],
)
def test_a_version_belongs_to_a_release(version: str, release: int) -> None:
    assert release_of(version) == release


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (entry(cases=["send/z"]), "note 'OTP-1': no case 'send/z'"),
        (entry(cases=None), "wants one of 'cases' and 'no_case'"),
        (entry(no_case="needs Windows"), "wants one of 'cases' and 'no_case'"),
        (entry(changed=""), "'changed' is missing or empty"),
        (entry(ticket="ERL-1"), 'want "OTP-20257" as ticket'),
        (entry(also=["ranch#1"]), "want .* and issues"),
        (entry(**{"in": ["OTP 27"]}), "'OTP 27': want a version"),
        (entry(more=1), "unknown key 'more'"),
        (entry() + entry(), "OTP-1 is there twice"),
        ("other = 1", "unknown key 'other'"),
        ("[[note]", "release notes: "),
    ],
)
def test_a_malformed_list_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(ReleaseNotesError, match=complaint):
        parse(text, CASES)


def test_the_list_of_the_kit_is_well_formed() -> None:
    notes = {note.ticket: note for note in load(load_cases().ids())}
    assert notes["OTP-20257"].cases
    assert {note.release for note in notes.values()} == set(range(24, 30))
