"""Whether a flow suits the channels on which contacts come into it.

Of some nobody is there (mails, messages, documents): they leave every question at once by its exit
for silence. Only a call can be transferred outside: any other contact ends where that is tried.
Either can be meant; so it is a warning, at the nodes to which such a contact can come.
"""

from __future__ import annotations

from collections.abc import Iterator

from ivr.core.conditions import AllOf, AnyOf, ChannelIs, Not, Test
from ivr.core.facts import UNATTENDED, VOICE
from ivr.core.graph import reachable
from ivr.core.nodes import QUESTIONS, Branch, Flow, Node, OfferCallback, TransferOut
from ivr.core.problems import quoted
from ivr.core.scope import Scope


def check_presence(scope: Scope) -> None:
    flow = scope.flow
    asked: dict[str, list[str]] = {}
    sent_out: dict[str, list[str]] = {}
    coming = sorted(scope.known.channels.get(flow.id, ()))
    for channel in coming if flow.start in flow.nodes else ():
        for key in _reached(flow, channel):
            node = flow.nodes[key]
            if isinstance(node, QUESTIONS) and channel in UNATTENDED:
                asked.setdefault(key, []).append(channel)
            if isinstance(node, TransferOut) and channel != VOICE:
                sent_out.setdefault(key, []).append(channel)
    for key, channels in asked.items():
        way = ways_unheard(flow.nodes[key])[0]
        what = f"a contact by {' or '.join(channels)} answers nothing and leaves by {quoted(way)}"
        scope.warn(key, (), what, _led_past(channels))
    for key, channels in sent_out.items():
        what = f"a contact by {' or '.join(channels)} cannot be transferred outside, and ends here"
        scope.warn(key, (), what, _led_past(channels))


def _led_past(channels: list[str]) -> str:
    return f"lead it past by a branch with 'channel: {channels[0]}', if that is not meant"


def ways_unheard(node: Node) -> tuple[str, ...]:
    """The exits of a question for somebody who is not present."""
    return ("declined", "impossible") if isinstance(node, OfferCallback) else ("timeout",)


def _reached(flow: Flow, channel: str) -> Iterator[str]:
    """The nodes to which a contact of ``channel`` can come, in the flow's order."""
    links = {key: tuple(_targets(flow, node, channel)) for key, node in flow.nodes.items()}
    found = reachable(links, (flow.start or "",))
    return (key for key in flow.nodes if key in found)


def _targets(flow: Flow, node: Node, channel: str) -> Iterator[str]:
    """Where a contact of ``channel`` can go from ``node``."""
    for way in _ways(node, channel):
        target = node.exits.get(way)
        if target in flow.nodes:
            yield target or ""


def _ways(node: Node, channel: str) -> Iterator[str]:
    if isinstance(node, QUESTIONS) and channel in UNATTENDED:
        yield from ways_unheard(node)
    elif isinstance(node, Branch):
        yield from _cases(node, channel)
    else:
        yield from node.exits


def _cases(node: Branch, channel: str) -> Iterator[str]:
    for case in node.cases:
        true = decided(case.when, channel)
        if true is not False:
            yield case.name
        if true:
            return
    yield "otherwise"


def decided(test: Test, channel: str) -> bool | None:
    """What ``test`` is for every contact of ``channel``; None when it depends on more."""
    match test:
        case ChannelIs():
            return test.channel == channel
        case Not():
            inside = decided(test.of, channel)
            return None if inside is None else not inside
        case AllOf() | AnyOf():
            settles = isinstance(test, AnyOf)  # one part that is so decides the whole
            parts = [decided(part, channel) for part in test.of]
            if settles in parts:
                return settles
            return None if None in parts else not settles
        case _:
            return None
