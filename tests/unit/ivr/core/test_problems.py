"""``ivr.core.problems``: problems are bounded, and say where they are."""

from ivr.core.problems import MAX_PROBLEMS, Problem, ProblemList, quoted


def test_a_problem_says_where_what_and_what_to_do():
    problem = Problem(severity="error", path=("nodes", "a", "exits", "1"), what="it is", fix="fix")
    assert str(problem) == "error: nodes.a.exits.1: it is; fix"
    assert problem.node == "a"
    assert Problem(severity="error", path=("start",), what="w", fix="f").node == ""


def test_errors_come_first_and_neither_crowds_out_the_other():
    problems = ProblemList()
    for number in range(MAX_PROBLEMS + 5):
        problems.warn(("nodes", str(number)), "odd", "look")
    problems.add((), "wrong", "mend")
    listed = problems.listed()
    assert len(listed) == MAX_PROBLEMS + 1
    assert listed[0].severity == "error"
    assert problems.full("warning")
    assert not problems.full()


def test_names_are_shown_harmlessly():
    assert quoted("a\x1b[31m\u202eb").isprintable()
    assert len(quoted("x" * 10_000)) < 60
