"""The same Data Vault by AutomateDV and datavault4dbt: a first load and a delta of the same rows.

Both read views over our typed staging that show the window alone, as their users' staging does, and
have the time of the event for their load date: with the time at which a batch was loaded, several
changes of a key in a batch would have no order at all. What they do not have, categories and
satellites that end, is left out on both sides; ours keeps the ends of products in an order anyway.
All have the same indexes.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from dbt.artifacts.schemas.run import RunExecutionResult
from dbt.cli.main import dbtRunner

from bench.warehouse import load_events, spread
from ingest.build import Dbt
from ingest.errors import StopError
from ingest.operate import init
from ingest.postgres import Postgres
from ingest.project import project_folder
from ingest.settings import Settings, read_settings
from sandbox.simulator import simulate

# Under the folder that the variable PEERS names: what `git clone` makes of each.
CLONES = {
    "automate_dv": "https://github.com/Datavault-UK/automate-dv",
    "datavault4dbt": "https://github.com/ScalefreeCOM/datavault4dbt",
    "dbt_utils": "https://github.com/dbt-labs/dbt-utils",
}


@dataclass(frozen=True)
class Table:
    """A table of the vault: its key, and what hangs on it."""

    name: str
    kind: str
    staged: str
    key: str
    columns: tuple[str, ...]


TABLES = (
    Table("h_order", "hub", "orders", "h_order_pk", ("order_id",)),
    Table("h_user", "hub", "orders", "h_user_pk", ("user_id",)),
    Table("h_restaurant", "hub", "orders", "h_restaurant_pk", ("restaurant_id",)),
    Table("h_product", "hub", "items", "h_product_pk", ("product_id",)),
    Table("l_order_user", "link", "orders", "hk_order_user_pk", ("h_order_pk", "h_user_pk")),
    Table(
        "l_order_restaurant",
        "link",
        "orders",
        "hk_order_restaurant_pk",
        ("h_order_pk", "h_restaurant_pk"),
    ),
    Table(
        "l_order_product", "link", "items", "hk_order_product_pk", ("h_order_pk", "h_product_pk")
    ),
    Table(
        "l_product_restaurant",
        "link",
        "items",
        "hk_product_restaurant_pk",
        ("h_product_pk", "h_restaurant_pk"),
    ),
    Table(
        "s_order_cost",
        "satellite",
        "orders",
        "h_order_pk",
        ("cost", "payment", "bonus_payment", "bonus_grant"),
    ),
    Table("s_order_details", "satellite", "orders", "h_order_pk", ("order_dt", "final_status")),
    Table("s_user_names", "satellite", "orders", "h_user_pk", ("username", "userlogin")),
    Table("s_restaurant_names", "satellite", "orders", "h_restaurant_pk", ("restaurantname",)),
    Table("s_product_names", "satellite", "items", "h_product_pk", ("productname",)),
    Table("s_order_product", "satellite", "items", "hk_order_product_pk", ("price", "quantity")),
)
# What compares: an end is kept by ours alone.
COMPARED = [
    table for table in TABLES if table.kind == "satellite" and table.name != "s_order_product"
]

WINDOW = """
select * from staging.{table}
where position > {{{{ var('after') }}}} and position <= {{{{ var('up_to') }}}}
"""
TYPED = {"orders": "stg_orders", "items": "stg_order_items"}


def call(macro: str, **arguments: object) -> str:
    """The text of a model that is one call of a macro."""
    return (
        f"{{{{ {macro}({', '.join(f'{name}={value!r}' for name, value in arguments.items())}) }}}}"
    )


def automate_dv(table: Table) -> str:
    """A hub, link or satellite by AutomateDV."""
    common = {
        "src_pk": table.key,
        "src_ldts": "event_dttm",
        "src_source": "load_src",
        "source_model": f"staged_{table.staged}",
    }
    columns = list(table.columns)
    if table.kind == "hub":
        return call("automate_dv.hub", src_nk=columns, **common)
    if table.kind == "link":
        return call("automate_dv.link", src_fk=columns, **common)
    return call("automate_dv.sat", src_hashdiff=f"hd_{table.name}", src_payload=columns, **common)


def datavault4dbt(table: Table) -> str:
    """A hub, link or satellite by datavault4dbt."""
    staged, columns = f"staged_{table.staged}", list(table.columns)
    if table.kind == "hub":
        return call(
            "datavault4dbt.hub", hashkey=table.key, business_keys=columns, source_models=staged
        )
    if table.kind == "link":
        return call(
            "datavault4dbt.link",
            link_hashkey=table.key,
            foreign_hashkeys=columns,
            source_models=staged,
        )
    return call(
        "datavault4dbt.sat_v0",
        parent_hashkey=table.key,
        src_hashdiff=f"hd_{table.name}",
        src_payload=columns,
        source_model=staged,
        disable_hwm=True,  # it would leave out whatever is late
    )


# Of each package: what its models are, how it stages, and its name for the load date.
PACKAGES: Mapping[str, tuple[Callable[[Table], str], Mapping[str, object], str]] = {
    "automate_dv": (automate_dv, {"include_source_columns": True}, "event_dttm"),
    "datavault4dbt": (
        datavault4dbt,
        {"ldts": "event_dttm", "rsrc": "load_src", "enable_ghost_records": False},
        "ldts",
    ),
}


class Ours:
    """Hubs, links and satellites of this project, from the positions of its staging."""

    name = "ordervault"

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    def clear(self) -> None:
        """Everything behind staging goes."""
        self._postgres.query("drop schema if exists dds cascade")
        self._postgres.query("delete from stg.load_state where relation not like 'staging.%%'")

    def build(self, _: int, up_to: int) -> float:
        """Seconds, for the rows of staging up to a position. Raises StopError."""
        self._postgres.query(
            "update stg.load_state set loaded_to = %s where relation like 'staging.%%'", up_to
        )
        return run(project_folder(), "--select", *(table.name for table in TABLES))


class Peer:
    """Another package's tables of the same rows, in a project and a schema of its own."""

    def __init__(self, name: str, folder: Path, postgres: Postgres) -> None:
        self.name, self._folder, self._postgres = name, folder, postgres
        write_project(name, folder)

    def clear(self) -> None:
        """All of it goes."""
        self._postgres.query(f"drop schema if exists {self.name} cascade")

    def build(self, after: int, up_to: int) -> float:
        """Seconds, for the rows of staging with these positions. Raises StopError."""
        os.environ["DBT_DEV_SCHEMA"] = self.name
        variables = f"{{after: {after}, up_to: {up_to}}}"
        return run(self._folder, "--target", "dev", "--vars", variables)

    def wrong(self, table: Table) -> int:
        """Versions of a satellite that it lacks, and those that nobody was shown, together."""
        *_, start_dt = PACKAGES[self.name]
        columns = ", ".join((table.key, *table.columns))
        ours = f"select {columns}, start_dt from dds.{table.name}"  # noqa: S608
        theirs = f"select {columns}, {start_dt} from {self.name}.{table.name}"  # noqa: S608
        return sum(
            len(self._postgres.query(f"{one} except all {other}"))
            for one, other in ((ours, theirs), (theirs, ours))
        )


def run(folder: Path, *arguments: str) -> float:
    """The seconds of `dbt build` as dbt counts them, without its start. Raises StopError."""
    result = dbtRunner().invoke(
        [
            *("build", "--log-level", "none", "--log-level-file", "none"),
            *("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test"),
            *("--project-dir", str(folder), "--profiles-dir", str(project_folder())),
            *arguments,
        ]
    )
    if not result.success or not isinstance(result.result, RunExecutionResult):
        raise StopError(f"dbt build of {folder}: {result.exception or result.result}")
    return result.result.elapsed_time


def write_project(name: str, folder: Path) -> None:
    """A project of dbt with the same tables by another package's macros. Raises StopError."""
    packages = Path(os.environ.get("PEERS", ""))
    for clone, address in CLONES.items():
        if not os.environ.get("PEERS") or not (packages / clone).is_dir():
            raise StopError(
                f"The other packages lie in the folder PEERS: git clone {address} $PEERS/{clone}"
            )
    (folder / "models").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(
        "name: peer\nversion: 1.0.0\nconfig-version: 2\nprofile: ordervault\n"
        "packages-install-path: packages\nflags: {send_anonymous_usage_stats: false}\n"
        "models: {peer: {+materialized: incremental}}\n"
    )
    # What `dbt deps` would make of it, if dbt_utils came from dbt's hub.
    packages_used = sorted({name, "dbt_utils"})
    (folder / "packages.yml").write_text(
        "packages:\n" + "".join(f"  - local: {packages / each}\n" for each in packages_used)
    )
    for package in packages_used:
        shutil.copytree(packages / package, folder / "packages" / package)
        (folder / "packages" / package / "packages.yml").unlink(missing_ok=True)
    models = folder / "models"
    macros, staging, start_dt = PACKAGES[name]
    for staged, typed in TYPED.items():
        hashed = {
            f"hd_{table.name}": {"is_hashdiff": True, "columns": list(table.columns)}
            for table in TABLES
            if table.kind == "satellite" and table.staged == staged
        }
        stage = call(
            f"{name}.stage", source_model=f"typed_{staged}", hashed_columns=hashed, **staging
        )
        view = "{{ config(materialized='view') }}\n"
        (models / f"typed_{staged}.sql").write_text(view + WINDOW.format(table=typed))
        (models / f"staged_{staged}.sql").write_text(view + stage)
    for table in TABLES:
        # The same lookups as in ours, where dbt makes a key of each table's contract.
        key = [table.key, start_dt] if table.kind == "satellite" else [table.key]
        indexes = [{"columns": key, "unique": table.kind != "satellite"}]
        if table.kind == "link" and "h_order_pk" in table.columns:
            indexes.append({"columns": ["h_order_pk"]})
        text = f"{{{{ config(indexes={indexes}) }}}}\n{macros(table)}"
        (models / f"{table.name}.sql").write_text(text)


def peers(events: int, rounds: int) -> Iterator[str | list[dict[str, object]]]:
    """With `events` at first and a tenth more; yields what is done, and the rows of the table."""
    settings = read_settings()
    for _ in init.run(settings):
        pass
    with TemporaryDirectory() as folder, Postgres(settings, "bench", patient=True) as postgres:
        theirs = [Peer(name, Path(folder, name), postgres) for name in PACKAGES]
        dbt = Dbt(settings)
        yield f"loading {events:,} events, and {events // 10:,} more"
        first, last = _stage(settings, dbt, postgres, events)
        found: dict[str, list[tuple[float, float]]] = {}
        for number in range(rounds):
            yield f"round {number + 1} of {rounds}"
            builders: list[Ours | Peer] = [Ours(postgres), *theirs]
            for each in builders:
                each.clear()
                seconds = each.build(0, first), each.build(first, last)
                found.setdefault(each.name, []).append(seconds)
        wrong = {each.name: sum(each.wrong(table) for table in COMPARED) for each in theirs}
        yield [
            {
                "package": name,
                "first load": spread([seconds[0] for seconds in builds]),
                "delta": spread([seconds[1] for seconds in builds]),
                "wrong versions": f"{wrong.get(name, 0):,}",
            }
            for name, builds in found.items()
        ]


def _stage(settings: Settings, dbt: Dbt, postgres: Postgres, events: int) -> tuple[int, int]:
    """Load and stage; returns the positions up to which the first load and the delta go."""
    stream = simulate(events)
    bounds = []
    for count in (events, events // 10):
        load_events(settings, stream, count)
        dbt.build("dds.staging")
        bounds.append(int(postgres.value("select stg.cut()")))
    return bounds[0], bounds[1]
