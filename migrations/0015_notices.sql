-- What somebody has to be told: one row for a cause and an audience while it lasts, however many documents it is about.
create table notice (
  id uuid primary key,
  kind text not null check (kind in ('unroutable', 'silence', 'late')),
  cause uuid not null,
  -- the audience; null: the people of the hub
  partner_id uuid,
  code text not null check (code ~ '^CD-[1-9][0-9]{3}$'),
  -- what the text names: keys, identities, types; no content
  facts jsonb not null default '{}',
  count int not null default 1 check (count >= 0),
  opened_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  closed_at timestamptz
);
create unique index notice_open on notice (cause, coalesce(partner_id, '00000000-0000-0000-0000-000000000000'))
  where closed_at is null;

alter table notice enable row level security;
alter table notice force row level security;
create policy worker on notice to crossdock_worker using (true) with check (true);
create policy portal on notice for select to crossdock_portal
  using (case when partner_id is null then sees_all() else seen_by(partner_id) end);
grant select, insert, update, delete on notice to crossdock_worker;
grant select on notice to crossdock_portal;
