-- Machines of every environment by day and by night, where the bill has hours.
SELECT
  x_BillingMonth AS Month,
  BillingCurrency,
  x_Environment AS Environment,
  x_ChargeDate AS Day,
  x_Shift AS Shift,
  SUM(EffectiveCost) AS EffectiveCost
FROM compute_shifts
WHERE x_Environment IS NOT NULL
GROUP BY x_BillingMonth, BillingCurrency, x_Environment, x_ChargeDate, x_Shift
ORDER BY Month, BillingCurrency, Environment, Day, Shift
