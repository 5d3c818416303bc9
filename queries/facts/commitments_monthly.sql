-- Commitments: what was bought, used and left unused; and the day on which all of one was paid for.
SELECT
  x_BillingMonth, ProviderName, BillingAccountId, CommitmentDiscountId, CommitmentDiscountCategory,
  CommitmentDiscountType, CommitmentDiscountStatus, ChargeCategory, x_CommitmentDiscountEnd, x_CommitmentDiscountPayment,
  x_CommitmentDiscountTerm, BillingCurrency,
  SUM(BilledCost) AS BilledCost,
  SUM(ContractedCost) AS ContractedCost,
  SUM(EffectiveCost) AS EffectiveCost,
  SUM(ListCost) AS ListCost,
  MAX(CASE WHEN ChargeCategory = 'Purchase' AND ChargeFrequency = 'One-Time'
    THEN 32 - EXTRACT(DAY FROM x_ChargeDate) END) AS PurchaseDaysLeft
FROM focus
WHERE CommitmentDiscountId IS NOT NULL
GROUP BY
  x_BillingMonth, ProviderName, BillingAccountId, CommitmentDiscountId, CommitmentDiscountCategory,
  CommitmentDiscountType, CommitmentDiscountStatus, ChargeCategory, x_CommitmentDiscountEnd, x_CommitmentDiscountPayment,
  x_CommitmentDiscountTerm, BillingCurrency
