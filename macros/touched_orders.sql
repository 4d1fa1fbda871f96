{#-
    An order that has been staged beyond the window is left to the window that brings the rest, so
    that no state is ever published that mixes two of its events. (A scalar sub-select, because the
    planner expects one row of the anti-join that `not exists` is.)
-#}
{% macro touched_orders(orders, items, categories) %}
    {% if is_rebuilt() %}
    select h_order_pk
    from {{ orders }}
    group by h_order_pk
    having max(position) <= ({{ window_bound('window_to') }})
    {% elif is_distributed() %}
    {{ touched_orders_by_step(orders, items, categories) }}
    {% else %}
    {% set at_its_time = "found.event_dttm = shown.event_dttm" %}
    select touched.h_order_pk
    from (
        select distinct h_order_pk
        from {{ orders }}
        where {{ in_window('position') }}
        union
        -- Of the events that show a product at one time, one decides its category for all of them.
        select others.h_order_pk
        from (
            select distinct
                h_product_pk,
                event_dttm
            from {{ items }}
            where
                {{ in_window('position') }}
                and ({{ has_reloads() }} or h_product_pk in ({{ products_of_several(items, categories) }}))
        ) as shown
        {{ looked_up(
            items, 'others', 'h_product_pk', "shown.h_product_pk",
            at_its_time ~ " and " ~ up_to_window('found.position')
        ) }}
        -- While all of them show the same, nothing changes for the others, unless the window has events read again.
        where
            {{ has_reloads() }}
            or (
                select found.hk_product_category_pk
                from {{ items }} as found
                where found.h_product_pk = shown.h_product_pk and {{ at_its_time }}
                order by found.hk_product_category_pk
                limit 1
            ) != (
                select found.hk_product_category_pk
                from {{ items }} as found
                where found.h_product_pk = shown.h_product_pk and {{ at_its_time }}
                order by found.hk_product_category_pk desc
                limit 1
            )
    ) as touched
    where (
        select max(position)
        from {{ orders }} as events
        where events.h_order_pk = touched.h_order_pk
    ) <= ({{ window_bound('window_to') }})
    {% endif %}
{% endmacro %}

{#- Those of the window that have ever had more than one category. Most have not, and need no look at each of their times. -#}
{% macro products_of_several(items, categories) %}
    select products.h_product_pk
    from (
        select distinct h_product_pk
        from {{ items }}
        where {{ in_window('position') }}
    ) as products
    where (
        select links.hk_product_category_pk
        from {{ categories }} as links
        where links.h_product_pk = products.h_product_pk
        limit 1 offset 1
    ) is not null
{% endmacro %}

{#- The same with Citus. -#}
{% macro touched_orders_by_step(orders, items, categories) %}
    {% set of_product = "shown.h_product_pk = others.h_product_pk and shown.event_dttm = others.event_dttm" %}
    with seen as materialized (
        select distinct h_order_pk
        from {{ orders }}
        where {{ in_window('position') }}
    ),
    shown as materialized (
        select distinct
            h_product_pk,
            event_dttm
        from {{ items }}
        where
            {{ in_window('position') }}
            and (
                h_product_pk in (
                    select h_product_pk from {{ categories }}
                    group by h_product_pk
                    having count(*) > 1
                )
                or {{ has_reloads() }}
            )
    ),
    disputed as materialized (
        select
            shown.h_product_pk,
            shown.event_dttm
        from shown
        inner join {{ items }} as others on {{ of_product }}
        group by
            shown.h_product_pk,
            shown.event_dttm
        having
            count(distinct others.hk_product_category_pk) > 1
            or {{ has_reloads() }}
    ),
    found as materialized (
        select h_order_pk from seen
        union
        select others.h_order_pk
        from disputed as shown
        inner join {{ items }} as others on {{ of_product }}
        where {{ up_to_window('others.position') }}
    )
    select events.h_order_pk
    from found
    inner join {{ orders }} as events on found.h_order_pk = events.h_order_pk
    group by events.h_order_pk
    having max(events.position) <= ({{ window_bound('window_to') }})
{% endmacro %}
