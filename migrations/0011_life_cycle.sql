-- Whom to tell: people of a partner, each with a language and what they are told of.
alter table partner add column contacts jsonb not null default '[]' check (jsonb_typeof(contacts) = 'array');

-- The part of an internal address that UNB calls sub-identification (elements 0042 and 0046).
alter table identity add column internal_sub text not null default '';
alter table identity drop constraint identity_scheme_value_internal_env_valid_excl;
alter table identity add constraint identity_one_owner
  exclude using gist (scheme with =, value with =, internal with =, internal_sub with =, env with =, valid with &&);

-- A version may be tried with documents of the test environment before it is live.
alter table profile drop constraint profile_state_check;
alter table profile add constraint profile_state_check check (state in ('draft', 'test', 'live', 'retired'));
alter table agreement drop constraint agreement_state_check;
alter table agreement add constraint agreement_state_check check (state in ('draft', 'test', 'live', 'retired'));
alter table profile add column created_at timestamptz not null default now();
alter table agreement add column created_at timestamptz not null default now();

-- What people of the hub decided for the whole of it, e.g. that changes of what is live take two.
create table hub_setting (
  name text primary key check (length(name) between 1 and 60),
  value text not null check (length(value) <= 200),
  set_by uuid not null references person,
  set_at timestamptz not null default now()
);

-- A change of the configuration that one person made and another decides on.
create table proposal (
  id uuid primary key,
  at timestamptz not null default now(),
  proposed_by uuid not null references person,
  reason text not null default '' check (length(reason) <= 1000),
  state text not null default 'open' check (state in ('open', 'approved', 'refused')),
  -- what it would do, thing by thing, with the hashes before and after
  changes jsonb not null,
  -- the documents with the values of their secrets, sealed
  wrapped_key bytea,
  sealed bytea,
  sha256 bytea not null check (length(sha256) = 32),
  decided_by uuid references person,
  decided_at timestamptz,
  decision_reason text not null default '' check (length(decision_reason) <= 1000),
  check ((state = 'open') = (decided_by is null)),
  check ((decided_by is null) = (decided_at is null)),
  check ((state = 'open') = (sealed is not null)),
  check ((sealed is null) = (wrapped_key is null)),
  check (state <> 'approved' or decided_by <> proposed_by)
);
create index proposal_open on proposal (at) where state = 'open';

-- A partner that leaves at a date. Until then it can be taken back.
create table offboarding (
  id uuid primary key,
  partner_id uuid not null references partner,
  at timestamptz not null,
  reason text not null check (length(reason) between 1 and 1000),
  planned_by uuid not null references person,
  planned_at timestamptz not null default now(),
  cancelled_by uuid references person,
  cancelled_at timestamptz,
  done_at timestamptz,
  check ((cancelled_by is null) = (cancelled_at is null)),
  check (num_nonnulls(cancelled_at, done_at) <= 1)
);
create unique index offboarding_open on offboarding (partner_id) where cancelled_at is null and done_at is null;
create index offboarding_due on offboarding (at) where cancelled_at is null and done_at is null;

do $$
declare t text;
begin
  foreach t in array array['hub_setting', 'proposal', 'offboarding'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to crossdock_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to crossdock_worker', t);
    execute format('create policy portal on %I for select to crossdock_portal using (sees_all())', t);
    execute format('grant select on %I to crossdock_portal', t);
  end loop;
end $$;
