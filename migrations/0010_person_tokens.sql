-- Tokens with which people call the API: hashes only. What a person does with one is done in their name.
create table person_token (
  id uuid primary key,
  person_id uuid not null references person,
  name text not null check (length(name) between 1 and 200),
  sha256 bytea not null unique check (length(sha256) = 32),
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index person_token_of_person on person_token (person_id);

alter table person_token enable row level security;
alter table person_token force row level security;
create policy worker on person_token to crossdock_worker using (true) with check (true);
grant select, insert, update, delete on person_token to crossdock_worker;
