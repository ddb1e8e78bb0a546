"""Rows joined with cases, and the page that is made of them; everything a toy."""

from __future__ import annotations

from typing import Any

import pytest

from gentcp_conformance.case import Case
from gentcp_conformance.coverage import inventory, page, reasons
from gentcp_conformance.coverage.index import Index
from gentcp_conformance.coverage.inventory import Row
from gentcp_conformance.coverage.table import Builder, Entry, State, Table, rank
from gentcp_conformance.differences import Difference, Differences
from gentcp_conformance.matrix import ORACLE_COLUMNS, Oracle
from gentcp_conformance.outcome import Result
from gentcp_conformance.record import Record

from .toys import make, record, result

INVENTORY = """
[functions.gen_tcp]
documented = ["send/2", "no_such_function/1"]
undocumented = ["unrecv/2"]
internal = ["close/1", "no_such_function/9"]

[options]
option = ["delay_send"]
option_name = ["delay_send"]

[packets]
stream = ["4"]
decode = ["4", "line"]
undocumented_stream = []

[names]
message = ["tcp"]
"""


def case(id: str, **details: Any) -> Case:
    return make(lambda _: "ok", id, **details)


SEND = case("send/data/one", source="gen_tcp:send/2")
OTHER = case("recv/data/two", source="gen_tcp:recv/3")


def index(**used: Any) -> Index:
    """The index of SEND and OTHER, which use these on both backends; a tuple has those of inet and of socket."""
    cases = {}
    for id, given in ((SEND.id, used.get("send", ())), (OTHER.id, used.get("other", ()))):
        sets = given if given and isinstance(given[0], set) else (given, given)
        cases[id] = {name: frozenset(each) for name, each in zip(ORACLE_COLUMNS, sets, strict=True)}
    return Index(cases)


def recorded(*results: Result) -> Record:
    return record(*(results or [result(each.id, name, "ok") for each in (SEND, OTHER) for name in ORACLE_COLUMNS]))


def table(
    noted: Index, why: str = "", differences: Differences | None = None, recordings: dict[str, Record] | None = None
) -> Table:
    oracle = Oracle(recordings or {"29": recorded()}, differences or Differences(), "29")
    known = reasons.parse(f"[reasons]\n{why}")
    return Builder([SEND, OTHER], noted, oracle, known, inventory.parse(INVENTORY)).build()


def entry(made: Table, key: str) -> Entry:
    [found] = [each for each in made.entries if each.row.key == key]
    return found


def states(made: Table, key: str) -> list[State]:
    return [entry(made, key).cells[name].state for name in ORACLE_COLUMNS]


def test_a_row_for_each_thing_and_what_gentcp_has_besides() -> None:
    keys = [each.row.key for each in table(index()).entries]
    assert keys == [
        "gen_tcp:send/2", "gen_tcp:no_such_function/1", "gen_tcp:unrecv/2", "gen_tcp:close/1", "option/delay_send",
        "packet/4", "packet/line", "message/tcp",
    ]  # fmt: skip


def test_an_internal_function_gets_a_row_once_a_case_calls_it() -> None:
    made = table(index(send=["gen_tcp:no_such_function/9"]))
    assert entry(made, "gen_tcp:no_such_function/9").cases == 1


def test_a_row_is_as_otp_when_its_cases_are_recorded() -> None:
    assert states(table(index(send=["gen_tcp:send/2"])), "gen_tcp:send/2") == [State.SAME, State.SAME]
    half = recorded(result(SEND.id, "inet", "ok"))
    made = table(index(send=["gen_tcp:send/2"]), recordings={"29": half})
    assert states(made, "gen_tcp:send/2") == [State.SAME, State.UNRECORDED]


def test_a_row_without_a_case_and_one_that_gentcp_does_not_have() -> None:
    made = table(index())
    assert states(made, "gen_tcp:send/2") == [State.UNSHOWN, State.UNSHOWN]
    assert states(made, "gen_tcp:no_such_function/1") == [State.ABSENT, State.ABSENT]


def test_what_occurs_on_one_backend_only() -> None:
    made = table(index(send=({"message/tcp"}, set[str]())))
    assert states(made, "message/tcp") == [State.SAME, State.NONE]


def test_an_accepted_difference_counts_where_the_case_is_about_the_row() -> None:
    accepted = Differences((Difference(SEND.id, "inet", "29", "DIFFERENT", "why so", "https://x"),))
    noted = index(send=["gen_tcp:send/2", "message/tcp"], other=["gen_tcp:send/2"])
    made = table(noted, differences=accepted)
    assert states(made, "gen_tcp:send/2") == [State.ACCEPTED, State.SAME]
    assert entry(made, "gen_tcp:send/2").cells["inet"].accepted == accepted.entries


def test_cases_that_do_not_name_a_row_do_not_speak_for_it() -> None:
    made = table(index(send=["gen_tcp:send/2"], other=["gen_tcp:send/2"]))
    assert entry(made, "gen_tcp:send/2").about == (SEND,)
    assert entry(made, "gen_tcp:send/2").cases == 2


def test_where_no_case_names_a_row_the_one_that_uses_least_besides_comes_first() -> None:
    made = table(index(send=["message/tcp", "gen_tcp:send/2"], other=["message/tcp"]))
    assert entry(made, "message/tcp").about == (OTHER, SEND)


def test_of_cases_that_are_alike_about_a_row_the_one_that_shows_more_of_it_comes_first() -> None:
    made = table(
        index(send=["option/delay_send@connect"], other=["option/delay_send@connect", "option/delay_send@listen"])
    )
    assert entry(made, "option/delay_send").about == (OTHER, SEND)


def test_where_otp_differs_from_itself() -> None:
    new = recorded(result(SEND.id, "inet", "a"), result(SEND.id, "socket", "b"))
    old = recorded(result(SEND.id, "inet", "z"), result(SEND.id, "socket", "b"))
    made = table(index(send=["gen_tcp:send/2"]), recordings={"27": old, "29": new})
    assert entry(made, "gen_tcp:send/2").diverging == entry(made, "gen_tcp:send/2").changed == (SEND,)
    made = table(index(send=["gen_tcp:send/2"]), recordings={"27": recorded(), "29": recorded()})
    assert entry(made, "gen_tcp:send/2").diverging == entry(made, "gen_tcp:send/2").changed == ()


def test_each_way_to_give_an_option_is_to_be_shown() -> None:
    made = table(index(send=["option/delay_send@connect", "option/delay_send@setopts"]))
    assert list(entry(made, "option/delay_send").unshown) == ["option/delay_send@listen", "option/delay_send@getopts"]


def test_a_reason_is_for_a_row_or_for_one_way_to_use_it() -> None:
    everything = '"gen_tcp:*" = "a"\n"packet/*" = "b"\n"message/tcp" = "c"\n'
    made = table(index(), everything + '"option/delay_send@listen" = "d"')
    assert made.without_reason == [f"option/delay_send@{each}" for each in ("connect", "setopts", "getopts")]
    assert not made.complete
    assert table(index(), everything + '"option/delay_send" = "d"').complete


def test_the_first_reason_that_fits_is_the_one() -> None:
    made = table(index(), '"packet/4" = "a"\n"packet/*" = "b"')
    assert entry(made, "packet/4").unshown == {"packet/4@stream": "a", "packet/4@decode": "a"}
    assert entry(made, "packet/line").unshown == {"packet/line@decode": "b"}


def test_a_reason_that_nothing_needs_makes_a_table_incomplete() -> None:
    made = table(index(send=["message/tcp"]), '"message/tcp" = "none yet"\n"*" = "a"')
    assert made.unneeded == ("message/tcp",)
    assert not made.complete


def test_an_empty_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="no reason for message/tcp"):
        reasons.parse('[reasons]\n"message/tcp" = " "')


@pytest.mark.parametrize(
    ("row", "better", "worse"),
    [
        (Row("option", "delay_send"), case("send/delay-send/x"), case("send/other/x", source="option delay_send")),
        (Row("option", "packet"), case("packet/header/x"), case("recv/packet-type/x")),
        (Row("option", "active"), case("a/b/x", title="What active does"), case("a/b/y", title="Inactive")),
        (Row("packet", "2"), case("a/b/packet-2"), case("a/b/packet-24")),
        (Row("packet", "4"), case("a/b/x", title="A send with packet 4"), case("a/b/y", title="4 sends")),
        (Row("packet", "http"), case("decode/http/x"), case("decode/https/x")),
        (
            Row("gen_tcp:", "gen_tcp:recv/3"),
            case("x/y/z", source="gen_tcp:recv/3"),
            case("x/y/z", source="gen_tcp:recv/2"),
        ),
        (Row("reason", "ealready"), case("a/b/x", title="ealready for the second"), case("a/b/y")),
    ],
)
def test_how_much_a_case_is_about_a_row(row: Row, better: Case, worse: Case) -> None:
    assert rank(row, better) > rank(row, worse)


def test_a_name_that_is_part_of_another_is_not_named() -> None:
    assert rank(Row("option", "recv"), case("a/recvtos/x", title="recvtos", source="option recvtos")) == 0
    assert rank(Row("packet", "4"), case("a/b/4", title="4 bytes", source="x")) == 0


def test_a_longer_name_is_another_one() -> None:
    sized = case("a/packet-size/x", title="packet_size", source="option packet_size")
    assert rank(Row("option", "packet"), sized) > 0
    assert rank(Row("option", "packet"), sized, ["packet_size"]) == 0


def lines(made: Table) -> list[str]:
    return page.render(made).splitlines()


def row_of(made: Table, name: str) -> str:
    [found] = [line for line in lines(made) if line.startswith(f"| {name} |")]
    return found


def test_the_page_has_the_states_and_the_cases() -> None:
    made = table(index(send=["gen_tcp:send/2"], other=["gen_tcp:send/2"]))
    assert row_of(made, "`send/2`") == "| `send/2` | as OTP | as OTP | `send/data/one` and 1 more |  |"
    assert row_of(made, "`no_such_function/1`") == "| `no_such_function/1` | **not there** | **not there** |  |  |"
    assert row_of(made, "*`unrecv/2`*") == "| *`unrecv/2`* | **no case** | **no case** |  |  |"


def test_the_page_counts_the_ways_to_give_an_option() -> None:
    made = table(index(send=["option/delay_send@connect"]))
    assert row_of(made, "`delay_send`").startswith("| `delay_send` | 1 | **none** | **none** | **none** | as OTP |")
    assert row_of(made, "`line`").startswith("| `line` |  | **none** |")


def test_the_page_counts_rows() -> None:
    made = table(index(send=["gen_tcp:send/2", "message/tcp"]), '"option/*" = "a"')
    assert row_of(made, "Functions of gen_tcp") == "| Functions of gen_tcp | 4 | 1 | 0 | 1 | 1 | 0 |"
    assert row_of(made, "**all**") == "| **all** | 8 | 2 | 1 | 2 | 2 | 0 |"


def test_the_page_has_accepted_differences_with_their_reasons() -> None:
    accepted = Differences((Difference(SEND.id, "inet", "29", "DIFFERENT", "why | so\n", "https://x"),))
    made = table(index(send=["gen_tcp:send/2"]), differences=accepted)
    assert "as OTP, but [1](#accepted-differences) | as OTP |" in row_of(made, "`send/2`")
    assert row_of(made, "1") == "| 1 | `send/data/one` | `inet` | why \\| so ([source](https://x)) |"
    assert row_of(made, "Functions of gen_tcp").endswith(" | 1 | 0 | 1 | 1 | 1 |")


def test_the_page_lists_what_has_no_case_with_the_reason() -> None:
    text = page.render(table(index(), '"packet/*" = "because"\n"gen_tcp:send/2" = "because"'))
    assert "| `gen_tcp:send/2`, `packet/4@stream`, `packet/4@decode`, `packet/line@decode` | because |" in text
    assert "| **no reason** |" in text
    assert "**no reason**" not in page.render(table(index(), '"*" = "because"'))
