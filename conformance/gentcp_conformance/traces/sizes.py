"""Numbers of bytes in words that are the same each time, although a kernel never takes quite as much as last time."""

from __future__ import annotations

_KB, _MB = 1024, 1024 * 1024
_EXACT = 20000


def size(count: int) -> str:
    """`count` bytes, roughly if there are many: "", "5 B", "64 KB", "~4 MB"; "4 MB" is exact."""
    if count <= 0:
        return ""
    if count <= _EXACT:
        return f"{count} B"
    if count <= _MB // 2:
        return f"{count // _KB} KB"
    return f"{'~' if count % _MB else ''}{max(1, round(count / _MB))} MB"


def queued(count: int) -> str:
    """The same for what a driver holds back: a thousand and more is up to what the kernel took."""
    return size(count) if count < 1000 else f"{count // _KB} KB" if count <= _MB // 2 else size(count | 1)
