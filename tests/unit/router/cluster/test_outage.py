"""What lasts is logged when it begins and when it is over, however often it is met meanwhile."""

from __future__ import annotations

import logging

from router.cluster.outage import Outage


def test_an_outage_is_told_once_and_its_end_once(caplog):
    caplog.set_level(logging.INFO)
    outage = Outage(logging.getLogger("test"), "it waits: %s", "it goes on")
    outage.is_over()
    for _ in range(5):
        outage.goes_on("no answer")
    outage.is_over()
    outage.is_over()
    outage.goes_on("refused")
    said = [record.getMessage() for record in caplog.records]
    assert said == ["it waits: no answer", "it goes on", "it waits: refused"]
