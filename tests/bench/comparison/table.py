# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of measurements that took turns, and one Markdown table of them."""

from dataclasses import dataclass, field
from typing import Callable, Optional

DURATION, RATE, MEMORY = "duration", "rate", "memory"  # microseconds; per second; bytes
ENOUGH_FOR_P99 = 100
COLUMNS = ["what", "memory, CPU, freezing", "start", "n", "p50", "p99", "of the floor", "of the peer", "goals"]


@dataclass
class Sample:
    value: float
    label: str = ""


@dataclass
class Goal:
    """`holds` is asked with Figures; it may raise TypeError where a figure is None: then nothing can be said."""

    text: str
    holds: Callable[["Figures"], bool]

    def judged(self, figures: "Figures") -> str:
        try:
            return f"{self.text}: {'met' if self.holds(figures) else 'missed'}"
        except TypeError:
            return f"{self.text}: cannot be said"


@dataclass
class Row:
    """`measure` is called once in each round. What went wrong stands in `skipped` (something is missing here, which is
    no failure) or `failed`."""

    name: str
    settings: str
    measure: Callable[[], list]
    goals: list = field(default_factory=list)
    unit: str = ""  # the group's when empty
    rounds: list = field(default_factory=list)  # a list of Samples each
    skipped: str = ""
    failed: str = ""

    def labels(self) -> list:
        return sorted({sample.label for samples in self.rounds for sample in samples})

    def of_label(self, label: str) -> list:
        """Values by round; a round without any is an empty list, so that rounds stay comparable."""
        return [[sample.value for sample in samples if sample.label == label] for samples in self.rounds]

    def of_all(self) -> list:
        return [[sample.value for sample in samples] for samples in self.rounds]


@dataclass
class Group:
    """Rows that take turns. `floor` and `peer` are those of them that the others are compared with."""

    title: str
    unit: str
    rows: list
    floor: Optional[Row] = None
    peer: Optional[Row] = None
    rounds: Optional[int] = None  # the run's when None
    warm_up: bool = True  # a first round that is not counted


@dataclass
class Figures:
    n: int
    p50: float
    p99: Optional[float]  # None: too few for one
    most: float
    of_floor: Optional[float]
    of_peer: Optional[float]
    peer_p50: Optional[float]


def percentile(values: list, part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def middle(rounds: list, part: float) -> float:
    """The median of the rounds' figures: one disturbed round does not decide."""
    return percentile([percentile(values, part) for values in rounds if values], 0.5)


def p99(rounds: list) -> Optional[float]:
    """Of each round when each has enough for one of its own, else of all together; None when even they are too few."""
    filled = [values for values in rounds if values]
    if all(len(values) >= ENOUGH_FOR_P99 for values in filled):
        return middle(filled, 0.99)
    together = [value for values in filled for value in values]
    return percentile(together, 0.99) if len(together) >= ENOUGH_FOR_P99 else None


def ratio(rounds: list, others: list) -> Optional[float]:
    """The median of the ratios of rounds, so that a machine that is busier for a while does not decide."""
    each = [percentile(a, 0.5) / percentile(b, 0.5) for a, b in zip(rounds, others) if a and b]
    return percentile(each, 0.5) if each else None


def figures_of(rounds: list, group: Group, row: Row) -> Figures:
    comparable = not row.unit or row.unit == group.unit
    floor = group.floor.of_all() if group.floor and group.floor is not row and comparable else []
    peer = group.peer.of_all() if group.peer and group.peer is not row and comparable else []
    values = [value for each in rounds for value in each]
    return Figures(n=len(values), p50=middle(rounds, 0.5), p99=p99(rounds), most=max(values),
                   of_floor=ratio(rounds, floor), of_peer=ratio(rounds, peer),
                   peer_p50=middle(peer, 0.5) if any(peer) else None)


def quantity(value: float, unit: str) -> str:
    if unit == RATE:
        return f"{value:,.0f}/s"
    if unit == MEMORY:
        return f"{value / 2**20:,.2f} MB" if abs(value) < 100 * 2**20 else f"{value / 2**20:,.0f} MB"
    if value < 1000:
        return f"{value:.0f} µs"
    return f"{value / 1000:.3g} ms" if value < 100_000 else f"{value / 1000:.0f} ms"


def line(cells: list) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def as_ratio(value: Optional[float]) -> str:
    return "" if value is None else f"{value:.3g}" if value < 10 else f"{value:.0f}"


def row_lines(row: Row, group: Group) -> list:
    name = row.name
    if row is group.floor:
        name += " (the floor)"
    if row is group.peer:
        name += " (the peer)"
    if row.failed or row.skipped:
        reason = f"FAILED: {row.failed}" if row.failed else f"skipped: {row.skipped}"
        return [line([name, row.settings, "", "", "", "", "", "", reason])]
    lines = []
    unit = row.unit or group.unit
    for label in row.labels():
        rounds = row.of_label(label)
        figures = figures_of(rounds, group, row)
        rare = quantity(figures.p99, unit) if figures.p99 is not None else f"most {quantity(figures.most, unit)}"
        if unit == RATE:
            rare = ""
        judged = "; ".join(goal.judged(figures) for goal in row.goals)
        lines.append(line([name, row.settings, label, str(figures.n), quantity(figures.p50, unit), rare,
                           as_ratio(figures.of_floor), as_ratio(figures.of_peer), judged]))
    return lines


def table(groups: list) -> str:
    lines = [line(COLUMNS), line(["---"] * len(COLUMNS))]
    for group in groups:
        lines.append(line([f"**{group.title}**"] + [""] * (len(COLUMNS) - 1)))
        for row in group.rows:
            lines += row_lines(row, group)
    return "\n".join(lines) + "\n"


BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"


def with_section(document: str, section: str) -> str:
    """The document with what stands between the marks replaced."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"there is no section between {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{section}\n{END}{after}"
