"""Who could ever serve what: sets of agents as bit masks, so that large catalogs stay quick.

Agents with equal traits and profile are one bit; a condition costs a few operations on integers.
"""

from __future__ import annotations

from collections import defaultdict

from router.core.catalog import Catalog, Profile
from router.core.requirements import (
    AllOf,
    AnyOf,
    AttributeIs,
    Condition,
    Not,
    SiteIs,
    SkillAtLeast,
    TeamIs,
)


class Staffing:
    """The agents of a catalog, ready to be asked. Masks have one bit per group of equal agents."""

    def __init__(self, catalog: Catalog) -> None:
        self._everyone = 0
        self._skills: dict[str, list[int]] = defaultdict(lambda: [0] * 11)
        self._facts: dict[tuple[str, str, str], int] = defaultdict(int)
        self._queues: dict[str, int] = defaultdict(int)
        self._channels: dict[str, int] = defaultdict(int)
        groups = {(one.profile, one.traits): one for one in catalog.agents.values()}
        profiles: dict[str, int] = defaultdict(int)
        for number, (profile, traits) in enumerate(groups):
            bit = 1 << number
            self._everyone |= bit
            profiles[profile] |= bit
            for skill, level in traits.skills:
                self._skills[skill][level] |= bit
            self._facts["team", "", traits.team] |= bit
            self._facts["site", "", traits.site] |= bit
            for name, value in traits.attributes:
                self._facts["attribute", name, value] |= bit
        for profile_id, mask in profiles.items():
            if profile_id in catalog.profiles:
                self._add_profile(catalog.profiles[profile_id], mask)

    def _add_profile(self, profile: Profile, mask: int) -> None:
        for entry in profile.queues:
            self._queues[entry.queue] |= mask
        for channel, capacity in profile.capacity.items():
            if capacity:
                self._channels[channel] |= mask

    def serving(self, queue: str, channel: str = "") -> int:
        """Groups whose profile has ``queue``, and capacity for ``channel`` where one is given."""
        mask = self._queues.get(queue, 0)
        return mask & self._channels.get(channel, 0) if channel else mask

    def best_level(self, skill: str, among: int) -> int:
        """The highest level of ``skill`` in the groups ``among``, 0 when nobody has it."""
        if skill not in self._skills:
            return 0
        levels = self._skills[skill]
        return next((level for level in range(10, 0, -1) if levels[level] & among), 0)

    def meeting(self, condition: Condition) -> int:
        """Groups whose traits satisfy ``condition``."""
        match condition:
            case SkillAtLeast():
                return self._with_skill(condition.skill, condition.level)
            case TeamIs():
                return self._facts.get(("team", "", condition.team), 0)
            case SiteIs():
                return self._facts.get(("site", "", condition.site), 0)
            case AttributeIs():
                return self._facts.get(("attribute", condition.name, condition.value), 0)
            case AllOf():
                mask = self._everyone
                for part in condition.of:
                    mask &= self.meeting(part)
                return mask
            case AnyOf():
                mask = 0
                for part in condition.of:
                    mask |= self.meeting(part)
                return mask
            case Not():
                return self._everyone & ~self.meeting(condition.of)

    def _with_skill(self, skill: str, level: int) -> int:
        mask = 0
        for found in self._skills.get(skill, [])[level:]:
            mask |= found
        return mask
