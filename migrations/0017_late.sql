-- when it was said that a delivery is past the time its agreement promises; its state stays
alter table delivery add column late_at timestamptz;
