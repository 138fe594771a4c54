package sip_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

// hasty is a peer that waits for no answer.
type hasty struct {
	*phone
	sent int
}

// haste makes a call of such a peer, whose keys come by INFO.
func haste(t *testing.T, test func(p *place, h *hasty)) {
	t.Helper()
	bubble(t, func(c *sip.Config) { c.Messages = 10_000 }, func(p *place) {
		p.handler.turn = func(ivr.Input) (ivr.Turn, bool) { // no prompt, so that all keys count
			return ivr.Turn{Locale: "en-US", Action: ivr.ActionListen,
				Listen: ivr.Listen{Least: 1, Most: 1, First: time.Hour}}, true
		}
		h := &hasty{phone: p.caller("198.51.100.1")}
		defer h.leave()
		h.dial(peer.Offer(h.sound.At(), 0))
		time.Sleep(time.Second)
		test(p, h)
		if p.server.Calls() > 0 {
			h.send(1_000_000, "BYE", "")
			time.Sleep(time.Second)
		}
	})
}

// send sends a request with this CSeq.
func (h *hasty) send(seq int, method, key string) {
	h.sent++
	h.Raw(fmt.Sprintf("%s sip:192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1:5062;branch=z9hG4bK-%d\r\n"+
		"From: <sip:alice@example.com>;tag=a-c1\r\nTo: %s\r\nCall-ID: c1\r\nCSeq: %d %s\r\nMax-Forwards: 70\r\n"+
		"Content-Type: application/dtmf\r\nContent-Length: %d\r\n\r\n%s",
		method, h.sent, h.Remote(), seq, method, len(key), key))
}

// answers are the status codes that every CSeq has got.
func (h *hasty) answers() map[int][]int {
	got := map[int][]int{}
	for {
		m, err := h.Wait()
		if err != nil {
			return got
		}
		seq, _, _ := strings.Cut(m.Get("CSeq"), " ")
		n, _ := strconv.Atoi(seq)
		got[n] = append(got[n], m.Status())
	}
}

func pressed(p *place) string {
	_, keys := p.handler.inputs("call-1")
	return strings.Join(keys, "")
}

// Keys that a peer sends without waiting for an answer overtake each other. None is lost, and they count in order.
func TestKeysThatOvertakeEachOther(t *testing.T) {
	haste(t, func(p *place, h *hasty) {
		want, accepted := "", map[int][]int{}
		for seq, key := range "42424242424242421230" {
			want, accepted[seq+2] = want+string(key), []int{200}
		}
		for _, i := range rand.Perm(len(want)) {
			h.send(i+2, "INFO", want[i:i+1])
		}
		time.Sleep(100 * time.Millisecond)
		assert.Equal(t, want, pressed(p))
		assert.Equal(t, accepted, h.answers())
	})
}

// A key that was lost on the way and sent again comes before the one that was sent after it.
func TestAKeyIsSentAgain(t *testing.T) {
	haste(t, func(p *place, h *hasty) {
		h.send(3, "INFO", "2")
		h.send(5, "BYE", "")
		time.Sleep(550 * time.Millisecond)
		assert.Empty(t, pressed(p))
		h.send(2, "INFO", "1")
		h.send(4, "INFO", "3")
		time.Sleep(time.Second)
		assert.Equal(t, "123", pressed(p))
		assert.Zero(t, p.server.Calls())
		assert.Equal(t, map[int][]int{2: {200}, 3: {200}, 4: {200}, 5: {200}}, h.answers())
	})
}

// A number that is left out, which is allowed, is not waited for very long. What waits then goes in order all the same.
func TestNumbersThatAreLeftOut(t *testing.T) {
	haste(t, func(p *place, h *hasty) {
		h.send(9, "INFO", "3")
		time.Sleep(700 * time.Millisecond)
		h.send(7, "INFO", "2")
		h.send(4, "INFO", "1")
		assert.Empty(t, pressed(p))
		time.Sleep(100 * time.Millisecond)
		assert.Equal(t, "123", pressed(p))
		h.send(8, "INFO", "8")
		assert.Equal(t, map[int][]int{4: {200}, 7: {200}, 8: {500}, 9: {200}}, h.answers(), "8 is too late")
		assert.Equal(t, "123", pressed(p))
	})
}

// A key counts once, also where it comes twice before its turn.
func TestAKeyThatWaitsCountsOnce(t *testing.T) {
	haste(t, func(p *place, h *hasty) {
		for _, seq := range []int{3, 3, 2, 2, 3} {
			h.send(seq, "INFO", fmt.Sprint(seq))
			synctest.Wait()
		}
		got := h.answers()
		assert.ElementsMatch(t, []int{200, 500}, got[2])
		assert.ElementsMatch(t, []int{200, 500, 500}, got[3])
		assert.Equal(t, "23", pressed(p))
	})
}

// What a peer sends ahead is kept within bounds, and the call goes on.
func TestAFloodAheadOfItsTurn(t *testing.T) {
	haste(t, func(p *place, h *hasty) {
		refused := 0
		for seq := range 500 {
			h.send(seq+3, "INFO", "1")
			synctest.Wait()
			for h.Skip() {
				refused++
			}
		}
		assert.Equal(t, 500-128, refused)
		time.Sleep(2 * time.Second)
		assert.True(t, h.Skip(), "those that waited have been answered")
		h.send(3+128, "INFO", "2")
		synctest.Wait()
		assert.True(t, strings.HasSuffix(pressed(p), "2"))
	})
}

// What waits when the call ends waits no longer.
func TestTheCallEndsWhileARequestWaits(t *testing.T) {
	haste(t, func(p *place, h *hasty) {
		h.send(4, "INFO", "1")
		h.send(2, "BYE", "")
		time.Sleep(500 * time.Millisecond)
		assert.Equal(t, map[int][]int{2: {200}, 4: {481}}, h.answers())
	})
}

// Every request within a call has its number, also one that does nothing there: who comes next does not wait for it.
func TestOtherRequestsHaveTheirTurn(t *testing.T) {
	haste(t, func(p *place, h *hasty) {
		h.send(2, "OPTIONS", "")
		h.send(3, "MESSAGE", "")
		h.send(4, "DANCE", "")
		h.send(5, "INFO", "1")
		synctest.Wait()
		assert.Equal(t, "1", pressed(p))
		assert.Equal(t, map[int][]int{2: {200}, 3: {405}, 4: {501}, 5: {200}}, h.answers())
	})
}
