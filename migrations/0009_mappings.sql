-- Mappings of one's own, and code lists. Versions never change; only where one stands in its life does.
create table mapping (
  id uuid primary key,
  key text not null check (key ~ '^[a-z]+/[a-z0-9][a-z0-9.-]{0,60}$'),
  version int not null check (version > 0),
  state text not null check (state in ('draft', 'test', 'live', 'retired')),
  -- the mapping as it was written, without its state: JSON, as text, so that it is given back as it came
  document text not null,
  -- what it extends, and the version of that when this version was made: its lineage
  base text,
  base_version text,
  at timestamptz not null default now(),
  check ((base is null) = (base_version is null)),
  unique (key, version)
);
-- of each key one version at most is in use for live, one for test, and one is a draft
create unique index mapping_in_use on mapping (key, state) where state <> 'retired';

create table code_list (
  id uuid primary key,
  key text not null check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  version int not null check (version > 0),
  -- the newest version is the one in use; the others are its history
  document text not null,
  at timestamptz not null default now(),
  unique (key, version)
);

do $$
declare t text;
begin
  foreach t in array array['mapping', 'code_list'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to crossdock_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to crossdock_worker', t);
    -- they belong to the hub, not to a partner
    execute format('create policy portal on %I for select to crossdock_portal using (sees_all())', t);
    execute format('grant select on %I to crossdock_portal', t);
  end loop;
end $$;
