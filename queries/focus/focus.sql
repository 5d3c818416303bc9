-- FOCUS -> FOCUS. The fallbacks are the ones that focus.toml states; costs are what focus_rules.sql makes of
-- them, and where that differs the row says so in x_SourceChanges.
SELECT
  AvailabilityZone AS AvailabilityZone,
  ruled_billed AS BilledCost,
  BillingAccountId AS BillingAccountId,
  BillingAccountName AS BillingAccountName,
  BillingAccountType AS BillingAccountType,
  BillingCurrency AS BillingCurrency,
  CASE
    WHEN BillingPeriodEnd >= billing_month_last AND BillingPeriodEnd < billing_month_end THEN billing_month_end
    ELSE COALESCE(BillingPeriodEnd, billing_month_end)
  END AS BillingPeriodEnd,
  COALESCE(BillingPeriodStart, billing_month_start) AS BillingPeriodStart,
  CapacityReservationId AS CapacityReservationId,
  CapacityReservationStatus AS CapacityReservationStatus,
  CASE
    WHEN ChargeCategory IS NULL OR LOWER(ChargeCategory) IN ('usage', 'regular') THEN 'Usage'
    WHEN LOWER(ChargeCategory) = 'purchase' THEN 'Purchase'
    WHEN LOWER(ChargeCategory) = 'tax' THEN 'Tax'
    WHEN LOWER(ChargeCategory) = 'credit' THEN 'Credit'
    WHEN LOWER(ChargeCategory) IN ('adjustment', 'rounding_error') THEN 'Adjustment'
    ELSE ChargeCategory
  END AS ChargeCategory,
  ChargeClass AS ChargeClass,
  ChargeDescription AS ChargeDescription,
  ChargeFrequency AS ChargeFrequency,
  COALESCE(ChargePeriodEnd, charge_day_end) AS ChargePeriodEnd,
  ChargePeriodStart AS ChargePeriodStart,
  CommitmentDiscountCategory AS CommitmentDiscountCategory,
  CommitmentDiscountId AS CommitmentDiscountId,
  CommitmentDiscountName AS CommitmentDiscountName,
  CommitmentDiscountQuantity AS CommitmentDiscountQuantity,
  CommitmentDiscountStatus AS CommitmentDiscountStatus,
  CommitmentDiscountType AS CommitmentDiscountType,
  CommitmentDiscountUnit AS CommitmentDiscountUnit,
  ConsumedQuantity AS ConsumedQuantity,
  ConsumedUnit AS ConsumedUnit,
  ruled_contracted AS ContractedCost,
  ContractedUnitPrice AS ContractedUnitPrice,
  ruled_effective AS EffectiveCost,
  InvoiceId AS InvoiceId,
  InvoiceIssuerName AS InvoiceIssuerName,
  ruled_list AS ListCost,
  ListUnitPrice AS ListUnitPrice,
  CASE
    WHEN LOWER(PricingCategory) IN ('standard', 'on-demand') THEN 'Standard'
    WHEN LOWER(PricingCategory) = 'dynamic' THEN 'Dynamic'
    WHEN LOWER(PricingCategory) IN ('committed', 'commitment-based') THEN 'Committed'
    WHEN LOWER(PricingCategory) = 'other' THEN 'Other'
    ELSE PricingCategory
  END AS PricingCategory,
  PricingCurrency AS PricingCurrency,
  PricingCurrencyContractedUnitPrice AS PricingCurrencyContractedUnitPrice,
  PricingCurrencyEffectiveCost AS PricingCurrencyEffectiveCost,
  PricingCurrencyListUnitPrice AS PricingCurrencyListUnitPrice,
  PricingQuantity AS PricingQuantity,
  PricingUnit AS PricingUnit,
  provider AS ProviderName,
  PublisherName AS PublisherName,
  RegionId AS RegionId,
  RegionName AS RegionName,
  ResourceId AS ResourceId,
  ResourceName AS ResourceName,
  ResourceType AS ResourceType,
  ServiceCategory AS ServiceCategory,
  ServiceName AS ServiceName,
  ServiceSubcategory AS ServiceSubcategory,
  SkuId AS SkuId,
  SkuMeter AS SkuMeter,
  SkuPriceDetails AS SkuPriceDetails,
  SkuPriceId AS SkuPriceId,
  CASE
    WHEN provider LIKE 'Google%' AND SubAccountId = BillingAccountId THEN COALESCE(x_project_id, SubAccountId)
    ELSE SubAccountId
  END AS SubAccountId,
  CASE
    WHEN provider LIKE 'Google%' AND SubAccountId = BillingAccountId THEN COALESCE(x_project_name, SubAccountName)
    ELSE SubAccountName
  END AS SubAccountName,
  SubAccountType AS SubAccountType,
  Tags AS Tags,
  source_changes AS x_SourceChanges,
  x_SourceRow AS x_SourceRow
FROM bill
