"""dbt's own unit tests (tests/dbt_unit) in a warehouse without a row; no build runs them."""

from tests.dbt_project import DbtProject, problems, statuses
from tests.world import World

# The window of the events in the unit tests, (10, 20]. In a unit test `this` has no name.
OPEN_WINDOW = """
insert into stg.load_state (relation, loaded_to, window_from, window_to) values ('.', 10, 10, 20)
"""


def test_dbt_unit_tests_pass(world: World) -> None:
    dbt = DbtProject("--vars", "unit_tests: true")
    dbt.build(world)  # dbt takes the columns' types from the tables
    world.execute(OPEN_WINDOW)
    result = dbt.invoke(world, "test", "--select", "test_type:unit")
    assert result.success, problems(result)
    assert len(statuses(result)) > 10


def test_a_build_leaves_the_unit_tests_out(world: World, dbt: DbtProject) -> None:
    result = dbt.invoke(world, "build", "--select", "dds+")
    assert result.success, problems(result)
    assert not {name for name in statuses(result) if name.startswith("hub_")}
