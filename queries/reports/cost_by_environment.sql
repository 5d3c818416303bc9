SELECT
  x_BillingMonth AS Month,
  COALESCE(x_Environment, '(untagged)') AS Environment,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost,
  BillingCurrency
FROM charges_monthly
GROUP BY x_BillingMonth, COALESCE(x_Environment, '(untagged)'), BillingCurrency
ORDER BY Month, BillingCurrency, EffectiveCost DESC, Environment
