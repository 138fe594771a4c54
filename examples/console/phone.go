package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
)

// phone shows the messages that a customer gets. It implements flow.Messenger and auth.Notifier.
type phone struct {
	screen *screen
	clock  *clock
	books  *books // by Message.Key: a message that comes again is not shown again
	count  int    // of receipts and notices
}

// Send implements flow.Messenger.
func (p *phone) Send(_ context.Context, m flow.Message) error {
	return p.once(m.Key, func() {
		to := customerOf(m.Account).phone
		way := "text message"
		if m.Channel == flow.Email {
			to, way = customerOf(m.Account).email, "e-mail"
		}
		p.count++
		if p.clock.ahead() > 0 {
			to += ", later"
		}
		p.show(way+" to "+to, m.Text)
	})
}

// once sends what was not sent yet.
func (p *phone) once(key string, send func()) error {
	return p.books.change(func() error {
		if p.books.Sent[key] {
			return errSame
		}
		send()
		p.books.Sent[key] = true
		return nil
	})
}

// codeTexts are the messages with a one-time code, by language.
var codeTexts = map[string]string{
	"":      "%s is your code for this call. We never ask for it when we call you.",
	"es-US": "%s es su código para esta llamada. Nunca se lo pedimos cuando le llamamos.",
}

// Notify implements auth.Notifier. A decoy has no telephone.
func (p *phone) Notify(_ context.Context, n auth.Notice) error {
	if n.To == "" {
		return nil
	}
	text, ok := codeTexts[n.Locale]
	if !ok {
		text = codeTexts[""]
	}
	return p.once(n.Key, func() {
		n.Code.Open(func(code []byte) { p.show("text message to "+n.To, fmt.Sprintf(text, code)) })
	})
}

func (p *phone) show(heading, text string) {
	p.screen.print(fmt.Sprintf("\n  [%s]\n  %s\n\n", heading, strings.TrimSpace(text)))
}
