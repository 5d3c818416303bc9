-- Commitments: what was bought, used and left unused.
SELECT
  x_BillingMonth, ProviderName, BillingAccountId, CommitmentDiscountId, CommitmentDiscountCategory,
  CommitmentDiscountType, CommitmentDiscountStatus, ChargeCategory, x_CommitmentDiscountEnd, x_CommitmentDiscountPayment,
  x_CommitmentDiscountTerm, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(ContractedCost) AS ContractedCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost
FROM focus
WHERE CommitmentDiscountId IS NOT NULL
GROUP BY
  x_BillingMonth, ProviderName, BillingAccountId, CommitmentDiscountId, CommitmentDiscountCategory,
  CommitmentDiscountType, CommitmentDiscountStatus, ChargeCategory, x_CommitmentDiscountEnd, x_CommitmentDiscountPayment,
  x_CommitmentDiscountTerm, BillingCurrency
