-- What each invoice charges, by kind of charge: taken apart, so that a drift can be explained.
SELECT
  COALESCE(InvoiceId, '') AS InvoiceId,
  x_BillingMonth AS BillingPeriod,
  BillingCurrency,
  COALESCE(ChargeCategory, 'Usage') AS ChargeCategory,
  SUM(BilledCost) AS BilledCost
FROM totals
GROUP BY COALESCE(InvoiceId, ''), x_BillingMonth, BillingCurrency, COALESCE(ChargeCategory, 'Usage')
ORDER BY InvoiceId, BillingPeriod, BillingCurrency, ChargeCategory
