"""The hunt: what differs is found, confirmed, made small, grouped, and told from what is known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gentcp_conformance.explore import known
from gentcp_conformance.explore.areas import AREAS, generate
from gentcp_conformance.explore.finding import Finding, Name, grouped, parse_name
from gentcp_conformance.explore.hunt import Planned
from gentcp_conformance.explore.known import Known, KnownError
from gentcp_conformance.explore.program import Program, Step, Zeros
from gentcp_conformance.explore.shrinking import shrink
from gentcp_conformance.explore.side import Outcome

from .explorers import InProcess, Scripted, fault, hunt

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SAME = Outcome(("recv: ok",))


def planned(*kinds: str, name: str = "1/1/plain", options: tuple[object, ...] = ()) -> Planned:
    return Planned(name, Program("plain", "connected", options, tuple(Step(kind) for kind in kinds)))


# ---- made small


@settings(max_examples=60)
@given(st.integers(0, 999), st.sampled_from(sorted(AREAS)), st.data())
def test_what_is_needed_stays_and_the_rest_goes(number: int, area: str, data: st.DataObject) -> None:
    program = generate(5, number, area)
    kinds = [step.kind for step in program.steps]
    needed = data.draw(st.lists(st.sampled_from(kinds), max_size=3, unique=True)) if kinds else []

    def differ(programs: Sequence[Program]) -> list[bool]:
        return [set(needed) <= {step.kind for step in each.steps} for each in programs]

    small = shrink(program, differ)
    assert sorted(step.kind for step in small.steps) == sorted(needed)
    assert not small.options
    assert not small.other
    assert not small.environment
    assert all(step.by == "" for step in small.steps if step.kind != "messages")


def test_steps_that_only_go_together_stay_together() -> None:
    program = planned("recv", "send", "close", "getstat").program

    def differ(programs: Sequence[Program]) -> list[bool]:
        return [len({"send", "getstat"} & {step.kind for step in each.steps}) != 1 for each in programs]

    assert [step.kind for step in shrink(program, differ).steps] == []


def test_payloads_and_lists_of_options_become_plainer() -> None:
    steps = (Step("send", (Zeros(4194304),)), Step("setopts", ([("active", "once"), ("packet", 4)],)))
    program = Program("plain", "accepted", ("list",), steps, rcvbuf=4096, family="inet6")

    def differ(programs: Sequence[Program]) -> list[bool]:
        return [[step.kind for step in each.steps] == ["send", "setopts"] for each in programs]

    small = shrink(program, differ)
    assert (small.opening, small.family, small.rcvbuf, small.options) == ("connected", "inet", 0, ())
    assert small.steps[0].args == (b"\0",)
    assert len(small.steps[1].args[0]) == 1


# ---- found and confirmed


def test_a_fault_is_found_and_shown_by_a_few_steps() -> None:
    mutant = fault("tcp_closed twice-inet")
    search = hunt(InProcess("inet", mutant), InProcess("inet"))
    for number in range(40):
        found = search.run([Planned(f"1/{number}/plain", generate(1, number, "plain"))])
        if found:
            break
    assert search.findings, "no program has seen it"
    small = search.findings[0]
    assert len(small.program.steps) <= 2, small
    assert ["".join(log).count("tcp_closed") for log in (small.left, small.right)] == [2, 1]


def test_without_a_fault_nothing_is_found() -> None:
    search = hunt(InProcess("inet"), InProcess("inet"))
    assert not search.run(Planned(f"1/{number}/plain", generate(1, number, "plain")) for number in range(6))
    assert (search.counted.programs, search.counted.different) == (6, 0)


def answers(*logs: str) -> Scripted:
    left: Iterator[str] = iter(logs)
    return Scripted(lambda _: Outcome((next(left),)))


def test_what_comes_out_alike_alone_is_unstable() -> None:
    search = hunt(answers("recv: a", "recv: b"), Scripted(lambda _: Outcome(("recv: b",))))
    assert not search.run([planned("recv")])
    assert (search.counted.unstable, search.counted.different) == (1, 0)


def test_what_never_comes_out_alike_is_unstable() -> None:
    numbers = iter(range(99))
    search = hunt(Scripted(lambda _: Outcome((f"recv: {next(numbers)}",))), Scripted(lambda _: SAME))
    assert not search.run([planned("recv")])
    assert search.counted.unstable == 1


def test_a_subject_that_lacks_a_function_skips_the_program() -> None:
    lacking = Outcome(("recv: {exception,error,undef}",))
    search = hunt(Scripted(lambda _: lacking), Scripted(lambda _: SAME))
    assert not search.run([planned("recv")])
    assert (search.counted.lacking, search.counted.different) == (1, 0)


def test_a_subject_that_dies_is_a_difference_of_its_own() -> None:
    search = hunt(Scripted(lambda _: SAME), Scripted(lambda _: Outcome(lost="the VM has ended")))
    (finding,) = search.run([planned("recv", "send")])
    assert finding.right == ("lost: the VM has ended",)
    assert finding.program.steps == ()
    assert search.counted.lost == 1


def test_findings_of_one_kind_are_shown_once_and_shrunk_a_few_times() -> None:
    search = hunt(Scripted(lambda each: Outcome((f"recv: {len(each.steps)}",))), Scripted(lambda _: SAME))
    found = search.run(planned("recv", "send", name=f"1/{number}/plain") for number in range(6))
    ((_, group),) = grouped(found)
    assert sorted(each.name for each in group) == [f"1/{number}/plain" for number in range(6)]


def test_numbers_and_payloads_make_no_kinds() -> None:
    one = Finding("1/1/plain", planned("recv").program, ('recv: {ok,<<"abc">>}',), ("recv: {ok,12}",))
    other = replace(one, left=('recv: {ok,<<"xyz\\"">>}',), right=("recv: {ok,7}",))
    assert one.kind == other.kind
    assert replace(one, right=("recv: closed",)).kind != one.kind
    assert replace(one, program=planned("recv", options=(("active", 1),)).program).kind != one.kind


def test_a_log_that_ends_earlier_differs_there() -> None:
    finding = Finding("1/1/plain", planned("recv").program, ("a: 1",), ("a: 1", "b: 2"))
    assert finding.first == (1, "(no more)", "b: 2")


@pytest.mark.parametrize("text", ["1/2", "a/2/plain", "1/2/plain/small", ""])
def test_other_texts_are_no_names(text: str) -> None:
    assert parse_name(text) is None


def test_names_are_read_as_they_are_written() -> None:
    assert parse_name(str(Name(1, 20, "plain"))) == Name(1, 20, "plain")


# ---- known

ENTRY = Known(("inet", "otp_inet"), ("recv: a.*", "recv: ok"), "because", steps=("send|recv",), options=("packet",))


def differing(*, left: str = "recv: again", options: tuple[object, ...] = (("packet", 4),)) -> list[Finding]:
    search = hunt(Scripted(lambda _: Outcome((left,))), Scripted(lambda _: SAME), [ENTRY])
    return search.run([planned("recv", options=options)])


def test_what_is_known_is_counted_and_not_shown() -> None:
    search = hunt(Scripted(lambda _: Outcome(("recv: again",))), Scripted(lambda _: SAME), [ENTRY])
    assert not search.run([planned("recv", options=(("packet", 4),))])
    assert search.counted.known[ENTRY] == 1


def test_what_is_known_is_not_run_again() -> None:
    runs: list[Program] = []

    def answer(program: Program) -> Outcome:
        runs.append(program)
        return Outcome(("recv: again",))

    hunt(Scripted(answer), Scripted(lambda _: SAME), [ENTRY]).run([planned("recv", options=(("packet", 4),))])
    assert len(runs) == 1


def test_an_entry_covers_no_other_lines_steps_options_or_pairs() -> None:
    assert differing(left="recv: other")
    assert differing(options=(("mode", "list"),))
    finding = Finding("", planned("recv", options=(("packet", 4),)).program, ("recv: again",), ("recv: ok",))
    assert ENTRY.covers(finding, ("inet", "otp_inet"))
    assert not ENTRY.covers(finding, ("socket", "otp_socket"))
    other = replace(finding, program=planned("close", options=(("packet", 4),)).program)
    assert not ENTRY.covers(other, ("inet", "otp_inet"))


def test_the_order_of_the_pair_does_not_matter() -> None:
    finding = Finding("", planned("recv", options=(("packet", 4),)).program, ("recv: ok",), ("recv: again",))
    assert ENTRY.covers(finding, ("otp_inet", "inet"))


def test_options_that_are_set_later_count() -> None:
    steps = (Step("setopts", ([("packet", 2)],)), Step("recv"))
    finding = Finding("", Program("plain", "connected", (), steps), ("recv: again",), ("recv: ok",))
    assert ENTRY.covers(finding, ("inet", "otp_inet"))


def test_a_step_may_be_told_with_its_arguments() -> None:
    entry = replace(ENTRY, steps=(r"unrecv\(b''\)",))
    for data, covered in ((b"", True), (b"x", False)):
        steps = (Step("unrecv", (data,)), Step("recv"))
        program = Program("plain", "connected", (("packet", 4),), steps)
        finding = Finding("", program, ("recv: again",), ("recv: ok",))
        assert entry.covers(finding, ("inet", "otp_inet")) is covered


GOOD = """[[known]]
pair = ["inet", "otp_inet"]
lines = ["recv: .*", "recv: blocked"]
reason = "a reason"
"""


def test_a_file_is_read() -> None:
    (entry,) = known.parse(GOOD + 'case = "send/a/b"\nsteps = ["recv"]\n', ["send/a/b"])
    lines = ("recv: .*", "recv: blocked")
    assert entry == Known(("inet", "otp_inet"), lines, "a reason", case="send/a/b", steps=("recv",))


def test_the_list_that_comes_with_the_kit_is_good() -> None:
    from gentcp_conformance.case import load

    assert known.load(load().ids()) is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x", "known: Expected"),
        ("[[other]]", "unknown key 'other'"),
        (GOOD + 'colour = "red"', "known 1: unknown key 'colour'"),
        (GOOD.replace('"inet", ', ""), "'pair' must have two strings"),
        (GOOD.replace("lines", "steps"), "want either 'lines' or 'parts'"),
        (GOOD + 'parts = ["a", "b"]', "want either 'lines' or 'parts'"),
        (GOOD.replace('lines = ["recv: .*", ', "lines = ["), "'lines' must have two strings"),
        (GOOD.replace("lines", "parts").replace("recv: .*", "recv: ("), "known 1: 'recv: ('"),
        (GOOD + 'goes_on = "no"', "'goes_on' is no boolean"),
        (GOOD.replace('"a reason"', '" "'), "'reason' is missing, empty"),
        (GOOD + 'case = "no/such/case"', "unknown case 'no/such/case'"),
        (GOOD.replace("recv: .*", "recv: ("), "known 1: 'recv: ('"),
        (GOOD + "options = [1]", "'options' is missing, or no list"),
    ],
)
def test_a_bad_file_says_where(text: str, message: str) -> None:
    with pytest.raises(KnownError) as raised:
        known.parse(text, [])
    assert message in str(raised.value)
