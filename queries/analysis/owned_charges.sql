-- What showback rules and unit costs look at: cost by everything that a condition may name.
SELECT
  x_BillingMonth AS Month,
  COALESCE(ProviderName, '') AS ProviderName,
  COALESCE(BillingAccountId, '') AS BillingAccountId,
  COALESCE(SubAccountId, '') AS SubAccountId,
  COALESCE(SubAccountName, '') AS SubAccountName,
  COALESCE(ServiceCategory, '') AS ServiceCategory,
  COALESCE(ServiceName, '') AS ServiceName,
  COALESCE(RegionId, '') AS RegionId,
  COALESCE(ResourceId, '') AS ResourceId,
  COALESCE(ResourceType, '') AS ResourceType,
  COALESCE(ChargeCategory, '') AS ChargeCategory,
  COALESCE(PricingCategory, '') AS PricingCategory,
  COALESCE(CommitmentDiscountStatus, '') AS CommitmentDiscountStatus,
  COALESCE(x_DataTransfer, '') AS DataTransfer,
  COALESCE(Tags, '') AS Tags,
  COALESCE(x_CostCenter, '') AS CostCenter,
  COALESCE(x_Team, '') AS Team,
  COALESCE(x_Environment, '') AS Environment,
  BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(EffectiveCost) AS EffectiveCost
FROM resources_monthly
GROUP BY x_BillingMonth, COALESCE(ProviderName, ''), COALESCE(BillingAccountId, ''), COALESCE(SubAccountId, ''),
  COALESCE(SubAccountName, ''), COALESCE(ServiceCategory, ''), COALESCE(ServiceName, ''), COALESCE(RegionId, ''),
  COALESCE(ResourceId, ''), COALESCE(ResourceType, ''), COALESCE(ChargeCategory, ''), COALESCE(PricingCategory, ''),
  COALESCE(CommitmentDiscountStatus, ''), COALESCE(x_DataTransfer, ''), COALESCE(Tags, ''),
  COALESCE(x_CostCenter, ''), COALESCE(x_Team, ''), COALESCE(x_Environment, ''), BillingCurrency
ORDER BY Month, BillingCurrency, ProviderName, BillingAccountId, SubAccountId, SubAccountName, ServiceCategory,
  ServiceName, RegionId, ResourceId, ResourceType, ChargeCategory, PricingCategory, CommitmentDiscountStatus,
  DataTransfer, Tags, CostCenter, Team, Environment
