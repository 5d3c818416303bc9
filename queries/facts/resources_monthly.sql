-- What every resource cost in a month, with its tags: compliance, owners, waste.
SELECT
  x_BillingMonth, ProviderName, SubAccountId, ServiceName, RegionId, ResourceId, ResourceType, ChargeCategory,
  Tags, x_Team, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost
FROM focus
GROUP BY
  x_BillingMonth, ProviderName, SubAccountId, ServiceName, RegionId, ResourceId, ResourceType, ChargeCategory,
  Tags, x_Team, BillingCurrency
