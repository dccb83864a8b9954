"""How much one agent may have in hand at once: capacity by channel, what may run together,
and on which channels they can be reached at all.
"""

from __future__ import annotations

from router.core.catalog import Profile
from router.core.model import READY, Agent


def free_channels(agent: Agent, profile: Profile) -> tuple[str, ...]:
    """Channels on which the agent could take one more contact now."""
    if not takes_work(agent):
        return ()
    return tuple([channel for channel in profile.capacity if has_room(agent, profile, channel)])


def takes_work(agent: Agent) -> bool:
    """Whether the agent may be given contacts, busy or not."""
    return agent.state is READY and agent.next_state is None


def has_room(agent: Agent, profile: Profile, channel: str) -> bool:
    """Whether the agent can be reached on ``channel``, and capacity and blending allow one more
    contact of it, whatever the state.
    """
    if agent.unreachable and channel in agent.unreachable:
        return False
    used = 0
    for slot in agent.slots.values():
        if slot.channel == channel:
            used += 1
        elif not goes_beside(profile, channel, slot.channel):
            return False
    return used < profile.capacity.get(channel, 0)


def goes_beside(profile: Profile, new: str, present: str) -> bool:
    """Whether a contact of channel ``new`` may be given to somebody busy with ``present``, another
    channel.
    """
    if new == present or present in profile.alone:
        return False
    return new not in profile.alone or present in profile.interruptible
