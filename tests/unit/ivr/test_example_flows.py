"""The flows that come with Patchbay are good: their own tests pass, and walk every node."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.catalog.load import check_file
from ivr.core.conversation import coverage, run_all
from ivr.core.scope import Known
from ivr.core.validation import may_publish, validate
from ivr.flow_files import read_flow_file

FLOWS = sorted(Path("config/flows").glob("*.yaml"))


@pytest.mark.parametrize("file", FLOWS, ids=lambda file: file.stem)
def test_it_may_be_published_beside_the_demo_and_does_what_its_tests_say(file):
    read = read_flow_file(file)
    assert read.problems == ()
    catalog = check_file(Path("config/demo.yaml"), at=0).catalog
    known = Known(queues=catalog.queues, skills=catalog.skills, hours=catalog.hours)
    assert may_publish(validate(read.flow, known))
    runs = run_all(read.flow)
    assert [one.name for one in runs if not one.passed] == []
    if read.flow.id == "mail_sorting":
        assert coverage(read.flow, runs).missed_nodes == ()
