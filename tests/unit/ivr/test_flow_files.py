"""``ivr.flow_files``: flows as YAML, with the place of every mistake."""

from pathlib import Path

from ivr.core.schema import schema_text
from ivr.flow_files import SCHEMA_FILE, read_flow, read_flow_file, write_flow

EXAMPLE = Path("config/flows/main_line.yaml")


def told(source):
    return [str(one) for one in read_flow(source).problems]


def test_the_published_schema_is_current():
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), "run: python -m ivr.flow_files"


def test_a_mistake_is_named_with_its_line_and_column():
    source = EXAMPLE.read_text(encoding="utf-8").replace("hours: office\n", "huors: office\n", 1)
    line = source[: source.index("huors")].count("\n") + 1
    file = read_flow(source, file="f.yaml")
    assert file.flow is None
    missing, unknown = (str(one) for one in file.problems)
    assert missing.startswith("f.yaml:9:3: error: nodes.open: 'hours' is missing")
    assert unknown.startswith(f"f.yaml:{line}:5: error: nodes.open.huors: 'huors' is not known")
    assert "did you mean 'hours'?" in unknown


def test_words_that_yaml_would_read_otherwise_stay_words():
    flow = read_flow("flow: f\nlanguages: [no]\nnodes: {on: {kind: say, say: yes}}").flow
    assert flow.languages == ("no",)
    assert flow.nodes["on"].say["no"].text == "yes"


def test_what_is_written_is_read_as_the_same_and_written_the_same():
    flow = read_flow_file(EXAMPLE).flow
    text = write_flow(flow)
    again = read_flow(text)
    assert again.problems == ()
    assert again.flow == flow
    assert write_flow(again.flow) == text


def test_yaml_that_cannot_be_read_is_refused_with_its_place():
    for source in (b"\xff", "a: [", "a: &x 1\nb: *x", "", "- 1", "!!python/object:os.system x"):
        assert read_flow(source).flow is None
        assert told(source)


def test_a_file_that_is_not_there_is_a_problem(tmp_path):
    file = read_flow_file(tmp_path / "none.yaml")
    assert file.flow is None
    assert file.problems
