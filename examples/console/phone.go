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
	to, way := p.address(m)
	if p.books.wasSent(m.Key) {
		return nil
	}
	p.count++
	if p.clock.later > 0 {
		to += ", later"
	}
	p.show(way+" to "+to, m.Text)
	return p.books.noteSent(m.Key)
}

func (b *books) wasSent(key string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Sent[key]
}

func (b *books) noteSent(key string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Sent[key] = true
	return b.save()
}

func (p *phone) address(m flow.Message) (to, way string) {
	switch {
	case m.Channel == flow.Email:
		return "ann@example.com", "e-mail"
	case m.Account == ben.id:
		return ben.phone, "text message"
	}
	return ann.phone, "text message"
}

// codeTexts are the messages with a one-time code, by language.
var codeTexts = map[string]string{
	"":      "%s is your code for this call. We never ask for it when we call you.",
	"es-US": "%s es su código para esta llamada. Nunca se lo pedimos cuando le llamamos.",
}

// Notify implements auth.Notifier. A decoy has no telephone.
func (p *phone) Notify(_ context.Context, n auth.Notice) error {
	if n.To == "" || p.books.wasSent(n.Key) {
		return nil
	}
	text, ok := codeTexts[n.Locale]
	if !ok {
		text = codeTexts[""]
	}
	n.Code.Open(func(code []byte) { p.show("text message to "+n.To, fmt.Sprintf(text, code)) })
	return p.books.noteSent(n.Key)
}

func (p *phone) show(heading, text string) {
	p.screen.print(fmt.Sprintf("\n  [%s]\n  %s\n\n", heading, strings.TrimSpace(text)))
}
