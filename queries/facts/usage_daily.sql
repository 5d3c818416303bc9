-- What every day's usage cost by meter (the SKU where a bill has no meter), region and large resource: what
-- drives an anomaly. A resource is named where it costs at least 2 % of its account's service in the billing
-- month and at least 1 in currency (`large_resources`); all others are one line without a resource.
SELECT
  x_BillingMonth, x_ChargeDate, SubAccountId, ServiceName, RegionId, COALESCE(SkuMeter, SkuId) AS SkuMeter,
  LargeId AS ResourceId, ChargeCategory, BillingCurrency,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  SUM(ConsumedQuantity) AS ConsumedQuantity
FROM focus
LEFT JOIN large_resources AS large ON focus.ResourceId = large.LargeId
GROUP BY
  x_BillingMonth, x_ChargeDate, SubAccountId, ServiceName, RegionId, COALESCE(SkuMeter, SkuId), LargeId,
  ChargeCategory, BillingCurrency
