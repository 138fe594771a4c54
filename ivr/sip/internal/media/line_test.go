package media_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/ivrtest"
	"github.com/dialpay/dialpay/ivr/sip/internal/media"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
	"github.com/dialpay/dialpay/ivr/sip/tone"
)

// desk is a line and the telephone at its other end.
type desk struct {
	*media.Line
	phone   *peer.Phone
	network *peer.Network
	session media.Session
	pacer   *media.Pacer
}

// hum is a sound that is no key.
func hum(d time.Duration) []int16 {
	pcm := make([]int16, int(d.Seconds()*media.Rate))
	for i := range pcm {
		pcm[i] = 8000
		if i/10%2 == 0 {
			pcm[i] = -8000
		}
	}
	return pcm
}

// sound is Audio that is ready.
type sound struct {
	pcm []int16
	err error
}

func (s *sound) Read(pcm []int16) (n int, err error) {
	n = copy(pcm, s.pcm)
	if s.pcm = s.pcm[n:]; len(s.pcm) == 0 {
		err = io.EOF
	}
	return n, err
}

func (s *sound) Err() error { return s.err }

// humming hums for so long at each prompt, with a breath between.
func humming(length time.Duration) func(*ivr.Turn) media.Audio {
	return func(t *ivr.Turn) media.Audio {
		var pcm []int16
		for i := range t.Prompts {
			if i > 0 {
				pcm = append(pcm, make([]int16, media.Rate*150/1000)...)
			}
			pcm = append(pcm, hum(length)...)
		}
		return &sound{pcm: pcm}
	}
}

type setting struct {
	codec    media.Codec
	events   uint8
	length   time.Duration // of each prompt
	say      func(*ivr.Turn) media.Audio
	transfer func(context.Context, ivr.Transfer) error
	recorder media.Recorder
	behind   string // where the telephone is, if not where it says
}

func newDesk(t testing.TB, s setting) *desk {
	d := &desk{network: &peer.Network{}, pacer: &media.Pacer{}}
	here, err := d.network.Listen("192.0.2.1:0")
	require.NoError(t, err)
	there, err := d.network.Listen("198.51.100.7:4000")
	require.NoError(t, err)
	if s.behind != "" {
		there, err = d.network.Listen(s.behind)
		require.NoError(t, err)
	}
	if s.say == nil {
		s.say = humming(s.length)
	}
	d.session = media.Session{Codec: s.codec, Events: s.events, Remote: netip.MustParseAddrPort("198.51.100.7:4000"),
		Source: netip.MustParseAddr("203.0.113.9")}
	d.Line = media.New(media.Config{Conn: here, Pacer: d.pacer, Say: s.say, Transfer: s.transfer,
		Recorder: s.recorder}, d.session)
	d.phone = peer.NewPhone(peer.PhoneConfig{Conn: there, To: here.At(), Codec: uint8(s.codec), Events: s.events,
		Keep: true})
	return d
}

func (d *desk) leave() {
	d.phone.Close()
	_ = d.Line.Close()
}

var kinds = map[string]setting{
	"µ-law, events":        {codec: media.PCMU, events: 101, length: 300 * time.Millisecond},
	"A-law, events of 96":  {codec: media.PCMA, events: 96, length: 7 * time.Millisecond},
	"tones in µ-law":       {codec: media.PCMU, length: 400 * time.Millisecond},
	"tones in A-law":       {codec: media.PCMA, length: 300 * time.Millisecond},
	"another port by NAT":  {events: 101, length: 300 * time.Millisecond, behind: "198.51.100.7:4002"},
	"another host by NAT":  {events: 101, length: 300 * time.Millisecond, behind: "203.0.113.9:40123"},
	"prompts of no length": {events: 101},
}

// TestConformance runs the tests of any Line in virtual time.
func TestConformance(t *testing.T) {
	for name, s := range kinds {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var desks []*desk
				assert.NoError(t, ivrtest.TestLine(func() ivrtest.Rig {
					d := newDesk(t, s)
					desks = append(desks, d)
					return ivrtest.Rig{Line: d.Line, Press: d.phone.Press, HangUp: func() { d.HangUp("BYE") }}
				}))
				for _, d := range desks {
					d.leave()
				}
				synctest.Wait() // no goroutine is left: the bubble ends only then
			})
		})
	}
}

// TestRealSockets runs them over UDP, in real time.
func TestRealSockets(t *testing.T) {
	if testing.Short() {
		t.Skip("keys take their time")
	}
	pacer := &media.Pacer{}
	ports := &media.Ports{IP: netip.MustParseAddr("127.0.0.1"), From: 31000, To: 31999}
	ivrtest.Run(t, func(t *testing.T) ivrtest.Rig {
		here, err := ports.Open()
		require.NoError(t, err)
		there, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		require.NoError(t, err)
		address := func(c media.Conn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }
		line := media.New(media.Config{Conn: here, Pacer: pacer, Say: humming(100 * time.Millisecond)},
			media.Session{Events: 101, Remote: address(there)})
		phone := peer.NewPhone(peer.PhoneConfig{Conn: there, To: address(here), Events: 101})
		t.Cleanup(func() { phone.Close(); require.NoError(t, line.Close()) })
		return ivrtest.Rig{Line: line, Press: phone.Press, HangUp: func() { line.HangUp("BYE") }}
	})
}

var ask = ivr.Turn{Seq: 1, Action: ivr.ActionListen, Prompts: []ivr.Prompt{ivr.Say("a"), ivr.Say("b")},
	Listen: ivr.Listen{Most: 1, BargeIn: true}}

func (d *desk) perform(t testing.TB, turn ivr.Turn) {
	t.Helper()
	require.NoError(t, d.Perform(t.Context(), turn))
}

func (d *desk) event(t testing.TB) ivr.Event {
	t.Helper()
	ev, err := d.Next(t.Context(), time.Time{})
	require.NoError(t, err)
	return ev
}

// The prompts are said without a hole, each 20 ms in its packet, and end when their last packet has ended.
func TestPromptsEndWithTheirSound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, setting{codec: media.PCMA, events: 101, length: 410 * time.Millisecond})
		defer d.leave()
		time.Sleep(time.Second)
		begun := time.Now()
		d.perform(t, ask)
		time.Sleep(media.Tick)
		synctest.Wait()
		assert.WithinRange(t, d.phone.Loud(), begun, begun.Add(media.Tick), "the first words are in the next packet")
		ev := d.event(t)
		assert.Equal(t, ivr.PromptEnded, ev.Input.Kind)
		synctest.Wait()
		assert.Equal(t, ev.At.Add(-media.Tick), d.phone.Loud(), "20 ms after the last packet was sent")
		var loud []peer.Heard
		all := d.phone.Heard()
		for i, h := range all {
			if i > 0 {
				assert.Equal(t, all[i-1].Seq+1, h.Seq)
				assert.Equal(t, media.Tick, h.At.Sub(all[i-1].At))
			}
			if h.Loud {
				loud = append(loud, h)
			}
		}
		// 410 + 150 of breath + 410
		assert.Equal(t, 960*time.Millisecond, loud[len(loud)-1].At.Sub(loud[0].At))
	})
}

// A key stops the speech with the next packet.
func TestBargeIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, setting{events: 101, length: 10 * time.Second})
		defer d.leave()
		d.perform(t, ask)
		time.Sleep(time.Second)
		d.phone.Press("1")
		ev := d.event(t)
		assert.Equal(t, byte('1'), ev.Key)
		require.NoError(t, d.Interrupt(t.Context()))
		time.Sleep(time.Second)
		assert.LessOrEqual(t, d.phone.Loud().Sub(ev.At), time.Duration(0), "nothing was said after the key")
		ev, err := d.Next(t.Context(), time.Now().Add(time.Minute))
		require.NoError(t, err)
		assert.Zero(t, ev.Input.Kind, "the prompts did not end")
	})
}

// late is Audio that is never ready.
type late struct{}

func (late) Read([]int16) (int, error) { return 0, nil }
func (late) Err() error                { return nil }

// Speech that is being made never holds up a key, and a turn in place of it is said at once.
func TestPerformReplacesSpeechThatIsBeingMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, setting{events: 101, say: func(turn *ivr.Turn) media.Audio {
			if turn.Seq == 1 {
				return late{}
			}
			return &sound{pcm: hum(media.Tick)}
		}})
		defer d.leave()
		d.perform(t, ask)
		d.phone.Press("1")
		assert.Equal(t, byte('1'), d.event(t).Key)
		next := ask
		next.Seq = 2
		d.perform(t, next)
		assert.Equal(t, 2, d.event(t).Input.Turn)
	})
}

// A caller who does not hear all of a read-back has not heard it: the call ends. Other questions are asked again by
// themselves.
func TestMissingWords(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		mute := errors.New("no voice")
		d := newDesk(t, setting{say: func(*ivr.Turn) media.Audio { return &sound{pcm: hum(time.Second), err: mute} }})
		defer d.leave()
		d.perform(t, ask)
		assert.Equal(t, ivr.PromptEnded, d.event(t).Input.Kind)
		readBack := ask
		readBack.Seq, readBack.Listen.Flush = 2, true
		d.perform(t, readBack)
		_, err := d.Next(t.Context(), time.Time{})
		assert.ErrorIs(t, err, mute)
		assert.ErrorIs(t, d.Perform(t.Context(), ask), mute)
	})
}

// A read-back that was sent to nobody was not heard either.
func TestAReadBackThatNobodyGets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, setting{events: 101, length: time.Second, behind: "192.0.2.66:4000"}) // no packet of it counts
		defer d.leave()
		time.Sleep(11 * time.Second) // nothing more is sent to where the peer said
		d.perform(t, ask)
		assert.Equal(t, ivr.PromptEnded, d.event(t).Input.Kind)
		readBack := ask
		readBack.Seq, readBack.Listen.Flush = 2, true
		d.perform(t, readBack)
		_, err := d.Next(t.Context(), time.Time{})
		assert.ErrorIs(t, err, media.ErrNoPeer)
	})
}

// On hold nobody listens: speech stands still, and goes on where it was.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, setting{events: 101, length: time.Second})
		defer d.leave()
		begun := time.Now()
		d.perform(t, ask)
		time.Sleep(500 * time.Millisecond)
		held := d.session
		held.Hold = true
		d.Update(held)
		synctest.Wait()
		n := len(d.phone.Heard())
		time.Sleep(10 * time.Minute)
		assert.Len(t, d.phone.Heard(), n, "nothing is sent")
		d.phone.Press("5")
		assert.Equal(t, byte('5'), d.event(t).Key, "what the caller keys is heard all the same")
		back := time.Now()
		d.Update(d.session)
		assert.Equal(t, ivr.PromptEnded, d.event(t).Input.Kind)
		spoken := time.Since(begun) - back.Sub(begun) + 500*time.Millisecond
		assert.InDelta(t, 2.15, spoken.Seconds(), 0.1, "two seconds and a breath")
	})
}

// Nobody else's packets count, and ours go to nobody else.
func TestAStrangerCannotTakeACallOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, setting{events: 101, length: 100 * time.Millisecond, behind: "203.0.113.9:40123"})
		defer d.leave()
		evil, err := d.network.Listen("203.0.113.66:4000")
		require.NoError(t, err)
		same, err := d.network.Listen("203.0.113.9:40999") // another host behind the same NAT
		require.NoError(t, err)
		time.Sleep(time.Second) // the telephone is known now
		var strangers []*peer.Phone
		for _, conn := range []*peer.Socket{evil, same} {
			strangers = append(strangers, peer.NewPhone(peer.PhoneConfig{Conn: conn, To: d.At(), Events: 101, Keep: true}))
			strangers[len(strangers)-1].Press("666")
		}
		time.Sleep(5 * time.Second)
		d.phone.Press("1")
		assert.Equal(t, byte('1'), d.event(t).Key)
		for _, s := range strangers {
			assert.Empty(t, s.Heard())
			s.Close()
		}
	})
}

// At is where the line listens.
func (d *desk) At() netip.AddrPort { return d.Line.Addr() }

// A peer that names the address of somebody else, from whom nothing comes, has them sent no more than ten seconds.
func TestNobodyIsFlooded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, setting{events: 101, behind: "203.0.113.66:4000"})
		defer d.leave()
		victim, err := d.network.Listen("198.51.100.8:4000")
		require.NoError(t, err)
		phone := peer.NewPhone(peer.PhoneConfig{Conn: victim, Keep: true})
		defer phone.Close()
		s := d.session
		s.Remote = victim.At()
		d.Update(s)
		time.Sleep(time.Minute)
		assert.InDelta(t, 500, len(phone.Heard()), 2)
	})
}

// Nothing is sent to the own machine, to everybody or to a neighbour's link because a peer from elsewhere says so.
func TestAddressesThatNoPeerFromElsewhereHas(t *testing.T) {
	for _, remote := range []string{"127.0.0.1:4000", "[::1]:4000", "255.255.255.255:4000", "169.254.169.254:80"} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t, setting{events: 101, behind: "203.0.113.66:4000"})
			defer d.leave()
			victim, err := d.network.Listen(remote)
			require.NoError(t, err)
			phone := peer.NewPhone(peer.PhoneConfig{Conn: victim, Keep: true})
			defer phone.Close()
			s := d.session
			s.Remote = victim.At()
			d.Update(s)
			time.Sleep(time.Second)
			assert.Zero(t, len(phone.Heard()), remote)
			s.Source = victim.At().Addr() // it is there itself
			d.Update(s)
			time.Sleep(time.Second)
			if remote[0] != '2' {
				assert.NotZero(t, len(phone.Heard()), remote)
			}
		})
	}
}

// A peer that tells a key in two ways has pressed it once.
func TestOneWayOfKeys(t *testing.T) {
	for _, tc := range []struct {
		name   string
		events uint8
	}{{"events first", 101}, {"tones first", 0}} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDesk(t, setting{events: tc.events})
				defer d.leave()
				for _, key := range []byte("2207") {
					d.phone.Press(string(key))
					time.Sleep(150 * time.Millisecond)
					d.Line.Press(key, media.Info)
					time.Sleep(time.Second)
					assert.Equal(t, key, d.event(t).Key)
					ev, err := d.Next(t.Context(), time.Now())
					require.NoError(t, err)
					assert.Zero(t, ev.Key, "pressed once")
				}
				d.Line.Press('4', media.Info)
				ev, err := d.Next(t.Context(), time.Now())
				require.NoError(t, err)
				assert.Equal(t, tc.events == 0, ev.Key == '4', "tones, which may be a voice, give way to what is sure")
			})
		})
	}
}

// A peer that floods a line with keys fills nothing.
func TestKeysThatNobodyTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, setting{events: 101, length: time.Second})
		defer d.leave()
		d.perform(t, ask)
		for range 100_000 {
			d.Press('1', media.Info)
		}
		time.Sleep(5 * time.Second)
		d.HangUp("BYE")
		n, ended := 0, false
		for {
			ev, err := d.Next(t.Context(), time.Time{})
			if err != nil {
				assert.ErrorIs(t, err, io.EOF)
				break
			}
			n++
			ended = ended || ev.Input.Kind == ivr.PromptEnded
		}
		assert.LessOrEqual(t, n, 200)
		assert.True(t, ended, "the end of the prompts has its place all the same")
	})
}

func TestTransfer(t *testing.T) {
	turn := ivr.Turn{Seq: 1, Action: ivr.ActionTransfer, Prompts: ask.Prompts, Transfer: ivr.Transfer{To: "desk"}}
	for name, fails := range map[string]error{"answered": nil, "busy": errors.New("486 Busy Here")} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var asked []ivr.Transfer
				d := newDesk(t, setting{transfer: func(_ context.Context, to ivr.Transfer) error {
					asked = append(asked, to)
					return fails
				}})
				defer d.leave()
				d.perform(t, turn)
				assert.Equal(t, ivr.PromptEnded, d.event(t).Input.Kind, "the caller hears where they are put through to")
				ev, err := d.Next(t.Context(), time.Time{})
				if fails == nil {
					assert.ErrorIs(t, err, io.EOF)
				} else {
					require.NoError(t, err)
					assert.Equal(t, ivr.Input{Kind: ivr.TransferFailed, Turn: 1, Reason: "486 Busy Here"}, ev.Input)
				}
				assert.Equal(t, []ivr.Transfer{{To: "desk"}}, asked)
			})
		})
	}
}

// tape keeps what it is given.
type tape struct {
	mu          sync.Mutex
	heard, said []int16
	closed      bool
}

func (r *tape) Record(heard, said []int16) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard, r.said = append(r.heard, heard...), append(r.said, said...)
}

func (r *tape) Close() error { r.closed = true; return nil }

func loud(pcm []int16) (n int) {
	for _, s := range pcm {
		if s > 64 || s < -64 {
			n++
		}
	}
	return n
}

// The recording has what is said, and is silent while a sensitive question is asked. No key is ever in it.
func TestRecordingsAreSilentWhereTheyMust(t *testing.T) {
	for name, events := range map[string]uint8{"events": 101, "tones": 0} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &tape{}
				d := newDesk(t, setting{events: events, length: time.Second, recorder: r})
				d.perform(t, ask)
				time.Sleep(5 * time.Second)
				secret := ask
				secret.Seq, secret.Action, secret.Listen.Sensitive = 2, ivr.ActionCapture, true
				d.phone.Press("4") // ahead
				time.Sleep(30 * time.Millisecond)
				d.perform(t, secret)
				d.phone.Press("242424242424242#")
				time.Sleep(10 * time.Second)
				ask := ask
				ask.Seq = 3
				d.perform(t, ask)
				d.phone.Press("1")
				d.phone.Say(tone.Append(nil, "57", tone.Press{Level: -9, On: 1700 * time.Millisecond, Off: 60 * time.Millisecond}))
				time.Sleep(5 * time.Second)
				d.leave()
				synctest.Wait()
				assert.True(t, r.closed)
				second := media.Rate
				assert.InDelta(t, 20*second, len(r.said), 0.3*float64(second), "the time is the time of the call")
				assert.Equal(t, len(r.said), len(r.heard))
				assert.Positive(t, loud(r.said[:5*second]))
				assert.Zero(t, loud(r.said[5*second+second/4:15*second]), "the sensitive question is not there")
				assert.Positive(t, loud(r.said[15*second:]))
				assert.Zero(t, loud(r.heard), "nor is any key, in the voice or not")
			})
		})
	}
}

func TestRecordingsHaveTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &tape{}
		d := newDesk(t, setting{events: 101, recorder: r})
		d.phone.Say(hum(time.Second))
		time.Sleep(2 * time.Second)
		d.leave()
		assert.InDelta(t, media.Rate, loud(r.heard), 1000)
	})
}

// A key that is held for long is in no recording to its end, whatever else tells it.
func TestAHeldKeyIsNotRecorded(t *testing.T) {
	for _, events := range []uint8{0, 101} {
		synctest.Test(t, func(t *testing.T) {
			r := &tape{}
			d := newDesk(t, setting{events: events, recorder: r})
			d.phone.Say(tone.Append(nil, "5", tone.Press{Level: -9, On: 2 * time.Second}))
			time.Sleep(3 * time.Second)
			d.leave()
			assert.Zero(t, loud(r.heard))
		})
	}
}

// An hour on a line takes little, and the clock of calls stands still when there are none.
func TestPacerRestsWithoutCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, setting{events: 101})
		time.Sleep(time.Second)
		d.leave()
		time.Sleep(time.Second)
		synctest.Wait()
		second := newDesk(t, setting{events: 101})
		time.Sleep(time.Second)
		assert.InDelta(t, 50, len(second.phone.Heard()), 2)
		second.leave()
	})
}
