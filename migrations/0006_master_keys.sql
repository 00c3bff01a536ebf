-- Which master keys have wrapped data keys of this database: their ids, never the keys themselves.
create table master_key (
  id text primary key check (id ~ '^[0-9a-f]{8}$'),
  -- announced: every process is to know it before it is used. current: all wrap with it. earlier: it still opens what it wrapped
  state text not null check (state in ('announced', 'current', 'earlier', 'retired')),
  at timestamptz not null default clock_timestamp(),
  current_at timestamptz,
  retired_at timestamptz
);
create unique index master_key_current on master_key ((true)) where state = 'current';

-- the running processes, and which master keys each of them holds: a key is used once all of them know it
create table key_holder (
  id uuid primary key,
  name text not null check (length(name) <= 300),
  knows text[] not null,
  wraps_with text not null,
  seen_at timestamptz not null default clock_timestamp()
);

do $$
declare t text;
begin
  foreach t in array array['master_key', 'key_holder'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to crossdock_worker using (true) with check (true)', t);
  end loop;
end $$;
grant select, insert, update on master_key to crossdock_worker;
grant select, insert, update, delete on key_holder to crossdock_worker;
