-- Documents of an ordered flow wait behind one of their keys that is on hold.
alter table hold add column order_keys text[];
create index hold_order on hold using gin (order_keys) where order_keys is not null;
create index hold_behind on hold (of_id) where rule = 'behind' and decision is null;

-- What came and went through under an agreement, in portions of time a sixtieth as long as the window that they are counted for.
create table rail_window (
  agreement text not null,
  minutes int not null check (minutes > 0),
  portion timestamptz not null,
  -- all that came, and those of them that were repeats
  documents bigint not null,
  repeats bigint not null,
  -- what went through by itself
  passed bigint not null,
  quantity numeric not null,
  amount numeric not null,
  bytes bigint not null,
  primary key (agreement, minutes, portion)
);
alter table rail_window enable row level security;
alter table rail_window force row level security;
create policy worker on rail_window to crossdock_worker using (true) with check (true);
grant select, insert, update, delete on rail_window to crossdock_worker;
