-- Charges in which something cannot be right, by service and meter: how many, and what they cost.
WITH judged AS (
  SELECT
    x_BillingMonth, ServiceName, COALESCE(SkuMeter, SkuId) AS SkuMeter, BillingCurrency, EffectiveCost,
    ChargeCategory = 'Usage' AND EffectiveCost > 0 AND COALESCE(CommitmentDiscountStatus = 'Unused', FALSE) = FALSE
      AS used,
    COALESCE(ChargeCategory = 'Usage', FALSE) AS is_usage,
    ListUnitPrice IS NULL OR ListCost IS NULL OR ListCost = CAST(0 AS DECIMAL(26, 12)) AS unlisted,
    ContractedCost IS NULL AS uncontracted,
    COALESCE(ListCost < ContractedCost, FALSE) AS below_contracted,
    COALESCE(ContractedCost < EffectiveCost, FALSE) AS below_effective,
    x_PriceGap IS NOT NULL AS gap,
    ChargeClass IS NULL AND COALESCE(BilledCost < CAST(0 AS DECIMAL(26, 12)), FALSE) AS negative,
    COALESCE(x_LineItemType = 'EdpDiscount' OR x_LineItemType = 'PrivateRateDiscount'
      OR x_LineItemType = 'BundledDiscount' OR x_LineItemType = 'Discount', FALSE) AS discount,
    SubAccountId IS NULL AS homeless,
    ServiceCategory IS NULL OR ServiceCategory = 'Other' AS unfiled
  FROM focus
)
SELECT
  x_BillingMonth, ServiceName, SkuMeter, BillingCurrency,
  SUM(CASE WHEN used AND unlisted THEN 1 ELSE 0 END) AS MissingListPrice,
  SUM(CASE WHEN used AND unlisted THEN EffectiveCost END) AS MissingListPriceCost,
  SUM(CASE WHEN is_usage AND uncontracted THEN 1 ELSE 0 END) AS MissingContracted,
  SUM(CASE WHEN is_usage AND uncontracted THEN EffectiveCost END) AS MissingContractedCost,
  SUM(CASE WHEN used AND below_contracted THEN 1 ELSE 0 END) AS ListBelowContracted,
  SUM(CASE WHEN used AND below_contracted THEN EffectiveCost END) AS ListBelowContractedCost,
  SUM(CASE WHEN used AND below_effective THEN 1 ELSE 0 END) AS ContractedBelowEffective,
  SUM(CASE WHEN used AND below_effective THEN EffectiveCost END) AS ContractedBelowEffectiveCost,
  SUM(CASE WHEN gap THEN 1 ELSE 0 END) AS PriceGap,
  SUM(CASE WHEN gap THEN EffectiveCost END) AS PriceGapCost,
  SUM(CASE WHEN is_usage AND negative AND NOT discount THEN 1 ELSE 0 END) AS NegativeUsage,
  SUM(CASE WHEN is_usage AND negative AND NOT discount THEN EffectiveCost END) AS NegativeUsageCost,
  SUM(CASE WHEN is_usage AND homeless THEN 1 ELSE 0 END) AS NoSubAccount,
  SUM(CASE WHEN is_usage AND homeless THEN EffectiveCost END) AS NoSubAccountCost,
  SUM(CASE WHEN is_usage AND unfiled THEN 1 ELSE 0 END) AS UnknownCategory,
  SUM(CASE WHEN is_usage AND unfiled THEN EffectiveCost END) AS UnknownCategoryCost
FROM judged
WHERE gap OR (used AND (unlisted OR below_contracted OR below_effective))
  OR (is_usage AND (uncontracted OR homeless OR unfiled OR (negative AND NOT discount)))
GROUP BY x_BillingMonth, ServiceName, SkuMeter, BillingCurrency
