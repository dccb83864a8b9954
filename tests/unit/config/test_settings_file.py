"""``config.settings_file``: what every operator's file has in common."""

import pytest

from config.settings_file import in_force, report_on_file, report_on_text
from config.yaml_nodes import Mapping

EMPTY = ("nothing is named", "write something")


class Refused(Exception):
    pass


def names(root, problems, given):
    """A file of names; ``bad`` is an error, ``odd`` a warning."""
    if not isinstance(root, Mapping):
        problems.add(root, (), "it is no list of names", "write names")
        return ()
    for name in ("bad", "odd"):
        if name in root.entries:
            severity = "error" if name == "bad" else "warning"
            problems.add(root, (name,), f"{name} is {name}", "remove it", severity)
    return (*root.entries, *given.environment, *(given.catalog or ()), given.folder.name)


def report(text, **given):
    return report_on_text(names, text, EMPTY, file="names", environment={}, **given)


def test_what_a_file_says_is_found_with_what_it_is_judged_by(tmp_path):
    file = tmp_path / "names.yaml"
    file.write_text("one: 1\n")
    found = report_on_file(names, file, EMPTY, catalog=("sales",), environment={"SECRET": "x"})
    assert found.ok
    assert found.found == ("one", "SECRET", "sales", tmp_path.name)


def test_without_an_environment_it_is_the_processs_own(monkeypatch):
    monkeypatch.setenv("PATCHBAY_OF_THIS_TEST", "x")
    assert "PATCHBAY_OF_THIS_TEST" in report_on_text(names, "one: 1", EMPTY, file="n").found


def test_warnings_leave_it_in_force_and_errors_silence_them():
    warned = report("odd: 1")
    assert warned.ok
    assert [one.what for one in warned.warnings] == ["odd is odd"]
    wrong = report("odd: 1\nbad: 1")
    assert (wrong.ok, wrong.found) == (False, None)
    assert [one.what for one in wrong.problems] == ["bad is bad"]


@pytest.mark.parametrize("text", ["", "~", "# nothing\n"])
def test_a_file_that_says_nothing_is_told_what_to_write(text):
    (problem,) = report(text).errors
    assert (problem.what, problem.fix) == EMPTY


@pytest.mark.parametrize("text", [b"\xff\xfe", "a: [", "a: &x [*x]", "x" * 3_000_000])
def test_what_is_no_yaml_or_too_much_of_it_is_an_error(text):
    assert not report(text).ok


def test_a_file_that_is_not_there_is_an_error(tmp_path):
    assert not report_on_file(names, tmp_path / "no.yaml", EMPTY).ok
    assert not report_on_file(names, tmp_path, EMPTY).ok


def test_at_the_start_errors_refuse_it_and_warnings_are_logged(caplog):
    assert in_force(report("odd: 1"), Refused, "The names")[0] == "odd"
    assert "odd is odd" in caplog.text
    with pytest.raises(Refused, match=r"The names cannot be used:\n.*bad is bad"):
        in_force(report("bad: 1"), Refused, "The names")
