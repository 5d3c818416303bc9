-- Cost by the showback scope: the cost centre where tags name one anywhere, else the sub-account.
SELECT
  x_BillingMonth AS Month,
  COALESCE(x_CostCenter, '(untagged)') AS CostCenter,
  COALESCE(SubAccountId, '(no account)') AS SubAccountId,
  COALESCE(ServiceName, '(unknown)') AS ServiceName,
  BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost
FROM charges_monthly
GROUP BY x_BillingMonth, COALESCE(x_CostCenter, '(untagged)'), COALESCE(SubAccountId, '(no account)'),
  COALESCE(ServiceName, '(unknown)'), BillingCurrency
ORDER BY Month, BillingCurrency, CostCenter, SubAccountId, ServiceName
