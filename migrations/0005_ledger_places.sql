-- Entries are written once and never again. Those that wait for their place stand in ledger_waiting, put there by the
-- statement that writes them; the place that the sequencer gives stands in ledger_place, a row for each of its commits.

create table ledger_waiting (
  no bigint generated always as identity primary key,
  -- of the newest of them
  at timestamptz not null,
  ids uuid[] not null
);

create table ledger_place (
  -- the first one's number; the others follow in the order of ids
  first_idx bigint primary key check (first_idx >= 0),
  ids uuid[] not null,
  -- the number in its partner's history of each, null where it is no partner's
  pseqs bigint[] not null,
  least_id uuid not null,
  greatest_id uuid not null,
  check (cardinality(ids) > 0 and cardinality(ids) = cardinality(pseqs))
);
-- finds the few rows that may hold an entry: ids go up with time
create index ledger_place_ids on ledger_place (greatest_id, least_id);

insert into ledger_place (first_idx, ids, pseqs, least_id, greatest_id)
select min(idx), array_agg(id order by idx), array_agg(pseq order by idx),
  (array_agg(id order by id))[1], (array_agg(id order by id desc))[1]
from entry where idx is not null group by idx / 1024;

insert into ledger_waiting (at, ids)
select max(at), array_agg(id order by id)
from (select id, at, (row_number() over (order by id) - 1) / 1024 as portion from entry where idx is null) e
group by portion order by portion;

drop index entry_unsequenced;
alter table entry drop column idx, drop column pseq;

-- as its owner: the portal's people are signed in too, and see nothing of this
create function entries_wait() returns trigger language plpgsql security definer set search_path from current as
$$ begin
  insert into ledger_waiting (at, ids) select max(at), array_agg(id order by id) from written having count(*) > 0;
  return null;
end $$;
create trigger entries_wait after insert on entry referencing new table as written
  for each statement execute function entries_wait();

do $$
declare t text;
begin
  foreach t in array array['ledger_waiting', 'ledger_place'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy worker on %I to crossdock_worker using (true) with check (true)', t);
  end loop;
end $$;
create policy owner on ledger_waiting for insert to current_user with check (true);
grant select, delete on ledger_waiting to crossdock_worker;
grant select, insert on ledger_place to crossdock_worker;

-- where each entry stands, one by one: for whoever looks by hand
create view entry_place with (security_invoker = true) as
select u.id, p.first_idx + u.n - 1 as idx, u.pseq
from ledger_place p cross join lateral unnest(p.ids, p.pseqs) with ordinality as u (id, pseq, n);
grant select on entry_place to crossdock_worker;

-- An attempt's entries are found by their delivery, a document's by the document.
drop index entry_transmission;
create index entry_transmission on entry (transmission_id)
  where transmission_id is not null and document_id is null and type not like 'delivery.%';

-- only ordered flows are looked up by their key
drop index delivery_order;
create index delivery_order on delivery (order_key, order_no)
  where order_key is not null and state not in ('delivered', 'stopped');

-- files that nobody has begun to process: watch looks for those that lost their job. Without the state, so that an attempt
-- that ends stays out of it
create index transmission_unsplit on transmission (id) where split_to is null and direction = 'in' and kind = 'file';

-- Sealed bytes do not compress; below a page they stay in their row, which spares a second table and its index.
alter table payload alter column bytes set storage external;
alter table payload_chunk alter column bytes set storage external;

-- what stands in the way of each table's partitions: room for the changes that a row sees in its first seconds, and when
-- dead rows are swept
create function partition_settings(growing text) returns text language sql immutable as
$$ select case growing
     when 'payload' then 'toast_tuple_target = 8160'
     when 'document' then 'fillfactor = 60'
     when 'transmission' then 'fillfactor = 70'
     when 'delivery' then 'fillfactor = 60'
   end $$;

create or replace function ensure_partitions(since timestamptz, until timestamptz) returns int language plpgsql
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
        if partition_settings(growing) is not null then
          execute format('alter table %I set (%s)', part, partition_settings(growing));
        end if;
        made := made + 1;
      end if;
      month := ((month at time zone 'UTC') + interval '1 month') at time zone 'UTC';
    end loop;
  end loop;
  return made;
end $$;

do $$
declare
  growing text;
  part regclass;
begin
  foreach growing in array array['payload', 'document', 'transmission', 'delivery'] loop
    for part in select inhrelid::regclass from pg_inherits where inhparent = growing::regclass loop
      execute format('alter table %s set (%s)', part, partition_settings(growing));
    end loop;
  end loop;
  for part in select inhrelid::regclass from pg_inherits where inhparent = 'payload'::regclass loop
    execute format('alter table %s alter column bytes set storage external', part);
  end loop;
  for part in select inhrelid::regclass from pg_inherits where inhparent = 'payload_chunk'::regclass loop
    execute format('alter table %s alter column bytes set storage external', part);
  end loop;
end $$;
