"""``ivr.core.graph``: ways and circles, on graphs that are checked by hand and by brute force."""

from hypothesis import given
from hypothesis import strategies as st

from ivr.core.graph import circles, longest_way, reachable, reversed_links

graphs = st.dictionaries(
    st.integers(0, 7).map(str), st.lists(st.integers(0, 7).map(str), unique=True).map(tuple)
).map(lambda links: {k: tuple(t for t in targets if t in links) for k, targets in links.items()})


@given(graphs)
def test_circles_are_the_groups_that_reach_each_other(links):
    after = {key: reachable(links, links[key]) for key in links}
    groups = {
        frozenset(one for one in links if one in after[key] and key in after[one])
        for key in links
        if key in after[key]
    }
    assert {frozenset(one) for one in circles(links)} == groups


@given(graphs)
def test_the_longest_way_is_that_of_all_ways_where_there_are_no_circles(links):
    in_circles = {one for group in circles(links) for one in group}
    bound = {key for key in links if reachable(links, (key,)) & in_circles}

    def length(key):
        return 1 + max((length(one) for one in links[key]), default=0)

    assert longest_way(links, links.keys()) == {
        key: length(key) for key in links if key not in bound
    }


@given(graphs)
def test_reversed_links_lead_back(links):
    back = reversed_links(links)
    for key in links:
        assert {one for one in links if key in links[one]} == set(back.get(key, ()))


def test_a_hundred_thousand_nodes_in_a_row_are_no_burden():
    row = {str(n): (str(n + 1),) for n in range(100_000)} | {"100000": ()}
    assert circles(row) == []
    assert longest_way(row, row.keys())["0"] == 100_001
    assert len(circles(row | {"100000": ("0",)})[0]) == 100_001
