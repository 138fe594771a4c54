package flow_test

import (
	"testing"
	"testing/synctest"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/siptest"
	"github.com/stretchr/testify/require"
)

// TestGoldenOverSIP makes every golden call over SIP: signals, RTP, and keys as events and as tones. The same words are
// heard, the same keys asked for, and the same comes of it, to the second. It is laid over package flow by a test of
// package siptest, because dialpay itself needs no SIP.
func TestGoldenOverSIP(t *testing.T) {
	for name, tones := range map[string]bool{"events": false, "tones": true} {
		t.Run(name, func(t *testing.T) {
			n := 0
			for _, list := range goldenLists() {
				for _, g := range list {
					if n++; tones && n%5 != 0 {
						continue
					}
					t.Run(g.name, func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) { overSIP(t, g, tones) })
					})
				}
			}
		})
	}
}

// leftAlone are stories in which a call is left to itself, for longer than a question waits. The script stands still
// then; a line does not: it asks again.
var leftAlone = map[string]bool{"card-forgotten": true, "failure-two-calls": true, "resume-elsewhere": true,
	"resume-race":        true,
	"resume-lost-hangup": true}

func overSIP(t *testing.T, g golden, tones bool) {
	w := flowtest.NewWorld(reader{t})
	s := &script{World: w, TB: reader{t}}
	s.Config.Store = flow.NewMemory(s.Clock.Now)
	var phones []*siptest.Phone
	s.Phone = func(h ivr.Handler, id string) flowtest.Phone {
		p, err := siptest.NewPhone(siptest.Config{Handler: h, ID: id, Catalog: s.Config.Dialogue.Catalog(),
			Now: s.Clock.Now, Tones: tones})
		require.NoError(t, err)
		phones = append(phones, p)
		return p
	}
	why := story(s, g)
	for _, p := range phones {
		if a := p.Lacks(); a != "" {
			require.Contains(t, sip.Abilities.Lacks, a)
			t.Logf("played up to what needs %q", a)
			why = ""
		}
		p.Close()
	}
	if why != "" && !leftAlone[g.name] {
		t.Error(why)
	}
	if why == "" && leftAlone[g.name] {
		t.Error("it plays as everywhere: no call is left alone in it")
	}
}

// story plays the story, and tells in what it is another one than on other lines.
func story(s *script, g golden) (why string) {
	defer func() {
		if d, ok := recover().(divergence); ok {
			why = d.why
		}
	}()
	g.play(s)
	flowtest.Golden(s.TB, g.name, s.text(g.title))
	return ""
}
