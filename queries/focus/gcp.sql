-- Google Cloud billing export -> FOCUS, in FOCUS column order.
-- A row is one charge: its credits lie in a list inside it and are added to its cost, so nothing fans out.
-- The invoice's month is the billing period; usage of its last days may belong to the month before.
WITH charge AS (
  SELECT
    *,
    COALESCE(commitment_id, CASE WHEN credits_type LIKE 'COMMITTED_USAGE_DISCOUNT%' THEN credits_id END)
      AS discount_id,
    COALESCE(commitment_name, CASE WHEN credits_type LIKE 'COMMITTED_USAGE_DISCOUNT%' THEN credits_full_name END)
      AS discount_name,
    COALESCE(commitment_type, CASE WHEN credits_type LIKE 'COMMITTED_USAGE_DISCOUNT%' THEN credits_type END)
      AS discount_type,
    COALESCE(cost_type, 'regular') = 'regular' AS regular,
    COALESCE(sku_description LIKE 'Commitment%' AND COALESCE(cost_type, 'regular') = 'regular', FALSE) AS purchase,
    -- Sums of byte-seconds have more digits than are stored: such quantities are told in pricing units.
    usage_amount_in_pricing_units IS NOT NULL AND (usage_amount IS NULL OR COALESCE(usage_unit, '') = 'byte-seconds')
      AS told_as_priced,
    COALESCE(cost_at_list, cost) AS listed,
    COALESCE(cost_at_effective_price_default, cost) AS contracted
  FROM bill
)
SELECT
  location_zone AS AvailabilityZone,
  net_cost AS BilledCost,
  billing_account_id AS BillingAccountId,
  'Billing Account' AS BillingAccountType,
  currency AS BillingCurrency,
  billing_month_end AS BillingPeriodEnd,
  billing_month_start AS BillingPeriodStart,
  CASE
    WHEN purchase THEN 'Purchase'
    WHEN regular THEN 'Usage'
    WHEN cost_type = 'tax' THEN 'Tax'
    ELSE 'Adjustment'
  END AS ChargeCategory,
  CASE
    WHEN adjustment_info_id IS NOT NULL OR adjustment_info_type IS NOT NULL THEN 'Correction'
  END AS ChargeClass,
  sku_description AS ChargeDescription,
  CASE WHEN purchase THEN 'Recurring' ELSE 'Usage-Based' END AS ChargeFrequency,
  COALESCE(usage_end_time, charge_day_end) AS ChargePeriodEnd,
  usage_start_time AS ChargePeriodStart,
  CASE
    WHEN discount_type LIKE '%DOLLAR_BASE%' THEN 'Spend'
    WHEN discount_type IS NOT NULL THEN 'Usage'
  END AS CommitmentDiscountCategory,
  COALESCE(discount_id, CASE WHEN purchase THEN subscription_instance_id END) AS CommitmentDiscountId,
  discount_name AS CommitmentDiscountName,
  CASE WHEN discount_type IS NOT NULL AND NOT purchase THEN 'Used' END AS CommitmentDiscountStatus,
  CASE WHEN discount_type IS NOT NULL OR purchase THEN 'Committed Use Discount' END AS CommitmentDiscountType,
  CASE
    WHEN regular AND NOT purchase AND told_as_priced THEN usage_amount_in_pricing_units
    WHEN regular AND NOT purchase THEN usage_amount
  END AS ConsumedQuantity,
  CASE
    WHEN regular AND NOT purchase AND told_as_priced THEN usage_pricing_unit
    WHEN regular AND NOT purchase THEN usage_unit
  END AS ConsumedUnit,
  contracted AS ContractedCost,
  CASE WHEN contracted_by_price = contracted THEN price_effective_price END AS ContractedUnitPrice,
  net_cost AS EffectiveCost,
  'Google Cloud' AS InvoiceIssuerName,
  listed AS ListCost,
  CASE WHEN list_by_price = listed THEN price_list_price END AS ListUnitPrice,
  CASE
    WHEN NOT regular THEN CAST(NULL AS STRING)
    WHEN discount_type IS NOT NULL AND NOT purchase THEN 'Committed'
    WHEN sku_description LIKE 'Spot Preemptible%' OR sku_description LIKE 'Preemptible%' THEN 'Dynamic'
    ELSE 'Standard'
  END AS PricingCategory,
  usage_amount_in_pricing_units AS PricingQuantity,
  usage_pricing_unit AS PricingUnit,
  'Google Cloud' AS ProviderName,
  CASE
    WHEN transaction_type = 'GOOGLE' OR UPPER(seller_name) = 'GOOGLE' THEN 'Google Cloud'
    ELSE COALESCE(seller_name, 'Google Cloud')
  END AS PublisherName,
  COALESCE(location_region, location_location) AS RegionId,
  COALESCE(location_region, location_location) AS RegionName,
  resource_global_name AS ResourceId,
  resource_name AS ResourceName,
  CASE
    WHEN resource_global_name LIKE '%/instances/%' THEN 'Instance'
    WHEN resource_global_name LIKE '%/disks/%' THEN 'Disk'
    WHEN resource_global_name LIKE '%/snapshots/%' THEN 'Snapshot'
    WHEN resource_global_name LIKE '%/buckets/%' THEN 'Bucket'
    WHEN resource_global_name LIKE '%/clusters/%' THEN 'Cluster'
  END AS ResourceType,
  CASE
    WHEN service_description = 'Compute Engine' AND sku_description LIKE '% PD Capacity%' THEN 'Storage'
    WHEN service_description = 'Compute Engine' AND sku_description LIKE 'Network %' THEN 'Networking'
    ELSE COALESCE(s.ServiceCategory, 'Other')
  END AS ServiceCategory,
  COALESCE(service_description, service_id, 'Google Cloud') AS ServiceName,
  sku_id AS SkuId,
  sku_description AS SkuMeter,
  sku_id || '/' || price_tier_start_amount AS SkuPriceId,
  project_id AS SubAccountId,
  project_name AS SubAccountName,
  CASE WHEN project_id IS NOT NULL THEN 'Project' END AS SubAccountType,
  labels AS Tags,
  machine_spec AS x_InstanceType,
  cost_type AS x_LineItemType,
  x_SourceRow AS x_SourceRow
FROM charge
LEFT JOIN service_categories AS s ON s.Service = charge.service_description
