"""Every way to write a duration that chance decides, and what is refused in it."""

import pytest

from config.catalog.reader import Broken, Reader
from config.problems import Problem, ProblemList
from config.yaml_nodes import read_yaml
from router.core.catalog import MINUTE, SECOND
from simulator.distributions import (
    Constant,
    Distribution,
    Empirical,
    Exponential,
    Lognormal,
    Never,
    Uniform,
)
from simulator.scenario.distribution import read_distribution, read_patience
from simulator.scenario.kinds import KINDS


def read(text: str, *, patience: bool = False) -> tuple[Distribution | Broken, tuple[Problem, ...]]:
    problems = ProblemList("x.yaml")
    node = read_yaml(text, problems)
    assert node is not None
    reader = Reader(problems, KINDS, {})
    how = read_patience if patience else read_distribution
    return how(reader, node, ("handling",)), problems.sorted()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("20s", Constant(value=20 * SECOND)),
        ("0", Constant(value=0)),
        ("{exponential: 3m}", Exponential(average=3 * MINUTE)),
        ("{exponential: 0}", Exponential(average=0)),
        ("{lognormal: {mean: 4m, variation: 1.1}}", Lognormal(average=4 * MINUTE, variation=1.1)),
        ("{lognormal: {mean: 4m}}", Lognormal(average=4 * MINUTE, variation=1.0)),
        ("{lognormal: {mean: 4m, variation: 0}}", Lognormal(average=4 * MINUTE, variation=0.0)),
        ("{uniform: {from: 1s, to: 4s}}", Uniform(low=SECOND, high=4 * SECOND)),
        ("{uniform: {from: 4s, to: 4s}}", Uniform(low=4 * SECOND, high=4 * SECOND)),
        ("{empirical: [10s, 20s, 20s]}", Empirical(values=(10 * SECOND, 20 * SECOND, 20 * SECOND))),
    ],
)
def test_what_is_written_is_what_is_meant(text: str, meant: Distribution) -> None:
    assert read(text) == (meant, ())
    assert read(text, patience=True) == (meant, ())


def test_only_patience_may_be_endless() -> None:
    assert read("never", patience=True) == (Never(), ())
    broken, (problem,) = read("never")
    assert isinstance(broken, Broken)
    assert "patience" in problem.fix


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", "handling"),
        ("20", "handling"),
        ("soon", "handling"),
        ("[20s]", "handling"),
        ("{}", "handling"),
        ("{exponential: 3m, uniform: {from: 1s, to: 2s}}", "handling"),
        ("{exponentail: 3m}", "handling.exponentail"),
        ("{exponential: }", "handling.exponential"),
        ("{exponential: 3}", "handling.exponential"),
        ("{exponential: 1e999}", "handling.exponential"),
        ("{exponential: never}", "handling.exponential"),
        ("{exponential: [3m]}", "handling.exponential"),
        ("{exponential: 400d}", "handling.exponential"),
        ("{lognormal: 4m}", "handling.lognormal"),
        ("{lognormal: {}}", "handling.lognormal"),
        ("{lognormal: {mean: 0}}", "handling.lognormal"),
        ("{lognormal: {mean: 4m, variation: 11}}", "handling.lognormal.variation"),
        ("{lognormal: {mean: 4m, variation: -1}}", "handling.lognormal.variation"),
        ("{lognormal: {mean: 4m, variation: .inf}}", "handling.lognormal.variation"),
        ("{lognormal: {mean: 4m, sigma: 1}}", "handling.lognormal.sigma"),
        ("{uniform: {from: 4s, to: 1s}}", "handling.uniform"),
        ("{uniform: {from: 4s}}", "handling.uniform"),
        ("{empirical: []}", "handling.empirical"),
        ("{empirical: 10s}", "handling.empirical"),
        ("{empirical: [10s, 20]}", "handling.empirical[1]"),
        ("{empirical: [{exponential: 3m}]}", "handling.empirical[0]"),
    ],
)
def test_what_cannot_be_drawn_is_refused_where_it_stands(text: str, path: str) -> None:
    for patience in (False, True):
        _, problems = read(text, patience=patience)
        assert [one.path for one in problems] == [path]
        assert problems[0].fix


def test_a_slip_in_the_name_is_recognised() -> None:
    assert read("{exponentail: 3m}")[1][0].fix == "did you mean 'exponential'?"
