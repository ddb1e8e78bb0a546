from __future__ import annotations

import json
import threading
from itertools import cycle
from typing import TYPE_CHECKING, Any

import pytest

from gentcp.errors import NoBackend
from gentcp_conformance import recorder
from gentcp_conformance.outcome import Kind, Outcome, Result
from gentcp_conformance.record import RecordError, read
from gentcp_conformance.recorder import Finding, Recorder, add, merge, refuse_other_versions, spoilt, store, stored
from gentcp_conformance.verdict import Judgement, Verdict

from .command import have_no_vm
from .toys import logged, make, met, record, result, vm

if TYPE_CHECKING:
    from pathlib import Path

    from gentcp_conformance.record import Record
    from gentcp_conformance.subject import Subject

ABOUT = {"release": "26", "erts": "14.2", "kernel": "9.2", "command": "chroot /some/where erl"}

# Backends of this process stand in for those of a VM.
STAND_IN = {"inet": "socket", "socket": "inet"}


def toy_recorder(workers: int = 1) -> Recorder:
    return Recorder(ABOUT, STAND_IN, workers=workers)


def alternating(*terms: str) -> Any:
    left = cycle(terms)
    return lambda _: next(left)


def test_each_backend_is_recorded_as_the_column_that_it_stands_for() -> None:
    made = toy_recorder().record([make(lambda t: t.backend, "a/b/c")], 2)
    assert made.results["a/b/c", "inet"].outcomes == ((Outcome(Kind.TERM, "socket"), 2),)
    assert made.results["a/b/c", "socket"].outcomes == ((Outcome(Kind.TERM, "inet"), 2),)
    assert made.subjects == ({"name": "inet", "release": "26"}, {"name": "socket", "release": "26"})


def test_the_suite_is_run_as_a_whole_several_times() -> None:
    ran: list[str] = []

    toy_recorder().record([make(logged(ran, "c"), "a/b/c"), make(logged(ran, "d"), "a/b/d")], 2)
    assert ran == ["c socket", "c inet", "d socket", "d inet"] * 2


def test_what_is_not_the_same_each_time_is_kept_and_marked(tmp_path: Path) -> None:
    toys = [make(alternating("x", "y"), "a/b/c"), make(lambda _: "ok", "a/b/d")]
    made = Recorder(ABOUT, {"inet": "inet"}).record(toys, 3)
    assert made.results["a/b/c", "inet"].outcomes == ((Outcome(Kind.TERM, "x"), 2), (Outcome(Kind.TERM, "y"), 1))
    lines = [json.loads(line) for line in store(made, tmp_path).read_text().splitlines()]
    assert [line.get("stable") for line in lines[1:-1]] == [False, None]


def test_where_cases_overlap_what_varies_is_recorded_from_runs_alone() -> None:
    seen: list[str] = []

    def disturbed(t: Subject) -> str:
        seen.append(t.backend)
        return "first" if len(seen) == 1 else "later"

    old = as_stored(result("a/b/c", "inet", "later"))
    made = Recorder(ABOUT, {"inet": "inet"}, workers=2).record([make(disturbed, "a/b/c")], 3, old)
    assert made.results["a/b/c", "inet"].outcomes == ((Outcome(Kind.TERM, "later"), 3),)
    assert len(seen) == 6


@pytest.mark.parametrize(
    ("recorded", "outcome"),
    [(["together"], "together"), (["other"], "alone"), (["together", "other"], "alone"), ([], "alone")],
)
def test_only_the_one_recorded_outcome_is_recorded_from_cases_that_overlap(recorded: list[str], outcome: str) -> None:
    cases = ["a/b/c", "a/b/d"]
    old = as_stored(*(result(case, "inet", *recorded) for case in cases if recorded))
    together = threading.Barrier(2)
    made = Recorder(ABOUT, {"inet": "inet"}, workers=2).record([make(met(together), case) for case in cases], 1, old)
    assert [made.results[case, "inet"].text for case in cases] == [outcome, outcome]


def test_the_header_says_what_was_recorded_and_not_where() -> None:
    about = toy_recorder().record([], 5).about
    assert {key: about[key] for key in ("release", "erts", "kernel", "runs")} == {
        "release": "26", "erts": "14.2", "kernel": "9.2", "runs": "5",
    }  # fmt: skip
    assert "platform" in about
    assert "/some/where" not in str(about)


def test_a_recording_depends_on_the_outcomes_only() -> None:
    made = toy_recorder().record([make(lambda _: "ok", "a/b/c")], 1)
    assert all(each.seconds == 0 for each in made.results.values())


def as_stored(*results: Result, **about: str) -> Record:
    made = record(*results)
    return type(made)(made.subjects, {"release": "26", "erts": "14.2", "kernel": "9.2", **about}, made.results)


def test_a_recording_is_read_back(tmp_path: Path) -> None:
    made = as_stored(result("a/b/c", "inet", "ok"))
    assert store(made, tmp_path).name == "otp-26.jsonl"
    found = stored("26", tmp_path)
    assert found is not None
    assert found.results.keys() == made.results.keys()
    assert stored("27", tmp_path) is None
    assert [path.name for path in tmp_path.iterdir()] == ["otp-26.jsonl"]


def test_a_recording_that_was_cut_short_is_not_taken_for_one(tmp_path: Path) -> None:
    path = store(as_stored(result("a/b/c", "inet", "ok")), tmp_path)
    path.write_text("\n".join(path.read_text().splitlines()[:-1]))
    with pytest.raises(RecordError, match="footer"):
        stored("26", tmp_path)


def test_cases_recorded_again_replace_those_that_were_there_and_others_stay_in_order() -> None:
    old = as_stored(*(result(id, "inet", "old") for id in ("a/b/gone", "a/b/two", "a/b/one")))
    new = as_stored(result("a/b/three", "inet", "new"), result("a/b/two", "inet", "new"), runs="5")
    both = merge(old, new, ["a/b/one", "a/b/two", "a/b/three"])
    assert [(case, each.text) for (case, _), each in both.results.items()] == [
        ("a/b/one", "old"), ("a/b/two", "new"), ("a/b/three", "new"),
    ]  # fmt: skip
    assert both.about["runs"] == "5"


def test_runs_that_are_added_keep_what_was_seen_before() -> None:
    old = as_stored(result("a/b/one", "inet", "seldom", "often"), result("a/b/other", "inet", "old"), runs="2")
    both = add(old, as_stored(result("a/b/one", "inet", "often", "often"), runs="9"))
    assert list(both.results) == [("a/b/one", "inet")]
    assert {outcome.text: count for outcome, count in both.results["a/b/one", "inet"].outcomes} == {
        "seldom": 1,
        "often": 3,
    }
    assert both.about["runs"] == "2"


@pytest.mark.parametrize(("key", "value"), [("erts", "14.3"), ("kernel", "9.3")])
def test_cases_of_another_vm_are_not_put_into_a_recording(key: str, value: str) -> None:
    refuse_other_versions(as_stored(), ABOUT)
    with pytest.raises(RecordError, match=f"with {key} .*, this is {value}: record all cases"):
        refuse_other_versions(as_stored(), {**ABOUT, key: value})


def test_a_recording_without_versions_takes_no_further_cases() -> None:
    with pytest.raises(RecordError, match="with release unknown, this is 26"):
        refuse_other_versions(record(), {**ABOUT})


def check(function: Any, *recorded: str) -> Finding:
    (finding,) = Recorder(ABOUT, {"inet": "socket"}).check([make(function, "a/b/c")], as_recorded(*recorded))
    return finding


def as_recorded(*texts: str) -> Record:
    return as_stored(result("a/b/c", "inet", *texts)) if texts else as_stored()


def test_what_is_seen_again_is_as_recorded() -> None:
    ran: list[str] = []
    finding = check(logged(ran), "ok")
    assert finding.as_recorded
    assert not finding.stale
    assert ran == ["socket"]
    assert finding.result.subject == "inet"


def test_any_of_several_recorded_outcomes_is_as_recorded() -> None:
    assert check(lambda _: "rare", "often", "often", "rare").as_recorded


@pytest.mark.parametrize(
    ("terms", "stale"),
    [(["new", "new", "new"], True), (["new", "ok", "new"], True), (["new", "ok", "ok"], False)],
)
def test_a_recording_is_stale_when_most_runs_are_not_in_it(terms: list[str], stale: bool) -> None:
    finding = check(alternating(*terms), "ok")
    assert not finding.as_recorded
    assert finding.stale is stale


def test_a_case_that_is_not_recorded_is_stale() -> None:
    finding = check(lambda _: "ok")
    assert finding.stale
    assert finding.verdict == Verdict(Judgement.UNKNOWN, "nothing recorded to compare with")


def test_a_case_that_cannot_be_run_here_is_no_finding() -> None:
    def give_up(t: Subject) -> Any:
        raise t.unsupported("no such option")

    finding = check(give_up, "ok")
    assert finding.as_recorded
    assert not finding.stale


def test_runs_that_crashed_spoil_a_recording() -> None:
    def fail(_: Subject) -> Any:
        raise ValueError("odd")

    made = Recorder(ABOUT, {"inet": "inet"}).record([make(fail, "a/b/c"), make(lambda _: "ok", "a/b/d")], 1)
    assert [each.case for each in spoilt(made)] == ["a/b/c"]


def test_the_vm_at_hand_is_recorded_under_the_names_of_its_backends() -> None:
    with vm("26"):
        made = recorder.vm().record([make(lambda t: t.backend, "a/b/c")], 1)
    assert made.about["release"] == "26"
    assert made.expected("a/b/c", "inet") == ("otp_inet",)
    assert made.expected("a/b/c", "socket") == ("otp_socket",)


def test_without_a_vm_nothing_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    have_no_vm(monkeypatch)
    with pytest.raises(NoBackend):
        recorder.vm()


def test_what_is_stored_is_a_record(tmp_path: Path) -> None:
    path = store(toy_recorder().record([make(lambda _: "ok", "a/b/c")], 1), tmp_path)
    assert read(path.read_text()).expected("a/b/c", "socket") == ("ok",)
