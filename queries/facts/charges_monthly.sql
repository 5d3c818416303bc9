-- What every month cost, by everything that cost reports, showback and key figures group by.
SELECT
  x_BillingMonth, ProviderName, BillingAccountId, SubAccountId, SubAccountName, ServiceCategory, ServiceName,
  ChargeCategory, PricingCategory, CommitmentDiscountStatus, x_CostCenter, x_Environment, x_Team, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(ContractedCost) AS ContractedCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  COUNT(*) AS Charges
FROM focus
GROUP BY
  x_BillingMonth, ProviderName, BillingAccountId, SubAccountId, SubAccountName, ServiceCategory, ServiceName,
  ChargeCategory, PricingCategory, CommitmentDiscountStatus, x_CostCenter, x_Environment, x_Team, BillingCurrency
