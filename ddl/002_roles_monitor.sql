-- requires: createrole
-- The role of who looks and changes nothing: `ingest status` and `ingest check status`.

do $$
begin
    if to_regrole('ordervault_monitor') is null then
        create role ordervault_monitor nologin;
    end if;
end
$$;
