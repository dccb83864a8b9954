"""The agent whose last work ended longest ago; less loaded agents first (the default)."""

from router.core.strategies.base import Strategy, by_idleness, first_in_order

LONGEST_IDLE = Strategy(
    name="longest_idle", standing="idleness", key=by_idleness, choose=first_in_order
)
