"""A matrix that has something of everything that the page shows, and the page of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gentcp_conformance.case import Case, load
from gentcp_conformance.differences import Difference, Differences
from gentcp_conformance.matrix import Column, Matrix, recorded_columns
from gentcp_conformance.outcome import Kind, Outcome, Result
from gentcp_conformance.record import Record, index, recordings
from gentcp_conformance.report import render
from gentcp_conformance.traces import load_traces

from .toys import BOTH, make, matrix, record, result

REASON = "OTP hangs <there>."
LINK = "https://example.org/why?a=1&b=2"
LONG = "[" + ",".join(f"{{a_rather_long_atom_{number},<<0,1,2,3>>}}" for number in range(20)) + "]"
PICTURE = '<svg viewBox="0 0 900 90" width="900" height="90"><text x="9" y="40" fill="var(--ink)">queue</text></svg>'
ERLANG = 'one(S) ->\n    gen_tcp:send(S, "<a>").\n'

COLUMNS = (*BOTH, Column("otp_inet", "inet", "27"), Column("third", "socket", "29"), *recorded_columns(["27", "29"]))


class Pictures:
    """Of one case a diagram and its Erlang code."""

    def diagram(self, case_id: str) -> str | None:
        """As the page asks for it."""
        return PICTURE if case_id == "send/x/one" else None

    def erlang(self, case_id: str) -> str | None:
        """As the page asks for it."""
        return ERLANG if case_id == "send/x/one" else None


def case_code(_: object) -> str:
    return "ok"  # <b>"&"</b>


def cases() -> list[Case]:
    """Four cases of three areas."""
    means = "Means <script>alert(1)</script> & more."
    return [
        make(case_code, "send/x/one", title="One <i>", means=means, contradicts="It says <so>."),
        make(case_code, "send/x/two", title="Two of them", needs=["inet6"]),
        make(case_code, "recv/x/three"),
        make(case_code, "close-shutdown/x/four", documented=True),
    ]


def recorded() -> dict[str, Record]:
    """What two releases did: they differ in the first case, and in the third the newer one is not always the same."""
    return {
        "27": record(
            result("send/x/one", "inet", "{ok,<<1>>}"),
            result("send/x/one", "socket", "{error,einval}"),
            result("recv/x/three", "socket", "ok"),
            *_in_both(),
        ),
        "29": record(
            result("send/x/one", "inet", "{ok,<<1>>}"),
            result("send/x/one", "socket", "{error,closed}"),
            result("recv/x/three", "socket", "ok", "also", "ok"),
            *_in_both(),
        ),
    }


def _in_both() -> list[Result]:
    return [
        result("send/x/two", "inet", LONG),
        result("send/x/two", "socket", LONG),
        result("recv/x/three", "inet", "ok"),
        result("close-shutdown/x/four", "inet", "ok"),
        result("close-shutdown/x/four", "socket", "hangs"),
    ]


def run() -> Record:
    """What came of the cases on each backend."""
    late = Result("recv/x/three", "third", ((Outcome(Kind.TIMEOUT, "20 s"), 1),))
    lacking = Result("send/x/two", "third", ((Outcome(Kind.UNSUPPORTED, "no IPv6 here"), 1),))
    return record(
        result("send/x/one", "inet", "{ok,<<1>>}"),
        result("send/x/one", "socket", "{error,closed}"),
        result("send/x/one", "otp_inet", "{ok,<<1>>}"),
        result("send/x/one", "third", "{error,wrong}"),
        result("send/x/two", "inet", "{error,enomem}"),
        result("send/x/two", "socket", LONG),
        result("send/x/two", "otp_inet", LONG),
        lacking,
        result("recv/x/three", "inet", "ok"),
        result("recv/x/three", "socket", "also", "wrong", "wrong"),
        result("recv/x/three", "otp_inet", "ok"),
        late,
        result("close-shutdown/x/four", "inet", "ok"),
        result("close-shutdown/x/four", "socket", "ok"),
        result("close-shutdown/x/four", "otp_inet", "ok"),
        result("close-shutdown/x/four", "third", "hangs"),
    )


def toy_matrix(python: str = "CPython 3.x") -> Matrix:
    """Backends and recordings judged; see `test_report` for what that means."""
    accepted = Difference("close-shutdown/x/four", "socket", "29", "DIFFERENT", REASON, LINK)
    ran = replace(run(), about={"python": python})
    return matrix(cases(), ran, recorded(), Differences((accepted,)), COLUMNS)


def whole_page() -> str:
    """A page as large as they come: all cases, recordings, diagrams and code, and both VMs live."""
    known = recordings()
    release = list(known)[-1]
    live = (Column("otp_inet", "inet", release), Column("otp_socket", "socket", release))
    columns = (*BOTH, *live, *recorded_columns(known))
    results = [_as_recorded(known, case, column) for case in load().select() for column in (*BOTH, *live)]
    ran = replace(record(), results=index(results))
    return render(matrix(load().select(), ran, known, columns=columns), load_traces())


def _as_recorded(known: Mapping[str, Record], case: Case, column: Column) -> Result:
    found = known[column.release].results.get((case.id, column.follows))
    return Result(case.id, column.subject, found.outcomes if found else ((Outcome(Kind.TERM, "unrecorded"), 1),))
