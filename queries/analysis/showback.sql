-- Showback without rules looks at owners and services alone: the small fact is enough.
SELECT
  x_BillingMonth AS Month,
  '' AS ProviderName,
  '' AS BillingAccountId,
  COALESCE(SubAccountId, '') AS SubAccountId,
  '' AS ServiceCategory,
  COALESCE(ServiceName, '') AS ServiceName,
  '' AS RegionId,
  '' AS ResourceId,
  '' AS ResourceType,
  '' AS ChargeCategory,
  '' AS Tags,
  COALESCE(x_CostCenter, '') AS CostCenter,
  '' AS Team,
  '' AS Environment,
  BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost
FROM charges_monthly
GROUP BY x_BillingMonth, COALESCE(SubAccountId, ''), COALESCE(ServiceName, ''), COALESCE(x_CostCenter, ''),
  BillingCurrency
ORDER BY Month, BillingCurrency, SubAccountId, ServiceName, CostCenter
