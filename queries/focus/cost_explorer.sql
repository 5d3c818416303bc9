-- Cost Explorer pull -> FOCUS. One row is a day of one service and account, so it carries no resource,
-- price or quantity, and fees, taxes and credits cannot be told from usage.
SELECT
  ce_unblended_cost AS BilledCost,
  'cost-explorer' AS BillingAccountId,
  ce_currency AS BillingCurrency,
  charge_month_end AS BillingPeriodEnd,
  charge_month_start AS BillingPeriodStart,
  'Usage' AS ChargeCategory,
  'Usage-Based' AS ChargeFrequency,
  charge_day_end AS ChargePeriodEnd,
  ce_day AS ChargePeriodStart,
  COALESCE(ce_amortized_cost, ce_unblended_cost) AS EffectiveCost,
  'Amazon Web Services, Inc.' AS InvoiceIssuerName,
  'AWS' AS ProviderName,
  'AWS' AS PublisherName,
  COALESCE(s.ServiceCategory, 'Other') AS ServiceCategory,
  ce_service AS ServiceName,
  ce_account AS SubAccountId,
  ce_tags AS Tags,
  x_SourceRow AS x_SourceRow
FROM bill
LEFT JOIN service_categories AS s ON s.Service = bill.ce_service
