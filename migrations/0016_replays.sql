-- What people have sent or processed again. A plan freezes what was shown, and carrying it out does exactly that, each
-- item once.
create table replay (
  id uuid primary key,
  kind text not null check (kind in ('again', 'as_new', 'reprocess')),
  person_id uuid not null,
  reason text not null check (length(reason) between 1 and 2000),
  env text not null check (env in ('test', 'live')),
  -- of a reprocess: the step it goes on from, and by which versions of the mappings
  from_step text check (from_step in ('resolve', 'judge', 'map')),
  mapping text check (mapping in ('today', 'pinned')),
  planned_at timestamptz not null default now(),
  -- since when it is carried out, and when the last of it was done
  begun_at timestamptz,
  done_at timestamptz,
  check ((kind = 'reprocess') = (from_step is not null)),
  check ((kind = 'reprocess') = (mapping is not null))
);

create table replay_item (
  replay_id uuid not null references replay on delete cascade,
  place int not null,
  document_id uuid,
  delivery_id uuid,
  outcome text check (outcome in ('done', 'skipped')),
  -- why it was skipped
  code text check (code ~ '^CD-[1-9][0-9]{3}$'),
  -- the delivery or document that came of it
  made_id uuid,
  primary key (replay_id, place),
  check (num_nonnulls(document_id, delivery_id) > 0),
  check ((outcome = 'skipped') = (code is not null))
);

do $$
declare t text;
begin
  foreach t in array array['replay', 'replay_item'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to crossdock_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to crossdock_worker', t);
  end loop;
end $$;
