-- Azure cost details (EA, MCA, pay-as-you-go) -> FOCUS, in FOCUS column order; one mapping for both datasets.
-- Azure writes two costs into one column. A commitment's purchase is billed and has no effective cost; usage
-- that a commitment covers, and what nobody used of it, has an effective cost and is billed with the purchase.
-- Every other row has one cost, billed and effective alike. So each row's cost stands in one of the two
-- columns at least, and azure.toml states the same split for the control totals, read before this mapping.
-- Ids whose letter case drifts between rows are lower-cased, so that one resource is one resource.
WITH typed AS (
  SELECT
    *,
    LOWER(COALESCE(charge_type, 'Usage')) AS charge,
    LOWER(COALESCE(pricing_model, 'OnDemand')) IN ('reservation', 'savingsplan') AS under_commitment,
    LOWER(COALESCE(pricing_model, 'OnDemand')) AS model,
    LOWER(COALESCE(resource_id, '')) AS resource,
    -- A price in another currency than the bill's says nothing about the bill's costs.
    COALESCE(pricing_currency, billing_currency) = billing_currency AS priced_alike
  FROM bill
),
charged AS (
  SELECT
    *,
    under_commitment AND charge = 'usage' AS covered,
    charge IN ('unusedreservation', 'unusedsavingsplan') AS unused,
    under_commitment AND charge IN ('purchase', 'refund') AS commitment_purchase
  FROM typed
),
priced AS (
  SELECT
    *,
    CASE
      WHEN unused THEN CAST(0 AS DECIMAL(26, 12))
      WHEN charge = 'usage' AND priced_alike AND contracted_cost_by_price <> 0 THEN contracted_cost_by_price
      ELSE cost_in_billing_currency
    END AS contracted
  FROM charged
)
SELECT
  availability_zone AS AvailabilityZone,
  CASE WHEN covered OR unused THEN CAST(0 AS DECIMAL(26, 12)) ELSE cost_in_billing_currency END AS BilledCost,
  LOWER(COALESCE(billing_profile_id, billing_account_id, subscription_id)) AS BillingAccountId,
  COALESCE(billing_profile_name, billing_account_name, subscription_name) AS BillingAccountName,
  CASE
    WHEN billing_profile_id IS NOT NULL AND billing_profile_id <> COALESCE(billing_account_id, '') THEN 'Billing Profile'
    WHEN billing_account_id IS NOT NULL THEN 'Billing Account'
    ELSE 'Subscription'
  END AS BillingAccountType,
  billing_currency AS BillingCurrency,
  COALESCE(billing_period_end_date, charge_month_end) AS BillingPeriodEnd,
  COALESCE(billing_period_start_date, charge_month_start) AS BillingPeriodStart,
  additional_info_capacity AS CapacityReservationId,
  CASE
    WHEN additional_info_capacity IS NULL THEN CAST(NULL AS STRING)
    WHEN resource LIKE '%/capacityreservations/%' THEN 'Unused'
    ELSE 'Used'
  END AS CapacityReservationStatus,
  CASE
    WHEN unused OR charge = 'usage' THEN 'Usage'
    WHEN charge IN ('purchase', 'refund') THEN 'Purchase'
    WHEN charge = 'tax' THEN 'Tax'
    WHEN charge = 'credit' THEN 'Credit'
    ELSE 'Adjustment'
  END AS ChargeCategory,
  CASE WHEN charge = 'refund' THEN 'Correction' END AS ChargeClass,
  COALESCE(product_name, meter_name) AS ChargeDescription,
  CASE
    WHEN LOWER(frequency) = 'onetime' THEN 'One-Time'
    WHEN LOWER(frequency) = 'recurring' THEN 'Recurring'
    WHEN LOWER(frequency) = 'usagebased' OR unused OR charge = 'usage' THEN 'Usage-Based'
    ELSE 'One-Time'
  END AS ChargeFrequency,
  charge_day_end AS ChargePeriodEnd,
  date AS ChargePeriodStart,
  CASE
    WHEN model = 'reservation' OR charge = 'unusedreservation' THEN 'Usage'
    WHEN model = 'savingsplan' OR charge = 'unusedsavingsplan' THEN 'Spend'
  END AS CommitmentDiscountCategory,
  CASE
    WHEN under_commitment OR unused THEN LOWER(COALESCE(benefit_id, reservation_id, product_order_id))
  END AS CommitmentDiscountId,
  CASE WHEN under_commitment OR unused THEN COALESCE(benefit_name, reservation_name) END AS CommitmentDiscountName,
  CASE WHEN covered AND model = 'savingsplan' THEN cost_in_billing_currency END AS CommitmentDiscountQuantity,
  CASE WHEN unused THEN 'Unused' WHEN covered THEN 'Used' END AS CommitmentDiscountStatus,
  CASE
    WHEN model = 'reservation' OR charge = 'unusedreservation' THEN 'Reservation'
    WHEN model = 'savingsplan' OR charge = 'unusedsavingsplan' THEN 'Savings Plan'
  END AS CommitmentDiscountType,
  CASE WHEN covered AND model = 'savingsplan' THEN billing_currency END AS CommitmentDiscountUnit,
  CASE WHEN charge = 'usage' THEN quantity END AS ConsumedQuantity,
  CASE WHEN charge = 'usage' THEN unit_of_measure END AS ConsumedUnit,
  contracted AS ContractedCost,
  CASE WHEN charge = 'usage' AND priced_alike AND contracted_cost_by_price <> 0 THEN unit_price END AS ContractedUnitPrice,
  CASE WHEN commitment_purchase THEN CAST(0 AS DECIMAL(26, 12)) ELSE cost_in_billing_currency END AS EffectiveCost,
  invoice_id AS InvoiceId,
  COALESCE(partner_name, 'Microsoft') AS InvoiceIssuerName,
  CASE
    WHEN charge = 'usage' AND payg_cost_in_billing_currency <> 0 THEN payg_cost_in_billing_currency
    WHEN charge = 'usage' AND priced_alike AND list_cost_by_price <> 0 THEN list_cost_by_price
    ELSE contracted
  END AS ListCost,
  CASE
    WHEN charge = 'usage' AND payg_cost_in_billing_currency IS NULL AND priced_alike AND list_cost_by_price <> 0
      THEN payg_price
  END AS ListUnitPrice,
  CASE
    WHEN charge IN ('tax', 'credit') THEN CAST(NULL AS STRING)
    WHEN covered OR unused THEN 'Committed'
    WHEN model = 'spot' THEN 'Dynamic'
    ELSE 'Standard'
  END AS PricingCategory,
  COALESCE(pricing_currency, billing_currency) AS PricingCurrency,
  CASE WHEN charge IN ('usage', 'purchase', 'refund') THEN quantity END AS PricingQuantity,
  CASE WHEN charge IN ('usage', 'purchase', 'refund') THEN unit_of_measure END AS PricingUnit,
  'Microsoft' AS ProviderName,
  COALESCE(publisher_name, 'Microsoft') AS PublisherName,
  LOWER(REPLACE(resource_location, ' ', '')) AS RegionId,
  resource_location AS RegionName,
  LOWER(resource_id) AS ResourceId,
  resource_name AS ResourceName,
  resource_type AS ResourceType,
  COALESCE(s.ServiceCategory, 'Other') AS ServiceCategory,
  meter_category AS ServiceName,
  product_id AS SkuId,
  meter_name AS SkuMeter,
  LOWER(subscription_id) AS SubAccountId,
  subscription_name AS SubAccountName,
  CASE WHEN subscription_id IS NOT NULL THEN 'Subscription' END AS SubAccountType,
  tags AS Tags,
  CASE WHEN under_commitment OR unused THEN term END AS x_CommitmentDiscountTerm,
  CASE WHEN meter_category = 'Virtual Machines' THEN additional_info_size END AS x_InstanceType,
  COALESCE(charge_type, 'Usage') AS x_LineItemType,
  CASE
    WHEN meter_category <> 'Virtual Machines' THEN CAST(NULL AS STRING)
    WHEN meter_sub_category LIKE '%Windows%' OR additional_info_image LIKE 'Windows%' THEN 'Windows'
    WHEN additional_info_image IN ('Canonical', 'RedHat', 'SUSE', 'Debian', 'OpenLogic', 'CoreOS') THEN 'Linux'
  END AS x_OperatingSystem,
  consumed_service AS x_Operation,
  x_SourceRow AS x_SourceRow
FROM priced
LEFT JOIN service_categories AS s ON s.Service = priced.meter_category
