"""Faults in the transformations, and the test that notices each: `make planted-faults`."""

import sys

from tests.mutants import Mutant, Patch, main

CONVERGENCE = "tests/convergence/test_convergence.py::test_increments_give_the_models_rows"
ANY_RUN = "tests/convergence/test_any_run_is_safe.py"
TIMELINE = "macros/timeline.sql"
WINDOW = "macros/window.sql"

MUTANTS = (
    Mutant(
        "no tie-break between events of one time",
        [
            Patch(
                TIMELINE,
                'order by {{ strategy.precedence | join(" desc, ") }} desc',
                "order by load_dt",
            )
        ],
        [CONVERGENCE],
    ),
    Mutant(
        "< for <= at an interval's start",
        [
            Patch(
                "models/dds/bridges/b_closed_order_products.sql",
                "closed.event_dttm >= category_in_effect.start_dt",
                "closed.event_dttm > category_in_effect.start_dt",
            )
        ],
        [CONVERGENCE],
    ),
    Mutant(
        "late events ignored",
        [
            Patch(
                TIMELINE,
                "where {{ in_window('observations.event_no') }}",
                "where {{ in_window('observations.event_no') }}"
                " and observations.observed_at > coalesce((select max(v.{{ columns.dbt_valid_from }}) from {{ target_relation }} as v"
                " where v.{{ strategy.unique_key }} = observations.{{ strategy.unique_key }}),"
                " '-infinity')",
            )
        ],
        [CONVERGENCE],
    ),
    Mutant(
        "equal neighbours kept",
        [Patch(TIMELINE, ") as continues", ") and false as continues")],
        [CONVERGENCE],
    ),
)

if __name__ == "__main__":
    sys.exit(main(MUTANTS, sys.argv[1:]))
