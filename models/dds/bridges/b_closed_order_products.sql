{{ config(
    unique_key=['h_order_pk', 'h_product_pk'],
    meta={'distributed_by': 'h_user_pk', 'absent_when': 'h_user_pk is null'},
    indexes=[
        {'columns': ['h_user_pk', 'h_product_pk']},
        {'columns': ['h_user_pk', 'h_category_pk']},
    ],
) }}

with touched as materialized (

    {{ touched_orders(ref('stg_orders'), ref('stg_order_items'), ref('l_product_category')) }}

),

closed as {{ step() }}(

    select closed.*
    from touched
    {{ looked_up(ref('b_closed_orders'), 'closed', 'h_order_pk', "touched.h_order_pk") }}

),

held as {{ step() }}(

    select
        closed.h_order_pk,
        order_product.h_product_pk,
        closed.h_user_pk,
        product_category.h_category_pk
    from closed
    {{ looked_up(ref('l_order_product'), 'order_product', 'h_order_pk', "closed.h_order_pk") }}
    {{ version_at(
        ref('s_order_product'), 'product_in_effect',
        'hk_order_product_pk', "order_product.hk_order_product_pk"
    ) }}
    {{ looked_up(ref('l_product_category'), 'product_category', 'h_product_pk', "order_product.h_product_pk") }}
    {{ version_at(
        ref('s_product_category'), 'category_in_effect',
        'hk_product_category_pk', "product_category.hk_product_category_pk",
        moment="closed.event_dttm"
    ) }}

)

{% if is_incremental() -%}
,

known as {{ step() }}(

    select known.*
    from touched
    {{ looked_up(this, 'known', 'h_order_pk', "touched.h_order_pk") }}

)

select
    coalesce(held.h_order_pk, known.h_order_pk) as h_order_pk,
    coalesce(held.h_product_pk, known.h_product_pk) as h_product_pk,
    held.h_user_pk,
    held.h_category_pk
from held
full join known
    on held.h_order_pk = known.h_order_pk and held.h_product_pk = known.h_product_pk
where (held.h_user_pk, held.h_category_pk) is distinct from (known.h_user_pk, known.h_category_pk)
{%- else -%}
select * from held
{%- endif %}
