"""Histories with fixed seeds, and what the simulation itself promises."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import __main__ as command
from .faults import FAULTS, Fault, alive, hunt
from .history import BACKENDS, draw
from .run import Simulation, simulation
from .shrink import kind, shrink

ROOT = Path(__file__).parents[2]
_EACH = 500
_MOST = 20_000
"""Histories in which a fault is to be found; it takes some hundred, and for the rarest some thousand."""
_PROGRAM = "import sys; sys.path.append(sys.argv.pop(1)); from tests.simulation.__main__ import main; sys.exit(main())"
_DIGESTS = """
import sys
sys.path.append(sys.argv[1])
from gentcp.erl import gen_tcp, inet
from tests.simulation.history import draw
from tests.simulation.run import simulation
kept = []
for backend in sys.argv[2:]:  # real sockets, and a driver that looks after their owner
    _, listener = gen_tcp.listen(0, [("inet_backend", backend)])
    _, client = gen_tcp.connect("127.0.0.1", inet.port(listener)[1], [("inet_backend", backend)])
    kept += [listener, client, gen_tcp.accept(listener)]
with simulation() as simulated:
    for backend in ("inet", "socket"):
        print(*(simulated.run(draw(seed, backend)).digest for seed in range(40)))
"""


@pytest.fixture(scope="module")
def simulated() -> Iterator[Simulation]:
    with simulation() as found:
        yield found


@pytest.mark.parametrize("first", range(0, 3 * _EACH, _EACH))
@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_is_lost_and_nobody_waits_in_vain(simulated: Simulation, backend: str, first: int) -> None:
    for seed in range(first, first + _EACH):
        outcome = simulated.run(draw(seed, backend))
        assert not outcome.violations, command.describe(outcome, backend)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_seed_is_the_same_run_again(simulated: Simulation, backend: str) -> None:
    seeds = range(30)
    first = [simulated.run(draw(seed, backend), log=True) for seed in seeds]
    again = [simulated.run(draw(seed, backend), log=True) for seed in reversed(seeds)][::-1]
    assert [(one.digest, one.log) for one in first] == [(one.digest, one.log) for one in again]
    assert len({one.digest for one in first}) == len(seeds)


def test_and_in_another_program_that_has_real_sockets_too() -> None:
    printed = {
        subprocess.run(
            [sys.executable, "-c", _DIGESTS, str(ROOT), *real],
            env={**os.environ, "PYTHONHASHSEED": str(len(real))},
            stdout=subprocess.PIPE,
            check=True,
        ).stdout
        for real in ((), BACKENDS)
    }
    assert len(printed) == 1
    assert len(printed.pop().split()) == 80


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_that_is_put_back_is_found(simulated: Simulation, fault: Fault) -> None:
    assert hunt(simulated, fault, _MOST) is not None


def test_what_is_found_is_made_short(simulated: Simulation) -> None:
    fault = FAULTS[-1]
    found = hunt(simulated, fault, _MOST)
    assert found is not None
    with alive(fault):
        short = shrink(found, simulated.run, 20.0)
        assert simulated.run(short.history).digest == short.digest
    assert kind(short.violations[0]) == kind(found.violations[0])
    assert short.history.size() <= found.history.size() // 2
    assert not simulated.run(short.history).violations


def test_the_command_says_how_many_there_were(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--seed", "5", "--histories", "20", "--backend", "inet"]) == 0
    assert "seed 5: 20 histories on inet in" in capsys.readouterr().out


def test_several_processes_share_the_histories() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(ROOT), "--seed", "5", "--histories", "41", "--jobs", "2"],
        env={**os.environ, "PYTHONSAFEPATH": "1"}, check=False, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "seed 5: 41 histories on inet and socket in" in done.stdout


def test_the_command_shows_what_is_wrong_and_how_to_see_it_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = FAULTS[-1]
    with alive(fault):
        status = command.main(["--seed", "0", "--histories", "30", "--backend", fault.backend, "--shrink", "1"])
        shown = capsys.readouterr().out
        line = next(line for line in shown.splitlines() if line.startswith("replay: "))
        arguments = line.removeprefix("replay: python -m tests.simulation ").split()
        assert command.main([*arguments, "--shrink", "0"]) == 1
    assert status == 1
    assert "what was written is not what was sent" in shown
