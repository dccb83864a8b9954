"""Whether each node by itself makes sense, and whether what it names exists."""

from __future__ import annotations

from collections import Counter
from typing import assert_never

from config.problems import Path
from ivr.core.asking import whole_field
from ivr.core.conditions import (
    AnyOf,
    AttributeAtLeast,
    AttributeKnown,
    AttributeSays,
    HoursOpen,
    LanguageIs,
    QueueLengthAtLeast,
    QueueStaffed,
    QueueWaitAtLeast,
    leaves_of,
)
from ivr.core.connector_checks import check_connector
from ivr.core.nodes import (
    Branch,
    CheckHours,
    Collect,
    HangUp,
    Identify,
    LookUp,
    Menu,
    Node,
    OfferCallback,
    Question,
    Return,
    Say,
    SetValues,
    Split,
    Stage,
    SubFlow,
    ToQueue,
    TransferOut,
    Voicemail,
)
from ivr.core.problems import quoted
from ivr.core.scope import Scope
from ivr.core.text_checks import check_fields
from router.core.durations import SECOND
from router.core.requirements import ANYONE, AttributeIs, skills_named


def check_node(scope: Scope, key: str, node: Node) -> None:
    match node:
        case Menu():
            _menu(scope, key, node)
        case Collect():
            _collect(scope, key, node)
        case OfferCallback():
            _callback(scope, key, node)
        case CheckHours():
            scope.refer(key, ("hours",), "opening hours", node.hours, scope.known.hours)
        case Branch():
            _branch(scope, key, node)
        case Identify():
            _attribute(scope, key, ("by",), node.by)
            _wait(scope, key, ("within",), node.within)
        case LookUp():
            _look_up(scope, key, node)
        case SetValues():
            _set(scope, key, node)
        case Split():
            _split(scope, key, node)
        case ToQueue():
            _queue(scope, key, node)
        case Voicemail():
            scope.refer(key, ("box",), "voicemail box", node.box, scope.known.boxes)
        case Say() | TransferOut() | SubFlow() | Return() | HangUp():
            pass
        case _:
            assert_never(node)


def _menu(scope: Scope, key: str, node: Menu) -> None:
    if not node.choices:
        scope.add(key, ("choices",), "there is nothing to choose", "add at least one key")
    words = Counter(w.casefold() for one in node.choices.values() for w in set(one.values()) if w)
    for word, count in words.items():
        if count > 1:
            what = f"{count} buttons read {quoted(word)}"
            scope.warn(key, ("choices",), what, "give each words of its own")
    _question(scope, key, node)


def _collect(scope: Scope, key: str, node: Collect) -> None:
    if node.min_length > node.max_length:
        what = f"at least {node.min_length} and at most {node.max_length} cannot both be"
        scope.add(key, ("min_length",), what, "lower min_length or raise max_length")
    if node.check == "email" and node.input == "digits":
        scope.add(key, ("check",), "an e-mail address cannot be keyed", "write 'input: text'")
    if node.check == "range":
        _range(scope, key, node)
    elif node.least is not None or node.most is not None:
        what = "least and most count only with 'check: range'"
        scope.warn(key, ("check",), what, "write 'check: range' or remove them")
    if node.check == "date" and not node.min_length <= 8 <= node.max_length:
        scope.add(key, ("check",), "a date has 8 digits", "let the length allow 8")
    _question(scope, key, node)


def _range(scope: Scope, key: str, node: Collect) -> None:
    if node.least is None and node.most is None:
        scope.add(key, ("check",), "the range has no bounds", "add 'least' or 'most'")
    elif node.least is not None and node.most is not None and node.least > node.most:
        what = f"no number is from {node.least} to {node.most}"
        scope.add(key, ("least",), what, "lower least or raise most")


def _callback(scope: Scope, key: str, node: OfferCallback) -> None:
    if node.accept == node.decline:
        what = "one key both accepts and declines"
        scope.add(key, ("decline",), what, "choose two keys")
    scope.refer(key, ("queue",), "queue", node.queue, scope.known.queues)
    able = scope.known.queues_that_call_back
    if able is not None and node.queue not in able:
        what = f"queue {quoted(node.queue)} does not call back"
        scope.warn(key, ("queue",), what, "give it a callback, or it is always 'impossible'")
    _attribute(scope, key, ("number",), node.number)
    _question(scope, key, node)


def _question(scope: Scope, key: str, node: Question) -> None:
    _wait(scope, key, ("answer_within",), node.answer_within)
    if isinstance(node, Collect):
        _wait(scope, key, ("between",), node.between)


def _wait(scope: Scope, key: str, inside: Path, within: int) -> None:
    if within < SECOND // 2:
        scope.add(key, inside, "nobody is that quick", "allow a second or more")


def _branch(scope: Scope, key: str, node: Branch) -> None:
    if not node.cases:
        scope.warn(key, ("cases",), "there is nothing to decide", "add a case or remove the node")
    names = Counter(case.name for case in node.cases)
    for number, case in enumerate(node.cases):
        inside = ("cases", number)
        if names[case.name] > 1 or case.name == "otherwise":
            what = f"{quoted(case.name)} cannot be the name of this case"
            scope.add(key, (*inside, "name"), what, "give each case a name of its own")
        if case.when == AnyOf():
            scope.warn(key, (*inside, "when"), "this is never true", "add a condition to 'any'")
        for leaf in leaves_of(case.when):
            _leaf(scope, key, (*inside, "when"), leaf)


def _leaf(scope: Scope, key: str, inside: Path, leaf: object) -> None:
    match leaf:
        case QueueStaffed() | QueueLengthAtLeast() | QueueWaitAtLeast():
            scope.refer(key, inside, "queue", leaf.queue, scope.known.queues)
        case HoursOpen():
            scope.refer(key, inside, "opening hours", leaf.hours, scope.known.hours)
        case LanguageIs() if leaf.language not in scope.languages:
            what = f"the flow does not speak {quoted(leaf.language)}"
            scope.add(key, inside, what, f"write one of: {', '.join(scope.flow.languages)}")
        case AttributeIs() | AttributeAtLeast() | AttributeSays() if leaf.name in scope.secrets:
            what = f"{quoted(leaf.name)} is a secret and cannot be compared"
            scope.add(key, inside, what, "let a look-up judge it")
        case AttributeIs() | AttributeAtLeast() | AttributeKnown() | AttributeSays():
            check_fields(scope, key, inside, f"{{{leaf.name}}}")
        case _:
            pass


def _look_up(scope: Scope, key: str, node: LookUp) -> None:
    scope.refer(key, ("connector",), "connector", node.connector, scope.known.connectors)
    _wait(scope, key, ("within",), node.within)
    for name, text in node.parameters.items():
        if whole_field(text) not in scope.secrets:
            check_fields(scope, key, ("parameters", name), text)
    check_connector(scope, key, node)


def _set(scope: Scope, key: str, node: SetValues) -> None:
    if node.language is not None and node.language not in scope.languages:
        what = f"the flow does not speak {quoted(node.language)}"
        scope.add(key, ("language",), what, f"write one of: {', '.join(scope.flow.languages)}")
    for name, text in node.attributes.items():
        check_fields(scope, key, ("attributes", name), text)
    for number, agent in enumerate(node.preferred or ()):
        check_fields(scope, key, ("preferred", number), agent)
        if "{" not in agent:
            scope.refer(key, ("preferred", number), "agent", agent, scope.known.agents)
    _stages(scope, key, node.steps or ())


def _split(scope: Scope, key: str, node: Split) -> None:
    total = sum(node.shares.values())
    if total != 100:
        fix = "make them 100"
        scope.add(key, ("shares",), f"the shares are {total}% together", fix)
    for name, share in node.shares.items():
        if not share:
            scope.warn(key, ("shares", name), "nobody ever goes this way", "give it a share")


def _queue(scope: Scope, key: str, node: ToQueue) -> None:
    scope.refer(key, ("queue",), "queue", node.queue, scope.known.queues)
    _stages(scope, key, node.steps or ())
    for number, one in enumerate(node.announcements or ()):
        inside = ("announcements", number)
        if not one.say:
            scope.add(key, inside, "it says nothing", "write what is said")
        if one.every is not None and one.every < 5 * SECOND:
            what = "this would repeat without pause"
            scope.add(key, (*inside, "every"), what, "write at least 5s")


def _stages(scope: Scope, key: str, stages: tuple[Stage, ...]) -> None:
    for number, stage in enumerate(stages):
        inside = ("steps", number)
        last = number == len(stages) - 1
        if last and stage.lasts is not None:
            what = "the last step lasts until the contact is served"
            scope.add(key, (*inside, "for"), what, "remove 'for' or add a step after it")
        if not last and not stage.lasts:
            what = "the steps after this one are never reached"
            scope.add(key, inside, what, "add how long: 'for: 30s'")
        for skill in sorted(skills_named(stage.ask or ANYONE)):
            scope.refer(key, (*inside, "ask"), "skill", skill, scope.known.skills)


def _attribute(scope: Scope, key: str, inside: Path, name: str) -> None:
    """A node goes by this attribute, which must not be a secret."""
    if name in scope.secrets:
        what = f"{quoted(name)} is a secret, and only a look-up gets it"
        scope.add(key, inside, what, "use another attribute")
    else:
        check_fields(scope, key, inside, f"{{{name}}}")
