"""Which files are read, and in which language."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import compiled, elixir, erlang, lfe
from .relevance import file_is_about_sockets
from .tree import Source

LANGUAGES: dict[str, Callable[[str, bytes], Source]] = {
    ".erl": erlang.read, ".hrl": erlang.read, ".escript": erlang.read, ".ex": elixir.read, ".exs": elixir.read,
    ".lfe": lfe.read,
}  # fmt: skip
COMPILED = ".beam"
MOST = 4 << 20
"""Bytes of a file; larger ones are made by programs."""
_NOT_INTO = frozenset({".git", ".hg", "_build", "node_modules", ".elixir_ls", ".eunit", "_checkouts"})
_MIX = "mix.exs"
"""Beside it `deps` has what others wrote; elsewhere, as in RabbitMQ, it may have one's own."""


@dataclass
class Files:
    """The files below some paths.

    `skipped` counts by reason those that were left out; `lines` are those read.  Of a compiled module that is in a
    folder with its source, the source is read.
    """

    paths: list[Path]
    skipped: Counter[str] = field(default_factory=Counter[str])
    unreadable: list[str] = field(default_factory=list[str])
    lines: int = 0
    read: int = 0

    def sources(self) -> Iterator[Source]:
        """Those that have to do with sockets, read."""
        modules: dict[str, Path] = {}
        names: set[str] = set()
        for path in self._found():
            data = self._data(path)
            if data is None:
                continue
            if path.suffix == COMPILED:
                modules[path.stem] = path
                continue
            names.add(path.stem)
            self.read += 1
            self.lines += data.count(b"\n")
            if file_is_about_sockets(data):
                yield LANGUAGES[path.suffix](str(path), data)
        yield from self._compiled([path for name, path in modules.items() if name not in names or path in self.paths])

    def _compiled(self, paths: Sequence[Path]) -> Iterator[Source]:
        left = len(paths)
        try:
            for path, source in compiled.read_all(paths) if paths else ():
                left -= 1
                self.read += source is not None
                self._skip("compiled without debug_info", source is None)
                if source is not None:
                    yield replace(source, path=str(path))
        except compiled.NoVM as error:
            self._skip(f"compiled ({error})", left)

    def _skip(self, reason: str, count: int = 1) -> None:
        if count:
            self.skipped[reason] += count

    def _found(self) -> Iterator[Path]:
        for path in self.paths:
            yield from self._below(path) if path.is_dir() else self._one(path)

    def _one(self, path: Path) -> Iterator[Path]:
        if path.suffix in {*LANGUAGES, COMPILED}:
            yield path
        else:
            self._skip("of another kind")

    def _below(self, folder: Path) -> Iterator[Path]:
        for root, folders, names in os.walk(folder):
            self._skip("linked", sum(Path(root, each).is_symlink() for each in folders))
            left_out = _NOT_INTO | {"deps"} if _MIX in names else _NOT_INTO
            folders[:] = sorted(each for each in folders if each not in left_out)
            yield from (Path(root, name) for name in _sources(names))

    def _data(self, path: Path) -> bytes | None:
        reason = ""
        data = b""
        try:
            if path.is_symlink() and path not in self.paths:
                reason = "linked"
            elif path.stat().st_size > MOST:
                reason = "huge"
            else:
                data = path.read_bytes()
                reason = "binary" if b"\0" in data[:8192] and path.suffix != COMPILED else ""
        except OSError as error:
            reason = "unreadable"
            self.unreadable.append(f"{path}: {error.strerror}")
        if reason:
            self._skip(reason)
        return None if reason else data


def _sources(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if Path(name).suffix in {*LANGUAGES, COMPILED})
