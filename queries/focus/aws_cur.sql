-- AWS CUR (legacy and 2.0) -> FOCUS, in FOCUS column order.
-- Usage under a savings plan bills nothing: the plan's fee already did (a reserved instance's usage comes
-- with 0). Negation lines are folded away (aws_cur_negation.sql proves that they cancel). A recurring fee is two charges: the purchase as
-- invoiced, and the part of it that nobody used.
WITH priced AS (
  SELECT
    *,
    line_item_line_item_type IN ('DiscountedUsage', 'SavingsPlanCoveredUsage') AS covered,
    line_item_line_item_type IN ('RIFee', 'SavingsPlanRecurringFee', 'SavingsPlanUpfrontFee')
      OR (line_item_line_item_type = 'Fee' AND reservation_arn IS NOT NULL) AS commitment_fee,
    COALESCE(line_item_net_unblended_cost, line_item_unblended_cost) AS invoiced,
    CASE
      WHEN line_item_line_item_type = 'SavingsPlanCoveredUsage'
        THEN COALESCE(savings_plan_net_effective_cost, savings_plan_effective_cost)
      WHEN line_item_line_item_type = 'DiscountedUsage'
        THEN COALESCE(reservation_net_effective_cost, reservation_effective_cost)
      WHEN line_item_line_item_type IN ('RIFee', 'SavingsPlanRecurringFee', 'SavingsPlanUpfrontFee')
        THEN CAST(0 AS DECIMAL(26, 12))
      WHEN line_item_line_item_type = 'Fee' AND reservation_arn IS NOT NULL
        THEN CAST(0 AS DECIMAL(26, 12))
      WHEN line_item_line_item_type = 'Refund' AND line_item_product_code = 'ComputeSavingsPlans'
        AND line_item_line_item_description LIKE 'Refund for one-time fee for Savings Plan ID%'
        THEN CAST(0 AS DECIMAL(26, 12))
      ELSE COALESCE(line_item_net_unblended_cost, line_item_unblended_cost)
    END AS amortised,
    CASE
      WHEN pricing_public_on_demand_cost > 0 THEN pricing_public_on_demand_cost
      WHEN list_cost_by_rate > 0 THEN list_cost_by_rate
    END AS listed
  FROM bill
  WHERE line_item_line_item_type <> 'SavingsPlanNegation'
),
unused AS (
  SELECT
    *,
    CASE
      WHEN line_item_line_item_type = 'SavingsPlanRecurringFee'
        THEN CAST(COALESCE(savings_plan_total_commitment_to_date, CAST(0 AS DECIMAL(26, 12)))
          - COALESCE(savings_plan_used_commitment, CAST(0 AS DECIMAL(26, 12))) AS DECIMAL(26, 12))
      ELSE CAST(
        COALESCE(reservation_net_unused_amortized_upfront_fee_for_billing_period,
          reservation_unused_amortized_upfront_fee_for_billing_period, CAST(0 AS DECIMAL(26, 12)))
        + COALESCE(reservation_net_unused_recurring_fee,
          reservation_unused_recurring_fee, CAST(0 AS DECIMAL(26, 12))) AS DECIMAL(26, 12))
    END AS unused_fee
  FROM priced
  WHERE line_item_line_item_type IN ('RIFee', 'SavingsPlanRecurringFee')
),
charge AS (
  SELECT *, CAST(NULL AS DECIMAL(26, 12)) AS unused_fee FROM priced
  UNION ALL
  SELECT * FROM unused WHERE unused_fee <> 0
)
SELECT
  line_item_availability_zone AS AvailabilityZone,
  CASE
    WHEN line_item_line_item_type = 'SavingsPlanCoveredUsage' OR unused_fee IS NOT NULL
      THEN CAST(0 AS DECIMAL(26, 12))
    ELSE invoiced
  END AS BilledCost,
  bill_payer_account_id AS BillingAccountId,
  bill_payer_account_name AS BillingAccountName,
  'Payer' AS BillingAccountType,
  line_item_currency_code AS BillingCurrency,
  bill_billing_period_end_date AS BillingPeriodEnd,
  bill_billing_period_start_date AS BillingPeriodStart,
  CASE
    WHEN unused_fee IS NOT NULL OR covered
      OR line_item_line_item_type IN ('Usage', 'FlatRateSubscription') THEN 'Usage'
    WHEN line_item_line_item_type IN ('Fee', 'RIFee', 'SavingsPlanRecurringFee', 'SavingsPlanUpfrontFee')
      THEN 'Purchase'
    WHEN line_item_line_item_type = 'Tax' THEN 'Tax'
    WHEN line_item_line_item_type = 'Credit' THEN 'Credit'
    WHEN line_item_line_item_type = 'Refund' AND line_item_product_code = 'ComputeSavingsPlans' THEN 'Purchase'
    WHEN line_item_line_item_type = 'Refund' OR line_item_line_item_type LIKE '%Discount' THEN 'Usage'
    ELSE 'Adjustment'
  END AS ChargeCategory,
  CASE WHEN bill_bill_type = 'Refund' OR line_item_line_item_type = 'Refund' THEN 'Correction' END AS ChargeClass,
  line_item_line_item_description AS ChargeDescription,
  CASE
    WHEN unused_fee IS NOT NULL THEN 'Usage-Based'
    WHEN line_item_line_item_type IN ('RIFee', 'SavingsPlanRecurringFee', 'FlatRateSubscription') THEN 'Recurring'
    WHEN line_item_line_item_type IN ('Fee', 'SavingsPlanUpfrontFee', 'Tax', 'Credit', 'Refund') THEN 'One-Time'
    ELSE 'Usage-Based'
  END AS ChargeFrequency,
  line_item_usage_end_date AS ChargePeriodEnd,
  line_item_usage_start_date AS ChargePeriodStart,
  CASE
    WHEN savings_plan_arn IS NOT NULL THEN 'Spend'
    WHEN reservation_arn IS NOT NULL THEN 'Usage'
  END AS CommitmentDiscountCategory,
  COALESCE(savings_plan_arn, reservation_arn) AS CommitmentDiscountId,
  CASE
    WHEN NOT covered THEN CAST(NULL AS DECIMAL(26, 12))
    WHEN line_item_line_item_type = 'SavingsPlanCoveredUsage' THEN amortised
    ELSE line_item_usage_amount
  END AS CommitmentDiscountQuantity,
  CASE WHEN covered THEN 'Used' WHEN unused_fee IS NOT NULL THEN 'Unused' END AS CommitmentDiscountStatus,
  CASE
    WHEN savings_plan_arn IS NOT NULL THEN 'Savings Plan'
    WHEN reservation_arn IS NOT NULL THEN 'Reserved Instance'
  END AS CommitmentDiscountType,
  CASE
    WHEN line_item_line_item_type = 'SavingsPlanCoveredUsage' THEN line_item_currency_code
    WHEN line_item_line_item_type = 'DiscountedUsage' THEN 'Hours'
  END AS CommitmentDiscountUnit,
  CASE WHEN covered OR line_item_line_item_type = 'Usage' THEN line_item_usage_amount END AS ConsumedQuantity,
  CASE WHEN covered OR line_item_line_item_type = 'Usage' THEN pricing_unit END AS ConsumedUnit,
  CASE
    WHEN unused_fee IS NOT NULL THEN CAST(0 AS DECIMAL(26, 12))
    WHEN covered THEN COALESCE(listed, amortised)
    ELSE invoiced
  END AS ContractedCost,
  CASE WHEN unused_fee IS NOT NULL THEN unused_fee ELSE amortised END AS EffectiveCost,
  bill_invoice_id AS InvoiceId,
  COALESCE(bill_invoicing_entity, line_item_legal_entity, bill_billing_entity) AS InvoiceIssuerName,
  CASE
    WHEN unused_fee IS NOT NULL THEN CAST(0 AS DECIMAL(26, 12))
    WHEN commitment_fee OR line_item_line_item_type IN ('Tax', 'Credit', 'Refund', 'Fee') THEN invoiced
    WHEN covered THEN COALESCE(listed, amortised)
    ELSE COALESCE(listed, invoiced)
  END AS ListCost,
  CASE
    WHEN unused_fee IS NULL AND (covered OR line_item_line_item_type = 'Usage') THEN pricing_public_on_demand_rate
  END AS ListUnitPrice,
  CASE
    WHEN covered OR unused_fee IS NOT NULL THEN 'Committed'
    WHEN line_item_line_item_type IN ('Tax', 'Credit', 'Refund') THEN CAST(NULL AS STRING)
    WHEN line_item_usage_type LIKE '%SpotUsage%' THEN 'Dynamic'
    ELSE 'Standard'
  END AS PricingCategory,
  pricing_currency AS PricingCurrency,
  CASE WHEN unused_fee IS NULL THEN line_item_usage_amount ELSE reservation_unused_quantity END AS PricingQuantity,
  pricing_unit AS PricingUnit,
  'AWS' AS ProviderName,
  COALESCE(line_item_legal_entity, bill_billing_entity, 'AWS') AS PublisherName,
  COALESCE(product_region_code, product_region) AS RegionId,
  product_location AS RegionName,
  line_item_resource_id AS ResourceId,
  CASE
    WHEN line_item_usage_type LIKE '%EBS:%' THEN 'Storage'
    WHEN line_item_usage_type LIKE '%NatGateway%' THEN 'Networking'
    ELSE COALESCE(s.ServiceCategory, 'Other')
  END AS ServiceCategory,
  COALESCE(product_product_name, product_servicename, line_item_product_code) AS ServiceName,
  product_sku AS SkuId,
  line_item_usage_type AS SkuMeter,
  pricing_rate_code AS SkuPriceId,
  line_item_usage_account_id AS SubAccountId,
  line_item_usage_account_name AS SubAccountName,
  'Linked Account' AS SubAccountType,
  tags AS Tags,
  CASE
    WHEN savings_plan_arn IS NOT NULL THEN savings_plan_end_time
    WHEN reservation_arn IS NOT NULL THEN reservation_end_time
  END AS x_CommitmentDiscountEnd,
  CASE
    WHEN savings_plan_arn IS NOT NULL THEN savings_plan_payment_option
    WHEN reservation_arn IS NOT NULL THEN pricing_purchase_option
  END AS x_CommitmentDiscountPayment,
  CASE
    WHEN savings_plan_arn IS NOT NULL THEN savings_plan_purchase_term
    WHEN reservation_arn IS NOT NULL THEN pricing_lease_contract_length
  END AS x_CommitmentDiscountTerm,
  cost_categories AS x_CostCategories,
  product_instance_type AS x_InstanceType,
  line_item_line_item_type AS x_LineItemType,
  line_item_operation AS x_Operation,
  product_operating_system AS x_OperatingSystem,
  x_SourceRow AS x_SourceRow
FROM charge
LEFT JOIN service_categories AS s ON s.Service = charge.line_item_product_code
