-- One job carries the ids of all that was asked for in one transaction; those that wait are brought into that form.
do $$
begin
  if to_regclass('pgboss.job') is null then return; end if;
  update pgboss.job set data = jsonb_build_object('transmissionIds', jsonb_build_array(data -> 'transmissionId'))
  where name = 'process' and data ? 'transmissionId';
  update pgboss.job set data = jsonb_build_object('deliveryIds', jsonb_build_array(data -> 'deliveryId'))
  where name = 'deliver' and data ? 'deliveryId';
end $$;
