-- Usage that commitments cover or could cover, by month: coverage, utilisation and savings rates.
SELECT
  x_BillingMonth AS Month,
  BillingCurrency,
  COALESCE(BillingAccountId, '') AS BillingAccountId,
  COALESCE(ProviderName, '') AS ProviderName,
  COALESCE(ServiceName, '') AS ServiceName,
  COALESCE(ServiceCategory, '') AS ServiceCategory,
  COALESCE(RegionId, '') AS RegionId,
  COALESCE(x_InstanceType, '') AS InstanceType,
  COALESCE(x_OperatingSystem, '') AS OperatingSystem,
  COALESCE(CommitmentDiscountId, '') AS CommitmentDiscountId,
  COALESCE(CommitmentDiscountCategory, '') AS Category,
  COALESCE(CommitmentDiscountStatus, '') AS Status,
  SUM(ContractedCost) AS ContractedCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost
FROM commitment_hours
GROUP BY x_BillingMonth, BillingCurrency, COALESCE(BillingAccountId, ''), COALESCE(ProviderName, ''),
  COALESCE(ServiceName, ''), COALESCE(ServiceCategory, ''), COALESCE(RegionId, ''), COALESCE(x_InstanceType, ''),
  COALESCE(x_OperatingSystem, ''),
  COALESCE(CommitmentDiscountId, ''), COALESCE(CommitmentDiscountCategory, ''),
  COALESCE(CommitmentDiscountStatus, '')
ORDER BY Month, BillingCurrency, BillingAccountId, ProviderName, ServiceName, ServiceCategory, RegionId,
  InstanceType, OperatingSystem, CommitmentDiscountId, Category, Status
