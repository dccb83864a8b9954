"""``patchbay replay CALLLOG``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.durations import parse_duration
from server.cli.failures import FAILED, require_place, stop, write_json, write_text
from server.cli.options import FiguresFile, ReportFile

if TYPE_CHECKING:
    from router.core.catalog import Catalog
    from simulator.replay import CentreChange, Replay


CallLog = Annotated[
    Path,
    typer.Argument(
        metavar="CALLLOG",
        help="Recorded calls, a row each, maybe gzipped; or Patchbay's journal or data folder.",
    ),
]
Columns = Annotated[Path | None, typer.Option(help="What the log's columns mean, in YAML or JSON.")]
Credits = Annotated[
    list[str] | None,
    typer.Option(metavar="TIER=DURATION", help="Another head start, such as valued=0s."),
]
StrategyName = Annotated[str, typer.Option(help="Another way to choose the agent.")]
AllSkills = Annotated[bool, typer.Option("--all-skills", help="Every agent serves every type.")]
Without = Annotated[
    list[str] | None, typer.Option(metavar="AGENT", help="An agent who stays away.")
]
Twice = Annotated[
    list[str] | None,
    typer.Option(metavar="AGENT", help="A second agent with this one's skills and hours."),
]
Handling = Annotated[
    float, typer.Option(min=0.1, max=10, help="Conversations so many times as long.")
]
OtherCatalog = Annotated[
    Path | None,
    typer.Option(help="Another catalog: its queues and agents are matched by their ids."),
]
Estimates = Annotated[bool, typer.Option("--estimates", help="Judge the estimated waits as well.")]
Explanations = Annotated[
    int,
    typer.Option(
        min=0,
        max=1_000_000,
        help="Have so many decisions and their whys judged by brute force.",
    ),
]
Seed = Annotated[int, typer.Option(min=0, max=999_999_999, help="What is drawn.")]
Confidence = Annotated[
    float, typer.Option(min=0.5, max=0.999, help="Of the intervals over the days.")
]


def replay(
    log: CallLog,
    *,
    mapping: Columns = None,
    credit: Credits = None,
    strategy: StrategyName = "",
    all_skills: AllSkills = False,
    without: Without = None,
    twice: Twice = None,
    handling: Handling = 1.0,
    catalog: OtherCatalog = None,
    estimates: Estimates = False,
    explanations: Explanations = 0,
    seed: Seed = 1,
    confidence: Confidence = 0.95,
    json_file: FiguresFile = None,
    report: ReportFile = None,
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
    _keep(found, json_file, report)
    if found.inspected is not None and found.inspected.disagree:
        stop(f"The judge disagrees in {found.inspected.disagree:,} sentences: see above.", FAILED)


def _keep(found: Replay, json_file: Path | None, report: Path | None) -> None:
    write_json(json_file, found)
    if report is not None:
        from simulator.report import render_replay

        write_text(report, render_replay(found))


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
