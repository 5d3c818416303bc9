-- Showback without rules looks at owners and services alone: the small fact is enough.
SELECT
  x_BillingMonth AS Month,
  COALESCE(SubAccountId, '') AS SubAccountId,
  COALESCE(ServiceName, '') AS ServiceName,
  COALESCE(x_CostCenter, '') AS CostCenter,
  BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost
FROM charges_monthly
GROUP BY x_BillingMonth, COALESCE(SubAccountId, ''), COALESCE(ServiceName, ''), COALESCE(x_CostCenter, ''),
  BillingCurrency
ORDER BY Month, BillingCurrency, SubAccountId, ServiceName, CostCenter
