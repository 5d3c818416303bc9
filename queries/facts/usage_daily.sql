-- What every day's usage cost by meter (the SKU where a bill has no meter) and region: what drives an anomaly.
SELECT
  x_BillingMonth, x_ChargeDate, SubAccountId, ServiceName, RegionId, COALESCE(SkuMeter, SkuId) AS SkuMeter,
  ChargeCategory, BillingCurrency,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  SUM(ConsumedQuantity) AS ConsumedQuantity
FROM focus
GROUP BY
  x_BillingMonth, x_ChargeDate, SubAccountId, ServiceName, RegionId, COALESCE(SkuMeter, SkuId), ChargeCategory,
  BillingCurrency
