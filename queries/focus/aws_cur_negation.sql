-- What savings plan negation lines leave over, per plan, account and invoice. Nothing, when the export is whole;
-- what does not cancel becomes one Adjustment charge, so the books still close.
SELECT
  bill_payer_account_id AS BillingAccountId,
  line_item_currency_code AS BillingCurrency,
  bill_billing_period_start_date AS BillingPeriodStart,
  line_item_usage_account_id AS SubAccountId,
  savings_plan_arn AS CommitmentDiscountId,
  bill_invoice_id AS InvoiceId,
  SUM(COALESCE(line_item_net_unblended_cost, line_item_unblended_cost)) AS BilledCost
FROM bill
WHERE line_item_line_item_type IN ('SavingsPlanCoveredUsage', 'SavingsPlanNegation')
GROUP BY
  bill_payer_account_id,
  line_item_currency_code,
  bill_billing_period_start_date,
  line_item_usage_account_id,
  savings_plan_arn,
  bill_invoice_id
