-- Outputs that leave together, as one interchange: what waits, and until when. A bundle is removed when it is closed.
create table bundle (
  -- of the interchange that it becomes
  id uuid primary key,
  -- what all of it has in common; null once it takes no more
  key text unique,
  partner_id uuid not null,
  -- by what it is written: identities, number ranges, channel
  facts jsonb not null,
  due_at timestamptz not null,
  documents int not null default 0 check (documents >= 0),
  size_bytes bigint not null default 0 check (size_bytes >= 0)
);
create index bundle_due on bundle (due_at);

-- one message of a bundle, kept as an interchange of its own with provisional numbers
create table bundle_item (
  bundle_id uuid not null references bundle on delete cascade,
  place int not null check (place > 0),
  document_id uuid not null,
  agreement_id uuid not null,
  payload_id uuid not null,
  primary key (bundle_id, place)
);

do $$
declare t text;
begin
  foreach t in array array['bundle', 'bundle_item'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to crossdock_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to crossdock_worker', t);
  end loop;
end $$;
