SELECT
  x_BillingMonth AS Month,
  COALESCE(x_Team, '(untagged)') AS Team,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost,
  BillingCurrency
FROM charges_monthly
GROUP BY x_BillingMonth, COALESCE(x_Team, '(untagged)'), BillingCurrency
ORDER BY Month, BillingCurrency, EffectiveCost DESC, Team
