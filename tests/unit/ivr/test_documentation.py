"""The admin's page of flows tells the truth: its example works, its tables name what there is."""

import re
from pathlib import Path

import jsonschema
import msgspec
import pytest
import yaml
from flow_world import World, natural, start

from config.catalog import check_file
from config.durations import format_duration
from ivr.core.conversation import coverage, run_all
from ivr.core.interpreter import TURNS, advance
from ivr.core.nodes import (
    MAX_NODES,
    Collect,
    Flow,
    Identify,
    LookUp,
    Menu,
    Node,
    OfferCallback,
    Question,
    exits_of,
)
from ivr.core.rendering import BUILT_IN
from ivr.core.schema import flow_schema
from ivr.core.scope import Known
from ivr.core.script import Act, Caller, Expected, Given, Result
from ivr.core.session import Answered
from ivr.core.trees import CONDITION_WORDS
from ivr.core.validation import validate
from ivr.core.walk import DEPTH, STEPS
from ivr.flow_files import read_flow, read_flow_file

PAGE = Path("docs/flows.md").read_text(encoding="utf-8")
EXAMPLE = Path("config/flows/main_line.yaml")
NODES = Node.__args__


@pytest.fixture(scope="module")
def example() -> Flow:
    file = read_flow_file(EXAMPLE)
    assert file.problems == ()
    return file.flow


def test_the_example_on_the_page_is_the_one_in_the_file():
    assert PAGE.endswith(f"```yaml\n{EXAMPLE.read_text(encoding='utf-8')}```\n")


def test_the_example_may_be_published_beside_the_demo(example):
    catalog = check_file(Path("config/demo.yaml"), at=0).catalog
    known = Known(
        queues=catalog.queues,
        queues_that_call_back=[key for key, one in catalog.queues.items() if one.callback],
        skills=catalog.skills,
        hours=catalog.hours,
    )
    assert validate(example, known, World()) == ()


def test_the_tests_of_the_example_pass_and_go_nearly_everywhere(example):
    ran = run_all(example)
    assert [one.differs for one in ran if not one.passed] == []
    assert coverage(example, ran).missed_nodes == ("support_en",)


def test_the_example_leads_a_caller_to_a_queue(example):
    world = World(example)
    world.queues = dict.fromkeys(("support_en", "support_zh", "business"), world.queues["support"])
    turn = start(world, "main_line")
    turn = advance(turn.session, Answered(turn=turn.session.turn, text="2"), world, 0)
    while (event := natural(turn)) is not None:
        turn = advance(turn.session, event, world, 0)
    assert turn.session.outcome.queue == "support_zh"
    assert turn.session.for_routing == {"language": "zh"}


def test_the_example_fits_the_schema_that_it_names_to_editors():
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=./flow.schema.json\n")
    document = _stringed(yaml.safe_load(text))
    jsonschema.validate(document, flow_schema())


def _stringed(value):
    if isinstance(value, dict):
        return {str(key): _stringed(one) for key, one in value.items()}
    return [_stringed(one) for one in value] if isinstance(value, list) else value


def test_the_shortest_flow_works():
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    file = read_flow(example[1])
    assert file.problems == ()
    assert validate(file.flow) == ()


@pytest.mark.parametrize("node", NODES, ids=lambda node: node.__struct_config__.tag)
def test_every_kind_of_node_is_in_the_table_with_its_exits(node):
    kind = node.__struct_config__.tag
    table = PAGE.partition("## Nodes")[2]
    row = re.search(rf"^\| `{kind}` \|(.*)$", table, re.MULTILINE)
    assert row, kind
    required = {"hours": {"hours": "h"}, "look_up": {"connector": "c"}, "transfer": {"number": "1"}}
    fields = {one.name: "x" for one in msgspec.structs.fields(node) if one.required}
    for name in exits_of(node(**{**fields, **required.get(kind, {})})):
        assert f"`{name}`" in row[1]


@pytest.mark.parametrize("model", [*NODES, Flow, Caller, Given, Act, Expected])
def test_every_key_is_explained(model):
    common = {"exits"}
    names = {one.encode_name for one in msgspec.structs.fields(model)} - common
    seen = {"accept", "decline", "accept_words", "decline_words"}  # in the example
    assert [n for n in sorted(names - seen) if f"`{n}`" not in PAGE and f"`{n}:" not in PAGE] == []


def test_every_condition_result_and_field_is_explained():
    for word in CONDITION_WORDS:
        assert f"`{word}: " in PAGE
    for result in Result.__args__:
        assert f"`{result}`" in PAGE
    for field in BUILT_IN:
        assert f"`{{{field}}}`" in PAGE


def test_the_numbers_on_the_page_are_those_of_the_program():
    assert f"{MAX_NODES:,} at most" in PAGE
    assert f"After {STEPS} nodes" in PAGE
    assert f"{TURNS:,}\n  turns" in PAGE
    assert f"Flows may be {DEPTH} deep" in PAGE
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", PAGE, re.MULTILINE))
    menu, collect, offer = Menu(), Collect(), OfferCallback(queue="q")
    waits = format_duration(menu.answer_within), format_duration(collect.answer_within)
    assert rows["answer_within"] == f"`{waits[0]}`, collect `{waits[1]}`"
    times = menu.on_silence.times, offer.on_silence.times
    assert rows["on_silence"] == rows["on_invalid"] == f"`times: {times[0]}`, callback `{times[1]}`"
    assert rows["between"] == f"`{format_duration(collect.between)}`"
    within = format_duration(Identify().within), format_duration(LookUp(connector="c").within)
    assert f"({within[0]} and {within[1]})" in PAGE
    assert all(one in NODES for one in Question.__args__)
