package sip_test

import (
	"encoding/hex"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

// transfers gives the caller to a person when they press 0.
func transfers(p *place, context map[string]string) {
	p.handler.turn = func(in ivr.Input) (ivr.Turn, bool) {
		return ivr.Turn{Action: ivr.ActionTransfer, Prompts: []ivr.Prompt{ivr.Say("hold the line")},
			Transfer: ivr.Transfer{To: "desk", Reason: "asked", Context: context}}, in.Keys == "0"
	}
}

func desk(c *sip.Config) {
	c.Transfer = func(to string) (string, bool) { return "sip:" + to + "@people.example.com", to == "desk" }
}

// A person who answers has the caller, and what they should know.
func TestTransfer(t *testing.T) {
	bubble(t, desk, func(p *place) {
		transfers(p, map[string]string{"account": "acc-ann", "amount": "USD 123.45"})
		ph := p.call()
		defer ph.leave()
		ph.Press("0")
		m, err := ph.Request()
		require.NoError(t, err)
		assert.Equal(t, "REFER", m.Method())
		target, err := url.Parse(strings.Trim(m.Get("Refer-To"), "<>"))
		require.NoError(t, err)
		assert.Equal(t, "desk@people.example.com", target.Opaque)
		const about = `{"account":"acc-ann","amount":"USD 123.45","reason":"asked"}`
		assert.Equal(t, hex.EncodeToString([]byte(about))+";encoding=hex", target.Query().Get("User-to-User"))
		assert.Equal(t, hex.EncodeToString([]byte(about))+";encoding=hex", m.Get("User-to-User"))
		notify := func(state, status string) int {
			return ph.do("NOTIFY", "Event: refer\r\nSubscription-State: "+state+"\r\nContent-Type: message/sipfrag\r\n",
				status).Status()
		}
		assert.Equal(t, 200, notify("active;expires=60", "SIP/2.0 100 Trying\r\n"))
		time.Sleep(5 * time.Second)
		assert.Equal(t, 1, p.server.Calls(), "it rings there")
		assert.Equal(t, 200, notify("terminated;reason=noresource", "SIP/2.0 200 OK\r\n"))
		m, err = ph.Request()
		require.NoError(t, err)
		assert.Equal(t, "BYE", m.Method())
		assert.Equal(t, "transferred", p.what("ended").Reason)
		kinds, _ := p.handler.inputs("call-1")
		assert.Equal(t, "hang up", kinds[len(kinds)-1])
	})
}

// Where nobody answers, the dialogue goes on.
func TestTransferFails(t *testing.T) {
	for name, tc := range map[string]struct {
		answer, state, status string
		reason                string
	}{
		"refused": {"603 Decline", "", "", "sip: transfer refused: 603 Decline"},
		"busy": {"202 Accepted", "terminated;reason=noresource", "SIP/2.0 486 Busy Here",
			"sip: transfer failed: 486 Busy Here"},
		"no word of it":  {"202 Accepted", "terminated;reason=timeout", "", "sip: transfer failed: "},
		"nobody answers": {"202 Accepted", "", "", "sip: nobody answered in time"},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, desk, func(p *place) {
				transfers(p, map[string]string{"long": strings.Repeat("x", 2000)})
				ph := p.call()
				defer ph.leave()
				ph.Answer = func(m peer.Message) string {
					if m.Method() == "REFER" {
						return tc.answer
					}
					return "200 OK"
				}
				ph.Press("0")
				m, err := ph.Request()
				require.NoError(t, err)
				assert.Empty(t, m.Get("User-to-User"), "too much for a packet")
				if tc.state != "" {
					ph.do("NOTIFY", "Event: refer\r\nSubscription-State: "+tc.state+"\r\nContent-Type: message/sipfrag\r\n", tc.status)
				}
				time.Sleep(2 * time.Minute)
				p.handler.mu.Lock()
				var failed ivr.Input
				for _, in := range p.handler.got["call-1"] {
					if in.Kind == ivr.TransferFailed {
						failed = in
					}
				}
				p.handler.mu.Unlock()
				assert.Equal(t, tc.reason, failed.Reason)
				assert.Equal(t, 481, ph.do("NOTIFY", "Event: refer\r\n", "").Status(), "nothing is subscribed to any more")
				ph.do("BYE", "", "")
			})
		})
	}
}

// A peer that leaves as soon as it calls the person has transferred the caller.
func TestTransferByLeaving(t *testing.T) {
	bubble(t, desk, func(p *place) {
		transfers(p, nil)
		ph := p.call()
		defer ph.leave()
		ph.Press("0")
		_, err := ph.Request()
		require.NoError(t, err)
		time.Sleep(time.Second)
		ph.do("BYE", "", "")
		synctest.Wait()
		assert.Equal(t, "transferred", p.what("ended").Reason)
	})
}

func TestTransferToNowhere(t *testing.T) {
	bubble(t, nil, func(p *place) {
		transfers(p, nil)
		ph := p.call()
		defer ph.leave()
		ph.Press("0")
		time.Sleep(5 * time.Second)
		kinds, _ := p.handler.inputs("call-1")
		assert.Contains(t, kinds, "transfer failed")
		ph.do("BYE", "", "")
	})
}
