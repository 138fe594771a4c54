package payment

// Money is an amount in minor units of an ISO 4217 currency: Money{1205, "USD"} is 12.05 US dollars. Its text form is
// "USD 1205".
type Money struct {
	Minor    int64
	Currency string
}
