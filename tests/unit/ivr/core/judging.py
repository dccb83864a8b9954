"""Flows to be judged, and what is known around them."""

from flow_world import World

from ivr.core.document import decode
from ivr.core.scope import Known
from ivr.core.validation import validate

KNOWN = Known(
    queues=("support", "sales"),
    queues_that_call_back=("support",),
    skills=("english",),
    hours=("office",),
    agents=("ann",),
    connectors=("crm",),
    boxes=("office",),
    recordings={"welcome": ("en",)},
)
MENU = {
    "kind": "menu",
    "say": "Press 1",
    "choices": {"1": "One"},
    "exits": {"1": "end", "timeout": "end", "invalid": "end"},
}
COLLECT = {
    "kind": "collect",
    "say": "Number?",
    "exits": {"collected": "end", "timeout": "end", "invalid": "end"},
}


def flow(name="main", languages=("en",), **nodes):
    document = {
        "flow": name,
        "languages": list(languages),
        "safe_queue": "support",
        "start": next(iter(nodes)),
        "nodes": {**nodes, "end": {"kind": "hang_up"}},
    }
    reading = decode(document)
    assert reading.problems == ()
    return reading.flow


def found(*flows):
    return validate(flows[0], KNOWN, World(*flows))


def told(*flows):
    return [str(one) for one in found(*flows)]


def ok(node, **changes):
    return {**node, **changes}


def say(to, text="x"):
    return {"kind": "say", "say": text, "exits": {"next": to}}
