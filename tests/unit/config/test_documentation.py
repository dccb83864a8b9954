"""The admin's page tells the truth: its example works, its tables name what there is."""

import re
from pathlib import Path

import msgspec
import pytest

from config.catalog import check_text
from config.catalog.document import AgentSource, CatalogSource, ProfileSource, QueueSource, Source
from config.durations import format_duration
from router.core.catalog import Queue
from router.core.strategies import STRATEGIES

CATALOG = Path("docs/catalog.md").read_text(encoding="utf-8")
ROUTING = Path("docs/routing.md").read_text(encoding="utf-8")


def test_the_shortest_catalog_works() -> None:
    section = CATALOG.partition("## The shortest catalog that works")[2]
    example = re.search(r"```yaml\n(.*?)```", section, re.DOTALL)
    assert example is not None
    assert check_text(example[1], at=0).problems == ()


@pytest.mark.parametrize("model", [CatalogSource, QueueSource, ProfileSource, AgentSource])
def test_every_key_is_documented(model: type[Source]) -> None:
    names = [field.encode_name for field in msgspec.structs.fields(model)]
    assert [name for name in names if f"{name}`" not in CATALOG and f"{name}:" not in CATALOG] == []


def test_the_defaults_in_the_table_are_those_of_the_core() -> None:
    queue = Queue(id="q", label="Q")
    rows = dict(re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", CATALOG, re.MULTILINE))
    for name in ("offer_for", "reoffer_after", "preferred_for"):
        assert rows[name] == format_duration(getattr(queue, name))
    assert rows["strategy"] == queue.strategy
    assert rows["missed_offer"] == queue.missed_offer
    assert rows["ring_all_limit"] == str(queue.ring_all_limit)


def test_every_strategy_is_described() -> None:
    assert [name for name in STRATEGIES if f"| `{name}`" not in ROUTING] == []
