"""What changed between two catalogs, in words: ``queue Billing ES: offer_for 20s -> 15s``.

Both are flattened to named facts and the facts compared, so everything that can be configured is
covered by one rule. Hours are compared by their rule in words: renewing their spans is no change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from config.durations import format_duration
from router.core.catalog import (
    LIVE,
    AgentDefinition,
    CannedReply,
    Catalog,
    EntryPoint,
    Hours,
    OverflowRule,
    Profile,
    Queue,
    ToCallback,
    ToMessage,
    ToQueue,
    ToVoicemail,
)
from router.core.requirements import Step, describe

Facts = dict[str, str]
ABSENT = "none"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference. ``field`` is empty when the whole entity was added or removed."""

    kind: str  # queue | profile | agent | skill | hours | entry point | credits | canned reply …
    id: str
    label: str
    what: Literal["added", "removed", "changed"]
    field: str = ""
    old: str = ""
    new: str = ""

    @property
    def sentence(self) -> str:
        subject = f"{self.kind} {self.label}".strip()
        if self.what != "changed":
            return f"{subject}: {self.what}"
        return f"{subject}: {self.field} {self.old} -> {self.new}"


def diff(old: Catalog, new: Catalog) -> list[str]:
    """One sentence for each difference, in the order of the catalog's sections."""
    return [change.sentence for change in changes(old, new)]


def changes(old: Catalog, new: Catalog) -> list[Change]:
    """The differences for programs; empty when both route alike."""
    return [
        *_compare("queue", _queues(old), _queues(new)),
        *_compare("profile", _profiles(old), _profiles(new)),
        *_compare("agent", _agents(old), _agents(new)),
        *_compare("skill", _skills(old), _skills(new)),
        *_compare("hours", _hours(old), _hours(new)),
        *_compare("entry point", _entry_points(old), _entry_points(new)),
        *_compare("credits", _credits(old), _credits(new)),
        *_compare("not-ready reasons", _reasons(old), _reasons(new)),
        *_compare("canned reply", _replies(old), _replies(new)),
    ]


Labelled = Mapping[str, tuple[str, Facts]]  # key to (label, facts)


def _compare(kind: str, old: Labelled, new: Labelled) -> Iterator[Change]:
    for key, (label, facts) in new.items():
        if key not in old:
            yield Change(kind=kind, id=key, label=label, what="added")
            continue
        before = old[key][1]
        for field in [*before, *(name for name in facts if name not in before)]:
            was, now = before.get(field, ABSENT), facts.get(field, ABSENT)
            if was != now:
                yield Change(
                    kind=kind, id=key, label=label, what="changed", field=field, old=was, new=now
                )
    for key, (label, _) in old.items():
        if key not in new:
            yield Change(kind=kind, id=key, label=label, what="removed")


def _queues(catalog: Catalog) -> Labelled:
    return {
        key: (queue.label, _queue_facts(queue, catalog)) for key, queue in catalog.queues.items()
    }


def _queue_facts(queue: Queue, catalog: Catalog) -> Facts:
    facts = {"label": queue.label, "strategy": queue.strategy}
    facts |= {
        name: format_duration(getattr(queue, name))
        for name in (
            "service_within",
            "credit",
            "offer_for",
            "reoffer_after",
            "wrap_up",
            "wrap_up_limit",
            "preferred_for",
        )
    }
    facts["service_target"] = _percent(queue.service_target)
    facts["auto_accept"] = "yes" if queue.auto_accept else "no"
    facts["missed_offer"] = queue.missed_offer
    facts["ring_all_limit"] = str(queue.ring_all_limit)
    facts["hours"] = queue.hours or "always"
    facts["objective_hours"] = queue.objective_hours or "always"
    facts |= _step_facts(queue.steps)
    for number, rule in enumerate(queue.overflow, start=1):
        facts[f"overflow {number}"] = _overflow_words(rule, catalog)
    for number, one in enumerate(queue.announcements, start=1):
        every = f", every {format_duration(one.every)}" if one.every else ""
        facts[f"announcement {number}"] = f"'{one.text}' after {format_duration(one.after)}{every}"
    facts["callback"] = ABSENT
    if offer := queue.callback:
        facts["callback"] = (
            f"after {format_duration(offer.after)}, {offer.attempts} attempts, "
            f"again after {format_duration(offer.retry_after)}"
        )
    facts["dispositions"] = ", ".join(queue.dispositions) or ABSENT
    return facts


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"


def _step_facts(steps: tuple[Step, ...]) -> Facts:
    facts: Facts = {}
    for number, step in enumerate(steps, start=1):
        facts[f"step {number} asks"] = describe(step.condition)
        lasts = "until served" if step.lasts is None else format_duration(step.lasts)
        facts[f"step {number} lasts"] = lasts
    return facts


def _overflow_words(rule: OverflowRule, catalog: Catalog) -> str:
    limit = str(rule.at) if rule.when == "length" else format_duration(rule.at)
    cause = f"{rule.when} {limit}" if rule.at else rule.when
    match rule.to:
        case ToQueue(queue=key):
            queue = catalog.queues.get(key)
            return f"{cause} to queue {queue.label if queue else key}"
        case ToVoicemail(box=box):
            return f"{cause} to voicemail {box}"
        case ToCallback():
            return f"{cause} to callback"
        case ToMessage(text=text):
            return f"{cause} to message '{text}'"


def _profiles(catalog: Catalog) -> Labelled:
    return {key: (one.label, _profile_facts(one)) for key, one in catalog.profiles.items()}


def _profile_facts(profile: Profile) -> Facts:
    facts = {"label": profile.label, "order": profile.order}
    for entry in profile.queues:
        delay = f", after {format_duration(entry.delay)}" if entry.delay else ""
        facts[f"queue {entry.queue}"] = f"band {entry.band}{delay}"
    for channel, count in profile.capacity.items():
        facts[f"capacity for {channel}"] = str(count)
    facts["alone"] = ", ".join(profile.alone) or ABSENT
    facts["interruptible"] = ", ".join(profile.interruptible) or ABSENT
    return facts


def _agents(catalog: Catalog) -> Labelled:
    return {key: (agent.name, _agent_facts(agent)) for key, agent in catalog.agents.items()}


def _agent_facts(agent: AgentDefinition) -> Facts:
    facts = {
        "name": agent.name,
        "profile": agent.profile,
        "public_name": agent.public_name or ABSENT,
        "team": agent.traits.team or ABSENT,
        "site": agent.traits.site or ABSENT,
        "weight": str(agent.weight),
        "order": str(agent.order),
    }
    facts |= {f"skill {skill}": str(level) for skill, level in agent.traits.skills}
    facts |= {f"attribute {name}": value for name, value in agent.traits.attributes}
    return facts


def _skills(catalog: Catalog) -> Labelled:
    return {key: (label, {"label": label}) for key, label in catalog.skills.items()}


def _hours(catalog: Catalog) -> Labelled:
    return {key: (key, _hours_facts(hours)) for key, hours in catalog.hours.items()}


def _hours_facts(hours: Hours) -> Facts:
    """One fact for each part of the summary, e.g. ``fri`` is ``09:00-12:30``."""
    rule, _, zone = hours.summary.removesuffix(")").rpartition(" (")
    facts = {"time zone": zone}
    for part in rule.split("; "):
        days, _, openings = part.partition(" ")
        facts[days] = openings
    return facts


def _entry_points(catalog: Catalog) -> Labelled:
    return {key: (one.label or key, _entry_facts(one)) for key, one in catalog.entry_points.items()}


def _entry_facts(entry: EntryPoint) -> Facts:
    facts = {"label": entry.label, "channel": entry.channel, "queue": entry.queue}
    if entry.flow or entry.alias != LIVE:
        facts["flow"] = f"{entry.flow}@{entry.alias}"
    facts |= {f"choice {key} goes to": queue for key, queue in entry.choices.items()}
    facts |= {f"choice {key} reads": label for key, label in entry.choice_labels.items()}
    return facts | _step_facts(entry.steps)


def _credits(catalog: Catalog) -> Labelled:
    facts = {f"tier {tier}": format_duration(one) for tier, one in catalog.credits.tiers.items()}
    for value in catalog.credits.values:
        facts[f"value from {value.at_least}"] = format_duration(value.credit)
    return {"credits": ("", facts)}


def _reasons(catalog: Catalog) -> Labelled:
    return {"reasons": ("", {"list": ", ".join(catalog.not_ready_reasons)})}


def _replies(catalog: Catalog) -> Labelled:
    return {
        key: (one.label, _reply_facts(one, catalog)) for key, one in catalog.canned_replies.items()
    }


def _reply_facts(reply: CannedReply, catalog: Catalog) -> Facts:
    labels = (catalog.queues[one].label if one in catalog.queues else one for one in reply.queues)
    return {
        "label": reply.label,
        "shortcut": f"/{reply.shortcut}",
        "text": f"'{reply.text}'",
        "queues": ", ".join(labels) or "all",
        "channels": ", ".join(reply.channels) or "all",
        "language": reply.language or "any",
    }
