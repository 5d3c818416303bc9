-- What every resource cost in a month, with its tags: compliance, owners, showback rules, waste.
SELECT
  x_BillingMonth, ProviderName, BillingAccountId, SubAccountId, ServiceCategory, ServiceName, RegionId, ResourceId,
  ResourceType, ChargeCategory, Tags, x_CostCenter, x_Environment, x_Team, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost
FROM focus
GROUP BY
  x_BillingMonth, ProviderName, BillingAccountId, SubAccountId, ServiceCategory, ServiceName, RegionId, ResourceId,
  ResourceType, ChargeCategory, Tags, x_CostCenter, x_Environment, x_Team, BillingCurrency
