-- What each rule adds to the costs of an export, so that the books close: the rows come from focus_rules.sql.
SELECT
  'CreditsOutsideCost' AS Rule,
  COALESCE(BillingPeriodStart, charge_month_start) AS BillingPeriodStart,
  BillingCurrency,
  InvoiceId,
  SUM(CAST(ruled_billed - BilledCost AS DECIMAL(26, 12))) AS BilledCost,
  SUM(CAST(ruled_effective - effective AS DECIMAL(26, 12))) AS EffectiveCost,
  SUM(CAST(nothing AS DECIMAL(26, 12))) AS ListCost,
  SUM(CAST(nothing AS DECIMAL(26, 12))) AS ContractedCost,
  COUNT(*) AS Charges
FROM bill
WHERE has_credits
GROUP BY COALESCE(BillingPeriodStart, charge_month_start), BillingCurrency, InvoiceId
UNION ALL
SELECT
  'CommitmentPurchaseEffectiveCost' AS Rule,
  COALESCE(BillingPeriodStart, charge_month_start) AS BillingPeriodStart,
  BillingCurrency,
  InvoiceId,
  SUM(CAST(nothing AS DECIMAL(26, 12))) AS BilledCost,
  SUM(CAST(ruled_effective - effective AS DECIMAL(26, 12))) AS EffectiveCost,
  SUM(CAST(nothing AS DECIMAL(26, 12))) AS ListCost,
  SUM(CAST(nothing AS DECIMAL(26, 12))) AS ContractedCost,
  COUNT(*) AS Charges
FROM bill
WHERE is_amortised_purchase
GROUP BY COALESCE(BillingPeriodStart, charge_month_start), BillingCurrency, InvoiceId
UNION ALL
SELECT
  'MissingContractedCost' AS Rule,
  COALESCE(BillingPeriodStart, charge_month_start) AS BillingPeriodStart,
  BillingCurrency,
  InvoiceId,
  SUM(CAST(nothing AS DECIMAL(26, 12))) AS BilledCost,
  SUM(CAST(nothing AS DECIMAL(26, 12))) AS EffectiveCost,
  SUM(CAST(nothing AS DECIMAL(26, 12))) AS ListCost,
  SUM(CAST(ruled_contracted - COALESCE(ContractedCost, nothing) AS DECIMAL(26, 12))) AS ContractedCost,
  COUNT(*) AS Charges
FROM bill
WHERE lacks_contracted
GROUP BY COALESCE(BillingPeriodStart, charge_month_start), BillingCurrency, InvoiceId
UNION ALL
SELECT
  'MissingListCost' AS Rule,
  COALESCE(BillingPeriodStart, charge_month_start) AS BillingPeriodStart,
  BillingCurrency,
  InvoiceId,
  SUM(CAST(nothing AS DECIMAL(26, 12))) AS BilledCost,
  SUM(CAST(nothing AS DECIMAL(26, 12))) AS EffectiveCost,
  SUM(CAST(ruled_list - COALESCE(ListCost, nothing) AS DECIMAL(26, 12))) AS ListCost,
  SUM(CAST(nothing AS DECIMAL(26, 12))) AS ContractedCost,
  COUNT(*) AS Charges
FROM bill
WHERE lacks_list
GROUP BY COALESCE(BillingPeriodStart, charge_month_start), BillingCurrency, InvoiceId
