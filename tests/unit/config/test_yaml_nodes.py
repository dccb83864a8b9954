import time
import tracemalloc

import pytest
import yaml

from config import yaml_nodes
from config.problems import Problem, ProblemList
from config.yaml_nodes import MAX_BYTES, Mapping, Node, Scalar, exists, locate, read_yaml


def read(source: bytes | str) -> tuple[Node | None, tuple[Problem, ...]]:
    problems = ProblemList("x.yaml")
    return read_yaml(source, problems), problems.sorted()


def only_problem(source: bytes | str) -> Problem:
    _, problems = read(source)
    assert len(problems) == 1, problems
    return problems[0]


def test_positions_count_from_one() -> None:
    root, problems = read("a:\n  b: [1, two]\n")
    assert not problems
    assert root is not None
    node = locate(root, ("a", "b", 1))
    assert isinstance(node, Scalar)
    assert (node.text, node.line, node.column) == ("two", 2, 10)


def test_a_place_that_does_not_exist_is_shown_by_its_nearest_parent() -> None:
    root, _ = read("a:\n  b: {}\n")
    assert root is not None
    node = locate(root, ("a", "b", "c", 3))
    assert (node.line, node.column) == (2, 3)
    assert exists(root, ("a", "b"))
    assert not exists(root, ("a", "b", "c"))


def test_scalars_stay_text_so_that_norway_is_a_country() -> None:
    root, _ = read("country: no\nday: 2026-12-24\nkey: 1e3\n")
    assert isinstance(root, Mapping)
    assert [v.text for _, v in root.entries.values() if isinstance(v, Scalar)] == [
        "no",
        "2026-12-24",
        "1e3",
    ]


def test_a_byte_order_mark_of_utf_8_is_accepted() -> None:
    root, problems = read(b"\xef\xbb\xbfa: 1\n")
    assert isinstance(root, Mapping)
    assert list(root.entries) == ["a"]
    assert not problems


@pytest.mark.parametrize(
    "source",
    ["a: 1".encode("utf-16"), "a: 1".encode("utf-32"), b"\xfe\xff\x00a"],
    ids=["utf-16", "utf-32", "utf-16-be"],
)
def test_other_encodings_are_refused_by_name(source: bytes) -> None:
    assert "encoding UTF-8" in only_problem(source).fix


def test_a_byte_that_is_not_utf_8_is_located() -> None:
    problem = only_problem(b"a: 1\nb: caf\xe9\n")
    assert (problem.line, problem.column) == (2, 7)


@pytest.mark.parametrize(
    "character", ["\0", "\x1b", "\x85", "\u2028", "\u202e", "\ufeff", "\uffff"]
)
def test_control_and_reordering_characters_are_refused_and_located(character: str) -> None:
    problem = only_problem(f"a: 1\nb: x{character}y\n")
    assert (problem.line, problem.column) == (2, 5)
    assert f"U+{ord(character):04X}" in problem.what


def test_control_characters_behind_escapes_are_refused_too() -> None:
    assert "U+0000" in only_problem('a: "x\\0y"\n').what


def test_a_lone_surrogate_in_a_text_is_refused() -> None:
    assert "U+D800" in only_problem("a: \ud800").what


def test_tabs_as_indentation_are_named() -> None:
    problem = only_problem("a:\n\tb: 1\n")
    assert (problem.line, problem.column, problem.fix) == (2, 1, "use spaces")


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("a: &x 1\n", "anchors are not allowed"),
        ("a: !!python/object/apply:os.system [ls]\n", "tags are not allowed"),
        ("a: ! b\n", "tags are not allowed"),
        ("a: !!str 1\n", "tags are not allowed"),
        ("<<: {a: 1}\n", "merge keys ('<<') are not allowed"),
        ("%YAML 1.1\n---\na: 1\n", "directives (%YAML, %TAG) are not allowed"),
        ("a: 1\n---\nb: 2\n", "the file holds a second document"),
        ("a: 1\na: 2\n", "the key 'a' is given twice"),
        ("? [a, b]\n: 1\n", "a key must be text"),
        ("? {a: b}\n: 1\n", "a key must be text"),
        ("~: 1\n", "a key must be text"),
        ("a: [1, 2\n", "the YAML cannot be read here"),
        ("a: 'x\n", "the YAML cannot be read here"),
        ("a: b: c\n", "the YAML cannot be read here"),
    ],
)
def test_what_is_not_plain_yaml_is_refused(source: str, what: str) -> None:
    assert only_problem(source).what.startswith(what)


def test_a_duplicated_key_names_the_line_of_the_first() -> None:
    problem = only_problem("queues:\n  a: 1\n  b: 1\n  a: 2\n")
    assert (problem.line, problem.path) == (4, "queues")
    assert "line 2" in problem.fix


def test_all_refusals_are_reported_in_one_run_with_their_paths() -> None:
    _, problems = read("a: {b: [1, *x, &y 2]}\nq: !!int 3\n? [k]\n: {x: [*z]}\na: 9\n")
    assert [(one.line, one.path) for one in problems] == [
        (1, "a.b[1]"),
        (1, "a.b[2]"),
        (2, "q"),
        (3, ""),
        (4, ""),
        (5, ""),
    ]


def test_an_alias_bomb_is_refused_without_growing() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    _, problems = read("\n".join(lines))
    assert {one.what for one in problems} == {"anchors are not allowed", "aliases are not allowed"}


HOSTILE = {
    "brackets": "[" * 5_000,
    "braces": "{a: " * 400_000,
    "flow pairs": "[a: " * 300_000,
    "dashes": "- " * 900_000,
    "question marks": "? " * 900_000,
    "deep indentation": "\n".join(" " * n + "a:" for n in range(1_500)),
    "one long scalar": "a: " + "x" * 2_000_000,
    "many words": "a: " + "x y " * 500_000,
    "one long key": "k " * 900_000 + ": 1",
    "quotes": "'" * 1_000_001,
    "escapes": '"' + "\\x41" * 400_000 + '"',
    "block scalar": "a: |\n" + " x\n" * 500_000,
    "tags": "!" * 1_000_000,
    "anchors": "&" * 1_000_000,
    "anchored": "- &a x\n" * 50_000,
    "aliases": "- *a\n" * 60_000,
    "directives": "%" * 1_000_000,
    "comments": "# x\n" * 500_000,
    "commas": "[" + "a," * 300_000,
    "the same key": "a: 1\n" * 60_000,
    "documents": "---\n" * 400_000,
    "blank lines": (" " * 1_000 + "\n") * 2_000,
}


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_files_cost_little(source: str) -> None:
    started = time.process_time()
    _, problems = read(source)
    assert time.process_time() - started < 10
    assert problems or source.startswith(("#", " "))


def test_memory_is_bounded_by_the_number_of_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_nodes, "MAX_NODES", 5_000)
    tracemalloc.start()
    try:
        assert "more than 5000 values" in only_problem(HOSTILE["commas"]).what
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * 1024 * 1024


def test_a_file_above_the_limit_is_not_even_parsed() -> None:
    assert "larger than" in only_problem(b"a" * (MAX_BYTES + 1)).what


def test_a_deep_document_is_refused_at_the_limit() -> None:
    assert "nested more than" in only_problem("[" * 5_000).what


def test_the_parser_in_python_is_as_careful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyYAML comes without its C library the same refusals hold."""
    monkeypatch.setattr(yaml_nodes, "_LOADER", yaml.SafeLoader)
    assert "nested more than" in only_problem("[" * 5_000).what
    assert only_problem("a: *x\n").what == "aliases are not allowed"
    assert only_problem("a: 1\na: 2\n").what == "the key 'a' is given twice"
    root, _ = read("a: no\nb: 'null'\n")
    assert isinstance(root, Mapping)
    plain = [value.plain for _, value in root.entries.values() if isinstance(value, Scalar)]
    assert plain == [True, False]
