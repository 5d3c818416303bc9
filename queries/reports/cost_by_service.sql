SELECT
  x_BillingMonth AS Month,
  COALESCE(ProviderName, '(unknown)') AS ProviderName,
  COALESCE(ServiceCategory, 'Other') AS ServiceCategory,
  COALESCE(ServiceName, '(unknown)') AS ServiceName,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  BillingCurrency
FROM charges_monthly
GROUP BY x_BillingMonth, COALESCE(ProviderName, '(unknown)'), COALESCE(ServiceCategory, 'Other'),
  COALESCE(ServiceName, '(unknown)'), BillingCurrency
ORDER BY Month, BillingCurrency, EffectiveCost DESC, ProviderName, ServiceName, ServiceCategory
