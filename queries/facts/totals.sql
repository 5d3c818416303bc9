-- What lies in the lake, by invoice and kind of charge: for the books and for invoices.
SELECT
  x_BillingMonth, BillingCurrency, InvoiceId, ChargeCategory,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  SUM(ContractedCost) AS ContractedCost,
  COUNT(*) AS Charges
FROM focus
GROUP BY x_BillingMonth, BillingCurrency, InvoiceId, ChargeCategory
