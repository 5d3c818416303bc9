-- What machines of every environment cost by day (8 to 20 o'clock UTC) and by night, where a bill has hours: what runs
-- while nobody works. Weekends are told by the day.
SELECT
  x_BillingMonth, x_ChargeDate, SubAccountId, x_Environment,
  CASE
    WHEN EXTRACT(HOUR FROM ChargePeriodStart) >= 8 AND EXTRACT(HOUR FROM ChargePeriodStart) < 20 THEN 'day'
    ELSE 'night'
  END AS x_Shift,
  BillingCurrency,
  SUM(EffectiveCost) AS EffectiveCost
FROM focus
WHERE ChargeCategory = 'Usage' AND x_InstanceType IS NOT NULL AND COALESCE(CommitmentDiscountStatus, '') <> 'Unused'
  AND ((CAST(ChargePeriodStart AS DATE) = CAST(ChargePeriodEnd AS DATE)
      AND EXTRACT(HOUR FROM ChargePeriodEnd) - EXTRACT(HOUR FROM ChargePeriodStart) <= 1)
    OR (EXTRACT(HOUR FROM ChargePeriodStart) = 23 AND EXTRACT(HOUR FROM ChargePeriodEnd) = 0))
GROUP BY
  x_BillingMonth, x_ChargeDate, SubAccountId, x_Environment,
  CASE
    WHEN EXTRACT(HOUR FROM ChargePeriodStart) >= 8 AND EXTRACT(HOUR FROM ChargePeriodStart) < 20 THEN 'day'
    ELSE 'night'
  END,
  BillingCurrency
