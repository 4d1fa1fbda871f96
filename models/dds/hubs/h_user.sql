{{ config(unique_key='h_user_pk', meta={'distributed_by': 'h_user_pk'}) }}

{{ hub(
    pk='h_user_pk',
    business_key='user_id',
    observations=ref('stg_orders'),
) }}
