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
		cat.id: {bill("w-4", cat, "", 9, 60_00)},
	}
}

// renew gives new bills to customers who have paid theirs, so that there is something to pay.
func (b *books) renew(now time.Time) error {
	return b.change(func() error {
		changed := false
		for account, bills := range newBills(now, b.Round) {
			if !slices.ContainsFunc(b.Bills[account], func(b payment.Bill) bool { return b.Balance.Positive() }) {
				b.Bills[account], changed = bills, true
			}
		}
		if !changed {
			return errSame
		}
		b.Round++
		return nil
	})
}

// biller is the company's payment.Biller.
type biller struct {
	books *books
	// posted are the postings of this console.
	posted []payment.Posting
}

// Bills implements payment.Biller.
func (b *biller) Bills(_ context.Context, account string) (bills []payment.Bill, err error) {
	err = b.books.look(func() error { bills = b.books.Bills[account]; return nil })
	return bills, err
}

// Post implements payment.Biller. A posting that comes again is known by its key.
func (b *biller) Post(_ context.Context, p payment.Posting) error {
	return b.books.change(func() error {
		if slices.ContainsFunc(b.books.Posted, func(o payment.Posting) bool { return o.Key == p.Key }) {
			return errSame
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
		b.books.Posted = append(b.books.Posted, p)
		b.posted = append(b.posted, p)
		return nil
	})
}
