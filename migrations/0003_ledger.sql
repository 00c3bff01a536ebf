-- The ledger's tree: one sequencer gives entries their place a moment after they were written. What is signed is only
-- ever added to: tiles, bundles, epochs and checkpoints cannot be updated by anybody who logs in.

-- who sequences (a lease with a fencing token), and how far the tree of the present epoch has grown
create table ledger_head (
  singleton boolean primary key default true check (singleton),
  installation uuid not null,
  holder uuid,
  token bigint not null default 0,
  lease_until timestamptz,
  epoch int,
  size bigint not null default 0 check (size >= 0)
);

-- a tree with an origin and a key of its own; entry.idx counts through all of them, its leaf 0 is first_idx
create table ledger_epoch (
  epoch int primary key check (epoch > 0),
  origin text not null unique check (length(origin) <= 200),
  public_key bytea not null check (length(public_key) = 32),
  first_idx bigint not null check (first_idx >= 0),
  -- the checkpoint that its first leaf carries
  previous text,
  at timestamptz not null default clock_timestamp()
);

-- the tree of C2SP tlog-tiles, in pieces: a tile is the pieces of its level and n, in the order of start
create table ledger_tile (
  epoch int not null,
  level smallint not null check (level between 0 and 7),
  n bigint not null check (n >= 0),
  start smallint not null check (start between 0 and 255),
  hashes bytea not null check (length(hashes) > 0 and length(hashes) % 32 = 0),
  primary key (epoch, level, n, start)
);

-- the leaves behind each tile of level 0, likewise: entry bundles, zstd-compressed
create table ledger_bundle (
  epoch int not null,
  n bigint not null check (n >= 0),
  start smallint not null check (start between 0 and 255),
  entries bytea not null,
  primary key (epoch, n, start)
);
alter table ledger_tile alter column hashes set storage external;
alter table ledger_bundle alter column entries set storage external;

create table ledger_checkpoint (
  epoch int not null,
  size bigint not null check (size > 0),
  note text not null,
  at timestamptz not null default clock_timestamp(),
  primary key (epoch, size)
);

-- where each partner's own history stands
create table ledger_partner (
  partner_id uuid primary key,
  pseq bigint not null check (pseq > 0),
  leaf bytea not null check (length(leaf) = 32)
);

do $$
declare t text;
begin
  foreach t in array array['ledger_head', 'ledger_epoch', 'ledger_tile', 'ledger_bundle', 'ledger_checkpoint',
                           'ledger_partner'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to crossdock_worker using (true) with check (true)', t);
    execute format('grant select, insert on %I to crossdock_worker', t);
  end loop;
end $$;
grant update on ledger_head, ledger_partner to crossdock_worker;
-- of the checkpoints of one hour the last is kept
grant delete on ledger_checkpoint to crossdock_worker;

-- hashes and signed roots are for everybody; leaves are not
create policy portal on ledger_checkpoint for select to crossdock_portal using (true);
create policy portal on ledger_tile for select to crossdock_portal using (true);
create policy portal on ledger_epoch for select to crossdock_portal using (true);
grant select on ledger_checkpoint, ledger_tile, ledger_epoch to crossdock_portal;
