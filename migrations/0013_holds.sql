-- What a hold is about besides its document: the agreement whose term holds it, and the first one of a repeat, or the
-- document in front of one that waits behind it.
alter table hold add column agreement text, add column of_id uuid;

create index hold_batch on hold (batch_id);
