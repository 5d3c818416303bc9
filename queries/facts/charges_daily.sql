-- What every day cost, by everything that cost reports, showback and anomalies group by.
SELECT
  x_BillingMonth, x_ChargeDate, ProviderName, BillingAccountId, SubAccountId, SubAccountName, ServiceCategory,
  ServiceName, RegionId, ChargeCategory, PricingCategory, CommitmentDiscountStatus, CommitmentDiscountType,
  x_CostCenter, x_Environment, x_Team, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(ContractedCost) AS ContractedCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  COUNT(*) AS Charges
FROM focus
GROUP BY
  x_BillingMonth, x_ChargeDate, ProviderName, BillingAccountId, SubAccountId, SubAccountName, ServiceCategory,
  ServiceName, RegionId, ChargeCategory, PricingCategory, CommitmentDiscountStatus, CommitmentDiscountType,
  x_CostCenter, x_Environment, x_Team, BillingCurrency
