"""A small centre and scenario to try the reading on: what a test changes stands out."""

from __future__ import annotations

from pathlib import Path

from simulator.scenario import Scenario, ScenarioReport, check_text

CATALOG = """\
skills: {spanish: Spanish}
queues:
  support: {wrap_up: 30s, wrap_up_limit: 5m}
  sales: {wrap_up: 0}
  spanish:
    steps:
      - {ask: {spanish: 5}, for: 30s}
      - ask: {spanish: 2}
profiles:
  service: {queues: [support, spanish], capacity: {voice: 1, chat: 3}}
  sellers: {queues: [sales], capacity: {voice: 1}}
agents:
  ann: {name: Ann, profile: service, skills: {spanish: 6}}
  ben: {name: Ben, profile: service}
  cat: {name: Cat, profile: sellers}
credits: {tiers: {gold: 90s}}
"""
SCENARIO = """\
catalog: centre.yaml
starts: 2026-03-02 08:00
lasts: 10h
arrivals:
  calls:
    channel: voice
    queue: support
    per_hour: 10
    handling: {exponential: 3m}
    patience: {exponential: 2m}
staff:
  team:
    agents: [ann, ben]
    shifts: [08:00-12:30, 13:00-18:00]
    breaks: 10:00-10:15
"""


def check(folder: Path, text: str | bytes = SCENARIO, *, catalog: str = CATALOG) -> ScenarioReport:
    (folder / "centre.yaml").write_text(catalog, encoding="utf-8")
    return check_text(text, file="x.yaml", folder=folder)


def compiled(folder: Path, text: str = SCENARIO, *, catalog: str = CATALOG) -> Scenario:
    report = check(folder, text, catalog=catalog)
    assert report.scenario is not None, report.problems
    return report.scenario


def changed(*changes: tuple[str, str], text: str = SCENARIO) -> str:
    """``text`` with each of ``changes`` made; what is to be changed must be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
