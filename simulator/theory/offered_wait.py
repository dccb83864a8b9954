"""The offered wait of the M/M/n+M queue: how long a customer who never lost patience would wait.

Of those who find every server busy, its density at x is proportional to
exp(∫λ·exp(−θu)du − nμx), over u from 0 to x (Baccelli and Hebuterne, Performance '81, 159; Zeltyn
and Mandelbaum, Queueing Systems 51:361, 2005). λ is the arrival rate, μ the rate of one server, θ
the rate at which one waiting customer loses patience. All is kept relative to the density's mode,
so that nothing overflows.
"""

from __future__ import annotations

from math import exp, inf, log

import msgspec
import numpy as np

from simulator.theory.quadrature import Function, Points, integrate_log_concave


class OfferedWait(msgspec.Struct, frozen=True):
    """Rates in one unit of time; ``completion_rate`` is nμ, of all servers together."""

    arrival_rate: float
    completion_rate: float
    patience_rate: float

    def p_longer(self, time: float) -> float:
        """P(V > time) of those who find every server busy."""
        return self._integral(time, inf) / self._integral(0, inf)

    def mean(self, weight: Function, until: float = inf) -> float:
        """E[weight(V); V ≤ until] of those who find every server busy."""
        return self._integral(0, until, weight) / self._integral(0, inf)

    def p_wait(self, lost_with_one_less: float) -> float:
        """The share of arrivals that find every server busy, from Erlang B for n - 1 servers."""
        busy = lost_with_one_less * self.arrival_rate * self._integral(0, inf)
        free = exp(self._log_density(np.zeros(1))[0])
        return busy / (busy + free)

    def still_patient(self, waited: Points) -> Points:
        """P(patience > waited)."""
        patient: Points = np.exp(-self.patience_rate * waited)
        return patient

    def mean_wait(self, offered: Points) -> Points:
        """E[min(offered, patience)]."""
        waited: Points = -np.expm1(-self.patience_rate * offered) / self.patience_rate
        return waited

    def wait_if_served(self, offered: Points) -> Points:
        """E[offered; patience > offered]."""
        waited: Points = offered * self.still_patient(offered)
        return waited

    @property
    def _mode(self) -> float:
        """Where as many customers with that much patience arrive as can be served."""
        if self.arrival_rate <= self.completion_rate:
            return 0.0
        return log(self.arrival_rate / self.completion_rate) / self.patience_rate

    def _log_density(self, waited: Points) -> Points:
        """Relative to the mode."""
        after = waited - self._mode
        arrivals = min(self.arrival_rate, self.completion_rate)  # who are patient until the mode
        coming = -np.expm1(-self.patience_rate * after) / self.patience_rate
        relative: Points = arrivals * coming - self.completion_rate * after
        return relative

    def _integral(self, start: float, stop: float, weight: Function | None = None) -> float:
        fastest = self.arrival_rate + self.completion_rate + self.patience_rate
        return integrate_log_concave(
            self._log_density, start, stop, mode=self._mode, finest=1 / fastest, weight=weight
        )
