package main

import (
	"context"
	"slices"
	"time"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
)

// The gift cards and the points that Cat has.
var (
	catCards = []wallet.GiftCard{
		{Token: paymenttest.TokenGift, Last4: "1234", Balance: usd(12_00)},
		{Token: "gift_5678", Last4: "5678", Balance: usd(20_00)},
	}
	catPoints = wallet.Points{Token: paymenttest.TokenPoints, Balance: 500, Rate: wallet.Rate{Points: 100, Worth: usd(1_00)}}
)

func usd(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: "USD"} }

// fund gives gift cards and points their balances at the processor.
func fund(s *paymenttest.Sandbox) {
	for _, g := range catCards {
		s.Fund(g.Token, g.Balance)
	}
	for _, c := range paymenttest.ClaimCodes {
		s.Fund(c.Token, c.Balance)
	}
	s.FundPoints(catPoints.Token, catPoints.Balance)
}

// savedMethods are what the customers had saved before the first call.
func savedMethods() []ownedMethod {
	expiry := payment.Expiry{Year: time.Now().Year() + 3, Month: 12}
	card := func(token string, brand payment.Brand, last4 string, first bool) wallet.Method {
		return wallet.Method{Kind: payment.KindCard, Token: token, Brand: brand, Last4: last4, Expiry: expiry, Default: first}
	}
	return []ownedMethod{
		{ann.id, wallet.Method{Kind: payment.KindBank, Token: paymenttest.TokenBank, Brand: "First Bank", Last4: "6789"}},
		{ann.id, card(paymenttest.TokenVisa, payment.Visa, "4242", true)},
		{ben.id, card(paymenttest.TokenDeclined, payment.Visa, "0002", false)},
		{ben.id, card(paymenttest.TokenMastercard, payment.Mastercard, "4444", true)},
		{cat.id, card(paymenttest.TokenDeclined, payment.Visa, "0002", false)},
		{cat.id, card(paymenttest.TokenVisa, payment.Visa, "4242", true)},
	}
}

// purse is what the customers pay with, as it is in the books: a wallet.Wallet, flow.GiftCards and flow.Rewards.
type purse struct {
	books     *books
	processor service
}

// wallet is made of the books, whose lock the caller has.
func (p purse) wallet(ctx context.Context) (*wallet.Memory, error) {
	w := &wallet.Memory{}
	for _, m := range slices.Concat(savedMethods(), p.books.Methods) {
		if _, err := w.Save(ctx, m.Account, m.Method); err != nil {
			return nil, err
		}
	}
	for _, g := range catCards {
		if err := w.AddGiftCard(cat.id, g); err != nil {
			return nil, err
		}
	}
	if err := w.SetPoints(cat.id, catPoints); err != nil {
		return nil, err
	}
	for _, c := range paymenttest.ClaimCodes {
		if err := p.claim(ctx, w, c); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// claim issues a claim code, and lets who has redeemed it redeem it again.
func (p purse) claim(ctx context.Context, w *wallet.Memory, c paymenttest.ClaimCode) error {
	code, err := payment.NewSecret([]byte(c.Code))
	if err != nil {
		return err
	}
	defer code.Clear()
	nextYear := payment.DateOf(time.Now().AddDate(1, 0, 0)) // so it is used before those that do not expire
	card := wallet.GiftCard{Token: c.Token, Last4: c.Last4, Balance: c.Balance, Expires: nextYear}
	if err := w.Issue(code, card); err != nil {
		return err
	}
	for _, r := range p.books.Redeemed {
		if r.Token == c.Token {
			_, err = w.Redeem(ctx, r.Account, code, r.Key)
		}
	}
	return err
}

// unclaimed are the claim codes that nobody has redeemed. The caller has the books.
func (p purse) unclaimed() []paymenttest.ClaimCode {
	return slices.DeleteFunc(slices.Clone(paymenttest.ClaimCodes), func(c paymenttest.ClaimCode) bool {
		return slices.ContainsFunc(p.books.Redeemed, func(r redeemed) bool { return r.Token == c.Token })
	})
}

// look shows the wallet with the balances that the processor has.
func (p purse) look(ctx context.Context, do func(*wallet.Memory) error) error {
	return p.books.look(func() error {
		w, err := p.wallet(ctx)
		if err != nil {
			return err
		}
		var silent error
		w.Left = func(token string) (int64, bool) {
			left, known, err := p.processor.left(ctx, token)
			if err != nil {
				silent = err
			}
			return left, known
		}
		if err := do(w); err != nil {
			return err
		}
		return silent
	})
}

// Methods implements wallet.Wallet.
func (p purse) Methods(ctx context.Context, account string) (all []wallet.Method, err error) {
	err = p.look(ctx, func(w *wallet.Memory) (err error) { all, err = w.Methods(ctx, account); return err })
	return all, err
}

// Save implements wallet.Wallet.
func (p purse) Save(ctx context.Context, account string, m wallet.Method) (saved wallet.Method, err error) {
	err = p.books.change(func() error {
		w, err := p.wallet(ctx)
		if err == nil {
			saved, err = w.Save(ctx, account, m)
		}
		p.books.Methods = append(p.books.Methods, ownedMethod{account, m})
		return err
	})
	return saved, err
}

// GiftCards implements flow.GiftCards.
func (p purse) GiftCards(ctx context.Context, account string) (all []wallet.GiftCard, err error) {
	err = p.look(ctx, func(w *wallet.Memory) (err error) { all, err = w.GiftCards(ctx, account); return err })
	return all, err
}

// Redeem implements flow.GiftCards.
func (p purse) Redeem(ctx context.Context, account string, code payment.Secret, key string) (
	card wallet.GiftCard, err error) {
	err = p.books.change(func() error {
		w, err := p.wallet(ctx)
		if err != nil {
			return err
		}
		if card, err = w.Redeem(ctx, account, code, key); err != nil {
			return err
		}
		p.books.Redeemed = append(p.books.Redeemed, redeemed{account, card.Token, key})
		return nil
	})
	return card, err
}

// Points implements flow.Rewards.
func (p purse) Points(ctx context.Context, account string) (points wallet.Points, err error) {
	err = p.look(ctx, func(w *wallet.Memory) (err error) { points, err = w.Points(ctx, account); return err })
	return points, err
}
