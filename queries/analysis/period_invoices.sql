-- What of every billing period of a bill stands on an invoice, and what on none. Adjustments are left out:
-- some are ours.
SELECT
  x_BillingMonth, BillingCurrency,
  SUM(CASE WHEN InvoiceId IS NOT NULL THEN Charges ELSE 0 END) AS Invoiced,
  SUM(CASE WHEN InvoiceId IS NULL THEN BilledCost END) AS WithoutInvoice
FROM totals
WHERE ChargeCategory IS NULL OR ChargeCategory <> 'Adjustment'
GROUP BY x_BillingMonth, BillingCurrency
ORDER BY x_BillingMonth, BillingCurrency
