"""`dbt docs` has a word for everything that there is."""

from dbt.artifacts.resources.types import NodeType
from dbt.contracts.graph.manifest import Manifest

from tests.dbt_project import DbtProject
from tests.world import World

DESCRIBED = (NodeType.Model, NodeType.Snapshot, NodeType.Seed, NodeType.Source)


def test_every_table_and_column_is_described(world: World, dbt: DbtProject) -> None:
    dbt.build(world)
    manifest = dbt.invoke(world, "parse").result
    assert isinstance(manifest, Manifest)
    described = [
        node
        for node in (*manifest.nodes.values(), *manifest.sources.values())
        if node.resource_type in DESCRIBED
    ]
    missing = [node.name for node in described if not node.description]
    columns = 0
    for node in described:
        known = {name for name, column in node.columns.items() if column.description}
        there = world.rows(
            "select column_name from information_schema.columns"
            " where table_schema = %s and table_name = %s",
            node.schema,
            node.identifier,
        )
        columns += len(there)
        named = {row["column_name"] for row in there} or set(node.columns)
        missing += [f"{node.name}.{column}" for column in named - known]
        missing += [f"{node.name}.{column}, which is not there" for column in known - named]
    assert not missing
    assert columns > 150
    satellites = [node.name for node in described if node.resource_type == NodeType.Snapshot]
    assert len(satellites) == 10
