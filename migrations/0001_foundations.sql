-- The data model. Growing tables (what came and went) are partitioned by month on their time-ordered id, so that keys
-- stay single; between them there are no foreign keys. Whatever must be unique for ever stands in `once`.
-- The roles crossdock_worker and crossdock_portal and the extension btree_gist exist before this runs (see migrate).

-- ---------------------------------------------------------------- who may see what

-- The portal's connections set crossdock.partner for each transaction: a partner's id, or * for people of the hub.
create function sees_all() returns boolean language sql stable as
$$ select coalesce(current_setting('crossdock.partner', true), '') = '*' $$;

create function seen_by(partner uuid) returns boolean language sql stable as
$$ select case coalesce(current_setting('crossdock.partner', true), '')
     when '*' then true
     when '' then false
     else partner = current_setting('crossdock.partner', true)::uuid
   end $$;

-- ---------------------------------------------------------------- configuration: small tables

create table partner (
  id uuid primary key,
  key text not null unique check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text not null check (length(name) between 1 and 200),
  ours boolean not null default false,
  language text not null default 'en' check (language in ('en', 'fr')),
  time_zone text not null default 'Europe/Paris',
  created_at timestamptz not null default now()
);

create table identity (
  id uuid primary key,
  partner_id uuid not null references partner,
  scheme text not null check (length(scheme) between 1 and 60),
  value text not null check (length(value) between 1 and 200),
  internal text not null default '',
  env text not null check (env in ('test', 'live')),
  valid tstzrange not null default tstzrange(null, null),
  -- one owner at a time, but a GLN may move
  exclude using gist (scheme with =, value with =, internal with =, env with =, valid with &&)
);
create index identity_of_partner on identity (partner_id);

create table channel (
  id uuid primary key,
  partner_id uuid not null references partner,
  key text not null check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  kind text not null check (length(kind) between 1 and 30),
  env text not null check (env in ('test', 'live')),
  peer_dedupes boolean not null default false,
  settings jsonb not null default '{}',
  suspended_at timestamptz,
  unique (partner_id, key)
);

-- the identities that may speak on a channel: one, or 200 for an intermediary
create table channel_identity (
  channel_id uuid not null references channel,
  identity_id uuid not null references identity,
  primary key (channel_id, identity_id)
);

-- how a partner logs in on a channel: hashes and public keys only
create table credential (
  id uuid primary key,
  partner_id uuid not null references partner,
  channel_id uuid not null references channel,
  kind text not null check (kind in ('password', 'public_key', 'token')),
  name text not null default '',
  username text,
  verifier bytea not null,
  valid tstzrange not null default tstzrange(null, null),
  last_used_at timestamptz,
  revoked_at timestamptz,
  check ((kind = 'token') = (username is null))
);
create unique index credential_token on credential (verifier) where kind = 'token';
create index credential_user on credential (username) where username is not null;

-- what the hub needs to log in elsewhere: sealed, never shown again
create table secret (
  id uuid primary key,
  partner_id uuid not null references partner,
  channel_id uuid not null references channel,
  name text not null,
  version int not null default 1,
  wrapped_key bytea not null,
  sealed bytea not null,
  unique (channel_id, name, version)
);

create table profile (
  id uuid primary key,
  partner_id uuid not null references partner,
  direction text not null check (direction in ('sends', 'receives')),
  env text not null check (env in ('test', 'live')),
  type text not null,
  guide text not null default '*',
  version int not null default 1,
  state text not null default 'live' check (state in ('draft', 'live', 'retired')),
  terms jsonb not null,
  -- a partner may write one type in several formats: each is a profile of its own, with its own versions
  format text not null generated always as (terms ->> 'format') stored,
  unique (partner_id, direction, env, type, format, guide, version)
);

create table agreement (
  id uuid primary key,
  key text not null check (key ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  version int not null default 1,
  sender_profile uuid not null references profile,
  -- null: any receiver that has a live profile for the type
  receiver_profile uuid references profile,
  sender_partner uuid not null references partner,
  receiver_partner uuid references partner,
  state text not null default 'live' check (state in ('draft', 'live', 'retired')),
  valid tstzrange not null default tstzrange(null, null),
  terms jsonb not null default '{}',
  unique (key, version),
  unique nulls not distinct (sender_profile, receiver_profile, version)
);

-- counts the changes of configuration: whoever keeps a copy in memory compares this
create table config_version (
  singleton boolean primary key default true check (singleton),
  version bigint not null default 1
);
insert into config_version default values;

-- what belongs to the hub itself and to all its nodes, e.g. the SFTP server's host key: sealed
create table hub_secret (
  name text primary key,
  wrapped_key bytea not null,
  sealed bytea not null,
  at timestamptz not null default now()
);

create table person (
  id uuid primary key,
  partner_id uuid references partner,
  email text not null unique check (email = lower(email) and length(email) <= 254),
  name text not null,
  role text not null check (role in ('operator', 'auditor', 'partner_admin', 'partner_user')),
  language text not null default 'en' check (language in ('en', 'fr')),
  password_hash text not null,
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  check ((partner_id is null) = (role in ('operator', 'auditor')))
);

create table session (
  token_sha256 bytea primary key,
  person_id uuid not null references person,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index session_person on session (person_id);

-- ---------------------------------------------------------------- what must be unique, and numbers

create table once (
  scope text not null,
  key bytea not null,
  owner_id uuid not null,
  content_sha256 bytea,
  at timestamptz not null default now(),
  expires_at timestamptz,
  primary key (scope, key)
);

create table control_number (
  sender text not null,
  receiver text not null,
  kind text not null,
  next bigint not null check (next > 0),
  primary key (sender, receiver, kind)
);

-- ---------------------------------------------------------------- what came and went: growing tables

-- Bytes, sealed with a key of their own that the master key wraps. Inline, in chunks, or in an object store.
create table payload (
  id uuid primary key,
  partner_id uuid,
  sha256 bytea not null check (length(sha256) = 32),
  size_bytes bigint not null check (size_bytes >= 0),
  media_type text not null default 'application/octet-stream',
  wrapped_key bytea not null,
  bytes bytea,
  chunks int check (chunks > 0),
  object_key text,
  erased_at timestamptz,
  check (num_nonnulls(bytes, chunks, object_key, erased_at) = 1)
) partition by range (id);

create table payload_chunk (
  payload_id uuid not null,
  seq int not null check (seq >= 0),
  bytes bytea not null,
  primary key (payload_id, seq)
) partition by range (payload_id);

create table transmission (
  id uuid primary key,
  partner_id uuid not null,
  channel_id uuid not null,
  direction text not null,
  kind text not null check (kind in ('file', 'receipt')),
  state text not null,
  duplicate_of uuid,
  code text check (code ~ '^CD-[1-9][0-9]{3}$'),
  name text check (length(name) <= 255),
  raw_id uuid,
  opened_id uuid,
  answer_id uuid,
  evidence jsonb not null default '{}',
  delivery_id uuid,
  attempt int,
  -- how far process has split it: bytes from the start that are done
  split_to bigint,
  at timestamptz not null default now(),
  check (direction = 'in' and state in ('staged', 'accepted', 'refused', 'discarded')
      or direction = 'out' and state in ('sending', 'pending', 'taken', 'not_taken', 'unknown')),
  check ((direction = 'out') = (delivery_id is not null)),
  check ((direction = 'out') = (attempt is not null)),
  check (state <> 'accepted' or raw_id is not null),
  check (state <> 'refused' or code is not null)
) partition by range (id);
create index transmission_attempts on transmission (delivery_id, attempt) where delivery_id is not null;
create index transmission_name on transmission (lower(name) text_pattern_ops) where name is not null;
create index transmission_partner on transmission (partner_id, id desc);

create table interchange (
  id uuid primary key,
  partner_id uuid,
  direction text not null check (direction in ('in', 'out')),
  transmission_id uuid,
  position int not null default 1,
  sender jsonb,
  receiver jsonb,
  reference text not null default '',
  env text check (env in ('test', 'live')),
  documents int not null default 0,
  code text check (code ~ '^CD-[1-9][0-9]{3}$'),
  state text not null check (state in ('open', 'accepted', 'partial', 'rejected')),
  findings_id uuid,
  check ((direction = 'in') = (transmission_id is not null))
) partition by range (id);
create index interchange_reference on interchange (reference text_pattern_ops) where reference <> '';
create index interchange_transmission on interchange (transmission_id) where transmission_id is not null;

create table document (
  id uuid primary key,
  transmission_id uuid not null,
  interchange_id uuid,
  position int not null default 1,
  sender uuid not null,
  receiver uuid,
  env text check (env in ('test', 'live')),
  format text,
  -- canonical type, e.g. order; the wire's own (ORDERS) beside it. `unread` where nothing could be read
  type text not null,
  wire_type text not null default '',
  number text check (length(number) <= 200),
  reference text not null default '',
  function text,
  lines int not null default 0,
  processing text not null check (processing in ('waiting', 'held', 'rejected', 'duplicate', 'processed')),
  resume_at text check (resume_at in ('split', 'resolve', 'check', 'canonicalise', 'judge', 'map', 'write')),
  -- the step it stopped at, where it stopped
  stopped_at text,
  code text check (code ~ '^CD-[1-9][0-9]{3}$'),
  raw_offset bigint,
  raw_length bigint,
  canonical_id uuid,
  findings_id uuid,
  versions jsonb not null default '{}',
  -- roll-ups, written with the rows they sum up
  delivery text not null default 'none'
    check (delivery in ('none', 'waiting', 'sending', 'pending', 'delivered', 'refused', 'held', 'stopped')),
  acknowledgement text not null default 'none'
    check (acknowledgement in ('none', 'waiting', 'accepted', 'with_errors', 'partial', 'rejected', 'waived')),
  origin_id uuid,
  origin_kind text check (origin_kind in ('correction', 'reprocessed', 'split')),
  at timestamptz not null default now(),
  check (processing <> 'rejected' or code is not null),
  check ((processing in ('waiting', 'held')) = (resume_at is not null)),
  check ((origin_id is null) = (origin_kind is null))
) partition by range (id);
create index document_transmission on document (transmission_id);
create index document_interchange on document (interchange_id);
create index document_sender on document (sender, id desc);
create index document_receiver on document (receiver, id desc);
create index document_number on document (lower(number) text_pattern_ops) where number is not null;
create index document_waiting on document (resume_at) where processing = 'waiting';
create index document_origin on document (origin_id) where origin_id is not null;

create table hold (
  id uuid primary key,
  partner_id uuid not null,
  batch_id uuid not null,
  document_id uuid,
  delivery_id uuid,
  rule text not null,
  code text not null check (code ~ '^CD-[1-9][0-9]{3}$'),
  decision text check (decision in ('released', 'rejected')),
  decided_by text,
  decided_at timestamptz,
  reason text,
  check (num_nonnulls(document_id, delivery_id) = 1),
  check (num_nonnulls(decision, decided_by, decided_at, reason) in (0, 4))
);
-- released exactly once: update … where decision is null returning
create unique index hold_open on hold (coalesce(document_id, delivery_id)) where decision is null;

create table delivery (
  id uuid primary key,
  partner_id uuid not null,
  channel_id uuid not null,
  -- null for a receipt
  interchange_id uuid,
  payload_id uuid not null,
  media_type text not null default 'application/octet-stream',
  wire_id text not null,
  state text not null
    check (state in ('waiting', 'sending', 'pending', 'delivered', 'refused', 'held', 'stopped')),
  attempt int not null default 0,
  -- the last thing that went wrong
  code text check (code ~ '^CD-[1-9][0-9]{3}$'),
  lease_until timestamptz,
  next_at timestamptz,
  due_at timestamptz,
  overdue_at timestamptz,
  order_key text,
  order_no bigint,
  check ((state = 'sending') = (lease_until is not null)),
  check ((state = 'waiting') = (next_at is not null)),
  check ((state = 'pending') = (due_at is not null)),
  check (state not in ('refused', 'held') or code is not null)
) partition by range (id);
create index delivery_next on delivery (next_at) where state = 'waiting';
create index delivery_lease on delivery (lease_until) where state = 'sending';
create index delivery_due on delivery (due_at) where state = 'pending';
create index delivery_mailbox on delivery (channel_id, id) where state = 'pending';
create index delivery_interchange on delivery (interchange_id);
create index delivery_order on delivery (order_key, order_no) where state not in ('delivered', 'stopped');

-- what a receiver gets of a document; copy above 0 only by a named person
create table output (
  document_id uuid not null,
  agreement_id uuid not null,
  copy int not null default 0 check (copy >= 0),
  partner_id uuid not null,
  interchange_id uuid not null,
  position int not null default 1,
  message_ref text,
  primary key (document_id, agreement_id, copy)
) partition by range (document_id);
create index output_interchange on output (interchange_id);

create table acknowledgement (
  about_id uuid not null,
  level text not null check (level in ('transport', 'syntax', 'business', 'host')),
  way text not null check (way in ('owed', 'expected')),
  partner_id uuid not null,
  -- owed: the delivery that carries it
  delivery_id uuid,
  due_at timestamptz,
  overdue_at timestamptz,
  state text not null check (state in ('waiting', 'accepted', 'with_errors', 'partial', 'rejected', 'waived')),
  evidence_id uuid,
  code text check (code ~ '^CD-[1-9][0-9]{3}$'),
  primary key (about_id, level, way),
  -- missing evidence is a failure
  check (way = 'owed' or state in ('waiting', 'waived') or evidence_id is not null)
) partition by range (about_id);
create index acknowledgement_due on acknowledgement (due_at) where state = 'waiting';
create index acknowledgement_delivery on acknowledgement (delivery_id) where delivery_id is not null;

-- the ledger; the timeline is its rows. The sequencer alone sets idx and pseq
create table entry (
  id uuid primary key,
  partner_id uuid,
  type text not null,
  transmission_id uuid,
  document_id uuid,
  delivery_id uuid,
  actor text not null,
  at timestamptz not null default clock_timestamp(),
  body bytea not null,
  idx bigint,
  pseq bigint
) partition by range (id);
create index entry_unsequenced on entry (id) where idx is null;
create index entry_document on entry (document_id) where document_id is not null;
create index entry_transmission on entry (transmission_id) where transmission_id is not null;
create index entry_delivery on entry (delivery_id) where delivery_id is not null;
create index entry_partner on entry (partner_id, pseq);

-- ---------------------------------------------------------------- partitions by month

-- the smallest time-ordered id of an instant: its first 48 bits are milliseconds since 1970
create function id_floor(t timestamptz) returns uuid language sql immutable as
$$ select (lpad(to_hex((extract(epoch from t) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid $$;

-- makes the partitions of every growing table for the months from `since` to `until`; returns how many were new
create function ensure_partitions(since timestamptz, until timestamptz) returns int language plpgsql
security definer set search_path from current as $$
declare
  growing text;
  month timestamptz;
  made int := 0;
  part text;
begin
  perform pg_advisory_xact_lock(hashtext('crossdock.partitions'));
  foreach growing in array array['payload', 'payload_chunk', 'transmission', 'interchange', 'document', 'delivery',
                                 'output', 'acknowledgement', 'entry'] loop
    month := date_trunc('month', since at time zone 'UTC') at time zone 'UTC';
    while month <= until loop
      part := growing || '_' || to_char(month at time zone 'UTC', 'YYYY_MM');
      if to_regclass(quote_ident(part)) is null then
        execute format('create table %I partition of %I for values from (%L) to (%L)', part, growing,
          id_floor(month), id_floor(((month at time zone 'UTC') + interval '1 month') at time zone 'UTC'));
        made := made + 1;
      end if;
      month := ((month at time zone 'UTC') + interval '1 month') at time zone 'UTC';
    end loop;
  end loop;
  return made;
end $$;
select ensure_partitions(now() - interval '1 month', now() + interval '3 months');

-- ---------------------------------------------------------------- roles and row-level security

-- partners that an agreement joins with the one who looks: their names may be shown
create function known_partners() returns setof uuid language sql stable security definer set search_path from current as
$$ select case when seen_by(sender_partner) then receiver_partner else sender_partner end
   from agreement where seen_by(sender_partner) or seen_by(receiver_partner) $$;

do $$
declare t text;
begin
  foreach t in array array['partner', 'identity', 'channel', 'channel_identity', 'credential', 'secret', 'profile',
    'agreement', 'config_version', 'hub_secret', 'person', 'session', 'once', 'control_number', 'payload', 'payload_chunk',
    'transmission', 'interchange', 'document', 'hold', 'delivery', 'output', 'acknowledgement', 'entry'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to crossdock_worker using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %I to crossdock_worker', t);
  end loop;
  foreach t in array array['identity', 'channel', 'profile', 'payload', 'transmission', 'interchange', 'hold',
    'delivery', 'output', 'acknowledgement', 'entry', 'person', 'credential'] loop
    execute format('create policy portal on %I for select to crossdock_portal using (seen_by(partner_id))', t);
  end loop;
  foreach t in array array['identity', 'channel', 'profile', 'payload', 'transmission', 'interchange', 'hold',
    'delivery', 'output', 'acknowledgement', 'entry', 'person', 'agreement', 'partner', 'document', 'session',
    'payload_chunk', 'config_version'] loop
    execute format('grant select on %I to crossdock_portal', t);
  end loop;
end $$;

-- known_partners and ensure_partitions run as the tables' owner, whom FORCE binds too
create policy owner on agreement for select to current_user using (true);

grant select (id, partner_id, channel_id, kind, name, username, valid, last_used_at, revoked_at)
  on credential to crossdock_portal;

create policy portal on partner for select to crossdock_portal
  using (seen_by(id) or id = any (array(select known_partners())));
create policy portal on agreement for select to crossdock_portal
  using (seen_by(sender_partner) or seen_by(receiver_partner));
create policy portal on config_version for select to crossdock_portal using (true);
-- the receiver sees a document from the moment something of it goes to them
create policy portal on document for select to crossdock_portal
  using (seen_by(sender) or (delivery <> 'none' and seen_by(receiver)));
create policy portal on payload_chunk for select to crossdock_portal
  using (exists (select from payload p where p.id = payload_id));
create policy portal on session to crossdock_portal using (sees_all()) with check (sees_all());
create policy portal_sign_in on entry for insert to crossdock_portal
  with check (type in ('person.signed_in'));

grant insert, update, delete on session to crossdock_portal;
grant insert on entry to crossdock_portal;

-- the ledger is append-only for everybody who logs in; only its two sequence columns are set later
revoke update, delete on entry from crossdock_worker;
grant update (idx, pseq) on entry to crossdock_worker;
grant execute on function ensure_partitions(timestamptz, timestamptz) to crossdock_worker;
grant execute on function sees_all(), seen_by(uuid), id_floor(timestamptz), known_partners()
  to crossdock_worker, crossdock_portal;
