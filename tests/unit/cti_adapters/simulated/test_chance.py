"""``simulated.chance``: repeatable for a seed, and shaped as it says."""

from statistics import mean, median

from cti_adapters.simulated.chance import Chance


def test_a_seed_repeats_itself():
    def draw(seed):
        chance = Chance(seed)
        return [
            chance.memoryless(100),
            chance.around(100),
            chance.between(1, 9),
            chance.happens(0.5),
        ]

    assert draw("a") == draw("a")
    assert draw("a") != draw("b")


def test_durations_have_the_mean_or_median_asked_for():
    chance = Chance(1)
    assert 95_000 < mean(chance.memoryless(100_000) for _ in range(20_000)) < 105_000
    assert 97_000 < median(chance.around(100_000) for _ in range(20_000)) < 103_000
    assert min(chance.around(100) for _ in range(1_000)) >= 0


def test_weights_are_respected():
    chance = Chance(1)
    drawn = [chance.weighted({"a": 1.0, "b": 3.0, "c": 0.0}) for _ in range(10_000)]
    assert 0.22 < drawn.count("a") / len(drawn) < 0.28
    assert "c" not in drawn
