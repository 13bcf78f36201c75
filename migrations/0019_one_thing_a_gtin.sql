-- A scan leads to one thing: the first that had a code keeps it. Checked at the end of a transaction, since one message may give the codes of two
-- things to each other.
update skus set gtin = null where exists (select from skus first where first.gtin = skus.gtin and first.sku_id < skus.sku_id);
drop index skus_by_gtin;
alter table skus add constraint skus_gtin_once unique (gtin) deferrable initially deferred;
