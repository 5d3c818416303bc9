-- What every day's usage cost: the week's rhythm, and how old the newest charge is.
SELECT
  x_BillingMonth AS Month,
  BillingCurrency,
  x_ChargeDate AS Day,
  SUM(CASE WHEN ChargeCategory = 'Usage' THEN EffectiveCost END) AS UsageCost
FROM charges_daily
WHERE x_ChargeDate IS NOT NULL
GROUP BY x_BillingMonth, BillingCurrency, x_ChargeDate
ORDER BY Month, BillingCurrency, Day
