"""Faults in the transformations, and the test that notices each: `make planted-faults`."""

import sys

from tests.mutants import Mutant, Patch, main

CONVERGENCE = "tests/convergence/test_convergence.py::test_increments_give_the_models_rows"
WINDOWS = "tests/convergence/test_windows.py"
REPAIR = "tests/integration/test_repair.py"
CANDIDATES = "macros/timeline_candidates.sql"
VERSIONS = "macros/timeline_versions.sql"
WINDOW = "macros/window.sql"

# What dbt's own strategies do: only what is later than the newest version counts.
NOT_LATE = """
where
    {{ in_window('observations.position') }}
    and observations.observed_at > coalesce((
        select max(newest.start_dt)
        from {{ target_relation }} as newest
        where newest.{{ satellite.parent }} = observations.{{ satellite.parent }}
    ), '-infinity')
"""

DISTRIBUTED = "tests/convergence/test_distributed.py"

MUTANTS = (
    Mutant(
        "no tie-break between events of one time",
        [
            Patch(
                VERSIONS,
                'observed_at, {{ satellite.precedence | join(" desc, ") }} desc, load_dt',
                "observed_at, load_dt",
            )
        ],
        [CONVERGENCE],
    ),
    Mutant(
        "no tie-break between events that show a set at one time",
        [
            Patch(
                VERSIONS,
                'order by scope, observed_at, {{ satellite.precedence | join(" desc, ") }} desc',
                "order by scope, observed_at",
            )
        ],
        [CONVERGENCE],
    ),
    Mutant(
        "a hub's or link's row is of the event that was loaded last",
        [
            Patch(
                "macros/strategies.sql",
                "where (excluded.load_dt, excluded.load_src) < (",
                "where (excluded.load_dt, excluded.load_src) > (",
            )
        ],
        [CONVERGENCE],
    ),
    Mutant(
        "< for <= at an interval's start",
        [
            Patch(
                "macros/looked_up.sql",
                "found.start_dt) <= (",
                "found.start_dt) < (",
            )
        ],
        [CONVERGENCE],
    ),
    Mutant(
        "late events ignored",
        [Patch(CANDIDATES, "where {{ in_window('observations.position') }}", NOT_LATE)],
        [CONVERGENCE],
    ),
    Mutant(
        "equal neighbours kept",
        [Patch(VERSIONS, "{%- endfor %} as continues", "{%- endfor %} and false as continues")],
        [CONVERGENCE],
    ),
    Mutant(
        "equal neighbours of a set kept",
        [Patch(VERSIONS, ") as continues", ") and false as continues")],
        [CONVERGENCE],
    ),
    Mutant(
        "what is shown no longer goes on until the key comes back",
        [
            Patch(
                VERSIONS, "shown_until else previous_until end", "shown_until else observed_at end"
            )
        ],
        [CONVERGENCE],
    ),
    Mutant(
        "the last version of a set ends with its first observation",
        [Patch(VERSIONS, "where not continues or is_last", "where not continues")],
        [CONVERGENCE],
    ),
    Mutant(
        "every key taken for one that nothing was seen of before",
        [Patch(CANDIDATES, "        ) is null\n", "        ) is null or true\n")],
        [CONVERGENCE],
    ),
    Mutant(
        "a date that an order already has another one of passed over",
        [
            Patch(
                "models/dds/hubs/h_order.sql",
                "known.order_dt is distinct from seen.order_dt",
                "known.order_dt is null",
            )
        ],
        [CONVERGENCE],
    ),
    Mutant(
        "a product of two categories taken for one that has always had one",
        [Patch("macros/touched_orders.sql", "limit 1 offset 1", "limit 1 offset 2")],
        [f"{WINDOWS}::test_an_order_has_the_category_that_another_orders_event_decides"],
    ),
    Mutant(
        "watermark moved in a transaction of its own",
        [
            Patch(
                "macros/load_window.sql",
                "{{ close_window() }}\n        {{ insert_rows",
                "{{ insert_rows",
            ),
            Patch(
                "macros/load_window.sql",
                "{{ run_hooks(post_hooks, inside_transaction=False) }}",
                "{% call statement('closed', auto_begin=True) %}{{ close_window() }}{% endcall %}"
                "{{ adapter.commit() }}",
            ),
        ],
        [f"{WINDOWS}::test_a_model_that_cannot_move_its_watermark_keeps_no_rows"],
    ),
    Mutant(
        "max(position) without the lock",
        [Patch("ddl/005_settle.sql", "return least(highest, held);", "return highest;")],
        [f"{WINDOWS}::test_an_event_that_commits_after_a_later_one_is_not_lost"],
    ),
    Mutant(
        "window read twice",
        [
            Patch(
                WINDOW, "        loaded_to = window_to,", "        loaded_to = {{ window_end() }},"
            )
        ],
        [f"{WINDOWS}::test_an_event_that_arrives_while_a_model_is_built_is_read_by_the_next_build"],
    ),
    Mutant(
        "stored versions trusted while events are read again",
        [Patch(CANDIDATES, "not satellite.whole_set and not repairs", "not satellite.whole_set")],
        [f"{REPAIR}::test_events_whose_time_was_read_wrong_are_put_where_they_belong"],
    ),
    Mutant(
        "only what was observed again is a candidate while events are read again",
        [
            Patch(
                CANDIDATES,
                "observations.scope in (select touched.scope from touched)",
                "observations.scope in (select touched.scope from touched where false)",
            )
        ],
        [f"{REPAIR}::test_events_whose_time_was_read_wrong_are_put_where_they_belong"],
    ),
    Mutant(
        "a full refresh finds nothing for the outbox",
        [Patch(WINDOW, '"true" if flags.FULL_REFRESH else', "")],
        [f"{REPAIR}::test_a_state_that_was_sent_wrong_is_sent_again_by_a_full_refresh"],
    ),
    Mutant(
        "rows with another name in the mart are looked for on one side",
        [
            Patch(
                "models/cdm/user_product_counters.sql",
                "md5(found.product_name) < named.hash",
                "md5(found.product_name) = named.hash",
            ),
        ],
        [f"{WINDOWS}::test_a_product_whose_name_was_ahead_of_the_mart_has_one_name_in_the_end"],
    ),
    # --- where the tables are distributed ---
    Mutant(
        "a cut that does not wait for what is prepared",
        [Patch("ddl/005_settle.sql", "    perform stg.settle();\n", "")],
        [f"{DISTRIBUTED}::test_a_cut_has_what_is_left_on_a_worker_committed"],
    ),
    Mutant(
        "a model that does not wait for it",
        [Patch("macros/distributed.sql", '{% do run_query("select stg.settle()") %}', "")],
        [f"{DISTRIBUTED}::test_a_build_waits_too"],
    ),
    Mutant(
        "a key without the column by which its table lies",
        [Patch("macros/distributed.sql", "{% do key.append(distribution_column(node)) %}", "")],
        [f"{DISTRIBUTED}::test_each_table_lies_as_its_model_says"],
    ),
    Mutant(
        "with Citus, the observation that follows is no candidate",
        [Patch(CANDIDATES, "bounded.observed_at < observations.observed_at", "false")],
        [f"{DISTRIBUTED}::test_increments_give_the_models_rows"],
    ),
    Mutant(
        "with Citus, rows that have changed stay",
        [Patch("macros/distributed.sql", "where ({{ keys", "where false and ({{ keys")],
        [f"{DISTRIBUTED}::test_increments_give_the_models_rows"],
    ),
)

if __name__ == "__main__":
    sys.exit(main(MUTANTS, sys.argv[1:]))
