from markupsafe import Markup

from simulator.report.svg import element, path, together


def test_names_become_attributes_and_none_is_left_out() -> None:
    drawn = element("rect", x=1.04, stroke_width=2, class_="bar", role=None)
    assert drawn == '<rect x="1" stroke-width="2" class="bar"></rect>'


def test_what_people_wrote_is_text_in_and_out_of_attributes() -> None:
    drawn = element("text", '<b>"&', class_='"><script>')
    assert drawn == '<text class="&#34;&gt;&lt;script&gt;">&lt;b&gt;&#34;&amp;</text>'


def test_markup_stays_markup_and_text_is_escaped() -> None:
    assert together([Markup("<g/>"), "<g/>"]) == Markup("<g/>&lt;g/&gt;")
    assert element("g", element("path")) == "<g><path></path></g>"


def test_a_path_goes_from_point_to_point() -> None:
    assert path([(0, 1.25), (2.0, 3)]) == "M0 1.2L2 3"
    assert path([(0, 0), (1, 0), (1, 1)], closed=True) == "M0 0L1 0L1 1Z"
