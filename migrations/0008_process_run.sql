-- What each worker process has at work: one row a process, overwritten by each batch and left behind where the process
-- dies. A file that several dead processes left at the same place is what killed them.
create table process_run (
  holder uuid primary key,
  transmissions uuid[] not null,
  -- how far each was split when its work began, in bytes; -1 before the first
  reached bigint[] not null,
  at timestamptz not null default now(),
  check (cardinality(transmissions) = cardinality(reached))
);
alter table process_run enable row level security;
alter table process_run force row level security;
create policy worker on process_run to crossdock_worker using (true) with check (true);
grant select, insert, update, delete on process_run to crossdock_worker;
