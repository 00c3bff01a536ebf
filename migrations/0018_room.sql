-- More room for the changes that rows see in their first seconds: with too little of it every fourth change of a document
-- and nearly all of an attempt's went to another page, and into each index once more. What is left free is filled by these
-- changes, so the tables do not grow by it.
create or replace function partition_settings(growing text) returns text language sql immutable as
$$ select case growing
     when 'payload' then 'toast_tuple_target = 8160'
     when 'document' then 'fillfactor = 45'
     when 'transmission' then 'fillfactor = 40'
     when 'delivery' then 'fillfactor = 60'
   end $$;

do $$
declare
  growing text;
  part regclass;
begin
  foreach growing in array array['document', 'transmission'] loop
    for part in select inhrelid::regclass from pg_inherits where inhparent = growing::regclass loop
      execute format('alter table %s set (%s)', part, partition_settings(growing));
    end loop;
  end loop;
end $$;
