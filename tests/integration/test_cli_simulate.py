"""``patchbay simulate`` as somebody at the command line meets it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from server.cli.root import outcome

CATALOG = """\
queues: {help: {wrap_up: 0}}
profiles: {all: {queues: [help], capacity: {voice: 1}}}
agents:
  ann: {name: Ann, profile: all}
  ben: {name: Ben, profile: all}
  cat: {name: Cat, profile: all}
  dan: {name: Dan, profile: all}
"""
SCENARIO = """\
name: A short morning
catalog: centre.yaml
starts: 2026-03-02 08:00
lasts: 2h
warm_up: 30m
arrivals:
  calls:
    channel: voice
    queue: help
    per_hour: 60
    handling: {exponential: 3m}
    patience: {exponential: 2m}
staff:
  team: {agents: [ann, ben, cat]}
runs: {at_most: 3}
"""


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    Path("centre.yaml").write_text(CATALOG)
    write("morning.yaml")


def write(name: str, *changes: tuple[str, str]) -> None:
    """The scenario with ``changes`` made, as the file ``name``."""
    text = SCENARIO
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    Path(name).write_text(text)


def simulate(*arguments: str) -> int:
    return outcome(["simulate", *arguments, "--workers", "1"])


def test_the_figures_are_printed_with_their_intervals(capsys):
    assert simulate("morning.yaml") == 0
    said = capsys.readouterr()
    assert "A short morning" in said.out
    assert "3 runs, as planned. Seeds 1 to 3." in said.out
    row = next(line for line in said.out.splitlines() if line.startswith("all contacts"))
    assert row.count("±") == 4
    assert "Occupancy " in said.out
    assert "the longest line of any run had" in said.out
    assert "± is the 95 % confidence interval." in said.out
    assert "Service level: answered within the objective ÷" in said.out
    assert said.err == ""


def test_runs_and_seed_of_the_command_line_come_before_the_scenarios(capsys):
    assert simulate("morning.yaml", "--runs", "2", "--seed", "40") == 0
    assert "2 runs, as planned. Seeds 40 to 41." in capsys.readouterr().out


def test_the_same_seed_gives_the_same_file_whoever_shares_the_work(tmp_path):
    for number, workers in enumerate(["1", "2"]):
        arguments = ["simulate", "morning.yaml", "--json", f"{number}.json", "--workers", workers]
        assert outcome(arguments) == 0
    assert Path("0.json").read_bytes() == Path("1.json").read_bytes()


def test_programs_get_every_figure_group_and_run():
    assert simulate("morning.yaml", "--json", "found.json", "--compare", "theory") == 0
    found = json.loads(Path("found.json").read_text(), parse_constant=pytest.fail)
    assert found["scenario"] == "A short morning"
    assert found["ends"] - found["begins"] == 2 * 3_600_000_000
    assert set(found["experiment"]["figures"]) == {
        *("all", "queue help", "stream calls", "tier no tier"),
    }
    assert [run["seed"] for run in found["experiment"]["runs"]] == [1, 2, 3]
    assert set(found["experiment"]["figures"]["all"]["mean_wait"]) == {
        *("mean", "half_width", "count"),
    }
    assert found["theory"][0]["fit"] == "exact"
    assert found["alternative"] is None


def test_one_run_has_no_interval_and_no_number_that_json_does_not_know():
    assert simulate("morning.yaml", "--runs", "1", "--json", "found.json") == 0
    found = json.loads(Path("found.json").read_text(), parse_constant=pytest.fail)
    assert found["experiment"]["figures"]["all"]["mean_wait"]["half_width"] is None


def test_a_report_is_one_file(capsys):
    assert simulate("morning.yaml", "--report", "report.html") == 0
    page = Path("report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "<h1>A short morning</h1>" in page


def test_theory_stands_beside_the_simulation(capsys):
    assert simulate("morning.yaml", "--compare", "theory") == 0
    said = capsys.readouterr().out
    assert "help: Erlang A is exact here." in said
    assert "inside" in said or "outside" in said


def test_what_another_scenario_changes_is_told_with_its_interval(capsys):
    write("more.yaml", ("[ann, ben, cat]", "all"), ("A short morning", "One more"))
    arguments = ("morning.yaml", "--against", "more.yaml", "--json", "x.json", "--report", "x.html")
    assert simulate(*arguments) == 0
    said = capsys.readouterr().out
    assert "What One more changes" in said
    change = said[said.index("What One more changes") :]
    assert "all contacts" in change
    assert "−" in change
    found = json.loads(Path("x.json").read_text())["alternative"]
    assert found["changes"]["all"]["mean_wait"]["difference"]["mean"] < 0
    assert [run["seed"] for run in found["experiment"]["runs"]] == [1, 2, 3]
    assert "What One more changes" in Path("x.html").read_text()


def test_a_scenario_differs_from_itself_in_nothing(capsys):
    assert simulate("morning.yaml", "--against", "morning.yaml") == 0
    changes = capsys.readouterr().out.split("What A short morning changes")[1]
    assert changes.count("no change") == 5
    assert " *\n" not in changes


def test_overload_is_one_sentence_and_said_once(capsys):
    write("busy.yaml", ("per_hour: 60", "per_hour: {08:30-10:00: 200}"))
    assert simulate("busy.yaml") == 0
    said = capsys.readouterr()
    assert said.err.count("more work than people") == 1, "told before the runs, in a sentence"
    assert (
        "▲ Monday 08:00–10:00: calls ask for 10.0 agents, 3 are there:"
        " the line grows until customers give up."
    ) in said.out
    assert said.out.count("the line grows") == 1


def test_other_warnings_are_told_as_check_tells_them(capsys):
    write("nobody.yaml", ("{agents: [ann, ben, cat]}", "{agents: []}"))
    assert simulate("nobody.yaml") == 0
    said = capsys.readouterr()
    assert "warning: staff: nobody works here: every contact waits in vain; add staff" in said.err
    assert "100 %" in said.out


@pytest.mark.parametrize(
    "change",
    [
        ("per_hour: 60", "per_hour: 0"),
        ("{agents: [ann, ben, cat]}", "{agents: []}"),
        ("per_hour: 60", "per_hour: 5000"),
        ("    patience: {exponential: 2m}\n", ""),
        ("handling: {exponential: 3m}", "handling: {lognormal: {mean: 800h, variation: 10}}"),
        ("lasts: 2h", "lasts: 31m"),
        ("patience: {exponential: 2m}", "patience: 0"),
    ],
    ids=["nobody comes", "nobody works", "far too much", "all patient", "huge", "short", "hasty"],
)
def test_any_scenario_ends_with_figures_and_a_report(change, capsys):
    write("odd.yaml", change)
    arguments = ("odd.yaml", "--runs", "2", "--compare", "theory", "--report", "odd.html")
    assert simulate(*arguments, "--json", "odd.json", "--against", "morning.yaml") == 0
    said = capsys.readouterr()
    assert "all contacts" in said.out
    assert not {"nan", "inf", "None"} & set(said.out.split())
    json.loads(Path("odd.json").read_text(), parse_constant=pytest.fail)


def test_problems_are_named_by_line_and_end_with_code_2(capsys):
    write("bad.yaml", ("queue: help", "queue: hlep"), ("lasts: 2h", "lasts: 2"))
    assert simulate("bad.yaml") == 2
    said = capsys.readouterr()
    assert "bad.yaml:4:8: error: lasts:" in said.err
    assert "did you mean 'help'?" in said.err
    assert "bad.yaml cannot be simulated" in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-file.yaml"],
        ["morning.yaml", "--against", "no-such-file.yaml"],
        ["morning.yaml", "--json", "no/such/folder/x.json"],
        ["morning.yaml", "--report", "."],
        ["morning.yaml", "--compare", "luck"],
        ["morning.yaml", "--runs", "0"],
        ["morning.yaml", "--seed", "-1"],
        ["centre.yaml"],
        [],
    ],
)
def test_bad_input_is_told_and_ends_with_code_2_before_anything_is_simulated(arguments, capsys):
    assert simulate(*arguments) == 2
    said = capsys.readouterr()
    assert said.err.strip()
    assert "Traceback" not in said.err
    assert "all contacts" not in said.out


def test_names_are_not_taken_for_markup(capsys):
    write("odd.yaml", ("A short morning", '"[red]x[/nothing]"'), ("calls:", '"[bold]y":'))
    assert simulate("odd.yaml", "--against", "odd.yaml") == 0
    assert "[red]x[/nothing]" in capsys.readouterr().out


def test_check_knows_a_scenario(capsys):
    assert outcome(["check", "morning.yaml"]) == 0
    assert "morning.yaml is good: 1 stream, 120 contacts to expect, 3 agents" in (
        capsys.readouterr().out
    )
    write("bad.yaml", ("queue: help", "queue: hlep"))
    assert outcome(["check", "bad.yaml", "--json", "problems.json"]) == 2
    assert "did you mean 'help'?" in capsys.readouterr().out
    assert json.loads(Path("problems.json").read_text())["problems"][0]["line"] == 9


def test_an_interrupt_ends_every_process_without_a_word():
    hears_it = ["env", "--default-signal=INT"]  # what runs in the background may be deaf to it
    command = [*hears_it, sys.executable, "-m", "server", "simulate", "morning.yaml"]
    process = subprocess.Popen(
        [*command, "--runs", "10000", "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    workers = eventually(lambda: children_of(process.pid), 2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert not any(Path("/proc", one).exists() for one in workers)


def test_an_interrupt_in_this_process_is_one_as_well(monkeypatch, capsys):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("simulator.replications.run_once", interrupted)
    assert simulate("morning.yaml") == 130
    assert capsys.readouterr() == ("", "")


def children_of(pid: int) -> list[str]:
    """Those that simulate, not the one that cleans up after them."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    if not listed.parent.parent.parent.exists():
        pytest.skip("needs /proc to see the processes")
    found = listed.read_text().split()
    return [one for one in found if b"spawn_main" in Path("/proc", one, "cmdline").read_bytes()]


def eventually(find: Callable[[], list[str]], count: int) -> list[str]:
    for _ in range(600):
        found = find()
        if len(found) == count:
            return found
        time.sleep(0.05)
    pytest.fail("its processes did not start")
