"""The attributes that a flow goes by: in texts, conditions, look-ups, and whom it looks for."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.core.conditions import AttributeAtLeast, AttributeSays, leaves_of
from ivr.core.nodes import Branch, Flow, Identify, LookUp, Node, OfferCallback, SetValues
from ivr.core.rendering import fields_in
from ivr.core.text_checks import prompts_of
from router.core.requirements import AttributeIs


def needs(flow: Flow) -> frozenset[str]:
    """Also those that it gives itself. Whether one is known at all is no need of it."""
    return frozenset(name for node in flow.nodes.values() for name in _of(node))


def _of(node: Node) -> Iterator[str]:
    for text in _texts(node):
        yield from fields_in(text)
    match node:
        case Branch():
            for case in node.cases:
                for leaf in leaves_of(case.when):
                    if isinstance(leaf, AttributeIs | AttributeAtLeast | AttributeSays):
                        yield leaf.name
        case Identify():
            yield node.by
        case OfferCallback():
            yield node.number
        case _:
            pass


def _texts(node: Node) -> Iterator[str]:
    for _, prompt in prompts_of(node):
        yield from (spoken.text for spoken in prompt.values())
    match node:
        case SetValues():
            yield from (*node.attributes.values(), *(node.preferred or ()))
        case LookUp():
            yield from node.parameters.values()
        case _:
            pass
