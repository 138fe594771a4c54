package flow_test

import (
	"context"
	"time"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// annsBill changes the one bill of Ann.
func annsBill(s *script, change func(b *payment.Bill)) { change(&s.Biller.Open["acc-ann"][0]) }

func money(minor int64, currency string) payment.Money {
	return payment.Money{Minor: minor, Currency: currency}
}

// goldenPayments are the calls in which everything goes as it should.
var goldenPayments = []golden{
	{"pay-saved-card", "A customer calls from her registered number and pays the full balance with her saved card.", func(s *script) {
		c := s.dial(flowtest.Ann)
		ready(c)
		yes(c)
		c.Hear("receipt.approved").Press("1")
		enough(c.Hear("receipt.sent")).Over()
	}},
	{"pay-unknown-number", "A customer calls from a number that we do not know, and keys the account number.", func(s *script) {
		c := s.dial(flowtest.Stranger)
		c.Hear("language.choose.ask").Press("1")
		c.Hear("identify.account.ask").Press("10012345#")
		ready(c)
		yes(c)
		bye(c)
	}},
	{"pay-by-phone-number", "A customer without the bill at hand keys her registered telephone number in place of the account number.", func(s *script) {
		c := s.dialAs(ivr.Call{From: flowtest.Stranger, Locale: "en-US"})
		c.Hear("identify.account.ask").Press("2125550100#")
		ready(c)
		yes(c)
		bye(c)
	}},
	{"pay-bank", "A customer pays from her bank account, and hears the authorisation that a debit by telephone needs.", func(s *script) {
		s.Definition.Settings.Phone = "+12125550000"
		c := s.dial(flowtest.Ann)
		pin(c)
		full(c)
		c.Hear("funding.choose.ask").Press("2")
		c.Hear("confirm.tel").Hear("confirm.tel.phone").Press("1")
		bye(c)
	}},
	{"pay-fee", "A convenience fee is added, and read back before anything is charged.", func(s *script) {
		s.Config.Fees = fee{199}
		c := s.dial(flowtest.Ann)
		ready(c)
		c.Hear("confirm.fee")
		yes(c)
		bye(c)
	}},
	{"pay-minimum", "A customer pays the minimum that is due.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.minimum").Press("2")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"pay-and-cancel", "A customer pays the minimum, begins to pay the rest, and cancels that: what is said of the one is not said of the other.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.minimum").Press("2")
		savedVisa(c)
		yes(c)
		c.Hear("receipt.ask").Say("no receipt")
		c.Hear("more.ask").Press("1")
		full(c)
		savedVisa(c)
		c.Hear("confirm.readback.ask").Press("4")
		c.Hear("This payment is cancelled. Nothing was charged for it.")
		enough(c).Over()
	}},
	{"pay-past-due", "A customer pays only what is past due. The minimum is offered, too, because it is another amount.", func(s *script) {
		annsBill(s, func(b *payment.Bill) { b.PastDue, b.Due = money(4000, "USD"), "2026-02-20" })
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.overdue").Press("3")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"pay-several-bills", "A customer with two bills pays one of them, and then the other in the same call.", func(s *script) {
		c := s.dialAs(ivr.Call{From: flowtest.Ben, Attestation: "A", Locale: "en-US"})
		c.Hear("identify.pin.ask").Press("9876#")
		c.Hear("bill.several").Press("2")
		c.Hear("amount.overdue").Press("1")
		keyCard(c, visa, "0330", "737")
		c.Hear("card.save.offer").Press("1")
		yes(c)
		c.Hear("receipt.approved").Press("1")
		c.Hear("more.ask").Press("1")
		c.Hear("amount.ask").NotHear("bill.several").Press("1")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"pay-nothing", "There is nothing to pay.", func(s *script) {
		s.Biller.Open["acc-ann"] = nil
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("bill.none").Press("1").Over()
	}},
	{"pay-recorded", "A company that records its calls says so before anything else is said.", func(s *script) {
		s.Definition.Settings.Recorded = true
		c := s.dial(flowtest.Ann)
		c.Hear("greeting.recorded")
		ready(c)
		yes(c)
		bye(c)
	}},
	{"pay-yen", "A bill in yen: there is nothing smaller than a yen, so nothing smaller is asked for.", func(s *script) {
		annsBill(s, func(b *payment.Bill) {
			b.Balance, b.Minimum, b.Usual = money(12000, "JPY"), money(3000, "JPY"), payment.Money{}
		})
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Press("3")
		c.Hear("amount.other.ask").Silence()
		c.Hear("amount.other.ask.2").Press("4500#")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"pay-dinars", "A bill in Kuwaiti dinars: a dinar has a thousand fils, so three digits are asked for.", func(s *script) {
		annsBill(s, func(b *payment.Bill) {
			b.Balance, b.Minimum, b.Usual = money(45500, "KWD"), payment.Money{}, payment.Money{}
		})
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Press("2")
		c.Hear("amount.other.ask").Press("12#")
		c.Hear("amount.minor.ask").Silence()
		c.Hear("amount.minor.ask.2").Press("250")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"pay-euros", "A bill in euros, in English.", func(s *script) {
		annsBill(s, func(b *payment.Bill) {
			b.Balance, b.Minimum, b.Usual = money(8710, "EUR"), payment.Money{}, payment.Money{}
		})
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Press("2")
		c.Hear("amount.other.ask").Press("20#")
		c.Hear("amount.minor.ask").Press("#")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"pay-no-wallet", "A company that saves no cards asks for one every time, and does not offer to save it.", func(s *script) {
		s.Config.Wallet = nil
		c := s.dial(flowtest.Ann)
		pin(c)
		full(c)
		keyCard(c, visa, "0330", "737")
		yes(c)
		bye(c)
	}},
	{"pay-no-vault", "A company that takes no new cards offers the saved ones only.", func(s *script) {
		s.Config.Vault = nil
		c := s.dial(flowtest.Ann)
		pin(c)
		full(c)
		c.Hear("funding.choose.ask").NotHear("funding.new").Press("1")
		yes(c)
		bye(c)
	}},
	{"pay-no-messenger", "A company that sends no messages offers no receipt: the transaction ID is the proof.", func(s *script) {
		s.Config.Messenger = nil
		c := s.dial(flowtest.Ann)
		ready(c)
		yes(c)
		c.Hear("receipt.ask").NotHear("receipt.sms").Press("9")
		c.Hear("receipt.id.slow").Press("1")
		c.Hear("more.ask").Wait(time.Minute)
		c.Over()
	}},
}

// fee is a flow.Fees that is the same for everything.
type fee struct{ minor int64 }

func (f fee) Fee(_ context.Context, amount payment.Money, _ payment.Kind) (payment.Money, error) {
	return money(f.minor, amount.Currency), nil
}
