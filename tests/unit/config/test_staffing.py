from hypothesis import given, settings
from hypothesis import strategies as st

from config.catalog.staffing import Staffing
from router.core.catalog import AgentDefinition, Catalog, Profile, ProfileQueue, Queue
from router.core.requirements import (
    AllOf,
    AnyOf,
    AttributeIs,
    Condition,
    Not,
    SiteIs,
    SkillAtLeast,
    TeamIs,
    Traits,
    satisfies,
)

SKILLS = st.sampled_from(["en", "es", "zh"])
LEVELS = st.integers(1, 10)
WORDS = st.sampled_from(["x", "y", ""])
LEAVES = (
    st.builds(SkillAtLeast, skill=SKILLS, level=LEVELS)
    | st.builds(TeamIs, team=WORDS)
    | st.builds(SiteIs, site=WORDS)
    | st.builds(AttributeIs, name=st.just("floor"), value=WORDS)
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda part: (
        st.builds(AllOf, of=st.lists(part, max_size=3).map(tuple))
        | st.builds(AnyOf, of=st.lists(part, max_size=3).map(tuple))
        | st.builds(Not, of=part)
    ),
    max_leaves=8,
)
TRAITS = st.builds(
    Traits,
    skills=st.dictionaries(SKILLS, LEVELS).map(lambda found: tuple(sorted(found.items()))),
    team=WORDS,
    site=WORDS,
    attributes=st.lists(WORDS.map(lambda word: ("floor", word)), max_size=1).map(tuple),
)


def catalog_of(everyone: list[Traits]) -> Catalog:
    agents = {
        f"a{number}": AgentDefinition(id=f"a{number}", name="A", profile="p", traits=traits)
        for number, traits in enumerate(everyone)
    }
    profile = Profile(
        id="p", label="P", queues=(ProfileQueue(queue="q"),), capacity={"voice": 1, "chat": 0}
    )
    return Catalog(queues={"q": Queue(id="q", label="Q")}, profiles={"p": profile}, agents=agents)


@settings(deadline=None)
@given(st.lists(TRAITS, max_size=6), CONDITIONS)
def test_masks_agree_with_asking_every_agent(everyone: list[Traits], condition: Condition) -> None:
    staffing = Staffing(catalog_of(everyone))
    groups = list(dict.fromkeys(everyone))
    expected = sum(1 << n for n, traits in enumerate(groups) if satisfies(condition, traits))
    assert staffing.meeting(condition) == expected


def test_who_serves_a_queue_depends_on_profile_and_channel() -> None:
    staffing = Staffing(catalog_of([Traits()]))
    assert staffing.serving("q") == 1
    assert staffing.serving("q", "voice") == 1
    assert staffing.serving("q", "chat") == 0
    assert staffing.serving("other") == 0


def test_the_best_level_counts_only_the_agents_asked_about() -> None:
    everyone = [Traits(skills=(("es", 9),), team="x"), Traits(skills=(("es", 4),), team="y")]
    staffing = Staffing(catalog_of(everyone))
    assert staffing.best_level("es", staffing.serving("q")) == 9
    assert staffing.best_level("es", staffing.meeting(TeamIs(team="y"))) == 4
    assert staffing.best_level("zh", staffing.serving("q")) == 0
