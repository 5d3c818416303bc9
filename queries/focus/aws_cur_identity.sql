-- What amortised cost is made of, by payer: amortised = unblended - upfront - true-up, where upfront is what
-- commitments cost at once (less its refunds) and the true-up is the other way round the month's part of
-- upfronts, old ones too. Plain columns, no net ones: the identity is one of unblended cost.
SELECT
  bill_payer_account_id AS BillingAccountId,
  line_item_currency_code AS BillingCurrency,
  bill_billing_period_start_date AS BillingPeriodStart,
  COUNT(*) AS Charges,
  SUM(line_item_unblended_cost) AS Unblended,
  SUM(CASE
    WHEN line_item_line_item_type = 'SavingsPlanUpfrontFee' THEN line_item_unblended_cost
    WHEN line_item_line_item_type = 'Fee' AND reservation_arn IS NOT NULL THEN line_item_unblended_cost
    WHEN line_item_line_item_type = 'Refund' AND line_item_product_code = 'ComputeSavingsPlans'
      AND line_item_line_item_description LIKE 'Refund for one-time fee for Savings Plan ID%'
      THEN line_item_unblended_cost
  END) AS Upfront,
  SUM(CASE
    WHEN line_item_line_item_type = 'SavingsPlanRecurringFee'
      THEN savings_plan_amortized_upfront_commitment_for_billing_period
    WHEN line_item_line_item_type = 'RIFee' THEN reservation_amortized_upfront_fee_for_billing_period
  END) AS Spread,
  SUM(CASE
    WHEN line_item_line_item_type IN ('SavingsPlanNegation', 'SavingsPlanUpfrontFee')
      THEN CAST(0 AS DECIMAL(26, 12))
    WHEN line_item_line_item_type = 'Fee' AND reservation_arn IS NOT NULL THEN CAST(0 AS DECIMAL(26, 12))
    WHEN line_item_line_item_type = 'Refund' AND line_item_product_code = 'ComputeSavingsPlans'
      AND line_item_line_item_description LIKE 'Refund for one-time fee for Savings Plan ID%'
      THEN CAST(0 AS DECIMAL(26, 12))
    WHEN line_item_line_item_type = 'SavingsPlanCoveredUsage' THEN savings_plan_effective_cost
    WHEN line_item_line_item_type = 'DiscountedUsage' THEN reservation_effective_cost
    WHEN line_item_line_item_type = 'SavingsPlanRecurringFee'
      THEN CAST(COALESCE(savings_plan_total_commitment_to_date, CAST(0 AS DECIMAL(26, 12)))
        - COALESCE(savings_plan_used_commitment, CAST(0 AS DECIMAL(26, 12))) AS DECIMAL(26, 12))
    WHEN line_item_line_item_type = 'RIFee'
      THEN CAST(COALESCE(reservation_unused_amortized_upfront_fee_for_billing_period, CAST(0 AS DECIMAL(26, 12)))
        + COALESCE(reservation_unused_recurring_fee, CAST(0 AS DECIMAL(26, 12))) AS DECIMAL(26, 12))
    ELSE line_item_unblended_cost
  END) AS Amortised
FROM bill
GROUP BY bill_payer_account_id, line_item_currency_code, bill_billing_period_start_date
