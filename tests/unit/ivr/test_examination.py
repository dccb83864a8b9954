"""A flow's file is read, judged and tried, and every problem has its line."""

from __future__ import annotations

import pytest

from ivr.core.scope import Known
from ivr.examination import examine

FLOW = """\
flow: main
languages: [en]
safe_queue: care
start: menu
nodes:
  menu:
    kind: menu
    say: {en: Press 1 or 2.}
    choices: {1: {en: One}, 2: {en: Two}}
    exits: {1: care, 2: sales, timeout: care, invalid: care}
  care: {kind: queue, queue: care}
  sales: {kind: queue, queue: sales}
tests:
  - name: Two is sales
    acts: [{answer: 2}]
    expect: {ends: queue, at: sales}
"""


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "main.yaml"
    file.write_text(FLOW, encoding="utf-8")
    return file


def test_a_good_flow_says_what_its_tests_walk(file):
    report = examine(file, Known(queues=("care", "sales")))
    assert report.ok
    assert report.problems == ()
    assert (report.tests, report.coverage.nodes_walked, report.coverage.nodes) == (1, 2, 3)


def test_a_test_that_fails_is_an_error_at_its_line(file):
    file.write_text(FLOW.replace("at: sales", "at: care"), encoding="utf-8")
    report = examine(file)
    assert not report.ok
    (problem,) = report.errors
    assert problem.line == 14
    assert "Two is sales" in str(problem)


def test_names_that_are_nobodys_are_errors_where_they_stand(file):
    (problem,) = examine(file, Known(queues=("care",))).errors
    assert (problem.line, "sales" in str(problem)) == (12, True)
    assert examine(file).ok, "nobody said which there are"


@pytest.mark.parametrize("text", ["", "flow: [", "flow: main\nnodes: 3"])
def test_what_is_no_flow_is_said(file, text):
    file.write_text(text, encoding="utf-8")
    report = examine(file)
    assert not report.ok
    assert report.errors


CALLER = """\
flow: front
languages: [en]
safe_queue: care
start: ask
nodes:
  ask: {kind: flow, flow: main, exits: {failed: care}}
  care: {kind: queue, queue: care}
tests:
  - name: Two is sales
    acts: [{answer: 2}]
    expect: {ends: queue, at: sales}
"""


def test_a_flow_is_held_together_with_those_beside_it_that_it_calls(file):
    front = file.with_name("front.yaml")
    front.write_text(CALLER, encoding="utf-8")
    report = examine(front)
    assert report.ok, report.problems
    assert report.tests == 1
    front.write_text(CALLER.replace("at: sales", "at: care"), encoding="utf-8")
    assert not examine(front).ok


def test_tests_that_cannot_be_held_are_a_warning_that_names_the_file(file):
    front = file.with_name("front.yaml")
    front.write_text(CALLER, encoding="utf-8")
    file.rename(file.with_name("another.yaml"))
    report = examine(front)
    assert report.ok, report.problems
    (problem,) = report.warnings
    assert "main.yaml" in str(problem)
    assert report.coverage is None


def test_flows_that_call_each_other_end(file):
    front = file.with_name("front.yaml")
    front.write_text(CALLER, encoding="utf-8")
    again = CALLER.replace("kind: flow, flow: main", "kind: flow, flow: front")
    file.write_text(again.replace("flow: front\n", "flow: main\n"), encoding="utf-8")
    assert not examine(front).ok
