"""Programs as code: Python that runs as it is, Erlang, and cases."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import gentcp
import gentcp_otp
from gentcp.erl import gen_tcp, inet
from gentcp_conformance.case import Registry
from gentcp_conformance.explore.areas import AREAS, generate
from gentcp_conformance.explore.case_code import NoCase, case_code
from gentcp_conformance.explore.erlang_code import erlang
from gentcp_conformance.explore.finding import Finding
from gentcp_conformance.explore.program import Program, Step, Zeros
from gentcp_conformance.explore.python_code import literal, python
from gentcp_conformance.outcome import Kind
from gentcp_conformance.run import Quiet, Runner
from gentcp_conformance.subject import Subject, ok
from gentcp_conformance.term import Term

if TYPE_CHECKING:
    from pathlib import Path

PAIR = ("inet", "otp_inet")
MANY = [generate(13, number, area) for area in AREAS for number in range(25)]
WHOLE = Program(
    "plain",
    "accepted",
    ("binary", ("packet", 2), ("active", False)),
    (
        Step("recv", (0,), by="A", waits=False),
        Step("peer_sends", (b"\0\2hi",), on="p"),
        Step("send", ([b"x", b"y"],)),
        Step("peer_reads", on="p"),
        Step("monitor", to="m1"),
        Step("give", ("B",)),
        Step("peer_resets", on="p"),
        Step("kill", ("A",), on=""),
        Step("messages", on=""),
    ),
)


@pytest.mark.parametrize("program", MANY, ids=lambda each: each.area)
def test_all_programs_can_be_written(program: Program) -> None:
    compile(python(program, "1/1/plain", PAIR), "program", "exec")
    text = erlang(program, "1/1/plain")
    assert text.count("(") == text.count(")") or '"' in text
    try:
        compile(case_code(Finding("1/1/plain", program, ("a: 1",), ("a: 2",)), PAIR), "case", "exec")
    except NoCase:
        assert program.family != "inet" or program.rcvbuf or program.environment or "sendfile" in str(program.steps)


def run_python(code: str, folder: Path, backend: str) -> str:
    file = folder / "program.py"
    file.write_text(code, encoding="utf-8")
    made = subprocess.run(
        [sys.executable, str(file), backend], capture_output=True, text=True, timeout=60, check=True, env=os.environ
    )
    return made.stdout


def test_the_python_program_runs_as_it_is(tmp_path: Path) -> None:
    shown = run_python(python(WHOLE, "1/1/plain", PAIR), tmp_path, "socket").splitlines()
    assert "A recv: ('ok', b'hi')" in shown
    assert "send: 'ok'" in shown
    assert "peer_reads: (b'\\x00\\x02xy', 'open')" in shown
    assert any(line.startswith("give: 'ok'") for line in shown)
    assert shown[-1].startswith("B end messages: [")


def test_a_program_that_opens_local_sockets_and_sends_files_runs(tmp_path: Path) -> None:
    steps = (
        Step("peer_connects", on="l", to="p1"),
        Step("accept", (1000,), "l", to="a1"),
        Step("accept", ("infinity",), "l", by="A", waits=False, to="a2"),
        Step("peer_connects", on="l", to="p2"),
        Step("getopts", (["mode"],), on="a2"),
        Step("sendfile", (10,), on="a1"),
        Step("peer_reads", on="p1"),
    )
    made = Program("listen", "listening", ("binary", ("active", False)), steps, family="local")
    shown = run_python(python(made, "1/1/listen", PAIR), tmp_path, "inet")
    assert "sendfile a1: ('ok', 10)" in shown
    assert "A accept: ('ok', <gentcp.Socket" in shown
    assert "getopts a2: ('ok', [('mode', 'binary')])" in shown
    assert "peer_reads p1: (b'\\x00\\x00" in shown


def test_python_literals() -> None:
    assert literal(("a", b"x", [("packet", 4)], Zeros(7), True)) == '("a", b"x", [("packet", 4)], bytes(7), True)'
    assert literal(b"x" * 300) == 'b"x" * 300'
    assert literal(("a",)) == '("a",)'


def test_the_erlang_program_has_variables_helpers_and_terms() -> None:
    text = erlang(WHOLE, "1/2/plain")
    assert text.startswith("#!/usr/bin/env escript\n%% 1/2/plain: its argument is inet or socket\nmain([Backend]) ->")
    assert 'A_ ! {do, "recv", fun() -> gen_tcp:recv(S, 0) end}' in text
    assert 'show("give", fun() -> gen_tcp:controlling_process(S, B_) end)' in text
    assert "socket:send(P, <<0,2,104,105>>)" in text
    assert "{packet, 2}" in text
    assert "zeros(" not in text
    assert text.count("\nread(Peer, Idle) ->") == 1


CASE = Program(
    "plain", "connected", ("binary", ("active", False)), (Step("unrecv", (b"u",)), Step("recv", (0, 30)))
)  # fmt: skip


def test_a_case_is_ready_to_be_put_into_cases() -> None:
    code = case_code(Finding("1/1/plain", CASE, ('recv: {ok,<<"u">>}',), ("recv: {error,timeout}",)), PAIR)
    registry = Registry()
    from gentcp_conformance.case import case

    def register(id: str, **given: Any) -> Any:
        return case(id, registry=registry, **given)

    names = {"case": register, "Subject": Subject, "Term": Term, "gen_tcp": gen_tcp, "inet": inet, "ok": ok}
    exec(compile(code, "case", "exec", dont_inherit=True), names)
    (made,) = registry.select([])
    assert made.id == "explored/plain/unrecv-recv"
    assert "inet shows `recv: {ok,<<" in made.means
    (result,) = Runner(lambda _: True, Quiet()).run([made], ["inet"])
    assert result.outcomes[0][0].kind is Kind.TERM
    assert result.text == '[ok,{ok,<<"u">>},[]]'


@pytest.mark.parametrize(
    "program",
    [
        Program("plain", "connected", (), (), family="local"),
        Program("plain", "connected", (), (), rcvbuf=1),
        Program("plain", "connected", (), (), environment=(("connect", ()),)),
        Program("plain", "connected", (), (Step("sendfile", (10,)),)),
    ],
)
def test_what_no_case_can_say_is_refused(program: Program) -> None:
    with pytest.raises(NoCase):
        case_code(Finding("1/1/plain", program, ("a",), ("b",)), PAIR)


@pytest.mark.skipif(gentcp_otp.find() is None, reason="no erl on PATH, nor in GENTCP_ERL")
def test_a_vm_reads_the_erlang_programs() -> None:
    vm = gentcp.get_backend("otp_inet")
    for program in (WHOLE, *MANY[::5]):
        text = erlang(program, "1/1/plain").partition("\n")[2]
        _, tokens, _ = vm.apply("erl_scan", "string", [list(text.encode())])
        form: list[Term] = []
        for token in tokens:
            form.append(token)
            if token[0] == "dot":
                parsed = vm.apply("erl_parse", "parse_form", [form])
                assert parsed[0] == "ok", (parsed, text)
                form = []
        assert not form
