"""The findings of a replay in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.durations import format_duration
from simulator.comparison import Change
from simulator.figures import SERVICE_LEVEL_FORMULA
from simulator.judging.estimates import Verdict
from simulator.replay import Beside, Inspected, LogFacts, Replay
from simulator.replay.sentences import (
    TOLD,
    effect_sentences,
    fidelity_sentence,
    sections_of,
    source_sentences,
    tier_sentence,
)
from simulator.summary import EVERYBODY
from simulator.wording import FIGURES, UNKNOWN, change_text, value_text

WIDE: Final = 146  # columns a table with all three figures takes
SHOWN_PROBLEMS: Final = 5
MOST_NAME: Final = 24


def print_replay(found: Replay) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, WIDE))
    _print_log(console, found.log)
    _print_centre(console, found)
    _heading(console, "Recorded and simulated")
    _print_changes(console, found, found.fidelity, ("recorded", "simulated"))
    for sentence in (tier_sentence(found), fidelity_sentence(found)):
        if sentence:
            _say(console, sentence)
    if found.unfinished:
        _say(console, f"{found.unfinished:,} simulated calls still waited at the end.")
    if found.effect is not None:
        _heading(console, "What the change does, to the simulated centre")
        _print_changes(console, found, found.effect, ("as it was", "changed"))
        for sentence in effect_sentences(found):
            _say(console, sentence)
    if found.estimates is not None:
        _heading(console, "Estimated waits, at the moment somebody begins to wait")
        _print_estimates(console, found.estimates)
    if found.inspected is not None:
        _heading(console, "Decisions")
        _print_inspected(console, found.inspected)
    _print_how_to_read(console, found)


# -- what was read ----------------------------------------------------------------------------


def _print_log(console: Console, log: LogFacts) -> None:
    _heading(console, log.name)
    _say(
        console,
        f"{log.rows:,} rows read as {log.mapping}: {log.ignored:,} are no calls, {log.dropped:,}"
        f" could not be used, {log.left:,} calls left before they asked for anybody."
        f" {log.clock}",
    )
    for reason, count in log.problem_counts.items():
        _say(console, f"▲ {count:,} × {reason}{_lines(log, reason)}", style="yellow")


def _lines(log: LogFacts, reason: str) -> str:
    """Where, as far as it is known."""
    places = [one for one in log.problems if one.reason == reason and one.line]
    if not places:
        return ""
    shown = ", ".join(
        f"{one.line} ({one.found})" if one.found else str(one.line)
        for one in places[:SHOWN_PROBLEMS]
    )
    return f": line {shown}{' …' if log.problem_counts[reason] > SHOWN_PROBLEMS else ''}"


def _print_centre(console: Console, found: Replay) -> None:
    days = "1 day" if found.days == 1 else f"{found.days:,} days"
    said = [f"{found.fidelity.calls[EVERYBODY]:,} calls on {days} are replayed."]
    said += source_sentences(found)
    if found.credits:
        worth = sorted(found.credits.items(), key=lambda one: -one[1])
        listed = ", ".join(f"{tier} {format_duration(credit)}" for tier, credit in worth)
        said.append(f"Head starts: {listed}.")
    _say(console, " ".join(said))


# -- tables -----------------------------------------------------------------------------------


def _print_changes(
    console: Console, found: Replay, both: Beside, headings: tuple[str, str]
) -> None:
    """All figures side by side where there is room, else one below the other."""
    for figures in [TOLD] if console.width >= WIDE else [(figure,) for figure in TOLD]:
        console.print(_table(found, both, figures, headings))


def _table(found: Replay, both: Beside, figures: Sequence[str], headings: tuple[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True, max_width=MOST_NAME, overflow="ellipsis")
    table.add_column("\ncalls", justify="right", no_wrap=True)
    for figure in figures:
        for heading in (f"{FIGURES[figure].label}\n{headings[0]}", f"\n{headings[1]}"):
            table.add_column(heading, justify="right", no_wrap=True)
        unit = "points" if FIGURES[figure].unit == "share" else ""
        table.add_column(f"{unit}\ndifference", justify="right", no_wrap=True)
    for number, (_, part) in enumerate(sections_of(found)):
        if number:
            table.add_row()
        for name, group in part:
            if group in both.changes:
                calls = f"{both.calls.get(group, 0):,}"
                table.add_row(Text(name), calls, *_cells(both.changes[group], figures))
    return table


def _cells(changes: dict[str, Change], figures: Sequence[str]) -> Iterator[Text]:
    for figure in figures:
        change = changes[figure]
        yield Text(value_text(figure, change.before))
        yield Text(value_text(figure, change.after))
        difference = change_text(figure, change.difference).replace(" points", "")
        yield Text(difference, style="bold" if change.certain else "dim")


# -- judges -----------------------------------------------------------------------------------


def _print_estimates(console: Console, verdict: Verdict) -> None:
    if not verdict.contacts:
        _say(console, "Nobody who had to wait was answered: there is nothing to judge.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("")
    for heading in ("answers", "median error", "mean error", "bias"):
        table.add_column(heading, justify="right")
    for one in verdict.accuracies:
        sign = "−" if one.bias < 0 else "+"
        table.add_row(
            Text(one.formula),
            f"{one.answers:,}",
            f"{one.median_error:.1f} s",
            f"{one.mean_error:.1f} s",
            f"{sign}{abs(one.bias):.1f} s",
        )
    console.print(table)
    _say(
        console,
        f"Errors are those of {verdict.contacts:,} contacts that were told one and answered;"
        f" {verdict.gave_up:,} gave up before. Of all of them {_share(verdict.covered)} waited, or"
        " would have waited, no longer than Patchbay's 90th percentile and"
        f" {_share(verdict.below_median)} no longer than its median."
        f" Of {verdict.looks:,} later looks at an estimate, {verdict.grown:,}"
        f" ({verdict.grown / max(verdict.looks, 1):.2%}) found it grown although nothing had got"
        " worse. Bias is positive for promises that are too long.",
    )


def _share(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.1%}"


def _print_inspected(console: Console, found: Inspected) -> None:
    _say(
        console,
        f"{found.decisions:,} sampled decisions and {found.explanations:,} explanations were judged"
        f" by brute force: {found.disagree:,} disagreements.",
    )
    for one in found.disagreements:
        _say(console, f"▲ contact {one.contact}: {one.what}", style="red")


def _print_how_to_read(console: Console, found: Replay) -> None:
    share = f"{found.confidence * 100:.3g} %"
    _say(
        console,
        f"\n± is the {share} confidence interval over the days, in pairs; bold: it excludes 0."
        f" Service level: {SERVICE_LEVEL_FORMULA}. Seed {found.seed}.",
    )


def _heading(console: Console, text: str) -> None:
    _say(console, f"\n{text}", style="bold")


def _say(console: Console, text: str, *, style: str = "") -> None:
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
