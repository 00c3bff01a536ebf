-- Files that are passed through unread: what goes out is the payload that came in, under the file's name.

-- the file's name, where the delivery bears one beside its identity
alter table delivery add column name text;

-- whom a payload was passed on to, beside its owner
alter table payload add column receivers uuid[];

create policy portal_receivers on payload for select to crossdock_portal
  using (receivers is not null and exists (select from unnest(receivers) r where seen_by(r)));
