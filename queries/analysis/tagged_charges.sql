-- What the tag policy judges: cost by resource and tag set.
SELECT
  x_BillingMonth AS Month,
  COALESCE(ProviderName, '') AS ProviderName,
  COALESCE(BillingAccountId, '') AS BillingAccountId,
  COALESCE(SubAccountId, '') AS SubAccountId,
  COALESCE(ServiceCategory, '') AS ServiceCategory,
  COALESCE(ServiceName, '') AS ServiceName,
  COALESCE(RegionId, '') AS RegionId,
  COALESCE(ResourceId, '') AS ResourceId,
  COALESCE(ResourceType, '') AS ResourceType,
  COALESCE(ChargeCategory, '') AS ChargeCategory,
  COALESCE(Tags, '') AS Tags,
  COALESCE(x_Team, '') AS Team,
  COALESCE(x_Environment, '') AS Environment,
  BillingCurrency,
  SUM(EffectiveCost) AS EffectiveCost
FROM resources_monthly
GROUP BY x_BillingMonth, COALESCE(ProviderName, ''), COALESCE(BillingAccountId, ''), COALESCE(SubAccountId, ''),
  COALESCE(ServiceCategory, ''), COALESCE(ServiceName, ''), COALESCE(RegionId, ''), COALESCE(ResourceId, ''),
  COALESCE(ResourceType, ''), COALESCE(ChargeCategory, ''), COALESCE(Tags, ''), COALESCE(x_Team, ''),
  COALESCE(x_Environment, ''), BillingCurrency
ORDER BY Month, ProviderName, SubAccountId, ServiceName, RegionId, ResourceId, ResourceType, ChargeCategory, Tags,
  Team, Environment, BillingAccountId, ServiceCategory, BillingCurrency
