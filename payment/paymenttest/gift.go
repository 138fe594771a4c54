package paymenttest

import "github.com/dialpay/dialpay/payment"

// Tokens for gift cards and points. A sandbox knows them once Fund or FundPoints gave them a balance.
const (
	TokenGift   = "gift_1234" // last four digits 1234
	TokenPoints = "points_cat"
)

// ClaimCode is a test code, as a caller keys it, and the gift card that it stands for.
type ClaimCode struct {
	Code, Token, Last4 string
	Balance            payment.Money
}

// ClaimCodes are gift cards to redeem in tests and demonstrations: 25 dollars, and 200 dollars, which cover more than
// most bills.
var ClaimCodes = []ClaimCode{
	{"7001200025", "gift_0025", "0025", payment.Money{Minor: 2500, Currency: "USD"}},
	{"7001200200", "gift_0200", "0200", payment.Money{Minor: 20000, Currency: "USD"}},
}

// funds are what a token had at first: an amount or points.
type funds struct {
	amount payment.Money
	points int64
}

// Fund gives a token a balance, in place of one before. A charge on it of more than is left, or of another currency, is
// declined. What was voided or refunded is there again.
func (s *Sandbox) Fund(token string, balance payment.Money) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.funds[token] = funds{amount: balance}
}

// FundPoints is Fund for a token of points: a charge takes Charge.Points of it.
func (s *Sandbox) FundPoints(token string, points int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.funds[token] = funds{points: points}
}

// Left is what a funded token has left, in minor units or points, for wallet.Memory.Left; false for a token that is not
// funded.
func (s *Sandbox) Left(token string) (int64, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrive()
	f, ok := s.funds[token]
	return f.amount.Minor + f.points - s.spent(token), ok
}

// spent is what charges on a token hold or took, in minor units or points.
func (s *Sandbox) spent(token string) (sum int64) {
	for _, c := range s.charges {
		switch {
		case c.Token != token || c.State != Held && c.State != Captured:
		case c.request.Points > 0:
			sum += c.request.Points
		default:
			sum += c.Amount.Minor
		}
	}
	return sum
}

func (f funds) decide(c payment.Charge, spent int64) decision {
	switch {
	case c.Points > 0 && c.Points > f.points-spent:
		return decision{payment.OtherMethod, "not_enough_points"}
	case c.Points == 0 && (c.Amount.Currency != f.amount.Currency || c.Amount.Minor > f.amount.Minor-spent):
		return decision{payment.OtherMethod, "balance"}
	}
	return decision{}
}
