-- What every day cost by account and service: the series that anomalies are found in.
SELECT
  x_BillingMonth, x_ChargeDate, ProviderName, BillingAccountId, SubAccountId, ServiceName, ChargeCategory,
  BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  COUNT(*) AS Charges
FROM focus
GROUP BY
  x_BillingMonth, x_ChargeDate, ProviderName, BillingAccountId, SubAccountId, ServiceName, ChargeCategory,
  BillingCurrency
