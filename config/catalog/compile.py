"""From the checked document to the catalog the core uses.

Only what was written is passed on: every default lives in ``router.core.catalog``.
"""

from __future__ import annotations

from typing import Any

from config.catalog.document import (
    AgentSource,
    CannedReplySource,
    CatalogSource,
    CreditsSource,
    EntryPointSource,
    HoursSource,
    OverflowSource,
    ProfileQueueSource,
    ProfileSource,
    QueueSource,
    Source,
    StepSource,
)
from config.catalog.hours import WeeklyHours, resolve
from config.catalog.openings import (
    DAYS,
    Openings,
    format_openings,
    parse_date,
    parse_weekdays,
)
from router.core.catalog import (
    LIVE,
    AgentDefinition,
    Announcement,
    CallbackOffer,
    CannedReply,
    Catalog,
    Credits,
    Destination,
    EntryPoint,
    Hours,
    OverflowRule,
    Profile,
    ProfileQueue,
    Queue,
    ToCallback,
    ToMessage,
    ToQueue,
    ToVoicemail,
    ValueCredit,
)
from router.core.requirements import ANYONE, Step, Traits

_QUEUE_FIELDS = (
    "strategy",
    "service_within",
    "service_target",
    "credit",
    "offer_for",
    "auto_accept",
    "missed_offer",
    "reoffer_after",
    "ring_all_limit",
    "wrap_up",
    "wrap_up_limit",
    "hours",
    "dispositions",
    "preferred_for",
    "objective_hours",
)


def compile_catalog(document: CatalogSource, source: str, at: int) -> Catalog:
    """``document`` must have passed the checks. ``at`` (microseconds UTC) anchors the hours."""
    return Catalog(
        queues={key: compile_queue(key, queue) for key, queue in (document.queues or {}).items()},
        profiles={key: _profile(key, one) for key, one in (document.profiles or {}).items()},
        agents={key: compile_agent(key, one) for key, one in (document.agents or {}).items()},
        skills={key: label or readable(key) for key, label in (document.skills or {}).items()},
        hours={
            key: _hours(key, hours, document.time_zone or "", at)
            for key, hours in (document.hours or {}).items()
        },
        credits=_credits(document.credits or CreditsSource()),
        entry_points={key: _entry(key, one) for key, one in (document.entry_points or {}).items()},
        canned_replies={
            key: _reply(key, one) for key, one in (document.canned_replies or {}).items()
        },
        source=source,
        **_given(document, "not_ready_reasons"),
    )


def readable(key: str) -> str:
    """A label for an id that was given none: ``billing_en`` as ``Billing en``."""
    words = key.replace("_", " ").replace("-", " ")
    return words[:1].upper() + words[1:]


def _given(source: Source, *names: str) -> dict[str, Any]:
    return {name: value for name in names if (value := getattr(source, name)) is not None}


def compile_queue(key: str, queue: QueueSource) -> Queue:
    given = _given(queue, *_QUEUE_FIELDS)
    if queue.steps:
        given["steps"] = compile_steps(queue.steps)
    if queue.overflow:
        given["overflow"] = tuple(_overflow(rule) for rule in queue.overflow)
    if queue.announcements:
        given["announcements"] = tuple(
            Announcement(text=one.text, **_given(one, "after", "every"))
            for one in queue.announcements
        )
    return Queue(id=key, label=queue.label or readable(key), callback=_callback(queue), **given)


def compile_steps(steps: tuple[StepSource, ...]) -> tuple[Step, ...]:
    return tuple(Step(condition=step.ask or ANYONE, lasts=step.lasts) for step in steps)


def _callback(queue: QueueSource) -> CallbackOffer | None:
    match queue.callback:
        case None | False:
            return None
        case True:
            return CallbackOffer()
        case offer:
            return CallbackOffer(**_given(offer, "after", "attempts", "retry_after"))


def _overflow(rule: OverflowSource) -> OverflowRule:
    return OverflowRule(when=rule.when, at=rule.at.value if rule.at else 0, to=_destination(rule))


def _destination(rule: OverflowSource) -> Destination:
    if rule.to == "callback":
        return ToCallback()
    if rule.to.queue is not None:
        return ToQueue(queue=rule.to.queue)
    if rule.to.voicemail is not None:
        return ToVoicemail(box=rule.to.voicemail)
    return ToMessage(text=rule.to.message or "")


def _profile(key: str, profile: ProfileSource) -> Profile:
    return Profile(
        id=key,
        label=profile.label or readable(key),
        queues=tuple(_profile_queue(one) for one in profile.queues),
        capacity={channel: count for channel, count in profile.capacity.items() if count},
        **_given(profile, "alone", "interruptible", "order"),
    )


def _profile_queue(one: str | ProfileQueueSource) -> ProfileQueue:
    if isinstance(one, str):
        return ProfileQueue(queue=one)
    return ProfileQueue(queue=one.queue, **_given(one, "band", "delay"))


def compile_agent(key: str, agent: AgentSource) -> AgentDefinition:
    return AgentDefinition(
        id=key,
        name=agent.name,
        profile=agent.profile,
        traits=Traits(
            skills=tuple(sorted((agent.skills or {}).items())),
            team=agent.team or "",
            site=agent.site or "",
            attributes=tuple(sorted((agent.attributes or {}).items())),
        ),
        **_given(agent, "public_name", "weight", "order"),
    )


def _hours(key: str, hours: HoursSource, default_zone: str, at: int) -> Hours:
    week = [Openings()] * 7
    for days, openings in hours.open.items():
        for day in parse_weekdays(days):
            week[day] = openings
    zone = hours.time_zone or default_zone
    dates = {parse_date(text): openings for text, openings in (hours.dates or {}).items()}
    weekly = WeeklyHours(
        id=key,
        time_zone=zone,
        week=tuple(week),
        holidays=hours.holidays or "",
        dates=dates,
        summary=_summary(zone, week, hours),
    )
    return resolve(weekly, at)


def _summary(zone: str, week: list[Openings], hours: HoursSource) -> str:
    """The rule in one line; equal rules have equal summaries, however they were written."""
    parts = []
    start = 0
    for day in range(1, 8):
        if day == 7 or week[day] != week[start]:
            if week[start].spans:
                days = DAYS[start] if day - start == 1 else f"{DAYS[start]}-{DAYS[day - 1]}"
                parts.append(f"{days} {format_openings(week[start])}")
            start = day
    if hours.holidays:
        parts.append(f"closed on holidays of {hours.holidays}")
    dates = sorted((hours.dates or {}).items())
    parts.extend(f"{day} {format_openings(openings)}" for day, openings in dates)
    return f"{'; '.join(parts) or 'never open'} ({zone})"


def _credits(credit: CreditsSource) -> Credits:
    values = sorted(credit.values or (), key=lambda one: one.at_least)
    return Credits(
        tiers=credit.tiers or {},
        values=tuple(ValueCredit(at_least=one.at_least, credit=one.credit) for one in values),
    )


def _entry(key: str, entry: EntryPointSource) -> EntryPoint:
    choices: dict[str, str] = {}
    labels: dict[str, str] = {}
    for pick, choice in (entry.choices or {}).items():
        choices[pick] = choice if isinstance(choice, str) else choice.queue
        given = None if isinstance(choice, str) else choice.label
        labels[pick] = given or readable(pick)
    flow, _, alias = (entry.flow or "").partition("@")
    return EntryPoint(
        id=key,
        channel=entry.channel,
        queue=entry.queue,
        label=entry.label or readable(key),
        choices=choices,
        choice_labels=labels,
        flow=flow,
        alias=alias or LIVE,
        steps=compile_steps(entry.steps or ()),
    )


def _reply(key: str, reply: CannedReplySource) -> CannedReply:
    return CannedReply(
        id=key,
        shortcut=reply.shortcut or key,
        label=reply.label or readable(key),
        text=reply.text.strip(),
        **_given(reply, "queues", "channels", "language"),
    )
