"""gentcp as of another commit beside the present one: `--against COMMIT`.

The commit is checked out in a temporary worktree, from which the sides of its contestants take gentcp and the backends
(`Program.source`).  The programs that they run are the present ones, so who needs what the commit does not have is
compared with nobody.
"""

from __future__ import annotations

import contextlib
import signal
import subprocess
import tempfile
import tomllib
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from .model import Contestant, Workload
from .peers.roster import BACKENDS
from .sides import Program, Side, SideFailed, cpus

ROOT = Path(__file__).resolve().parents[1]
"""The checkout in which the benchmarks are."""


class CannotCompare(Exception):
    """Why gentcp as of that commit cannot be measured."""


@dataclass(frozen=True)
class Commit:
    """`name` and `subject` as printed, `root` where it is checked out."""

    name: str
    subject: str
    hash: str
    root: str


# ---- the contestants


def beside(commit: Commit, workloads: list[Workload]) -> list[Workload]:
    """The workloads with gentcp as of that commit in them.  CannotCompare when that does not run."""
    lacking = _looked_at(commit, {what for one in _ours(workloads) for what in one.needs})
    return [joined(workload, commit, lacking) for workload in workloads]


def joined(workload: Workload, commit: Commit, lacking: frozenset[str] = frozenset()) -> Workload:
    """Behind each gentcp the same of the commit, unless that is `lacking` what is needed."""
    contestants: list[Contestant] = []
    for one in workload.contestants:
        if one.is_gentcp and lacking.isdisjoint(one.needs):
            then = _as_of(commit, one)
            contestants += [replace(one, against=then.name), then]
        else:
            contestants.append(one)
    return replace(workload, contestants=contestants, against=commit.name)


def _as_of(commit: Commit, one: Contestant) -> Contestant:
    """All its sides are of the commit; its ratios are to the same as before, which may be gentcp, too."""
    args = tuple(replace(arg, source=commit.root) if isinstance(arg, Program) else arg for arg in one.args)
    base = _name(one.base, commit) if one.base.startswith("gentcp") else one.base
    return replace(one, name=_name(one.name, commit), args=args, goals=(), base=base)


def _name(name: str, commit: Commit) -> str:
    return f"{name}, at {commit.name}"


def _ours(workloads: Iterable[Workload]) -> Iterator[Contestant]:
    return (one for workload in workloads for one in workload.contestants if one.is_gentcp)


# ---- the worktree


@contextlib.contextmanager
def checked_out(wanted: str) -> Generator[Commit]:
    """In a worktree that is removed at the end, whatever the end is."""
    full = _hash(wanted)
    with tempfile.TemporaryDirectory(prefix="gentcp-against-") as folder, _terminated_like_interrupted():
        root = Path(folder).resolve() / "gentcp"
        try:
            _git("worktree", "add", "--quiet", "--detach", str(root), full)
            _describe(root)
            name, subject = _git("log", "-1", "--format=%h %s", full).split(" ", 1)
            yield Commit(name, subject, full, str(root))
        finally:
            with contextlib.suppress(CannotCompare):  # when it was not made
                _git("worktree", "remove", "--force", str(root))


def _hash(wanted: str) -> str:
    _git("rev-parse", "--git-dir")  # with git's own words when there is no repository
    try:
        return _git("rev-parse", "--verify", "--quiet", f"{wanted}^{{commit}}")
    except CannotCompare:
        raise CannotCompare(f"there is no such commit in {ROOT}") from None


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise CannotCompare("there is no git") from None
    if done.returncode:
        raise CannotCompare(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def _describe(root: Path) -> None:
    """What an installation would say, so that the entry points are those of the commit, too."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    except FileNotFoundError:
        raise CannotCompare("there is no pyproject.toml in it") from None
    about = root / f"gentcp-{project['version']}.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: gentcp\nVersion: {project['version']}\n")
    with (about / "entry_points.txt").open("w") as file:
        for group, points in project.get("entry-points", {}).items():
            file.writelines([f"[{group}]\n", *(f"{name} = {value}\n" for name, value in points.items())])


@contextlib.contextmanager
def _terminated_like_interrupted() -> Generator[None]:
    """SIGTERM would leave the worktree behind."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _looked_at(commit: Commit, needs: Iterable[str]) -> frozenset[str]:
    """What it does not have of `needs`; CannotCompare when a side would not get gentcp from there."""
    program = Program("origins", "report", (BACKENDS, tuple(needs)), source=commit.root)
    with Side(cpus()[0], program) as side:
        try:
            origins, lacking = side.ask()
        except SideFailed:
            raise CannotCompare(f"gentcp as of {commit.name} cannot be imported") from None
    if strange := [f"{name} of {file}" for name, file in origins.items() if not file.startswith(f"{commit.root}/")]:
        raise CannotCompare(f"{', '.join(strange)} would be measured, and not that of {commit.name}")
    return frozenset(lacking)
