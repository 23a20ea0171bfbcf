-- reads:  nothing
-- writes: the schemas book and report, the tables of book that settings and prices fill, and the
--         macros that name rows that count alike, what is compared by project or key, usage off
--         the bill, and words
-- grain:  as each table's comment says; made anew by every run that recomputes
DROP SCHEMA IF EXISTS report CASCADE;
DROP SCHEMA IF EXISTS book CASCADE;
CREATE SCHEMA book;
CREATE SCHEMA report;

-- What the run was told, one row.
CREATE TABLE book.period (
  period_from_us BIGINT, period_to_us BIGINT, from_day VARCHAR, to_day VARCHAR,
  tolerance_usd DECIMAL(38,15), tolerance_pct DECIMAL(9,6), as_of_us BIGINT,
  has_gateway BOOLEAN, has_trace BOOLEAN, has_usage BOOLEAN, has_bill BOOLEAN);

-- The tolerances of the configuration; scope is '' (all), provider, model or tenant. Tokens are
-- those of a day and model, which no tenant has for itself.
CREATE TABLE book.tolerance (
  scope VARCHAR, name VARCHAR, usd DECIMAL(38,15), pct DECIMAL(9,6),
  material_usd DECIMAL(38,15), material_pct DECIMAL(9,6), tokens BIGINT,
  tokens_pct DECIMAL(9,6));

-- What invoices come to, by the settings: of all that a provider bills on some days, or of one
-- invoice; '' is not said. A subtotal leaves taxes out.
CREATE TABLE book.invoice (
  provider VARCHAR, invoice_id VARCHAR, from_day VARCHAR, to_day VARCHAR, usd DECIMAL(38,15),
  is_subtotal BOOLEAN);

-- How long after its end a day may still change, by provider; '' for all others.
CREATE TABLE book.settle (provider VARCHAR, settle_us BIGINT);

-- How each name found in the files resolves, for each span of time: filled from the price book.
CREATE TABLE book.model_key (
  provider_raw VARCHAR, model_raw VARCHAR, tier_raw VARCHAR, region_raw VARCHAR,
  from_us BIGINT, to_us BIGINT, provider VARCHAR, model VARCHAR, price_key VARCHAR,
  status VARCHAR, hint VARCHAR, path VARCHAR);

-- The price list rows that the names of this run resolve to, wide: USD a token.
CREATE TABLE book.sheet (
  sheet_id BIGINT, price_key VARCHAR, provider VARCHAR, model VARCHAR, service_tier VARCHAR,
  region VARCHAR, from_us BIGINT, to_us BIGINT, min_prompt BIGINT, max_prompt BIGINT,
  tod_from_us BIGINT, tod_to_us BIGINT,
  input DECIMAL(19,15), cache_read DECIMAL(19,15), cache_write_5m DECIMAL(19,15),
  cache_write_1h DECIMAL(19,15), cache_write DECIMAL(19,15), output DECIMAL(19,15),
  reasoning DECIMAL(19,15), audio_in DECIMAL(19,15), audio_cached_in DECIMAL(19,15),
  audio_out DECIMAL(19,15), image_in DECIMAL(19,15), image_cached_in DECIMAL(19,15),
  image_out DECIMAL(19,15), web_search DECIMAL(19,15));

-- The same prices long, with where each comes from.
CREATE TABLE book.price (
  sheet_id BIGINT, token_type VARCHAR, usd_per_million DECIMAL(38,15),
  usd_per_token DECIMAL(19,15), effective_from VARCHAR, effective_to VARCHAR,
  source VARCHAR, status VARCHAR, observed_on VARCHAR, list_file VARCHAR, list_line BIGINT,
  fallback VARCHAR);

-- Gateway rows that count alike, whether or not each can be told how: of a UTC day, so that an
-- upgrade that no row names changes no other; Claude's apart, which clouds resell as it is.
CREATE MACRO book.counts_like(gateway, gateway_version, provider, operation, requested_model,
    response_model, started_day) AS
  concat_ws('|', started_day, gateway, COALESCE(gateway_version, ''), COALESCE(provider, ''),
    COALESCE(operation, ''), contains(lower(concat(requested_model, response_model)), 'claude'));
-- That arithmetic told the convention, which no format or mapping did, in the words of loaders.
CREATE MACRO book.is_convention_told(how) AS
  how LIKE 'more cached than prompt tokens%' OR how LIKE 'more cached than text tokens%'
  OR how LIKE 'total counts the cached tokens%' OR how LIKE 'total holds the cached tokens%';

-- What a bucket is compared by beside its account: project, key, both or '', as both sides know.
CREATE MACRO book.key_of(by_project, by_key, by_key_name, project_id, api_key_id, api_key_name) AS
  CASE WHEN by_project THEN COALESCE(project_id, '') ELSE '' END
  || CASE WHEN by_project AND (by_key OR by_key_name) THEN '/' ELSE '' END
  || CASE WHEN by_key THEN COALESCE(api_key_id, '')
    WHEN by_key_name THEN COALESCE(api_key_name, '') ELSE '' END;

-- What a count is at a price a token; a type that is not counted needs no price.
CREATE MACRO book.at_price(quantity, price) AS
  CASE WHEN quantity <> 0 THEN CAST(quantity AS DECIMAL(18,0)) * price ELSE 0 END;

-- What a margin may be common to, in the order of book.call_group's places.
CREATE MACRO book.groups_of(gateway, gateway_version, provider, model, tenant_id, api_key_id) AS
  [gateway, gateway || ' to ' || provider, provider || ' ' || model, tenant_id, api_key_id,
    gateway || ' ' || gateway_version, tenant_id || ' on ' || model];

-- Whether spend is the charge by a factor and what is added, all of them whole picodollars. Spend
-- of whole nanodollars may have been rounded to these.
CREATE MACRO book.has_factor(spend, charge, of_spend, of_charge, added) AS
  ABS(CAST(spend - added AS HUGEINT) * of_charge - CAST(of_spend AS HUGEINT) * charge)
    <= CASE WHEN added > 0 THEN 20 * CAST(of_charge AS HUGEINT)
      ELSE 2 * (CAST(spend AS HUGEINT) + charge + of_spend + of_charge)
        + CASE WHEN spend % 1000 = 0 THEN 500 * CAST(of_charge AS HUGEINT) ELSE 0 END END;

-- Usage that its tier takes off the bill of tokens, and why: Anthropic's priority is capacity that
-- is paid for apart, and with a key of one's own the provider behind it bills.
CREATE MACRO book.unbilled_as(provider, tier) AS
  CASE WHEN tier IN ('incentivized-tier', 'incentivized_tier') THEN 'free_tier'
    WHEN tier = 'byok' THEN 'own_key'
    WHEN provider = 'anthropic' AND tier = 'priority' THEN 'commitment_flat_cost' END;
CREATE MACRO book.unbilled_because(free_as) AS
  CASE free_as WHEN 'free_tier' THEN 'usage of a tier that costs nothing'
    WHEN 'own_key' THEN 'called with a key of one''s own, which the provider behind it bills'
    WHEN 'commitment_flat_cost'
      THEN 'tokens served by capacity that is paid by the hour or month' END;
CREATE MACRO book.counted_otherwise(moved) AS
  'the same calls, counted otherwise by the provider: ' || moved;

-- The tokens of a call, to tell it from those of other tokens.
CREATE MACRO book.counts_of(input, cache_read, write_5m, write_1h, write, output, reasoning,
    web_search) AS
  concat_ws('/', COALESCE(input, 0), COALESCE(cache_read, 0), COALESCE(write_5m, 0),
    COALESCE(write_1h, 0), COALESCE(write, 0), COALESCE(output, 0), COALESCE(reasoning, 0),
    COALESCE(web_search, 0));

-- What a provider's bucket is priced at: the time of day, where prices depend on the hour, which is
-- noon for a whole day, and a prompt's length.
CREATE MACRO book.time_of(from_us, to_us) AS
  CASE WHEN to_us - from_us >= 43200000000 THEN 43200000000 ELSE from_us % 86400000000 END;
CREATE MACRO book.prompt_of(context_tier) AS
  CASE WHEN context_tier IS NULL OR context_tier LIKE '0-%' THEN 0
    WHEN context_tier LIKE '200k-%' THEN 200001
    WHEN context_tier LIKE '272k-%' THEN 272001 ELSE 900000 END;

-- Rows that tell of several days at once, a week or a month, begin and end at the midnight UTC that
-- is nearest, whatever their zone is, and are of the period that most of them is of.
CREATE MACRO book.is_long(from_us, to_us) AS to_us - from_us > 129600000000;
CREATE MACRO book.nearest_day(us) AS (us + 43200000000) // 86400000000;
CREATE MACRO book.day_text(nth_day) AS
  strftime(make_timestamp(nth_day * 86400000000), '%Y-%m-%d');
CREATE MACRO book.first_day(from_us, to_us, day) AS
  CASE WHEN book.is_long(from_us, to_us) THEN book.day_text(book.nearest_day(from_us))
    ELSE day END;
CREATE MACRO book.is_within(from_us, to_us, period_from_us, period_to_us) AS
  CASE WHEN book.is_long(from_us, to_us)
    THEN LEAST(to_us, period_to_us) - GREATEST(from_us, period_from_us) > (to_us - from_us) // 2
    ELSE from_us >= period_from_us AND from_us < period_to_us END;

-- Whether an export is older than another one whose path differs from its in digits alone, by what
-- book.export has of both. The date in a name may be the day on which a file was made, or the first
-- one of those that it tells of, which says nothing of when that was: the one with the earlier date
-- is older if the other one tells of later days, or if it tells of none after its own date.
CREATE MACRO book.is_older(dates, newest) AS
  left(dates, 16) < left(newest, 16) AND (right(dates, 8) < right(newest, 8)
    OR CASE WHEN left(dates, 8) < left(newest, 8) THEN left(dates, 8) ELSE substr(dates, 9, 8) END
      >= right(dates, 8));

-- Each word of a list in commas once, in order.
CREATE MACRO book.words(list) AS
  array_to_string(list_sort(list_distinct(string_split(list, ', '))), ', ');
-- What models are called, but for who sells them, before the name, and a date after it.
CREATE MACRO book.families_of(names) AS list_filter(list_transform(names, x -> lower(regexp_replace(
  x, '^(.*/|([a-z]+[.])+)|[-@]20[0-9]{2}-?[0-9]{2}.*$', '', 'g'))), x -> x IS NOT NULL);
