"""``patchbay replay``: what it prints, what it writes, and what it refuses in a sentence."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from router.journal.sqlite import SqliteJournal
from server.cli.root import outcome
from tests.unit.simulator.call_log.journals import busy_centre, journal_of
from tests.unit.simulator.replay.logs import recorded

HEADER = "arrived_at,waited,talk,outcome,type,tier,agent\n"


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "calls.csv"
    file.write_text(HEADER + "".join(rows()))
    return file


def rows(*, agents: bool = True) -> list[str]:
    return [
        f"{clock(call.arrived_at)},{call.waited // 1_000_000},{call.talk // 1_000_000},"
        f"{call.outcome},{call.type},{call.tier},{call.agent if agents else ''}\n"
        for call in recorded().calls
    ]


def clock(at: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert outcome(["replay", *arguments]) == 2
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return " ".join(said.err.split())


def test_recorded_beside_simulated(log, tmp_path, capsys):
    results, page = tmp_path / "results.json", tmp_path / "page.html"
    assert outcome(["replay", str(log), "--json", str(results), "--report", str(page)]) == 0
    assert "Recorded and simulated" in page.read_text()
    said = capsys.readouterr().out
    assert "240 rows read as one row per call" in said
    assert "2 agents with" in said
    assert "Service level: answered within the objective ÷" in said
    found: dict[str, Any] = json.loads(results.read_text())
    assert found["fidelity"]["calls"]["all"] == 240
    assert found["effect"] is None


def test_a_change_is_told_in_one_sentence_a_figure(log, capsys):
    arguments = ["--credit", "gold=5m", "--twice", "ann", "--handling", "1.1", "--strategy"]
    assert outcome(["replay", str(log), *arguments, "random"]) == 0
    said = capsys.readouterr().out
    assert "Mean wait: gold customers" in said
    assert ", others " in said


def test_estimates_and_decisions_are_judged_when_asked(log, capsys):
    assert outcome(["replay", str(log), "--estimates", "--explanations", "40"]) == 0
    said = capsys.readouterr().out
    assert "Asterisk app_queue" in said
    assert "0 disagreements" in said


def test_broken_rows_are_counted_and_shown_by_line(log, capsys):
    log.write_text(log.read_text() + "no time,1,2,answered,sales,,Ann\n")
    assert outcome(["replay", str(log)]) == 0
    assert "a time is not an ISO 8601 timestamp: line 242 (no time)" in capsys.readouterr().out


def test_a_mapping_of_ones_own(log, tmp_path, capsys):
    body = log.read_text().replace(HEADER, "begin;w;t;state;skill;class;who\n")
    log.write_text(body.replace(",", ";"))
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "name: ours\n"
        "columns: {arrived_at: [begin], waited: [w], talk: [t], outcome: [state], type: [skill],"
        " tier: [class], agent: [who]}\n"
        "outcomes: {answered: answered, abandoned: abandoned}\n"
        "credits: {gold: 60}\ntypes:\n"
    )
    assert outcome(["replay", str(log), "--mapping", str(mapping)]) == 0
    said = capsys.readouterr().out
    assert "240 rows read as ours" in said
    assert "Head starts: gold 1m" in said


CATALOG = """
skills: {english: English}
queues:
  sales: {label: Sales, auto_accept: true, wrap_up: 0}
  help: {label: Help, auto_accept: true, wrap_up: 0}
profiles: {all: {label: All, queues: [sales, help], capacity: {voice: 1}}}
agents:
  ann: {name: Ann, profile: all}
  bob: {name: Bob, profile: all}
  cy: {name: Cy, profile: all}
entry_points: {line: {label: Line, channel: voice, queue: help}}
"""


def test_another_catalog_is_a_change(log, tmp_path, capsys):
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(CATALOG)
    assert outcome(["replay", str(log), "--catalog", str(catalog)]) == 0
    assert "What the change does" in capsys.readouterr().out


def test_a_log_without_agents_needs_a_catalog_with_people(log, tmp_path, capsys):
    log.write_text(HEADER + "".join(rows(agents=False)))
    assert "does not say who answered its calls" in refused([str(log)], capsys)
    catalog = tmp_path / "catalog.yaml"
    catalog.write_text(CATALOG)
    assert outcome(["replay", str(log), "--catalog", str(catalog)]) == 0
    assert "3 agents of the catalog work" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--credit", "gold"], "write a tier and its head start"),
        (["--credit", "gold=90"], "a duration needs a unit"),
        (["--credit", "gold=-5s"], "a duration cannot be negative"),
        (["--credit", "silver=5s"], "No caller is of tier 'silver'"),
        (["--strategy", "best"], "There is no strategy 'best'"),
        (["--without", "zoe"], "Nobody called 'zoe' works here"),
        (["--without", "Ann", "--without", "bob"], "Nobody would be at work"),
        (["--handling", "nan"], "Invalid value for '--handling'"),
        (["--handling", "100"], "less than or equal to 10"),
        (["--confidence", "1"], "less than or equal to 0.999"),
        (["--mapping", "none.yaml"], "cannot be used as a mapping"),
        (["--catalog", "none.yaml"], "cannot be used"),
        (["--json", "no/such/folder.json"], "cannot be written"),
    ],
)
def test_bad_input_is_one_sentence(log, arguments, said, capsys):
    assert said in refused([str(log), *arguments], capsys)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\ncolumns: {arrived_at: begin}\n", "Expected `array`"),
        ("name: x\ncolumns: {}\n", "missing required field `arrived_at`"),
        ("[1, 2]\n", "is no mapping"),
        ("name: [\n", "cannot be used as a mapping"),
        ("name: x\ncolour: red\ncolumns: {arrived_at: [a]}\n", "unknown field `colour`"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused(log, tmp_path, text, said, capsys):
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(text)
    assert said in refused([str(log), "--mapping", str(mapping)], capsys)


def test_files_that_are_no_logs_are_refused(tmp_path, capsys):
    assert "cannot be read" in refused([str(tmp_path / "none.csv")], capsys)
    assert "There is no journal.db in" in refused([str(tmp_path)], capsys)
    (tmp_path / "x.csv").write_text(HEADER)
    assert "has no call that was answered" in refused([str(tmp_path / "x.csv")], capsys)


def test_an_interrupt_ends_it_at_once(log, monkeypatch, capsys):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.replay.replay", interrupted)
    assert outcome(["replay", str(log)]) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_a_judge_who_disagrees_is_a_failure(log, monkeypatch, capsys):
    from simulator.judging.decisions import Disagreement, Judge

    def never_content(judge: Judge, at: int) -> list[Disagreement]:
        return [Disagreement(at=at, contact="2", agent="ann", what="it is [red]wrong[/]")]

    monkeypatch.setattr(Judge, "left_undone", never_content)
    assert outcome(["replay", str(log), "--explanations", "2"]) == 1
    said = capsys.readouterr()
    assert "it is [red]wrong[/]" in said.out
    assert "The judge disagrees" in said.err


# -- Patchbay's own journal -------------------------------------------------------------------


@pytest.fixture
def data_directory(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    entries, _ = journal_of(busy_centre())

    async def write() -> None:
        journal = await SqliteJournal.open(folder / "journal.db")
        await journal.append(entries)
        await journal.close()

    asyncio.run(write())
    return folder


def test_a_journal_is_replayed_without_being_touched(data_directory, tmp_path, capsys):
    journal = data_directory / "journal.db"
    before = journal.read_bytes()
    for path in (data_directory, journal):
        assert outcome(["replay", str(path), "--credit", "gold=0s"]) == 0
        said = capsys.readouterr().out
        assert "exactly as they signed in and out" in said
        assert "Mean wait: gold customers" in said
    assert journal.read_bytes() == before


def test_a_journal_needs_no_mapping_and_other_databases_are_none(data_directory, tmp_path, capsys):
    journal = str(data_directory / "journal.db")
    assert "needs no mapping" in refused([journal, "--mapping", "x.yaml"], capsys)
    import sqlite3

    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    connection.close()
    assert outcome(["replay", str(other)]) == 1
    assert "is not a Patchbay journal" in capsys.readouterr().err
