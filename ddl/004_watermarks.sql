-- A table that is restored from a backup alone has another number than its watermark says.

alter table stg.load_state
add column if not exists table_oid oid,
add column if not exists state_oid oid;

comment on column stg.load_state.table_oid
is 'The table that the watermark is of; null until its next window';
comment on column stg.load_state.state_oid
is 'stg.load_state itself at that time: another one after the whole database was restored';
