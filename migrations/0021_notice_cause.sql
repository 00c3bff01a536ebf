-- Whether somebody was told of a cause before is asked in each pass of watch, also of what is closed.
create index notice_cause on notice (cause);
