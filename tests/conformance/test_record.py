from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gentcp_conformance.case import load
from gentcp_conformance.matrix import ORACLE_COLUMNS
from gentcp_conformance.outcome import Kind, Outcome, Result
from gentcp_conformance.record import FORMAT, Record, RecordError, index, read, recorded, recordings, releases, write

from .toys import record, result


def written(made: Record) -> str:
    file = io.StringIO()
    write(made, file)
    return file.getvalue()


outcomes = st.builds(Outcome, st.sampled_from(Kind), st.text())
counted = st.lists(st.tuples(outcomes, st.integers(1, 9)), min_size=1, max_size=3, unique_by=lambda pair: pair[0])
results = st.builds(
    Result, st.text(min_size=1), st.sampled_from(["inet", "socket"]), counted.map(tuple), st.sampled_from([0.0, 0.125])
)


@given(st.lists(results, max_size=4, unique_by=lambda each: (each.case, each.subject)))
def test_what_is_written_is_read_back(made: list[Result]) -> None:
    original = Record(({"name": "inet"},), {"python": "x"}, index(made))
    assert read(written(original)) == original


def test_lines_are_readable_json_with_header_and_footer() -> None:
    header, line, footer = map(json.loads, written(record(result("a/b", "inet", "ok", "ok", "no"))).splitlines())
    assert (header["is"], header["format"]) == ("header", FORMAT)
    assert line["outcomes"] == [{"term": "ok", "count": 2}, {"term": "no", "count": 1}]
    assert (footer["is"], footer["results"], footer["cases"]) == ("footer", 1, 1)


def test_verdicts_go_along_when_given() -> None:
    file = io.StringIO()
    write(record(result("a/b", "inet", "ok")), file, {("a/b", "inet"): "SAME"})
    assert json.loads(file.getvalue().splitlines()[1])["verdict"] == "SAME"


def lines() -> list[dict[str, Any]]:
    whole = written(record(result("a/b", "inet", "ok"), result("a/b", "socket", "ok")))
    return [json.loads(line) for line in whole.splitlines()]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda whole: whole[1:], "does not begin with a header"),
        (lambda whole: whole[:-1], "does not end with a footer"),
        (lambda whole: [whole[0]], "does not end with a footer"),
        (lambda _: [], "does not begin with a header"),
        (lambda whole: [whole[0], whole[1], whole[-1]], "promises 2 results, there are 1"),
        (lambda whole: [whole[0], whole[1], whole[1], whole[-1]], "a/b on inet is there twice"),
        (lambda whole: [{**whole[0], "format": FORMAT + 1}, *whole[1:]], "this reader knows"),
        (lambda whole: [whole[0], whole[0], whole[1], whole[-1]], "line 2: a 'header' where results belong"),
        (lambda whole: [whole[0], {"is": "result"}, whole[1], whole[-1]], "line 2: malformed result"),
        (lambda whole: [whole[0], {**whole[1], "outcomes": []}, whole[1], whole[-1]], "without an outcome"),
        (lambda whole: [whole[0], {**whole[1], "outcomes": [{"count": 1}]}, whole[1], whole[-1]], "malformed result"),
        (lambda whole: [whole[0], [], whole[-1]], "line 2: not a JSON object"),
    ],
)
def test_what_is_no_whole_record_is_refused(change: Any, complaint: str) -> None:
    text = "\n".join(json.dumps(line) for line in change(lines()))
    with pytest.raises(RecordError, match=f"some.jsonl.*{complaint}" if "twice" not in complaint else complaint):
        read(text, "some.jsonl")


def test_a_cut_line_is_refused() -> None:
    with pytest.raises(RecordError, match="line 2"):
        read(written(record(result("a/b", "inet", "ok")))[:-60])


def test_expected_are_the_terms_the_most_frequent_first() -> None:
    made = record(result("a/b", "inet", "rare", "often", "often"))
    assert made.expected("a/b", "inet") == ("often", "rare")
    assert made.expected("a/b", "socket") == ()


def test_what_varies_is_marked() -> None:
    made = record(result("a/b", "inet", "ok", "no"), result("a/c", "inet", "ok", "ok"))
    _, varies, stays, _ = map(json.loads, written(made).splitlines())
    assert varies["stable"] is False
    assert "stable" not in stays


@pytest.mark.parametrize("release", releases())
def test_every_case_is_recorded_in_both_columns(release: str) -> None:
    recording = recorded(release)
    wanted = {(id, column) for id in load().ids() for column in ORACLE_COLUMNS}
    assert set(recording.results) == wanted
    unsupported = {key for key, each in recording.results.items() if each.outcomes[0][0].kind is Kind.UNSUPPORTED}
    assert all(recording.expected(*key) for key in wanted - unsupported)
    assert not unsupported or release != "29"
    assert list(recording.results) == sorted(recording.results, key=lambda key: load().ids().index(key[0]))


def test_a_recording_says_what_it_was_made_from() -> None:
    for release, recording in recordings().items():
        assert recording.about["release"] == release
        assert {"erts", "kernel", "runs", "platform", "net.ipv4.tcp_rmem"} <= recording.about.keys()


def test_recordings_are_by_release_the_oldest_first() -> None:
    assert list(recordings()) == releases() == sorted(releases(), key=int)
    assert "29" in releases()


def test_a_release_that_is_not_recorded_is_named() -> None:
    with pytest.raises(RecordError, match="no recording of OTP 17; there are .*29"):
        recorded("17")
