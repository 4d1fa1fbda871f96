{% snapshot s_user_names %}

{{ config(
    unique_key='h_user_pk',
    check_cols=['username', 'userlogin'],
    snapshot_meta_column_names=satellite_columns('hk_user_names_pk'),
    indexes=satellite_indexes('hk_user_names_pk', 'h_user_pk'),
) }}
-- depends_on: {{ ref('h_user') }}

select
    h_user_pk,
    username,
    userlogin,
    event_dttm as observed_at,
    sent_dttm,
    event_id,
    position,
    load_dt,
    load_src
from {{ ref('stg_orders') }}

{% endsnapshot %}
