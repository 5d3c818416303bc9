-- What every commitment left unused, by month.
SELECT
  x_BillingMonth AS Month, BillingAccountId, CommitmentDiscountId, BillingCurrency,
  SUM(EffectiveCost) AS Unused
FROM commitments_monthly
WHERE CommitmentDiscountStatus = 'Unused'
GROUP BY x_BillingMonth, BillingAccountId, CommitmentDiscountId, BillingCurrency
ORDER BY Month, BillingAccountId, CommitmentDiscountId, BillingCurrency
