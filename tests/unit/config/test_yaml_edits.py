"""A form may change what a YAML text says, and nothing of how an admin wrote the rest."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from config.yaml_edits import MAX_EDITS, Edit, edited, read
from config.yaml_nodes import MAX_BYTES

SOURCE = """\
# The centre.
skills:
  english: English   # most of us
  billing:            # no label yet
  "no": 'Norsk'

queues:
  # for all bills
  billing:
    label: Billing
    steps:
      # the best first
      - ask: {english: 3, billing: 4}   # both
        for: 15s
      # then anybody who speaks English
      - ask:
          english: 2
        for: 30s

      - ask: anyone
    overflow:
      - {when: wait, at: 10m, to: callback}  # long enough
    note: |
      two
      lines
    credit: 15s # a head start

  sales: {label: Sales, steps: [{ask: english}]}
# the end
"""


def text_after(*edits: dict[str, Any], source: str = SOURCE) -> str:
    result = edited(source, tuple(Edit(**edit) for edit in edits))
    assert result.problems == ()
    return result.source


def refusal(*edits: dict[str, Any], source: str = SOURCE) -> str:
    result = edited(source, tuple(Edit(**edit) for edit in edits))
    assert result.source == source
    assert result.problems
    return result.problems[0].what


def changed_lines(after: str, before: str = SOURCE) -> tuple[list[str], list[str]]:
    """Lines that went, and lines that came."""
    old, new = before.splitlines(), after.splitlines()
    return [one for one in old if one not in new], [one for one in new if one not in old]


def test_a_value_is_changed_where_it_stands_and_keeps_its_comment():
    after = text_after({"path": ("queues", "billing", "credit"), "value": "20s"})
    assert changed_lines(after) == (
        ["    credit: 15s # a head start"],
        ["    credit: 20s # a head start"],
    )


def test_a_value_in_brackets_is_changed_with_its_neighbours_as_they_were():
    path = ("queues", "billing", "steps", 0, "ask", "billing")
    assert "      - ask: {english: 3, billing: 5}   # both\n" in text_after(
        {"path": path, "value": 5}
    )


def test_an_empty_value_is_filled_in_front_of_its_comment():
    after = text_after({"path": ("skills", "billing"), "value": "Billing: all of it"})
    assert '  billing: "Billing: all of it"            # no label yet\n' in after


def test_what_is_new_stands_at_the_end_of_its_section():
    after = text_after({"path": ("queues", "help"), "value": {"label": "Help", "credit": "5s"}})
    assert changed_lines(after) == ([], ["  help:", "    label: Help", "    credit: 5s"])
    assert after.endswith("]}\n\n  help:\n    label: Help\n    credit: 5s\n# the end\n")


def test_a_section_that_is_missing_is_made():
    after = text_after({"path": ("credits", "tiers", "gold"), "value": "90s"})
    assert read(after).document["credits"] == {"tiers": {"gold": "90s"}}


def test_removing_takes_the_lines_and_leaves_every_comment_outside():
    after = text_after({"path": ("queues", "billing", "steps", 1), "remove": True})
    gone, came = changed_lines(after)
    assert came == []
    assert "        for: 30s" in gone
    assert "      # the best first" in after


def test_the_first_line_of_an_item_can_be_removed():
    after = text_after({"path": ("queues", "billing", "steps", 0, "ask"), "remove": True})
    assert read(after).document["queues"]["billing"]["steps"][0] == {"for": "15s"}


def test_the_last_line_of_a_section_leaves_an_empty_section():
    after = text_after({"path": ("a", "b"), "remove": True}, source="a:\n  b: 1  # one\n")
    assert read(after).document == {"a": {}}


def test_items_that_change_places_keep_their_lines():
    steps = read(SOURCE).document["queues"]["billing"]["steps"]
    after = text_after(
        {"path": ("queues", "billing", "steps"), "value": [steps[1], steps[0], steps[2]]}
    )
    assert "- ask: {english: 3, billing: 4}   # both\n        for: 15s\n" in after
    assert read(after).document["queues"]["billing"]["steps"] == [steps[1], steps[0], steps[2]]


def test_a_renamed_key_keeps_its_place_and_its_lines():
    after = text_after({"path": ("queues", "billing"), "rename": "bills"})
    assert changed_lines(after) == (["  billing:"], ["  bills:"])
    assert list(read(after).document["queues"]) == ["bills", "sales"]


def test_a_whole_item_may_be_sent_and_only_the_difference_is_written():
    queue = read(SOURCE).document["queues"]["billing"]
    after = text_after({"path": ("queues", "billing"), "value": {**queue, "credit": "1m"}})
    assert changed_lines(after)[1] == ["    credit: 1m # a head start"]


def test_what_is_no_change_changes_no_letter():
    queue = read(SOURCE).document["queues"]["billing"]
    assert text_after({"path": ("queues", "billing"), "value": queue}) == SOURCE


def test_numbers_and_flags_are_written_as_people_write_them():
    after = text_after({"path": ("a",), "value": {"b": 3, "c": True, "d": None, "e": 0.5}})
    assert read(after).document["a"] == {"b": "3", "c": "true", "d": None, "e": "0.5"}


@pytest.mark.parametrize(
    "source", ["", "# nothing yet\n", "# no line end", "\ufeff", "{}", "---\n"]
)
def test_a_text_without_anything_takes_its_first_section(source):
    after = text_after({"path": ("skills", "a"), "value": "A"}, source=source)
    assert read(after).document == {"skills": {"a": "A"}}


def test_windows_line_ends_stay():
    source = "a:\r\n  b: 1\r\n  c: 2\r\nd: 3\r\n"
    after = text_after(
        {"path": ("a", "b"), "value": "9"}, {"path": ("a", "x"), "value": "8"}, source=source
    )
    assert read(after).document == {"a": {"b": "9", "c": "2", "x": "8"}, "d": "3"}
    assert "  c: 2\r\n" not in after or after.startswith("a:\r\n  b: 9\r\n")


@pytest.mark.parametrize(
    "text",
    ["null", "~", "", " x", "x ", "a: b", "a #b", "- a", "{", "]", "&a", "*a", "!t", "%x", "@x",
     "`", "'", '"', "\\", "\n", "a\nb", "中文", "é", "😀", "---", "...", "<<", "? x", "x:", "1:2"],
)  # fmt: skip
def test_every_text_is_read_back_as_it_was_given(text):
    after = text_after(
        {"path": ("odd", "value"), "value": text},
        {"path": ("odd", "list"), "value": [text, {"x": text}]},
        {"path": ("flow",), "value": {"a": {"b": {"c": [text]}}}},
    )
    document = read(after).document
    assert document["odd"] == {"value": text, "list": [text, {"x": text}]}
    assert document["flow"]["a"]["b"]["c"] == [text]


@pytest.mark.parametrize(
    "edit",
    [
        {"path": ()},
        {"path": ("queues", "billing", "steps", 9), "value": 1},
        {"path": ("queues", "billing", "steps", -1), "value": 1},
        {"path": ("queues", "billing", "label", "x"), "value": 1},
        {"path": (0,), "value": 1},
        {"path": ("x" * 500,), "value": 1},
        {"path": ("a",) * 30, "value": 1},
        {"path": ("a",), "value": "\x00"},
        {"path": ("a",), "value": "\u202e"},
        {"path": ("a",), "value": "x" * 5_000},
        {"path": ("a",), "value": ["x"] * 30_000},
        {"path": ("a",), "value": {"x" * 300: 1}},
        {"path": ("queues", "nobody"), "rename": "x"},
        {"path": ("queues", "billing"), "rename": "sales"},
        {"path": ("queues", "billing"), "rename": "x" * 500},
        {"path": ("queues", "billing", "steps", 0), "rename": "x"},
    ],
)
def test_what_cannot_be_done_is_refused_and_changes_nothing(edit):
    assert refusal(edit)


def test_a_value_nested_too_deep_is_refused():
    value: Any = "x"
    for _ in range(500):
        value = [value]
    assert "too large" in refusal({"path": ("a",), "value": value})


def test_too_many_changes_at_once_are_refused():
    edits = [{"path": ("a",), "value": n} for n in range(MAX_EDITS + 1)]
    assert "too many" in refusal(*edits)


@pytest.mark.parametrize(
    "source",
    [
        "[", "a: &a [*a]", "a: &x 1\nb: *x", "a: !!python/object:os.system {}", "{" * 5_000,
        "a: 1\na: 2", "<<: {a: 1}", "\x00", "a:\n\tb: 1", "x" * (MAX_BYTES + 1), "- a\n- b", "text",
        "&a [" + ", ".join(["*a"] * 50) + "]", "--- 1\n--- 2",
    ],
)  # fmt: skip
def test_a_text_that_cannot_be_read_is_left_alone(source):
    assert read(source).document is None
    assert refusal({"path": ("a",), "value": "b"}, source=source)


# -- whatever the text and the change ----------------------------------------------------------

WORDS = st.text(alphabet="abc: #-{[]},'\"\n中0", max_size=6)
KEYS = st.text(alphabet="ab: #-{中", max_size=3)
VALUES = st.recursive(
    st.none() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=4)


def as_text(document: dict[str, Any], style: bool | None, indent: int) -> str:
    return yaml.safe_dump(
        document, default_flow_style=style, indent=indent, allow_unicode=True, sort_keys=False
    )


@example(before={"": {"": None}}, after={"": {":": None}}, style=False, indent=2, key="a")
@given(
    before=DOCUMENTS,
    after=DOCUMENTS,
    style=st.sampled_from([True, False, None]),
    indent=st.sampled_from([2, 4]),
    key=KEYS,
)
def test_the_text_says_what_was_asked_for_or_stays(before, after, style, indent, key):
    source = as_text(before, style, indent)
    was = read(source)
    if was.document is None:
        return
    edits = tuple(Edit(path=(name,), value=one) for name, one in after.items())
    result = edited(source, (*edits, Edit(path=(key,), remove=True)))
    if result.problems:  # what no form can do without harm is left to whoever writes the text
        assert result.source == source
        assert "? " in source, "only keys in lines of their own are too much"
        return
    wanted = {**was.document, **after}
    wanted.pop(key, None)
    assert read(result.source).document == wanted
