-- Until when the bill of each provider goes.
SELECT COALESCE(ProviderName, '') AS ProviderName, MAX(x_ChargeDate) AS LastChargeDay
FROM charges_daily
WHERE ChargeCategory = 'Usage'
GROUP BY COALESCE(ProviderName, '')
ORDER BY ProviderName
