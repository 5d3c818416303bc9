-- What a billing period cost by service: two versions of it are compared.
SELECT
  COALESCE(ServiceName, '(unknown)') AS ServiceName, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost
FROM charges_monthly
GROUP BY COALESCE(ServiceName, '(unknown)'), BillingCurrency
ORDER BY BillingCurrency, ServiceName
