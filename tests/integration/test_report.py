"""The page of `ingest report`, as a browser shows it."""

import urllib.request
from pathlib import Path

import pytest

from ingest.report.page import page
from sandbox.feed import feed
from sandbox.simulator import Shares, simulate
from tests.browser import Element, opened
from tests.dbt_project import DbtProject
from tests.integration.test_metrics import serving
from tests.topics import make_anew
from tests.world import CLOSED, RESTAURANT, USER, World, encoded, order

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>"
# Turns round what follows, unless somebody escapes it.
BIDI = "abc\u202edef"


def shown(world: World, tmp_path: Path, *arguments: str) -> Element:
    """The page of the command line, without a word on the browser's console."""
    file = tmp_path / "report.html"
    assert world.ingest("report", "--output", str(file), *arguments).stdout.strip() == str(file)
    root, said = opened(file)
    assert said == []
    return root


def table(root: Element, name: str) -> dict[str, int]:
    """A list of the page: names and figures."""
    rows = root.one("table", id=name).all("tr")
    return {r.one("th").text: int(r.one("td").text.replace(",", "")) for r in rows}


def pairs(world: World, statement: str) -> dict[str, int]:
    return {row["name"]: int(row["count"]) for row in world.rows(statement)}


def test_figures_are_those_of_the_warehouse(world: World, dbt: DbtProject, tmp_path: Path) -> None:
    feed(simulate(300, seed=5, shares=Shares(bad=0.03)), world.settings)
    world.stg()
    dbt.build(world)
    world.emit()
    root = shown(world, tmp_path)
    stored = world.value("select count(*) from stg.order_events")
    assert root.one("h1").text == f"{stored:,} events stored, nothing waits"
    flow = {hop.attributes["data-hop"]: hop for hop in root.all("li") if hop.attributes}
    assert flow["load"].one("p", class_="figure").text == f"{stored:,}"
    outbox = world.value("select count(*) from dds.outbox")
    assert flow["emit"].one("p", class_="figure").text == f"{outbox:,}"
    assert {hop.one("span", class_="count").text for hop in flow.values()} == {"0"}
    assert table(root, "letters") == pairs(
        world, "select reason as name, count(*) from stg.dead_letters group by reason"
    )
    assert table(root, "statuses") == {
        **dict.fromkeys(("OPEN", "COOKING", "DELIVERING", "CLOSED", "CANCELLED"), 0),
        **pairs(world, "select status as name, count(*) from marts.current_orders group by status"),
    }
    closed = "select 1 from marts.current_orders where status = 'CLOSED'"
    categories = pairs(
        world,
        "select category_name as name, sum(order_cnt) as count from marts.user_categories"
        ' group by category_name order by 2 desc, category_name collate "C" limit 7',
    )
    assert table(root, "categories") == categories
    assert max(table(root, "users").values()) == world.value(
        "select max(count) from (select count(*) from marts.current_orders"
        " where status = 'CLOSED' group by user_id) as counted"
    )
    assert max(table(root, "products").values()) == world.value(
        "select max(count) from (select sum(order_cnt) as count from marts.user_products"
        " group by product_id) as counted"
    )
    assert len(world.rows(closed)) == table(root, "statuses")["CLOSED"]
    columns = root.one("div", class_="wide").all("g", class_="bar")
    assert sum(int(c.one("title").text.split(": ")[1].replace(",", "")) for c in columns) == stored


def test_a_late_event_is_marked_between_those_that_it_came_after(
    world: World, dbt: DbtProject, tmp_path: Path
) -> None:
    for minute, cost in (("00", 100), ("10", 150), ("05", 120)):
        world.send(encoded(order(7, cost=cost, update_ts=f"2024-03-01 12:{minute}:00")))
        world.stg()
        dbt.build(world)
    world.send(encoded(order(8)))
    world.stg()
    dbt.build(world)
    story = shown(world, tmp_path, "--order", "7").one("section", id="order")
    rows = [[cell.text for cell in row.all("td")] for row in story.one("tbody").all("tr")]
    assert [(event, happened[-8:], changed) for event, happened, _, _, changed in rows[1:]] == [
        ("3 late", "12:05:00", "cost: 120"),
        ("2", "12:10:00", "cost: 150"),
    ]
    assert [event.text for event in story.all("span", class_="late")] == ["late", "3", "3 late"]
    drawn = [v.attributes for v in story.all("div", class_="version")]
    titles = [each["title"] for each in drawn if "paid" in each["title"]]
    versions = world.rows(
        "select start_dt, end_dt from dds.s_order_cost inner join dds.h_order using (h_order_pk)"
        " where order_id = 7 order by start_dt"
    )
    assert [title.split(" ")[0] for title in titles] == ["100", "120", "150"]
    for title, version in zip(titles, versions[:2], strict=False):
        assert f"from {version['start_dt']} until {version['end_dt']}" in title
    assert titles[2].endswith("from 2024-03-01 12:10:00 on")
    columns = [each["style"].partition("grid-column: ")[2] for each in drawn]
    assert [c for c, each in zip(columns, drawn, strict=True) if each["title"] in titles] == [
        "2 / 3",
        "3 / 4",
        "4 / 5",
    ]


def test_what_a_producer_sends_is_text(world: World, dbt: DbtProject, tmp_path: Path) -> None:
    dish = {"_id": "<b>1</b>", "name": HOSTILE, "price": 1, "category": BIDI}
    world.know({**USER, "_id": "\"'<i>", "name": HOSTILE})
    world.know({**RESTAURANT, "name": "{{ 7 * 7 }}", "menu": [dish]})
    items = [{"id": "<b>1</b>", "name": HOSTILE, "price": 1, "quantity": 1}]
    sent = order(1, user={"id": "\"'<i>"}, order_items=items, statuses=CLOSED)
    world.send(encoded(sent))
    world.stg()
    dbt.build(world)
    root = shown(world, tmp_path)
    for tag in ("script", "img", "b", "i"):
        assert root.all(tag) == [], f"<{tag}> became an element"
    assert list(table(root, "users")) == [HOSTILE]
    assert list(table(root, "products")) == [HOSTILE]
    assert list(table(root, "categories")) == [r"abc\u202edef"]
    assert root.one("section", id="order").one("h2").text.endswith(f"{HOSTILE} at {{{{ 7 * 7 }}}}")
    assert root.one("section", id="user").one("code").text == "\"'<i>"


def test_a_page_that_fetches_something_is_noticed(world: World, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    made = page(world.settings)
    file.write_bytes(made.replace(b"</footer>", b"<img src='https://127.0.0.1/'></footer>"))
    _, said = opened(file)
    assert any("Content Security Policy" in line for line in said)


def test_an_empty_warehouse_has_a_page_that_says_what_to_do(world: World, tmp_path: Path) -> None:
    root = shown(world, tmp_path)
    assert root.one("h1").text == "0 events stored, nothing waits"
    said = root.one("main").text
    assert "ingest stg --once" in said
    assert "dbt build --select dds+" in said
    world.send(encoded(order(1)), b"{")
    waiting = shown(world, tmp_path)
    assert waiting.one("h1").text == "0 events stored, load is behind"


def test_an_unknown_order_and_user_are_named(world: World, dbt: DbtProject, tmp_path: Path) -> None:
    dbt.build(world)
    root = shown(world, tmp_path, "--order", "4711", "--user", "<nobody>")
    assert "There is no order 4711." in root.one("section", id="order").text
    assert "There is no user <nobody>." in root.one("section", id="user").text


@pytest.mark.parametrize("path", ["missing/report.html", "."])
def test_a_file_that_cannot_be_written_is_explained(
    world: World, tmp_path: Path, path: str
) -> None:
    done = world.ingest("report", "--output", str(tmp_path / path), check=False)
    assert done.returncode == 1
    assert done.stderr.startswith(f"ingest: --output {tmp_path / path}: ")


def test_what_stands_still_until_somebody_acts_is_shown_with_the_command(
    world: World, tmp_path: Path
) -> None:
    world.send(encoded(order(1)))
    world.stg()
    make_anew(world, world.settings.kafka_stg_src_topic)
    root = shown(world, tmp_path)
    assert root.one("h1").text.startswith("1 event stored, load")
    (load,) = (hop for hop in root.all("li") if hop.attributes.get("data-hop") == "load")
    assert "ingest seek" in load.one("p", class_="problem").text


def test_a_service_serves_the_page_of_this_moment(world: World, tmp_path: Path) -> None:
    world.send(encoded(order(1)))
    with serving(world, "stg") as stg:
        stg.until(1, "messages_total", outcome="stored")
        with urllib.request.urlopen(f"http://127.0.0.1:{stg.port}/", timeout=30) as answer:
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
            (tmp_path / "served.html").write_bytes(answer.read())
    root, said = opened(tmp_path / "served.html")
    assert said == []
    assert root.one("h1").text.startswith("1 event stored")
