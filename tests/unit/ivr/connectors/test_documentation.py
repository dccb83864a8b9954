"""The page of connectors tells the truth: its example works, its tables name what there is."""

import re
from pathlib import Path
from typing import get_args

from config.durations import format_duration
from ivr.connectors.breaker import FAILURES, REST
from ivr.connectors.client import Outcome
from ivr.connectors.definitions import MAX_VALUE, Connector, Parameter
from ivr.connectors.settings_file import check_text
from ivr.connectors.settings_file.document import ConnectorSource
from router.core.durations import SECOND

PAGE = Path("docs/connectors.md").read_text(encoding="utf-8")


def literals(union):
    return {word for one in get_args(union) for word in (get_args(one) or (one,))}


def first_column(after):
    table = PAGE[PAGE.index(after) :].split("\n\n")[0]
    return set(re.findall(r"`(\w+)`", " ".join(row.split("|")[1] for row in table.splitlines())))


def test_the_example_is_good():
    example = re.search(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1]
    report = check_text(example, environment={"BILLING_TOKEN": "x"})
    assert report.problems == ()


def test_every_key_is_explained():
    assert first_column("| Key |") == set(ConnectorSource.__struct_fields__)


def test_every_outcome_is_explained():
    assert first_column("| `outcome` |") - {"outcome"} == literals(Outcome)


def test_the_numbers_are_those_in_force():
    usual = Connector(id="x", host="x", port=1)
    assert f"`{format_duration(usual.timeout)}` (100ms to 30s)" in PAGE
    assert f"bytes, {usual.max_answer} " in PAGE
    assert f"at a time, {usual.at_once};" in PAGE
    assert f"({Parameter().longest} characters)" in PAGE
    assert f"line of {MAX_VALUE} characters" in PAGE
    assert f"After {FAILURES} look-ups" in PAGE
    assert f"alone for {REST // SECOND} seconds" in PAGE
