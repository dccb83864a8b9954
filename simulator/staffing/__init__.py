"""Who was at work when, and for what, inferred from the calls of a log."""

from simulator.staffing.infer import Spell, Staffing, infer_staffing
from simulator.staffing.order import OrderFit, served_in_order

__all__ = [
    "OrderFit",
    "Spell",
    "Staffing",
    "infer_staffing",
    "served_in_order",
]
