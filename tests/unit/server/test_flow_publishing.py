"""``server.flow_publishing``: what flows are judged against."""

from router.core.catalog import Catalog, EntryPoint
from server.flow_publishing import known_names


def test_the_channels_of_a_flow_are_those_of_the_entry_points_that_lead_to_it():
    doors = (("line", "voice", "main"), ("box", "email", "main"), ("box2", "email", "main"))
    doors += (("site", "chat", "shop"), ("plain", "fax", ""))
    catalog = Catalog(
        entry_points={
            key: EntryPoint(id=key, channel=channel, queue="q", flow=flow)
            for key, channel, flow in doors
        }
    )
    assert known_names(catalog, None).channels == {"main": ("voice", "email"), "shop": ("chat",)}
