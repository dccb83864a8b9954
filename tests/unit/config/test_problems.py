import time

from config.problems import MAX_PROBLEMS, ProblemList, excerpt, format_path, nearest, suggest
from config.yaml_nodes import Spot


def test_a_path_reads_like_the_document() -> None:
    assert format_path(("queues", "sales", "steps", 0, "for")) == "queues.sales.steps[0].for"


def test_a_problem_prints_as_one_line_editors_can_follow() -> None:
    problems = ProblemList("a.yaml")
    problems.add(Spot(3, 7), ("queues", "sales"), "this is wrong", "do that")
    assert [str(one) for one in problems.sorted()] == [
        "a.yaml:3:7: error: queues.sales: this is wrong; do that"
    ]


def test_the_same_problem_at_the_same_place_is_told_once() -> None:
    problems = ProblemList("a.yaml")
    for path in (("queues", "a"), ("queues", "b")):
        problems.add(Spot(1, 1), path, "wrong", "mend it")
    assert len(problems.sorted()) == 1


def test_problems_come_in_the_order_of_the_file() -> None:
    problems = ProblemList("a.yaml")
    for line in (9, 2, 5):
        problems.add(Spot(line, 1), (), "wrong", "mend it")
    assert [one.line for one in problems.sorted()] == [2, 5, 9]


def test_warnings_never_crowd_out_an_error() -> None:
    problems = ProblemList("a.yaml")
    for line in range(1, 500):
        problems.add(Spot(line, 1), (), "odd", "look", "warning")
    problems.add(Spot(600, 1), (), "wrong", "mend it")
    assert problems.errors == 1
    assert len(problems.sorted()) == MAX_PROBLEMS + 1


def test_an_excerpt_is_short_and_safe_for_a_terminal() -> None:
    assert len(excerpt("x" * 10_000)) == 40
    assert excerpt("a\x1b[31m\nb") == "a\\x1b[31m\\nb"


def test_the_nearest_name_is_suggested() -> None:
    assert nearest("bilingen", ["sales", "billing_en"]) == "billing_en"
    assert nearest("Sales", ["sales"]) == "sales"
    assert nearest("zebra", ["sales"]) is None
    assert suggest("zebra", ["sales"], otherwise="define it") == "define it"


def test_a_suggestion_among_very_many_names_stays_cheap() -> None:
    names = [f"agent_number_{number}" for number in range(50_000)]
    started = time.process_time()
    nearest("agent_nmber_777" * 1_000, names)
    nearest("agent_nmber_777", names)
    assert time.process_time() - started < 2
