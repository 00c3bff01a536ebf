-- Each entry paid for this index twice, when it was written and when it got its place; a partner's history is read out of
-- the ledger's bundles.
drop index entry_partner;
