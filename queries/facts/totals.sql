-- What lies in the lake, for the books.
SELECT
  x_BillingMonth, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  SUM(ContractedCost) AS ContractedCost,
  COUNT(*) AS Charges
FROM focus
GROUP BY x_BillingMonth, BillingCurrency
