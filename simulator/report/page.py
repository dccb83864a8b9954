"""From findings to the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined

from router.core.durations import SECOND
from simulator.agreement import sentence
from simulator.figures import SERVICE_LEVEL_FORMULA
from simulator.findings import Findings
from simulator.replications import Experiment
from simulator.report import pictures, tables
from simulator.report.axes import duration_label
from simulator.report.charts import Chart, draw, swatch
from simulator.report.day import HalfHour, half_hours, is_average_day
from simulator.report.tails import tails_by_tier
from simulator.scenario.model import Scenario
from simulator.summary import EVERYBODY
from simulator.wording import FIGURES, left_out, overload_sentences, runs_text

TILES: Final = ("mean_wait", "service_level", "abandonment")
MOST_BARS: Final = 40  # agents; more of them are shown as a distribution
MOST_OVERLOADS: Final = 12


def render(findings: Findings) -> str:
    """The whole page. Whatever people wrote into scenario and catalog stays text."""
    scenario, experiment = findings.scenario, findings.experiment
    day = half_hours(scenario, experiment)
    tails = tails_by_tier(scenario, experiment)
    agents = tables.agent_lines(findings)
    return (
        templates()
        .get_template("report.html")
        .render(
            findings=findings,
            scenario=scenario,
            experiment=experiment,
            when=_when(scenario),
            measured=_measured(scenario),
            runs=runs_text(experiment),
            seeds=_seeds(experiment),
            confidence=f"{experiment.plan.confidence * 100:.3g} %",
            formula=SERVICE_LEVEL_FORMULA,
            overloads=overload_sentences(experiment, scenario),
            most_overloads=MOST_OVERLOADS,
            left_out=left_out(experiment.runs),
            tiles=_tiles(experiment),
            groups=tables.group_table(findings),
            tails=tables.tails_table(tails) if tails else None,
            waits=pictures.waits_by_tier(tails) if tails else None,
            average_day=is_average_day(scenario),
            day=tables.day_table(day),
            day_charts=_day_charts(scenario, day),
            agents=agents,
            agents_chart=_agents_chart(agents),
            changes=_changes(findings),
            theory_rows=dict(tables.theory_rows(findings)),
        )
    )


@cache
def templates() -> Environment:
    """Those of all pages."""
    environment = Environment(
        loader=PackageLoader("simulator.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(draw=draw, swatch=swatch, sentence=sentence)
    return environment


# -- the head ---------------------------------------------------------------------------------


def _when(scenario: Scenario) -> str:
    """``Monday 2 March 2026, 07:30–20:00 (Europe/London)``."""
    zone = ZoneInfo(scenario.zone)
    begins, ends = (
        datetime.fromtimestamp(at // SECOND, zone) for at in (scenario.begins, scenario.ends)
    )
    day = "%A %-d %B %Y"
    if begins.date() == ends.date():
        span = f"{begins.strftime(f'{day}, %H:%M')}–{ends.strftime('%H:%M')}"
    else:
        span = f"{begins.strftime(f'{day}, %H:%M')} to {ends.strftime(f'{day}, %H:%M')}"
    return f"{span} ({scenario.zone})"


def _measured(scenario: Scenario) -> str:
    if not scenario.warm_up:
        return ""
    return f"The first {duration_label(scenario.warm_up / SECOND)} are not measured."


def _seeds(experiment: Experiment) -> str:
    first, last = experiment.runs[0].seed, experiment.runs[-1].seed
    return f"seed {first}" if first == last else f"seeds {first} to {last}"


def _tiles(experiment: Experiment) -> list[tuple[str, tables.Cell]]:
    everybody = experiment.figures[EVERYBODY]
    contacts = tables.Cell(text=f"{tables.contacts_a_run(experiment, EVERYBODY):,.1f}")
    cells = [(FIGURES[one].label, tables.figure_cell(one, everybody[one])) for one in TILES]
    occupancy = tables.figure_cell("occupancy", experiment.occupancy)
    return [("contacts a run", contacts), *cells, (FIGURES["occupancy"].label, occupancy)]


# -- the pictures -----------------------------------------------------------------------------


def _day_charts(scenario: Scenario, day: Sequence[HalfHour]) -> list[Chart]:
    targets = {scenario.catalog.queues[one.queue].service_target for one in scenario.streams}
    target = targets.pop() if len(targets) == 1 else None
    charts = [pictures.arrivals(day)]
    if any(one.answered or one.abandoned for one in day):
        charts += [pictures.waits(day), pictures.service_level(day, target)]
    return [*charts, pictures.agents(day)]


def _agents_chart(agents: Sequence[tables.AgentLine]) -> Chart | None:
    if len(agents) <= MOST_BARS:
        return None
    return pictures.agents_by_occupancy([line.share for line in agents])


def _changes(findings: Findings) -> dict[str, object] | None:
    other = findings.alternative
    if other is None:
        return None
    return {
        "name": other.experiment.scenario,
        "table": tables.change_table(findings.scenario, other),
        "occupancy": tables.change_cell("occupancy", other.occupancy),
    }
