{#-
    SQL: the orders whose closed state the window's events may have changed.

    An order that has been staged beyond the window is left to the window that brings the rest, so
    that no state is ever published that mixes two of its events. (A scalar sub-select, because the
    planner expects one row of the anti-join that `not exists` is.)
-#}
{% macro touched_orders(orders, items) %}
    select touched.h_order_pk
    from (
        select distinct h_order_pk
        from {{ orders }}
        where {{ in_window('position') }}
        {%- if not is_rebuilt() %}
        union
        -- Of the events that show a product at one time, one decides its category for all of them.
        select others.h_order_pk
        from {{ items }} as items
        inner join {{ items }} as others
            on items.h_product_pk = others.h_product_pk and items.event_dttm = others.event_dttm
        where {{ in_window('items.position') }} and {{ up_to_window('others.position') }}
        {%- endif %}
    ) as touched
    where (
        select max(position)
        from {{ orders }} as events
        where events.h_order_pk = touched.h_order_pk
    ) <= ({{ window_bound('window_to') }})
{% endmacro %}
