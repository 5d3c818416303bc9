-- Machines of every environment hour by hour, where the bill has hours: what runs while nobody works.
SELECT
  x_BillingMonth AS Month,
  BillingCurrency,
  x_Environment AS Environment,
  x_ChargeDate AS Day,
  x_Hour AS Hour,
  SUM(EffectiveCost) AS EffectiveCost
FROM commitment_hours
WHERE x_Hour <> '' AND x_Environment IS NOT NULL AND x_InstanceType IS NOT NULL
  AND COALESCE(CommitmentDiscountStatus, '') <> 'Unused'
GROUP BY x_BillingMonth, BillingCurrency, x_Environment, x_ChargeDate, x_Hour
ORDER BY Month, BillingCurrency, Environment, Day, Hour
