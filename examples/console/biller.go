package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// biller keeps the bills in memory. One call at a time uses it.
type biller struct {
	open   map[string][]payment.Bill
	posted []payment.Posting
}

func newBiller(now time.Time) *biller {
	usd := func(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: "USD"} }
	day := func(days int) payment.Date { return payment.Date(now.AddDate(0, 0, days).Format(time.DateOnly)) }
	bill := func(id string, of customer, service string, days int, balance int64) payment.Bill {
		return payment.Bill{ID: id, Account: of.id, Payee: company, Service: service, Due: day(days), Balance: usd(balance)}
	}
	water := bill("w-1", ann, "", 4, 123_45)
	water.Minimum, water.Usual = usd(25_00), usd(60_00)
	house := bill("w-3", ben, "40 Oak Avenue", -3, 612_50)
	house.PastDue = usd(61_00)
	return &biller{open: map[string][]payment.Bill{
		ann.id: {water},
		ben.id: {house, bill("w-2", ben, "12 Elm Street", 18, 80_00)},
	}}
}

// Bills implements payment.Biller.
func (b *biller) Bills(_ context.Context, account string) ([]payment.Bill, error) {
	return slices.Clone(b.open[account]), nil
}

// Post implements payment.Biller. A posting that comes again is known by its key.
func (b *biller) Post(_ context.Context, p payment.Posting) error {
	if slices.ContainsFunc(b.posted, func(o payment.Posting) bool { return o.Key == p.Key }) {
		return nil
	}
	for i := range b.open[p.Account] {
		if bill := &b.open[p.Account][i]; bill.ID == p.Bill {
			balance, err := bill.Balance.Sub(p.Amount)
			if err != nil {
				return fmt.Errorf("post to bill %s: %w", p.Bill, err)
			}
			bill.Balance = balance
		}
	}
	b.posted = append(b.posted, p)
	return nil
}
