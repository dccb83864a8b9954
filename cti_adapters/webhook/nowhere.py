"""The webhook channel of a centre that has no hook."""

from __future__ import annotations

from cti_adapters.webhook.channel import HookParts
from cti_adapters.webhook.memory import MemoryHookStore
from cti_adapters.webhook.posting import Post
from cti_adapters.webhook.settings import HookSettings


def no_hooks() -> HookParts:
    return HookParts(hooks=(), store=MemoryHookStore(), post_of=_nowhere)


def _nowhere(hook: HookSettings) -> Post:
    raise LookupError(f"there is no way to the service of {hook.id}")
