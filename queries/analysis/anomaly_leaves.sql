-- The finest daily lines of some accounts and services: what drives their incidents, and what their parts do.
SELECT
  BillingCurrency,
  COALESCE(SubAccountId, '') AS SubAccountId,
  COALESCE(ServiceName, '(unknown)') AS ServiceName,
  COALESCE(RegionId, '') AS RegionId,
  COALESCE(SkuMeter, '') AS SkuMeter,
  COALESCE(ResourceId, '') AS ResourceId,
  x_ChargeDate AS Day,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost
FROM usage_daily
WHERE ChargeCategory IN ('Usage', 'Purchase') AND x_ChargeDate IS NOT NULL
  AND COALESCE(ServiceName, '(unknown)') IN (SELECT ServiceName FROM series)
  AND COALESCE(SubAccountId, '') IN (SELECT SubAccountId FROM series)
GROUP BY BillingCurrency, COALESCE(SubAccountId, ''), COALESCE(ServiceName, '(unknown)'), COALESCE(RegionId, ''),
  COALESCE(SkuMeter, ''), COALESCE(ResourceId, ''), x_ChargeDate
ORDER BY BillingCurrency, SubAccountId, ServiceName, RegionId, SkuMeter, ResourceId, Day
