-- How many charges every billing period of a bill has, and from when to when.
SELECT
  x_BillingMonth, MIN(x_ChargeDate) AS FirstChargeDay, MAX(x_ChargeDate) AS LastChargeDay, SUM(Charges) AS Charges
FROM charges_daily
GROUP BY x_BillingMonth
ORDER BY x_BillingMonth
