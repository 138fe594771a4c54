package flow_test

import (
	"context"
	"time"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
	"github.com/stretchr/testify/require"
)

// cat is Cat in front of the offer to use her gift card and her points.
func cat(s *script) *flowtest.Caller {
	s.Gifts()
	c := s.dial(flowtest.Cat)
	c.Hear("identify.pin.ask").Press("4321#")
	return full(c)
}

// debitsGifts lets the company debit points and gift cards at once, and the gift card be declined.
func debitsGifts(s *script) (rewards *paymenttest.Sandbox) {
	rewards = paymenttest.New(paymenttest.Config{Profile: payment.Profile{Name: "rewards"}, Direct: true, Now: s.Clock.Now})
	rewards.FundPoints(paymenttest.TokenPoints, 500)
	s.Config.Points = rewards
	s.Config.Gift = paymenttest.New(paymenttest.Config{Profile: payment.Profile{Name: "gifts"}, Direct: true, NoRefunds: true, Now: s.Clock.Now})
	return rewards
}

// goldenSplits are payments from several sources.
var goldenSplits = []golden{
	{"split", "A customer uses her points and her gift card first, and pays the rest with her Visa.", func(s *script) {
		c := cat(s)
		c.Hear("worth five dollars").Hear("rest of forty-three dollars").Press("1")
		c.Hear("five dollars with five hundred points").Hear("and the rest, forty-three dollars")
		yes(c)
		c.Hear("receipt.ask").Press("1")
		enough(c).Over()
	}},
	{"split-without", "A customer keeps her points and her gift card for another time.", func(s *script) {
		c := cat(s)
		c.Hear("split.without").Press("3")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"split-which", "A customer uses her gift card only, and keeps the points. Then she would rather use both, the gift card first.", func(s *script) {
		c := cat(s)
		c.Hear("split.which").Press("5")
		c.Hear("funding.which.ask").Say("only gift cards")
		c.NotHear("points, worth").Hear("rest of forty-eight dollars").Press("5")
		c.Hear("funding.which.ask").Press("4")
		c.Hear("worth five dollars").Hear("rest of forty-three dollars").Press("1")
		c.Hear("twelve dollars with your gift card").Hear("five dollars with five hundred points").Hear("and the rest, forty-three dollars")
		yes(c)
		bye(c)
	}},
	{"split-which-spanish", "A customer uses her points only, in Spanish, and keeps the gift card.", func(s *script) {
		c := cat(s)
		c.Press("6")
		c.Hear("split.which").Press("5")
		c.Hear("funding.which.ask").Press("1")
		c.Hear("split.card").Press("1")
		yes(c)
		c.Hear("receipt.ask").Press("1")
		enough(c).Over()
	}},
	{"split-redeem", "A customer mistypes the claim code of a gift card, then adds it: it covers all that is left, and nobody hears the code.", func(s *script) {
		c := cat(s)
		c.Hear("funding.gift").Press("4")
		c.Hear("gift.ask").Press("7001200201#")
		c.Hear("gift.unknown").Press("7001200200#")
		c.Hear("gift.added").Hear("split.all").Press("1")
		yes(c)
		bye(c)
	}},
	{"split-declined", "The Visa is declined: what the points and the gift card had set aside is free again, and a new card pays the rest.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{}, paymenttest.Fault{},
			paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.OtherMethod})
		c := cat(s)
		c.Hear("split.card").Press("1")
		yes(c)
		c.Hear("charge.declined.other").Press("1")
		c.Hear("split.other").Press("2")
		newCard(c, mastercard, "0729", "737")
		c.Hear("card.save.offer").Press("2")
		yes(c)
		bye(c)
	}},
	{"split-balance-gone", "The gift card was spent elsewhere between the read-back and the yes: a new plan is offered.", func(s *script) {
		c := cat(s)
		c.Hear("split.card").Press("1")
		s.Sandbox.Fund(paymenttest.TokenGift, payment.Money{Minor: 200, Currency: "USD"})
		yes(c)
		c.Hear("charge.declined.gift").Hear("confirm.nothing").Press("1")
		c.Hear("two dollars from your gift cards").Press("1")
		yes(c)
		bye(c)
	}},
	{"split-direct", "The gift card cannot be held, only debited: the Visa is held first, and the gift card is taken last.", func(s *script) {
		s.Gifts()
		direct := paymenttest.New(paymenttest.Config{Profile: payment.Profile{Name: "gifts"}, Direct: true, Now: s.Clock.Now})
		direct.Fund(paymenttest.TokenGift, payment.Money{Minor: 1200, Currency: "USD"})
		s.Config.Gift = direct
		c := s.dial(flowtest.Cat)
		c.Hear("identify.pin.ask").Press("4321#")
		full(c)
		c.Hear("split.card").Press("1")
		yes(c)
		c.Hear("receipt.ask")
		left, _ := direct.Left(paymenttest.TokenGift)
		s.note("%d cents are left on the gift card", left)
		bye(c)
	}},
	{"split-given-back", "Points and gift card are debited at once, and the gift card is declined: the points come back, and the customer is told.", func(s *script) {
		s.Gifts()
		rewards := debitsGifts(s)
		c := s.dial(flowtest.Cat)
		c.Hear("identify.pin.ask").Press("4321#")
		full(c)
		c.Hear("split.card").Press("1")
		yes(c)
		c.Hear("charge.declined.gift").NotHear("nothing was charged").Hear("charge.back").Press("2")
		left, _ := rewards.Left(paymenttest.TokenPoints)
		s.note("there are %d points again", left)
		enough(c).Over()
	}},
	{"split-hang-up", "A customer hangs up after the yes while the Visa does not answer: the payment goes forward, once.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Authorise, append(make([]paymenttest.Fault, 2), lostAnswers(6)...)...)
		c := cat(s)
		c.Hear("split.card").Press("1")
		c.Hear("confirm.readback.ask")
		s.confirmAndHangUp(c)
		s.sweeps(30)
	}},
	{"split-back-later", "A customer hangs up after the yes. Her points were taken and given back; when she calls again, she is told.", func(s *script) {
		s.Gifts()
		debitsGifts(s)
		s.Config.Messenger = nil
		c := s.dial(flowtest.Cat)
		c.Hear("identify.pin.ask").Press("4321#")
		full(c)
		c.Hear("split.card").Press("1")
		c.Hear("confirm.readback.ask")
		s.confirmAndHangUp(c)
		s.later(5 * time.Minute)
		again := s.dial(flowtest.Cat)
		again.Hear("identify.pin.ask").Press("4321#")
		again.NotHear("nothing was charged").Hear("resume.back").Press("1").HangUp()
	}},
	{"split-fee", "A fee comes on top: the rest for the Visa is more by it, and the parts add up.", func(s *script) {
		s.Config.Fees = fee{199}
		c := cat(s)
		c.Hear("rest of forty-four dollars and ninety-nine cents").Press("1")
		c.Hear("confirm.fee").Hear("sixty-one dollars and ninety-nine cents").Hear("and the rest, forty-four dollars")
		yes(c)
		bye(c)
	}},
	{"split-bank", "The rest is debited from a bank account: the authorisation that is read out names that part, not the whole.", func(s *script) {
		s.Definition.Settings.Phone = "+12125550000"
		s.Gifts()
		_, err := s.Wallet.Save(context.Background(), "acc-cat", wallet.Method{Kind: payment.KindBank, Token: paymenttest.TokenBank,
			Brand: "First Bank", Last4: "6789", Default: true})
		require.NoError(s, err)
		c := s.dial(flowtest.Cat)
		c.Hear("identify.pin.ask").Press("4321#")
		full(c)
		c.Hear("split.bank").Press("1")
		c.Hear("confirm.tel").Hear("debit of forty-three dollars").Press("1")
		c.Hear("receipt.ask").Press("1")
		enough(c).Over()
	}},
	{"split-step-up", "From another telephone, a large payment from several sources needs a one-time code.", func(s *script) {
		s.Gifts()
		s.Biller.Open["acc-cat"][0].Balance = money(84000, "USD")
		c := s.dialAs(english(flowtest.Stranger))
		c.Hear("identify.account.ask").Press("30034567#")
		c.Hear("identify.pin.ask").Press("4321#")
		full(c)
		c.Hear("split.card").Press("1")
		c.Hear("identify.sent").Press(s.Codes.Last + "#")
		c.Hear("five dollars with five hundred points").Hear("and the rest, eight hundred twenty-three dollars")
		yes(c)
		bye(c)
	}},
	{"split-cards-first", "A customer who prefers cards is asked for one first. Points and gift card are offered later in the menu.", func(s *script) {
		s.Wallet.SetPreferences("acc-cat", wallet.Preferences{Order: []payment.Kind{payment.KindCard}})
		c := cat(s)
		c.Hear("funding.choose.ask").Hear("funding.split").Press("3")
		c.Hear("split.card").Press("1")
		yes(c)
		bye(c)
	}},
	{"split-spanish", "The same in Spanish.", func(s *script) {
		c := cat(s)
		c.Press("6")
		c.Hear("oprima 1").Press("1")
		yes(c)
		c.Hear("receipt.ask").Press("1")
		enough(c).Over()
	}},
}
