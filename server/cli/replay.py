"""``patchbay replay CALLLOG``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.durations import parse_duration
from server.cli.failures import FAILED, require_place, stop, write_json, write_text

if TYPE_CHECKING:
    from router.core.catalog import Catalog
    from simulator.replay import CentreChange


def replay(
    log: Annotated[
        Path,
        typer.Argument(
            metavar="CALLLOG",
            help="Recorded calls, a row each, maybe gzipped; or Patchbay's journal or data folder.",
        ),
    ],
    *,
    mapping: Annotated[
        Path | None, typer.Option(help="What the log's columns mean, in YAML or JSON.")
    ] = None,
    credit: Annotated[
        list[str] | None,
        typer.Option(metavar="TIER=DURATION", help="Another head start, such as valued=0s."),
    ] = None,
    strategy: Annotated[str, typer.Option(help="Another way to choose the agent.")] = "",
    all_skills: Annotated[
        bool, typer.Option("--all-skills", help="Every agent serves every type.")
    ] = False,
    without: Annotated[
        list[str] | None, typer.Option(metavar="AGENT", help="An agent who stays away.")
    ] = None,
    twice: Annotated[
        list[str] | None,
        typer.Option(metavar="AGENT", help="A second agent with this one's skills and hours."),
    ] = None,
    handling: Annotated[
        float, typer.Option(min=0.1, max=10, help="Conversations so many times as long.")
    ] = 1.0,
    catalog: Annotated[
        Path | None,
        typer.Option(help="Another catalog: its queues and agents are matched by their ids."),
    ] = None,
    estimates: Annotated[
        bool, typer.Option("--estimates", help="Judge the estimated waits as well.")
    ] = False,
    explanations: Annotated[
        int,
        typer.Option(
            min=0,
            max=1_000_000,
            help="Have so many decisions and their whys judged by brute force.",
        ),
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, max=999_999_999, help="What is drawn.")] = 1,
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.999, help="Of the intervals over the days.")
    ] = 0.95,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write all figures to this file.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="Also write a report to this file, in HTML.")
    ] = None,
) -> None:
    """Replay recorded calls through the router: as it was, and as it would have been."""
    from server.cli.call_logs import catalog_in, read_recording
    from server.cli.replayed import print_replay
    from server.cli.watching_replay import watch_replay
    from simulator.replay import ChangeError, NothingToReplay, Wishes
    from simulator.replay import replay as run_replay

    for place in (json_file, report):
        require_place(place)
    people = catalog_in(catalog) if catalog is not None else None
    change = _change(
        credit or [],
        strategy=strategy,
        all_skills=all_skills,
        without=tuple(without or ()),
        twice=tuple(twice or ()),
        handling=handling,
    )
    try:
        with watch_replay() as progress:
            recording = read_recording(log, mapping, people, seed, progress)
            if recording.people.source != "catalog":
                change = _with_catalog(change, people)
            found = run_replay(
                recording,
                change=change,
                wishes=Wishes(estimates=estimates, explanations=explanations),
                seed=seed,
                confidence=confidence,
                progress=progress,
            )
    except (ChangeError, NothingToReplay) as problem:
        stop(str(problem))
    print_replay(found)
    write_json(json_file, found)
    if report is not None:
        from simulator.report import render_replay

        write_text(report, render_replay(found))
    if found.inspected is not None and found.inspected.disagree:
        stop(f"The judge disagrees in {found.inspected.disagree:,} sentences: see above.", FAILED)


def _change(
    credit: list[str],
    *,
    strategy: str,
    all_skills: bool,
    without: tuple[str, ...],
    twice: tuple[str, ...],
    handling: float,
) -> CentreChange | None:
    """None when nothing is to be changed."""
    from simulator.replay import CentreChange

    change = CentreChange(
        credits=dict(_credit(one) for one in credit),
        strategy=strategy,
        everyone_does=all_skills,
        without=without,
        extra=twice,
        handling=handling,
    )
    return change if change != CentreChange() else None


def _with_catalog(change: CentreChange | None, catalog: Catalog | None) -> CentreChange | None:
    import msgspec

    from simulator.replay import CentreChange

    if catalog is None:
        return change
    return msgspec.structs.replace(change or CentreChange(), catalog=catalog)


def _credit(text: str) -> tuple[str, int]:
    tier, is_written, duration = text.rpartition("=")
    if not is_written or not tier:
        stop(f"--credit {text}: write a tier and its head start, such as valued=90s.")
    try:
        return tier, parse_duration(duration)
    except ValueError as error:
        stop(f"--credit {text}: {error}.")
