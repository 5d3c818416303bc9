-- The finest daily lines of the accounts and services that have incidents.
SELECT
  BillingCurrency,
  COALESCE(SubAccountId, '') AS SubAccountId,
  COALESCE(ServiceName, '(unknown)') AS ServiceName,
  COALESCE(RegionId, '') AS RegionId,
  COALESCE(SkuMeter, '') AS SkuMeter,
  x_ChargeDate AS Day,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost
FROM usage_daily
WHERE ChargeCategory IN ('Usage', 'Purchase') AND x_ChargeDate IS NOT NULL
  AND COALESCE(ServiceName, '(unknown)') IN (SELECT ServiceName FROM incidents)
  AND COALESCE(SubAccountId, '') IN (SELECT SubAccountId FROM incidents)
GROUP BY BillingCurrency, COALESCE(SubAccountId, ''), COALESCE(ServiceName, '(unknown)'), COALESCE(RegionId, ''),
  COALESCE(SkuMeter, ''), x_ChargeDate
ORDER BY BillingCurrency, SubAccountId, ServiceName, RegionId, SkuMeter, Day
