SELECT
  x_BillingMonth AS Month,
  COALESCE(SubAccountId, '(no account)') AS SubAccountId,
  COALESCE(MAX(SubAccountName), '') AS SubAccountName,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost,
  BillingCurrency
FROM charges_monthly
GROUP BY x_BillingMonth, COALESCE(SubAccountId, '(no account)'), BillingCurrency
ORDER BY Month, BillingCurrency, EffectiveCost DESC, SubAccountId
