package console_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/console"
)

func TestKeys(t *testing.T) {
	cfg := console.Config{Keys: true}
	got, screen := serve(t, cfg, "4-2 11#\x1b[15~99*4321#help mx\x7fe\r\r\x04", turn(1, anything), turn(2, pin), turn(3, anything), turn(4, anything))
	require.Len(t, got, 4)
	assert.Equal(t, "4211", got[0].Keys, "keys are keys at once; blanks and hyphens group them")
	assert.Equal(t, "4321", opened(got[1].Secret), "those of an escape sequence are none")
	assert.Equal(t, "help me", got[2].Speech, "other characters are words, until Enter")
	assert.Equal(t, ivr.HangUp, got[3].Kind, "Ctrl-D hangs up; Enter alone is nothing")
	assert.Equal(t, "What is it?\r\n> 4211#\r\nWhat is it?\r\n> ••••••••\r\n"+
		"What is it?\r\n> help mx\b \be\r\nWhat is it?\r\n(hang-up)\r\n", screen, "keys are echoed, those of a secret masked")
}

func TestEnter(t *testing.T) {
	maybe := ivr.Field{Least: 0, Most: 2}
	option := menu(1, ivr.Menu{Options: readBack.Options})
	for _, c := range []struct {
		rule  string
		typed string
		turns []ivr.Turn
		want  []string // the keys of each answer
	}{
		{"Enter ends an entry.", "421\r", []ivr.Turn{turn(1, anything)}, []string{"421"}},
		{"A line feed does too.", "421\n", []ivr.Turn{turn(1, anything)}, []string{"421"}},
		{"It ends one that nobody may see.", "12345\r", []ivr.Turn{turn(1, pin)}, []string{"12345"}},
		{"On an empty entry it means nothing.", "\r\r42\r", []ivr.Turn{turn(1, anything)}, []string{"42"}},
		{"It is # where the answer may be empty.", "\r", []ivr.Turn{turn(1, maybe)}, []string{"#"}},
		{"After a menu's single key it means nothing.", "1\r42\r", []ivr.Turn{option, turn(2, anything)}, []string{"1", "42"}},
		{"After # it means nothing.", "42#\r43#\r", []ivr.Turn{turn(1, anything), turn(2, anything)}, []string{"42", "43"}},
		{"An entry that was cleared is empty.", "99*\r42\r", []ivr.Turn{turn(1, anything)}, []string{"42"}},
		{"After a complete entry it is no answer to the next question.", "12\r\r", []ivr.Turn{turn(1, maybe), turn(2, maybe)},
			[]string{"12", "#"}},
	} {
		got, _ := serve(t, console.Config{Keys: true}, c.typed+"\x04", c.turns...)
		require.Len(t, got, len(c.want), c.rule)
		for i, want := range c.want {
			assert.Equal(t, want, got[i].Keys+opened(got[i].Secret), c.rule)
		}
	}

}

func TestEnterAfterTypeAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, console.Config{Keys: true})
		defer d.leave()
		var keys []byte
		press := func(typed string) {
			d.Type(typed)
			for {
				ev, err := d.Next(t.Context(), time.Now().Add(time.Second))
				require.NoError(t, err)
				switch {
				case ev.Key != 0:
					keys = append(keys, ev.Key)
				case ev.Input.Kind == "":
					return
				}
			}
		}
		wait := ivr.Turn{Locale: "en-US", Action: ivr.ActionWait, Prompts: []ivr.Prompt{ivr.Say("ask")}, Wait: time.Minute}
		require.NoError(t, d.Perform(t.Context(), wait))
		press("\r42")
		require.NoError(t, d.Perform(t.Context(), turn(2, anything)))
		press("\r")
		assert.Equal(t, "42#", string(keys), "Enter ends an entry that was begun while the caller had to wait")

		require.NoError(t, d.Perform(t.Context(), wait))
		press("1")
		require.NoError(t, d.Perform(t.Context(), menu(3, readBack)))
		press("\r")
		assert.Equal(t, "42#1", string(keys), "a read-back has dropped what was begun: Enter ends nothing")
	})
}

func TestTooEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, console.Config{Keys: true, Pace: time.Second})
		defer d.leave()
		go func() {
			for range 2 {
				for _, typed := range []string{"1", "2\r", "pay\r", "\r"} {
					time.Sleep(time.Second)
					d.Type(typed)
				}
				time.Sleep(5 * time.Minute) // the read-back has ended
				d.Type("\r1\r")
			}
		}()
		h := &handler{turns: []ivr.Turn{menu(1, readBack), menu(2, readBack)}}
		for i := range h.turns {
			h.turns[i].Listen.First = time.Hour
		}
		require.NoError(t, ivr.Serve(t.Context(), "c", ivr.Input{Kind: ivr.Answered}, d.Line, h))
		require.Len(t, h.got, 3)
		for _, in := range h.got[1:] {
			assert.Equal(t, "1", in.Keys)
			assert.True(t, in.Heard)
		}
		once := "You pay five dollars, with your card, today.\r\nTo pay, press 1.\r\nTo stop, press 2.\r\n" +
			"(please listen to the end)\r\n> pay\r\n> 1\r\n"
		assert.Equal(t, once+once+"Goodbye.\r\n", d.screen.String(), "what is dropped is not echoed, and the caller is told once a turn")
	})
}

func TestKeyTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t, console.Config{Keys: true, Pace: 100 * time.Millisecond})
		defer d.leave()
		start := time.Now()
		require.NoError(t, d.Perform(t.Context(), turn(1, anything)))
		ev, err := d.Next(t.Context(), time.Time{})
		require.NoError(t, err)
		assert.Equal(t, ivr.PromptEnded, ev.Input.Kind)
		assert.Equal(t, 1100*time.Millisecond, ev.At.Sub(start), "the prompts end when their text has been read")

		d.Type("wait a")
		go func() {
			time.Sleep(time.Minute)
			d.Type(" minute\r")
		}()
		ev, err = d.Next(t.Context(), ev.At.Add(time.Second))
		require.NoError(t, err)
		assert.Equal(t, "wait a minute", ev.Input.Speech, "who types words is not silent")
		assert.True(t, ev.Input.Heard)

		require.NoError(t, d.Perform(t.Context(), turn(2, anything)))
		d.Type("early\r")
		ev, err = d.Next(t.Context(), time.Time{})
		require.NoError(t, err)
		assert.Equal(t, "early", ev.Input.Speech)
		assert.False(t, ev.Input.Heard, "words before the end of the prompts interrupt them")
		require.NoError(t, d.Interrupt(t.Context()))
		ev, err = d.Next(t.Context(), time.Now().Add(time.Minute))
		require.NoError(t, err)
		assert.Empty(t, ev.Input.Kind, "prompts that were cut short do not end")
	})
}
