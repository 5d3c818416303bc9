-- Known mistakes of providers' FOCUS exports: which rows have them, and what their costs ought to be.
-- CreditsOutsideCost: Google's view (categories in lower case) has its credits beside the cost, not in it.
-- CommitmentPurchaseEffectiveCost: Azure gives the purchase of a commitment the effective cost that the
-- usage it covers has too. MissingContractedCost, MissingListCost: Azure leaves prices of charges that cost
-- something at nothing or zero.
WITH flagged AS (
  SELECT
    *,
    COALESCE(EffectiveCost, BilledCost) AS effective,
    COALESCE(ProviderName, ServiceProviderName) AS provider,
    COALESCE(
      COALESCE(ProviderName, ServiceProviderName) LIKE 'Google%'
      AND ChargeCategory = LOWER(ChargeCategory) AND x_credits <> 0, FALSE) AS has_credits,
    COALESCE(COALESCE(ProviderName, ServiceProviderName) LIKE 'Microsoft%', FALSE) AS is_azure,
    COALESCE(
      COALESCE(ProviderName, ServiceProviderName) LIKE 'Microsoft%' AND ChargeCategory = 'Purchase'
      AND (CommitmentDiscountId IS NOT NULL OR PricingCategory = 'Committed')
      AND COALESCE(EffectiveCost, BilledCost) > 0, FALSE) AS is_amortised_purchase
  FROM bill
),
paid AS (
  SELECT
    *,
    CASE
      WHEN has_credits THEN CAST(BilledCost + x_credits AS DECIMAL(26, 12))
      ELSE BilledCost
    END AS ruled_billed,
    CASE
      WHEN is_amortised_purchase THEN CAST(0 AS DECIMAL(26, 12))
      WHEN has_credits AND effective = BilledCost THEN CAST(effective + x_credits AS DECIMAL(26, 12))
      ELSE effective
    END AS ruled_effective
  FROM flagged
),
priced AS (
  SELECT
    *,
    is_azure AND ruled_effective <> 0 AND COALESCE(ContractedCost = 0, TRUE) AS lacks_contracted,
    is_azure AND ruled_effective <> 0 AND COALESCE(ListCost = 0, TRUE) AS lacks_list,
    CASE
      WHEN is_azure AND ruled_effective <> 0 AND COALESCE(ContractedCost = 0, TRUE) THEN ruled_effective
      ELSE ContractedCost
    END AS ruled_contracted
  FROM paid
)
SELECT
  *,
  CASE WHEN lacks_list THEN ruled_contracted ELSE ListCost END AS ruled_list,
  CASE
    WHEN has_credits THEN 'CreditsOutsideCost'
    WHEN is_amortised_purchase THEN 'CommitmentPurchaseEffectiveCost'
    WHEN lacks_contracted AND lacks_list THEN 'MissingContractedCost;MissingListCost'
    WHEN lacks_contracted THEN 'MissingContractedCost'
    WHEN lacks_list THEN 'MissingListCost'
  END AS source_changes,
  CAST(0 AS DECIMAL(26, 12)) AS nothing
FROM priced
