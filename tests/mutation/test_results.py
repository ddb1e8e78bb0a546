from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation import __main__ as command
from tests.mutation import index, listing, operators, survivors, table
from tests.mutation.index import Index, Trial
from tests.mutation.listing import Mutant
from tests.mutation.places import modules
from tests.mutation.reach import lines_of
from tests.mutation.results import Results
from tests.mutation.running import Finding, Outcome

pytestmark = pytest.mark.skipif(not operators.available(), reason="cosmic-ray is missing")

LINE = modules(["gentcp.packet._line"])[0]
ONE, OTHER = Mutant(LINE, "core/NumberReplacer", 0, 1), Mutant(LINE, "core/NumberReplacer", 1, 1)


def test_what_is_in_the_file_is_known_again(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    Results(path).add(ONE, Finding(Outcome.SURVIVED, "", 1.5))
    Results(path).add(ONE, Finding(Outcome.CAUGHT, "send/one", 2.0))
    with path.open("a", encoding="utf-8") as file:
        file.write('{"mutant": "cut o')
    assert Results(path).get(ONE) == Finding(Outcome.CAUGHT, "send/one", 2.0)
    assert Results(path).get(OTHER) is None


def test_what_has_a_result_is_not_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []

    def run(mutant: Mutant, trials: list[Trial], folder: Path) -> Finding:
        ran.append(mutant.id)
        return Finding(Outcome.SURVIVED)

    monkeypatch.setattr(command, "run", run)
    monkeypatch.setattr(index, "load", lambda _path: Index(()))
    asked = ["--module", "gentcp.packet._cdr", "--seed", "1", "--results", str(tmp_path / "results.jsonl")]
    assert command.main([*asked, "--sample", "3"]) == 0
    assert len(ran) == 3
    command.main([*asked, "--sample", "3"])
    assert len(ran) == 3
    command.main([*asked, "--sample", "3", "--again"])
    assert sorted(ran) == sorted(ran[:3] * 2)
    assert "| all | 3 | 0 | 3 | 0 | 0 % |" in capsys.readouterr().out


def test_the_table_counts_no_broken_ones() -> None:
    rows = [(ONE, Finding(Outcome.CAUGHT)), (OTHER, Finding(Outcome.BROKEN))]
    assert list(table.table(rows))[2:] == [
        "| `gentcp.packet._line` | 1 | 1 | 0 | 0 | 100 % |",
        "| all | 1 | 1 | 0 | 0 | 100 % |",
    ]
    assert table.proving_nothing(rows) == 1
    assert not list(table.survivors(rows))


def test_a_known_survivor_has_a_reason(tmp_path: Path) -> None:
    one, *_, other = listing.mutants([LINE])
    path = tmp_path / "survivors.toml"
    path.write_text(f"[[survivor]]\nmodule = 'gentcp.packet._line'\ntext = {one.text!r}\nreason = 'a reason'\n")
    known = survivors.load(path)
    assert known.reason(one) == "a reason"
    assert not known.reason(other)
    path.write_text("[[survivor]]\nmodule = 'gentcp.packet._line'\ntext = 'x'\n")
    with pytest.raises(ValueError, match="module, text and reason"):
        survivors.load(path)


REACHED = """\
TABLE = {
    "a": 1,
}


def f(x, y=1):
    if (x
            or y):
        return [
            x,
            y,
        ]
    try:
        g()
    except OSError:
        pass


@cache
def h():
    return 1
"""


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        (2, None),
        (6, None),
        (7, {7, 8}),
        (8, {7, 8}),
        (10, {9, 10, 11, 12}),
        (14, {14}),
        (15, {15}),
        (16, {16}),
        (21, None),
    ],
)
def test_the_lines_of_a_statement_and_none_for_what_is_imported(line: int, lines: set[int] | None) -> None:
    assert lines_of(REACHED, line) == lines


def test_trials_that_run_the_line_see_a_mutant_and_quick_ones_come_first() -> None:
    name, line = LINE.name, 1 + next(n for n, text in enumerate(LINE.source.splitlines()) if " return " in text)
    slow = Trial("slow", "inet", 2.0, True, {name: frozenset({line})})
    quick = Trial("quick", "socket", 1.0, True, {name: frozenset({line})})
    elsewhere = Trial("elsewhere", "inet", 1.0, True, {name: frozenset({line + 1000})})
    failing = Trial("failing", "inet", 1.0, False, {name: frozenset({line})})
    known = Index((slow, quick, elsewhere, failing))
    assert known.seeing(Mutant(LINE, "", 0, line)) == [quick, slow]
    assert known.seeing(Mutant(LINE, "", 0, 1)) == [quick, elsewhere, slow]
    imported = Index(known.trials, {name: frozenset({line})})
    assert imported.seeing(Mutant(LINE, "", 0, line)) == [quick, elsewhere, slow]
