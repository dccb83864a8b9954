"""One file that needs nothing else, in which whatever people wrote stays text."""

import re
from html.parser import HTMLParser

import msgspec
import pytest

from simulator.agreement import agreements
from simulator.contacts import Rate
from simulator.distributions import Never
from simulator.findings import Findings, alternative, as_often_as
from simulator.replications import replicate
from simulator.report import render
from simulator.scenario import Plan, Scenario
from tests.unit.simulator.centres import MONDAY, centre

PLAN = Plan(at_most=2)
HOSTILE = "</title></style></svg><script>alert('x')</script>\"'{{7*7}}<img src=//x.example/y>"
VOID = {"meta", "link", "br", "img", "input", "hr", "col"}


class Page(HTMLParser):
    """Tags, attributes and words of a page; that every tag is closed is checked on the way."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def findings(scenario: Scenario, other: Scenario | None = None) -> Findings:
    experiment = replicate(scenario, workers=1)
    after = None
    if other is not None:
        after = alternative(experiment, replicate(as_often_as(other, experiment), workers=1))
    return Findings(
        scenario=scenario,
        experiment=experiment,
        theory=tuple(agreements(scenario, experiment)),
        alternative=after,
    )


def page(scenario: Scenario, other: Scenario | None = None) -> Page:
    return Page(render(findings(scenario, other)))


@pytest.fixture(scope="module")
def usual() -> Page:
    scenario = centre(stream={"tiers": {"gold": 0.3}}, plan=PLAN)
    return page(scenario, centre(agents=5, stream={"tiers": {"gold": 0.3}}, name="One more"))


def test_it_asks_nobody_for_anything(usual: Page) -> None:
    names = {name for name, _ in usual.attributes}
    assert not names & {"src", "href", "srcset", "action", "background", "onload", "onerror"}
    assert not set(usual.tags) & {"script", "link", "img", "iframe", "object", "form"}
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in usual.attributes
    style = "".join(usual.words)
    assert "url(" not in style
    assert "@import" not in style
    assert not re.search(r"https?://", style)


def test_it_says_what_the_figures_mean(usual: Page) -> None:
    assert "The 95 % confidence interval" in usual.text
    assert "answered within the objective ÷ (answered + abandoned − abandoned within 5 s)" in (
        usual.text
    )
    assert "Monday 2 March 2026, 08:00–09:00 (UTC)" in usual.text
    assert "2 runs, as planned. (seeds 1 to 2)" in usual.text


def test_every_part_is_there(usual: Page) -> None:
    for heading in (
        *("Key figures", "What One more changes", "How long customers wait", "Through the day"),
        *("Occupancy by agent", "Theory", "How to read this"),
    ):
        assert heading in usual.text
    assert usual.text.count("As a table") == 2
    assert "help: Erlang A is exact here." in usual.text
    assert "More work than people" not in usual.text


def test_ids_are_unique_and_labels_lead_to_them(usual: Page) -> None:
    ids = [value for name, value in usual.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    wanted = [value for name, value in usual.attributes if name == "aria-labelledby"]
    assert wanted
    assert {one for value in wanted for one in value.split()} <= set(ids)


def test_what_people_wrote_stays_text() -> None:
    scenario = centre(name=HOSTILE, stream={"name": HOSTILE, "tiers": {HOSTILE: 0.5}}, plan=PLAN)
    replace = msgspec.structs.replace
    catalog = scenario.catalog
    second = replace(catalog.queues["help"], id=HOSTILE, label=HOSTILE)
    (stream,) = scenario.streams
    scenario = replace(
        scenario,
        catalog=replace(
            catalog,
            queues={"help": replace(catalog.queues["help"], label=HOSTILE), HOSTILE: second},
            agents={name: replace(one, name=HOSTILE) for name, one in catalog.agents.items()},
        ),
        streams=(stream, replace(stream, name="second", queue=HOSTILE, patience=Never())),
    )
    usual_tags = set(page(centre(stream={"tiers": {"gold": 0.3}}, plan=PLAN), centre()).tags)
    found = page(scenario, replace(scenario, name=HOSTILE))
    assert set(found.tags) <= usual_tags | {"ul", "li"}
    assert "49" not in re.findall(r"alert\('x'\)</script>\"'(\w+)", found.text)
    assert found.text.count(HOSTILE) > 5


@pytest.mark.parametrize(
    "scenario",
    [
        centre(agents=0, plan=PLAN),
        centre(per_hour=0, plan=PLAN),
        centre(agents=0, per_hour=0, plan=PLAN),
        centre(agents=0, stream={"patience": Never()}, plan=PLAN),
        centre(plan=Plan(at_most=1)),
        centre(hours=0.01, per_hour=1, plan=PLAN),
        centre(agents=1, per_hour=3_000, hours=0.5, plan=PLAN),
        centre(agents=60, plan=PLAN),
        centre(hours=50, per_hour=2, plan=PLAN),
    ],
    ids=[
        *("nobody works", "nobody comes", "nothing happens", "all wait for ever", "one run"),
        *("half a minute", "far too much", "many agents", "several days"),
    ],
)
def test_any_centre_makes_a_page(scenario: Scenario) -> None:
    found = page(scenario)
    numbers = {value for name, value in found.attributes if name in {"d", "x", "y", "width"}}
    assert not any("nan" in value or "inf" in value for value in numbers)
    assert not re.search(r"\b(nan|inf|None)\b", found.text)


def test_empty_parts_say_why() -> None:
    nobody = page(centre(agents=0, stream={"patience": Never()}, plan=PLAN)).text
    assert "so there are no waits to show" in nobody
    assert "Nobody was at work." in nobody
    assert "nobody is there: the line grows without end" in nobody


def test_many_agents_are_a_distribution_and_days_an_average_day() -> None:
    assert "How many agents are occupied how much" in page(centre(agents=60, plan=PLAN)).text
    assert "An average day" in page(centre(hours=50, per_hour=2, plan=PLAN)).text


def test_overload_comes_first_and_hours_without_contacts_are_gaps() -> None:
    rates = (Rate(begins=MONDAY, ends=MONDAY + 600_000_000, per_hour=3_000),)
    found = page(centre(agents=1, hours=3, stream={"rates": rates}, plan=PLAN))
    assert found.text.index("More work than people") < found.text.index("Key figures")
