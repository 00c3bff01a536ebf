-- Ordered flows. order_no is when its file was accepted, in microseconds; within a file order_place says where the message
-- began. What was accepted before it and is not read to its end may hold a document of the same key: order_behind names
-- those files, until they are read.
alter table delivery add column order_place bigint not null default 0;
alter table delivery add column order_behind uuid[];
