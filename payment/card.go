package payment

// Brand is a card brand.
type Brand string

// Expiry is the last month in which a card is valid. Its text form is "2029-12".
type Expiry struct{ Year, Month int }

// Date is a calendar day, "2026-12-01".
type Date string
