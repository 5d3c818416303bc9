-- What the charges of each invoice add up to, for the books.
SELECT
  x_BillingMonth, BillingCurrency, InvoiceId,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  SUM(ContractedCost) AS ContractedCost,
  SUM(Charges) AS Charges
FROM held
WHERE InvoiceId IS NOT NULL
GROUP BY x_BillingMonth, BillingCurrency, InvoiceId
ORDER BY x_BillingMonth, BillingCurrency, InvoiceId
