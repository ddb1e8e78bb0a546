"""A workload's results as text."""

from __future__ import annotations

from .record import Data, goal_text, measured, number, skipped


def table(workload: Data) -> str:
    """Medians; the ratio is the median of the ratios by round, with its quartiles."""
    title = f"{workload['name']}: {workload['title']}"
    if workload["skipped"]:
        return f"{title}\nskipped: {workload['skipped']}"
    rows = [headings(workload), *(row(workload, one) for one in measured(workload))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [_line(row, widths) for row in rows]
    return "\n".join([title, "-" * max(len(title), len(lines[0])), *lines, *notes(workload)])


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    name, *numbers, goals = cells
    aligned = [cell.rjust(width) for cell, width in zip(numbers, widths[1:-1], strict=True)]
    return "  ".join([name.ljust(widths[0]), *aligned, goals]).rstrip()


def headings(workload: Data) -> tuple[str, ...]:
    figure, *costs = workload["columns"]
    ratios = [what for base in _bases(workload) for what in (base, "quartiles", *(["by CPU"] if costs else []))]
    return "contestant", figure, "quartiles", "noise", *costs, *ratios, "rounds", "goals"


def _bases(workload: Data) -> list[str]:
    """What there are ratios to; records that were written before there was --against do not have it."""
    return ["ratio", *([f"of {workload['against']}"] if workload.get("against") else [])]


def row(workload: Data, one: Data) -> tuple[str, ...]:
    figure, *costs = one["columns"]
    first, *others = workload["digits"]
    ratios = [one, one.get("against") or {}][: len(_bases(workload))]
    return (
        one["name"],
        number(figure["median"], first),
        f"{number(figure['low'], first)}-{number(figure['high'], first)}",
        f"{figure['noise']:.0%}",
        *(number(cost["median"], digits) for cost, digits in zip(costs, others, strict=True)),
        *(cell for found in ratios for cell in _ratio(found, by_cpu=bool(costs))),
        str(len(one["samples"])),
        "; ".join(goals(workload, one)),
    )


def _ratio(found: Data, *, by_cpu: bool) -> list[str]:
    ratio, of_cpu = found.get("ratio"), found.get("cpu_ratio")
    return [
        f"{ratio['median']:.2f}" if ratio else "",
        f"{ratio['low']:.2f}-{ratio['high']:.2f}" if ratio else "",
        *([f"{of_cpu['median']:.2f}" if of_cpu else ""] if by_cpu else []),
    ]


def goals(workload: Data, one: Data) -> list[str]:
    """Each goal, and whether it was reached."""
    words = {True: "ok", False: "MISSED", None: "?"}
    return [f"{goal_text(goal, one, workload)} {words[goal['met']]}" for goal in one["goals"]]


def notes(workload: Data) -> list[str]:
    return [
        *(f"skipped, {what} is not here: {', '.join(names)}" for what, names in skipped(workload).items()),
        *(f"failed: {one['name']}: {one['failure']}" for one in workload["contestants"] if one["failure"]),
    ]
