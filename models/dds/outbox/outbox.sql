{{ config(
    incremental_strategy='append_window',
    full_refresh=false,
    indexes=[{'columns': ['h_order_pk', 'position']}],
    post_hook="{{ announce_outbox() }}",
    meta={'distributed_by': 'coordinator'},
) }}

-- What was published stays published: a full refresh leaves the outbox as it is.

with touched as {{ step() }}(

    {{ touched_orders(ref('stg_orders'), ref('stg_order_items'), ref('l_product_category')) }}

),

closed as {{ step() }}(

    select
        closed.h_order_pk,
        users.user_id,
        closed.order_dt,
        closed.event_dttm
    from touched
    inner join {{ ref('b_closed_orders') }} as closed
        on touched.h_order_pk = closed.h_order_pk
    inner join {{ ref('h_user') }} as users
        on closed.h_user_pk = users.h_user_pk

),

states as {{ step() }}(

    select
        closed.h_order_pk,
        orders.order_id,
        closed.user_id,
        closed.order_dt,
        closed.event_dttm,
        coalesce(held.products, '[]'::json) as products
    from closed
    inner join {{ ref('h_order') }} as orders
        on closed.h_order_pk = orders.h_order_pk
    {{ aggregated(
        'json_agg(' ~
            "json_build_object('product_id', products.product_id, 'category_name', categories.category_name)"
            ' order by products.product_id collate "C"'
        ') as products',
        'held', ref('b_closed_order_products'), 'closed', ['h_order_pk'],
        joins='inner join ' ~ ref('h_product') ~ ' as products on found.h_product_pk = products.h_product_pk'
            ~ ' inner join ' ~ ref('h_category') ~ ' as categories on found.h_category_pk = categories.h_category_pk'
    ) }}

),

payloads as (

    select
        *,
        json_build_object(
            'final_status', 'CLOSED',
            'date', {{ source_timestamp('order_dt') }},
            'user_id', user_id,
            'products', products
        ) as payload
    from states

),

messages as (

    select
        h_order_pk,
        order_id,
        event_dttm,
        -- Without sent_dttm: a message that differs in that alone is not sent again.
        md5(payload::text)::uuid as state_hash,
        json_build_object(
            'object_id', order_id,
            'object_type', 'order',
            'sent_dttm', {{ source_timestamp('event_dttm') }},
            'payload', payload
        )::text as message
    from payloads

),

{%- if is_incremental() %}

last_sent as (

    select
        touched.h_order_pk,
        last_one.state_hash
    from touched
    cross join lateral (
        select sent.state_hash
        from {{ this }} as sent
        where sent.h_order_pk = touched.h_order_pk
        order by sent.position desc
        limit 1
    ) as last_one

),

outbox as (

    select
        coalesce(max(last_row.position), 0) as position,
        coalesce(max(last_row.outbox_id::text)::uuid, gen_random_uuid()) as outbox_id
    from (
        select
            sent.position,
            sent.outbox_id
        from {{ this }} as sent
        order by sent.position desc
        limit 1
    ) as last_row

),
{%- else %}

last_sent as (

    select
        null::uuid as h_order_pk,
        null::uuid as state_hash

),

outbox as (

    select
        0::bigint as position,
        gen_random_uuid() as outbox_id

),
{%- endif %}

final as (

    select
        outbox.position + row_number() over (order by messages.event_dttm, messages.order_id) as position,
        outbox.outbox_id,
        messages.h_order_pk,
        messages.order_id,
        messages.state_hash,
        messages.message,
        now() at time zone 'UTC' as created_at
    from messages
    cross join outbox
    left join last_sent
        on messages.h_order_pk = last_sent.h_order_pk
    where messages.state_hash is distinct from last_sent.state_hash

)

select * from final
