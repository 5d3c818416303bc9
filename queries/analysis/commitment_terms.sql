-- What the bill says about every commitment: its kind, its end, its term and how it is paid.
SELECT
  CommitmentDiscountId,
  BillingCurrency,
  COALESCE(MAX(CommitmentDiscountType), '') AS Type,
  COALESCE(MAX(CommitmentDiscountCategory), '') AS Category,
  COALESCE(MAX(x_CommitmentDiscountEnd), '') AS EndsOn,
  COALESCE(MAX(x_CommitmentDiscountPayment), '') AS Payment,
  COALESCE(MAX(x_CommitmentDiscountTerm), '') AS Term
FROM commitments_monthly
GROUP BY CommitmentDiscountId, BillingCurrency
ORDER BY CommitmentDiscountId, BillingCurrency
