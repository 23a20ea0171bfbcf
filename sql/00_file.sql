-- reads:  nothing
-- writes: the schema raw, and what a store remembers of files, once in its life
-- grain:  as each table's comment says
CREATE SCHEMA IF NOT EXISTS raw;

-- Which form of these tables the store has, one row.
CREATE TABLE raw.store (version BIGINT NOT NULL, layout VARCHAR NOT NULL);

-- One row a content that is loaded; path is the first, by name, of those that it was delivered
-- as. Files in the order of file_id are files in the order of path and sha256, whenever each came:
-- what is decided by file_id depends on the set of files alone. rows_replaced counts those that a
-- newer version of the file took the place of.
CREATE TABLE raw.source_file (
  file_id BIGINT NOT NULL, path VARCHAR NOT NULL, sha256 VARCHAR, bytes BIGINT,
  format VARCHAR, leg VARCHAR, recognised_by VARCHAR,
  rows_read BIGINT, rows_delivered BIGINT, rows_rejected BIGINT, rows_ignored BIGINT,
  rounded_amounts BIGINT, first_us BIGINT, last_us BIGINT,
  rows_replaced BIGINT DEFAULT 0, loaded_with VARCHAR);

-- Every path and content that was delivered; a content under two paths is loaded once.
CREATE TABLE raw.delivery (path VARCHAR NOT NULL, sha256 VARCHAR NOT NULL);

-- Files whose rows are being loaded. What a run that died leaves here is debris.
CREATE TABLE raw.loading (file_id BIGINT NOT NULL);

-- The pages that paged exports say they have, and those that an answer says follow it: between
-- which times such a page begins.
CREATE TABLE raw.page (
  file_id BIGINT NOT NULL, total BIGINT, total_pages BIGINT, size BIGINT, number BIGINT,
  next_from_us BIGINT, next_to_us BIGINT);

-- The reports that were made of this store: where, which, and as of when their days were judged.
CREATE TABLE raw.published (
  out_folder VARCHAR NOT NULL, manifest_sha256 VARCHAR NOT NULL, as_of_us BIGINT NOT NULL);

-- What a newer version of a provider's file changed.
CREATE TABLE raw.restatement (
  path VARCHAR NOT NULL, old_sha256 VARCHAR NOT NULL, new_sha256 VARCHAR NOT NULL,
  provider VARCHAR, day VARCHAR, model VARCHAR, token_type VARCHAR,
  old_quantity BIGINT, new_quantity BIGINT,
  old_amount_usd DECIMAL(38,15), new_amount_usd DECIMAL(38,15));
