package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// newBills are the bills that the customers get next. Each round has IDs of its own.
func newBills(now time.Time, round int) map[string][]payment.Bill {
	usd := func(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: "USD"} }
	day := func(days int) payment.Date { return payment.Date(now.AddDate(0, 0, days).Format(time.DateOnly)) }
	bill := func(id string, of customer, service string, days int, balance int64) payment.Bill {
		if round > 0 {
			id = fmt.Sprintf("%s-%d", id, round)
		}
		return payment.Bill{ID: id, Account: of.id, Payee: company, Service: service, Due: day(days), Balance: usd(balance)}
	}
	water := bill("w-1", ann, "", 4, 123_45)
	water.Minimum, water.Usual = usd(25_00), usd(60_00)
	house := bill("w-3", ben, "40 Oak Avenue", -3, 612_50)
	house.PastDue = usd(61_00)
	return map[string][]payment.Bill{
		ann.id: {water},
		ben.id: {house, bill("w-2", ben, "12 Elm Street", 18, 80_00)},
	}
}

// renew gives new bills to customers who have paid theirs, so that there is something to pay.
func (b *books) renew(now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	changed := false
	for account, bills := range newBills(now, b.Round) {
		if !slices.ContainsFunc(b.Bills[account], func(b payment.Bill) bool { return b.Balance.Positive() }) {
			b.Bills[account], changed = bills, true
		}
	}
	if !changed {
		return nil
	}
	b.Round++
	return b.save()
}

// biller is the company's payment.Biller.
type biller struct{ *books }

// Bills implements payment.Biller.
func (b biller) Bills(_ context.Context, account string) ([]payment.Bill, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.books.Bills[account]), nil
}

// Post implements payment.Biller. A posting that comes again is known by its key.
func (b biller) Post(_ context.Context, p payment.Posting) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if slices.ContainsFunc(b.Posted, func(o payment.Posting) bool { return o.Key == p.Key }) {
		return nil
	}
	open := b.books.Bills[p.Account]
	for i := range open {
		if bill := &open[i]; bill.ID == p.Bill {
			balance, err := bill.Balance.Sub(p.Amount)
			if err != nil {
				return fmt.Errorf("post to bill %s: %w", p.Bill, err)
			}
			bill.Balance = balance
		}
	}
	b.Posted = append(b.Posted, p)
	return b.save()
}
