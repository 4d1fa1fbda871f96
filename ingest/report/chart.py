"""Columns over time, as SVG without scripts or colours: the page's style sheet has those."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element, SubElement

import pygal
from markupsafe import Markup
from pygal.style import Style

# A wide screen, and a phone: text in a picture that shrinks could not be read.
SIZES = {"wide": (1080, 200, 6), "narrow": (380, 190, 3)}

Columns = Sequence[tuple[datetime, int]]


def columns_over_time(columns: Columns, width: timedelta) -> dict[str, Markup]:
    """The chart for each size. A column is `width` of time, from the time that is given."""
    return {size: _chart(columns, width, *figures) for size, figures in SIZES.items()}


def _chart(columns: Columns, width: timedelta, breadth: int, height: int, labels: int) -> Markup:
    form = "%H:%M:%S" if width < timedelta(minutes=1) else "%m-%d %H:%M"
    chart = pygal.Bar(
        width=breadth,
        height=height,
        explicit_size=False,
        disable_xml_declaration=True,
        no_prefix=True,
        js=(),
        show_legend=False,
        margin=0,
        margin_right=30,
        spacing=8,
        max_scale=4,
        range=(0, max((count for _, count in columns), default=0) or 1),
        x_labels_major_every=max(1, math.ceil(len(columns) / labels)),
        show_minor_x_labels=False,
        truncate_label=-1,
        style=Style(label_font_size=12, major_label_font_size=12),
        value_formatter=lambda value: f"{value:,.0f}",
    )
    chart.x_labels = [f"{time:{form}}" for time, _ in columns]
    chart.add("", [count for _, count in columns])
    chart.add_xml_filter(_plain)
    return Markup(chart.render(is_unicode=True))  # noqa: S704 (pygal escapes; these are numbers)


def _plain(root: Element) -> Element:
    """Nothing that runs or is styled elsewhere; each column says what it is when pointed at."""
    unwanted = ("script", "style", "title")
    for parent in list(root.iter()):
        for child in list(parent):
            name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else "script"
            if name in unwanted:
                parent.remove(child)
    for bar in root.iter():
        said = {part.get("class"): part.text for part in bar if part.tag.endswith("desc")}
        if "x_label" in said:
            SubElement(bar, "title").text = f"{said['x_label']}: {said['value']}"
    root.set("role", "img")
    root.set("aria-label", "events loaded over time")
    root.attrib.pop("id", None)
    return root
