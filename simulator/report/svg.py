"""SVG as text: every attribute and every word is escaped."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup, escape


def element(tag: str, *children: Markup | str, **attributes: object) -> Markup:
    """``stroke_width`` becomes ``stroke-width``, ``class_`` ``class``; None is left out."""
    written = Markup("").join(
        Markup(' {}="{}"').format(name.rstrip("_").replace("_", "-"), _text(value))
        for name, value in attributes.items()
        if value is not None
    )
    inside = together(children)
    return Markup("<{0}{1}>{2}</{0}>").format(tag, written, inside)


def together(parts: Iterable[Markup | str]) -> Markup:
    """One after the other; what is plain text is escaped."""
    return Markup("").join(escape(part) for part in parts)


def path(points: Iterable[tuple[float, float]], *, closed: bool = False) -> str:
    """Straight lines from point to point."""
    corners = "L".join(f"{_text(x)} {_text(y)}" for x, y in points)
    return f"M{corners}{'Z' if closed else ''}"


def _text(value: object) -> str:
    """Numbers to a tenth of a pixel."""
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)
