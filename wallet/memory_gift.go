package wallet

import (
	"context"
	"crypto/sha256"
	"slices"

	"github.com/dialpay/dialpay/payment"
)

// giftMemory is the part of Memory that keeps gift cards, points and preferences.
type giftMemory struct {
	// Left is what the processor has left on a token of gift cards and points, in minor units or points; false for a token
	// that it does not know. Nil: balances stay as they were given.
	Left func(token string) (int64, bool)

	gifts       map[string][]GiftCard // by account
	codes       map[[32]byte]*claim   // by hash: the code itself is kept nowhere
	points      map[string]Points
	preferences map[string]Preferences
}

// claim is a gift card that waits for its code, and who has redeemed it.
type claim struct {
	card         GiftCard
	account, key string
}

// Issue makes a claim code for a gift card. The code is copied as a hash only; the caller clears it. ErrMethod if
// GiftCard.Check finds a fault.
func (w *Memory) Issue(code payment.Secret, card GiftCard) error {
	if err := card.Check(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.codes == nil {
		w.codes = map[[32]byte]*claim{}
	}
	w.codes[hashOf(code)] = &claim{card: card}
	return nil
}

func hashOf(code payment.Secret) (sum [32]byte) {
	code.Open(func(b []byte) { sum = sha256.Sum256(b) })
	return sum
}

// GiftCards returns the gift cards of the account with what is left on them, in the order in which they came.
func (w *Memory) GiftCards(ctx context.Context, account string) ([]GiftCard, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	cards := slices.Clone(w.gifts[account])
	for i := range cards {
		cards[i] = w.fresh(cards[i])
	}
	return cards, ctx.Err()
}

func (w *Memory) fresh(card GiftCard) GiftCard {
	if w.Left != nil {
		if left, ok := w.Left(card.Token); ok {
			card.Balance.Minor = left
		}
	}
	return card
}

// AddGiftCard gives the account a gift card that needs no code. ErrMethod if GiftCard.Check finds a fault.
func (w *Memory) AddGiftCard(account string, card GiftCard) error {
	if err := card.Check(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.addGiftCard(account, card)
	return nil
}

func (w *Memory) addGiftCard(account string, card GiftCard) {
	if w.gifts == nil {
		w.gifts = map[string][]GiftCard{}
	}
	w.gifts[account] = append(w.gifts[account], card)
}

// Redeem adds the gift card of a claim code to the account. The same key has the same end. A *ClaimError for a code that
// there is not, or that was redeemed before.
func (w *Memory) Redeem(ctx context.Context, account string, code payment.Secret, key string) (GiftCard, error) {
	if err := ctx.Err(); err != nil {
		return GiftCard{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	found := w.codes[hashOf(code)]
	switch {
	case found == nil:
		return GiftCard{}, &ClaimError{ClaimUnknown}
	case found.account == account && found.key == key:
		return w.fresh(found.card), nil
	case found.account != "":
		return GiftCard{}, &ClaimError{ClaimUsed}
	}
	found.account, found.key = account, key
	w.addGiftCard(account, found.card)
	return w.fresh(found.card), nil
}

// SetPoints gives the account its points. ErrMethod if Points.Check finds a fault.
func (w *Memory) SetPoints(account string, p Points) error {
	if err := p.Check(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.points == nil {
		w.points = map[string]Points{}
	}
	w.points[account] = p
	return nil
}

// Points returns the points that the account has left; the zero Points for none.
func (w *Memory) Points(ctx context.Context, account string) (Points, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.points[account]
	if w.Left != nil {
		if left, ok := w.Left(p.Token); ok {
			p.Balance = left
		}
	}
	return p, ctx.Err()
}

// SetPreferences keeps what a customer chose.
func (w *Memory) SetPreferences(account string, p Preferences) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.preferences == nil {
		w.preferences = map[string]Preferences{}
	}
	w.preferences[account] = p
}

// Preferences returns what the customer chose; the zero Preferences where that is nothing.
func (w *Memory) Preferences(ctx context.Context, account string) (Preferences, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.preferences[account], ctx.Err()
}
