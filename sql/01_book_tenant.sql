-- reads:  nothing
-- writes: the tables of what the run was told of tenants and of sharing out, and the macros that
--         share an amount exactly
-- grain:  as each table says

-- The rules that name a tenant, in their order; none when the built-in order holds.
CREATE TABLE book.tenant_rule (
  place BIGINT, field VARCHAR, key VARCHAR, gateway VARCHAR, prefix VARCHAR, others VARCHAR);

-- Which tenant a value of a rule's field stands for, from a day until before another; '' is open.
CREATE TABLE book.tenant_value (
  place BIGINT, value VARCHAR, tenant_id VARCHAR, from_day VARCHAR, to_day VARCHAR);

-- What finance calls a tenant, from a day until before another; '' is open.
CREATE TABLE book.tenant_name (
  tenant_id VARCHAR, tenant_name VARCHAR, cost_center VARCHAR, gl_account VARCHAR,
  from_day VARCHAR, to_day VARCHAR);

-- The policies for pools and shared tenants, in their order, and who receives by them: with a
-- share in percent for fixed shares; no receiver stands for all tenants.
CREATE TABLE book.policy (
  place BIGINT, kind VARCHAR, tenant_id VARCHAR, method VARCHAR, share_by VARCHAR);
CREATE TABLE book.policy_receiver (
  place BIGINT, tenant_id VARCHAR, percent DECIMAL(18,12));

-- Money as a whole number of units of its last decimal, and back.
CREATE MACRO book.units(usd) AS
  CAST(replace(CAST(CAST(usd AS DECIMAL(38,15)) AS VARCHAR), '.', '') AS HUGEINT);
CREATE MACRO book.usd_of(units) AS CAST(
  CASE WHEN units < 0 THEN '-' ELSE '' END
  || left(lpad(CAST(ABS(units) AS VARCHAR), 39, '0'), 24) || '.'
  || right(lpad(CAST(ABS(units) AS VARCHAR), 39, '0'), 15) AS DECIMAL(38,15));

-- By how much weights must be divided for their sum to have 18 digits, so that products stay whole.
CREATE MACRO book.weight_scale(total) AS
  CAST('1' || repeat('0', CAST(GREATEST(length(CAST(total AS VARCHAR)) - 18, 0) AS BIGINT))
    AS HUGEINT);

-- The whole part of units times weight over total, and what it leaves over of the total; units
-- are at most 33 digits, weight and total 18.
CREATE MACRO book.whole_part(units, weight, total) AS
  units // 1000000000000000 * weight // total * 1000000000000000
  + (units // 1000000000000000 * weight % total * 1000000000000000
    + units % 1000000000000000 * weight) // total;
CREATE MACRO book.left_over(units, weight, total) AS
  (units // 1000000000000000 * weight % total * 1000000000000000
    + units % 1000000000000000 * weight) % total;

-- What a gateway gives of each signal by default, and which configuration gives the rest: of its
-- releases from one until before another, or, with both '', of those that are not known.
CREATE TABLE book.advice (
  gateway VARCHAR, signal VARCHAR, from_version VARCHAR, to_version VARCHAR, by_default VARCHAR,
  remedy VARCHAR);

-- A release as its numbers, so that 3.9 comes before 3.14; none of a name such as main.
CREATE MACRO book.release(version) AS
  list_transform(regexp_extract_all(regexp_extract(version, '^v?([0-9.]*)', 1), '[0-9]{1,9}'),
    n -> CAST(n AS BIGINT));

-- The release of a gateway by the settings, from a day until before another; '' is open.
CREATE TABLE book.stated_version (
  gateway VARCHAR, version VARCHAR, from_day VARCHAR, to_day VARCHAR);
