{% macro recounted_orders() %}
    select
        order_user.h_order_pk,
        order_user.h_user_pk,
        order_product.h_product_pk,
        product_category.h_category_pk
    from {{ gathered(ref('s_order_status')) }} as status
    inner join {{ gathered(ref('l_order_user')) }} as order_user
        on status.h_order_pk = order_user.h_order_pk
    inner join {{ gathered(ref('s_order_user')) }} as user_in_effect
        on order_user.hk_order_user_pk = user_in_effect.hk_order_user_pk
    inner join {{ gathered(ref('l_order_product')) }} as order_product
        on status.h_order_pk = order_product.h_order_pk
    inner join {{ gathered(ref('s_order_product')) }} as product_in_effect
        on order_product.hk_order_product_pk = product_in_effect.hk_order_product_pk
    inner join (
        select
            h_order_pk,
            max(event_dttm) as event_dttm
        from {{ ref('stg_orders') }}
        group by h_order_pk
    ) as latest
        on status.h_order_pk = latest.h_order_pk
    inner join {{ ref('l_product_category') }} as product_category
        on order_product.h_product_pk = product_category.h_product_pk
    inner join {{ ref('s_product_category') }} as category_in_effect
        on
            product_category.hk_product_category_pk = category_in_effect.hk_product_category_pk
            and latest.event_dttm >= category_in_effect.start_dt
            and latest.event_dttm < category_in_effect.end_dt
    where
        status.status = 'CLOSED'
        and status.end_dt = {{ open_end() }}
        and user_in_effect.end_dt = {{ open_end() }}
        and product_in_effect.end_dt = {{ open_end() }}
{% endmacro %}
