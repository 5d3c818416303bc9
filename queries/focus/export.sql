-- The lake -> FOCUS 1.2 as the specification wants it published: what a provider left out and the
-- specification never leaves out is filled in here, and nowhere else. No cost changes: a missing list or
-- contracted cost is the cost that is known. The export itself sets the billing period of the file and leaves
-- out a unit price that times the quantity is not the cost to the last digit.
-- `services` has one category for every service, `units` FOCUS names of units.
WITH charge AS (
  SELECT
    focus.*,
    CASE LOWER(COALESCE(ChargeCategory, 'Usage'))
      WHEN 'usage' THEN 'Usage'
      WHEN 'purchase' THEN 'Purchase'
      WHEN 'tax' THEN 'Tax'
      WHEN 'credit' THEN 'Credit'
      ELSE 'Adjustment'
    END AS category,
    CASE WHEN LOWER(ChargeClass) = 'correction' THEN 'Correction' END AS class,
    COALESCE(ProviderName, PublisherName, InvoiceIssuerName, 'Unknown') AS provider,
    COALESCE(ServiceName, 'Unknown') AS service,
    CASE
      WHEN CommitmentDiscountId IS NULL THEN CAST(NULL AS STRING)
      WHEN LOWER(CommitmentDiscountCategory) = 'spend' THEN 'Spend'
      WHEN LOWER(CommitmentDiscountCategory) = 'usage' THEN 'Usage'
      WHEN LOWER(CommitmentDiscountId) LIKE '%savingsplan%'
        OR LOWER(CommitmentDiscountId) LIKE '%billingbenefits%' THEN 'Spend'
      ELSE 'Usage'
    END AS commitment
  FROM focus
),
standing AS (
  SELECT
    charge.*,
    CASE
      WHEN CommitmentDiscountId IS NULL OR category <> 'Usage' THEN CAST(NULL AS STRING)
      WHEN LOWER(CommitmentDiscountStatus) = 'unused' THEN 'Unused'
      ELSE 'Used'
    END AS status,
    CommitmentDiscountId IS NOT NULL AND category IN ('Usage', 'Purchase') AND class IS NULL AS committed,
    CASE
      WHEN category = 'Tax' THEN CAST(NULL AS DECIMAL(26, 12))
      WHEN PricingQuantity IS NOT NULL THEN PricingQuantity
      WHEN ConsumedQuantity IS NOT NULL THEN ConsumedQuantity
      WHEN category IN ('Usage', 'Purchase') THEN CAST(1 AS DECIMAL(26, 12))
    END AS quantity,
    CASE
      WHEN PricingQuantity IS NOT NULL THEN COALESCE(PricingUnit, ConsumedUnit, 'Unit')
      WHEN ConsumedQuantity IS NOT NULL THEN COALESCE(ConsumedUnit, PricingUnit, 'Unit')
      ELSE 'Unit'
    END AS priced_in,
    COALESCE(
      ContractedCost,
      CASE WHEN LOWER(CommitmentDiscountStatus) = 'used' THEN COALESCE(ListCost, EffectiveCost) END,
      BilledCost
    ) AS contracted
  FROM charge
),
named AS (
  SELECT
    standing.*,
    COALESCE(s.PrimaryCategory, 'Other') AS service_category,
    COALESCE(p.FocusUnit, standing.priced_in) AS pricing_unit,
    COALESCE(u.FocusUnit, standing.ConsumedUnit, 'Unit') AS consumed_unit,
    CASE
      WHEN category = 'Tax' THEN CAST(NULL AS STRING)
      WHEN category IN ('Usage', 'Purchase') THEN COALESCE(SkuId, SkuMeter, SkuPriceId, service)
      ELSE SkuId
    END AS sku
  FROM standing
  LEFT JOIN services AS s ON s.Service = standing.service
  LEFT JOIN units AS p ON p.Unit = standing.priced_in
  LEFT JOIN units AS u ON u.Unit = standing.ConsumedUnit
)
SELECT
  AvailabilityZone AS AvailabilityZone,
  BilledCost AS BilledCost,
  COALESCE(BillingAccountId, SubAccountId, 'Unknown') AS BillingAccountId,
  BillingAccountName AS BillingAccountName,
  COALESCE(BillingAccountType, 'Billing Account') AS BillingAccountType,
  BillingCurrency AS BillingCurrency,
  BillingPeriodEnd AS BillingPeriodEnd,
  BillingPeriodStart AS BillingPeriodStart,
  CapacityReservationId AS CapacityReservationId,
  CASE
    WHEN CapacityReservationId IS NULL OR category <> 'Usage' THEN CAST(NULL AS STRING)
    WHEN LOWER(CapacityReservationStatus) = 'unused' THEN 'Unused'
    ELSE 'Used'
  END AS CapacityReservationStatus,
  category AS ChargeCategory,
  class AS ChargeClass,
  ChargeDescription AS ChargeDescription,
  CASE
    WHEN LOWER(ChargeFrequency) = 'recurring' THEN 'Recurring'
    WHEN LOWER(ChargeFrequency) = 'one-time' THEN 'One-Time'
    WHEN category = 'Usage' THEN 'Usage-Based'
    WHEN category <> 'Purchase' AND ChargeFrequency IS NOT NULL THEN 'Usage-Based'
    ELSE 'One-Time'
  END AS ChargeFrequency,
  COALESCE(ChargePeriodEnd, BillingPeriodEnd) AS ChargePeriodEnd,
  COALESCE(ChargePeriodStart, BillingPeriodStart) AS ChargePeriodStart,
  commitment AS CommitmentDiscountCategory,
  CommitmentDiscountId AS CommitmentDiscountId,
  CASE WHEN CommitmentDiscountId IS NOT NULL THEN CommitmentDiscountName END AS CommitmentDiscountName,
  CASE
    WHEN NOT committed THEN CAST(NULL AS DECIMAL(26, 12))
    WHEN CommitmentDiscountQuantity IS NOT NULL THEN CommitmentDiscountQuantity
    WHEN commitment = 'Spend' AND category = 'Purchase' THEN BilledCost
    WHEN commitment = 'Spend' THEN EffectiveCost
    ELSE COALESCE(ConsumedQuantity, quantity)
  END AS CommitmentDiscountQuantity,
  status AS CommitmentDiscountStatus,
  CASE
    WHEN CommitmentDiscountId IS NOT NULL THEN COALESCE(
      CommitmentDiscountType,
      CASE WHEN commitment = 'Spend' THEN 'Savings Plan' ELSE 'Reservation' END
    )
  END AS CommitmentDiscountType,
  CASE
    WHEN NOT committed THEN CAST(NULL AS STRING)
    WHEN CommitmentDiscountQuantity IS NOT NULL AND CommitmentDiscountUnit IS NOT NULL THEN CommitmentDiscountUnit
    WHEN commitment = 'Spend' THEN BillingCurrency
    WHEN ConsumedQuantity IS NOT NULL THEN consumed_unit
    ELSE pricing_unit
  END AS CommitmentDiscountUnit,
  CASE
    WHEN category = 'Usage' AND COALESCE(status, 'Used') = 'Used' THEN ConsumedQuantity
  END AS ConsumedQuantity,
  CASE
    WHEN category = 'Usage' AND COALESCE(status, 'Used') = 'Used' AND ConsumedQuantity IS NOT NULL THEN consumed_unit
  END AS ConsumedUnit,
  contracted AS ContractedCost,
  CASE WHEN category <> 'Tax' AND ContractedUnitPrice >= 0 THEN ContractedUnitPrice END AS ContractedUnitPrice,
  COALESCE(EffectiveCost, BilledCost) AS EffectiveCost,
  InvoiceId AS InvoiceId,
  COALESCE(InvoiceIssuerName, provider) AS InvoiceIssuerName,
  COALESCE(ListCost, contracted) AS ListCost,
  CASE WHEN category <> 'Tax' AND ListUnitPrice >= 0 THEN ListUnitPrice END AS ListUnitPrice,
  CASE
    WHEN category = 'Tax' THEN CAST(NULL AS STRING)
    WHEN category = 'Usage' AND status IS NOT NULL THEN 'Committed'
    WHEN LOWER(PricingCategory) = 'dynamic' THEN 'Dynamic'
    WHEN LOWER(PricingCategory) = 'other' THEN 'Other'
    WHEN category IN ('Usage', 'Purchase') OR PricingCategory IS NOT NULL THEN 'Standard'
  END AS PricingCategory,
  CASE
    WHEN PricingCurrencyEffectiveCost IS NOT NULL THEN COALESCE(PricingCurrency, BillingCurrency)
    ELSE BillingCurrency
  END AS PricingCurrency,
  CASE
    WHEN category <> 'Tax' AND PricingCurrencyContractedUnitPrice >= 0 THEN PricingCurrencyContractedUnitPrice
  END AS PricingCurrencyContractedUnitPrice,
  COALESCE(PricingCurrencyEffectiveCost, EffectiveCost, BilledCost) AS PricingCurrencyEffectiveCost,
  CASE
    WHEN category <> 'Tax' AND PricingCurrencyListUnitPrice >= 0 THEN PricingCurrencyListUnitPrice
  END AS PricingCurrencyListUnitPrice,
  quantity AS PricingQuantity,
  CASE WHEN quantity IS NOT NULL THEN pricing_unit END AS PricingUnit,
  provider AS ProviderName,
  COALESCE(PublisherName, provider) AS PublisherName,
  RegionId AS RegionId,
  CASE WHEN RegionId IS NOT NULL THEN COALESCE(RegionName, RegionId) END AS RegionName,
  ResourceId AS ResourceId,
  CASE WHEN ResourceId IS NOT NULL THEN ResourceName END AS ResourceName,
  CASE
    WHEN ResourceId IS NULL THEN CAST(NULL AS STRING)
    WHEN ResourceType IS NOT NULL THEN ResourceType
    WHEN ResourceId LIKE 'i-%' OR ResourceId LIKE '%:instance/%' THEN 'Instance'
    WHEN ResourceId LIKE 'vol-%' OR ResourceId LIKE '%:volume/%' THEN 'Volume'
    WHEN ResourceId LIKE '%:snapshot/%' THEN 'Snapshot'
    WHEN ResourceId LIKE '%:natgateway/%' THEN 'NAT Gateway'
    WHEN ResourceId LIKE '%:loadbalancer/%' THEN 'Load Balancer'
    WHEN ResourceId LIKE '%:function:%' THEN 'Function'
    WHEN ResourceId LIKE '%:db:%' THEN 'Database Instance'
    WHEN ResourceId LIKE '%:cluster:%' OR ResourceId LIKE '%:cluster/%' THEN 'Cluster'
    WHEN ResourceId LIKE '%:table/%' THEN 'Table'
    WHEN ResourceId LIKE '%:log-group:%' THEN 'Log Group'
    ELSE service
  END AS ResourceType,
  service_category AS ServiceCategory,
  service AS ServiceName,
  CASE
    WHEN ServiceSubcategory IS NOT NULL AND ServiceCategory = service_category THEN ServiceSubcategory
    ELSE CONCAT('Other (', service_category, ')')
  END AS ServiceSubcategory,
  sku AS SkuId,
  CASE WHEN sku IS NOT NULL THEN SkuMeter END AS SkuMeter,
  CASE
    WHEN category = 'Tax' OR COALESCE(SkuPriceId, sku) IS NULL THEN CAST(NULL AS STRING)
    ELSE SkuPriceDetails
  END AS SkuPriceDetails,
  CASE WHEN category <> 'Tax' THEN COALESCE(SkuPriceId, sku) END AS SkuPriceId,
  SubAccountId AS SubAccountId,
  CASE WHEN SubAccountId IS NOT NULL THEN COALESCE(SubAccountName, SubAccountId) END AS SubAccountName,
  CASE WHEN SubAccountId IS NOT NULL THEN COALESCE(SubAccountType, 'Sub Account') END AS SubAccountType,
  Tags AS Tags,
  x_BillingMonth AS x_BillingMonth,
  x_ChargeDate AS x_ChargeDate,
  x_ChargeMonth AS x_ChargeMonth,
  x_CommitmentDiscountEnd AS x_CommitmentDiscountEnd,
  x_CommitmentDiscountPayment AS x_CommitmentDiscountPayment,
  x_CommitmentDiscountTerm AS x_CommitmentDiscountTerm,
  x_CostCategories AS x_CostCategories,
  x_CostCenter AS x_CostCenter,
  x_Environment AS x_Environment,
  x_InstanceType AS x_InstanceType,
  x_LineItemType AS x_LineItemType,
  x_OperatingSystem AS x_OperatingSystem,
  x_Operation AS x_Operation,
  x_PriceGap AS x_PriceGap,
  x_SourceChanges AS x_SourceChanges,
  x_SourceFile AS x_SourceFile,
  x_SourceRow AS x_SourceRow,
  x_Team AS x_Team
FROM named
