-- Daily cost of every account and service: usage and purchases; taxes, credits and adjustments are no behaviour.
SELECT
  BillingCurrency,
  COALESCE(ProviderName, '') AS ProviderName,
  COALESCE(BillingAccountId, '') AS BillingAccountId,
  COALESCE(SubAccountId, '') AS SubAccountId,
  COALESCE(ServiceName, '(unknown)') AS ServiceName,
  x_ChargeDate AS Day,
  SUM(EffectiveCost) AS EffectiveCost
FROM charges_daily
WHERE ChargeCategory IN ('Usage', 'Purchase') AND x_ChargeDate IS NOT NULL
GROUP BY BillingCurrency, COALESCE(ProviderName, ''), COALESCE(BillingAccountId, ''), COALESCE(SubAccountId, ''),
  COALESCE(ServiceName, '(unknown)'), x_ChargeDate
ORDER BY BillingCurrency, ProviderName, BillingAccountId, SubAccountId, ServiceName, Day
