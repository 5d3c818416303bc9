-- What a table of charges holds, for the books.
SELECT
  x_BillingMonth, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  SUM(ContractedCost) AS ContractedCost,
  SUM(Charges) AS Charges
FROM held
GROUP BY x_BillingMonth, BillingCurrency
ORDER BY x_BillingMonth, BillingCurrency
