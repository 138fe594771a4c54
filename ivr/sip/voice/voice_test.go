package voice

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message/catalog"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
)

// reader is a Speaker whose audio is the words themselves: a sample a byte. So tests can read what is heard.
type reader struct {
	mu     sync.Mutex
	spoken []Utterance
	// before, if set, is called before an utterance is spoken. Its error is that of the speaker.
	before func(ctx context.Context, u Utterance) error
	// tail is how many samples of silence follow.
	tail int
}

func (r *reader) Name() string { return "reader" }

func (r *reader) Speak(ctx context.Context, u Utterance) ([]int16, error) {
	r.mu.Lock()
	r.spoken = append(r.spoken, u)
	r.mu.Unlock()
	if r.before != nil {
		if err := r.before(ctx, u); err != nil {
			return nil, err
		}
	}
	pcm := make([]int16, len(u.Text)+r.tail)
	for i := range len(u.Text) {
		pcm[i] = int16(u.Text[i])
	}
	return pcm, nil
}

func (r *reader) texts() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, u := range r.spoken {
		all = append(all, u.Text)
	}
	return all
}

// heard is what audio of a reader says; silence is a bar.
func heard(pcm []int16) string {
	var b strings.Builder
	for i, x := range pcm {
		switch {
		case x != 0:
			b.WriteByte(byte(x))
		case i == 0 || pcm[i-1] != 0:
			b.WriteByte('|')
		}
	}
	return b.String()
}

// words is a catalog of two languages.
func words(t testing.TB) *ivr.Catalog {
	english, spanish := ivr.English(), ivr.Spanish()
	for key, m := range map[string][2]string{
		"hello":   {"Welcome to O'Brien & Sons.", "Le damos la bienvenida."},
		"balance": {"Your balance is %[1]s.", "Su saldo es de %[1]s."},
		"pay": {"You pay %[1]s to %[2]s, with your %[3]s ending in %[4]s,",
			"Paga %[1]s a %[2]s, con su %[3]s que termina en %[4]s,"},
		"go": {"To pay %[1]s, press %[2]s. Not %[1]s? Hang up!",
			"Para pagar %[1]s, marque %[2]s. ¿No %[1]s? ¡Cuelgue!"},
		"visa": {"Visa", "Visa"},
		"two":  {"%[1]s%[2]s", "%[1]s %[2]s"},
	} {
		english.Messages[key], spanish.Messages[key] = catalog.String(m[0]), catalog.String(m[1])
	}
	english.Messages["bills"] = plural.Selectf(1, "",
		plural.One, "You have one bill.", plural.Other, "You have %[1]s bills.")
	spanish.Messages["bills"] = plural.Selectf(1, "",
		plural.One, "Tiene una factura.", plural.Other, "Tiene %[1]f facturas, o %[1]m.")
	c, err := ivr.NewCatalog(english, spanish)
	require.NoError(t, err)
	return c
}

// newVoice makes a Voice of words and a reader, and of what else is set. It logs to log.
func newVoice(t testing.TB, cfg Config) (v *Voice, spoken *reader, log *bytes.Buffer) {
	log = &bytes.Buffer{}
	if cfg.Speaker == nil {
		cfg.Speaker = &reader{}
	}
	if cfg.Catalog == nil {
		cfg.Catalog = words(t)
	}
	cfg.Log = slog.New(slog.NewTextHandler(log, nil))
	v, err := New(cfg)
	require.NoError(t, err)
	spoken, _ = cfg.Speaker.(*reader)
	return v, spoken, log
}

var pay = ivr.Say("pay", ivr.Money(12345, "USD"), ivr.Text("City Water"), ivr.Message("visa"), ivr.Last4("9876"))

func TestPieces(t *testing.T) {
	v, _, _ := newVoice(t, Config{})
	for _, tc := range []struct {
		locale string
		prompt ivr.Prompt
		want   string // pieces: a value in brackets, in braces if it is fixed, then the mark that ends it
	}{
		{"en-US", ivr.Say("hello"), "Welcome to O'Brien & Sons."},
		{"en-US", ivr.Say("visa"), "Visa"},
		{"en-US", ivr.Say("missing"), "[missing]"},
		{"xx", ivr.Say("visa"), "Visa"},
		{"en-US", ivr.Say("balance", ivr.Money(500, "USD")), "Your balance is/(five dollars)."},
		{"en-US", pay, "You pay/(one hundred twenty-three dollars and forty-five cents)/to/(City Water),/" +
			"with your/{Visa}/ending in/(nine eight seven six),"},
		{"es-US", pay, "Paga/(ciento veintitrés dólares con cuarenta y cinco centavos)/a/(City Water),/" +
			"con su/{Visa}/que termina en/(nueve ocho siete seis),"},
		{"en-US", ivr.Say("go", ivr.Text("it"), ivr.Key('#')), "To pay/(it),/press/{pound}./Not/(it)?/Hang up!"},
		{"en-US", ivr.Say("two", ivr.Text("one"), ivr.Text("two")), "(one)/(two)"},
		{"en-US", ivr.Say("two", ivr.Text(""), ivr.Text("two")), "(two)"},
		{"en-US", ivr.Say("two", ivr.Text("a\U0010ff01b"), ivr.Text("\U0010ff00")), "(ab)"},
		{"en-US", ivr.Say("bills", ivr.Count(1)), "You have one bill."},
		{"en-US", ivr.Say("bills", ivr.Count(21)), "You have/(twenty-one)/bills."},
		{"es-US", ivr.Say("bills", ivr.Count(3)), "Tiene/(tres)/facturas, o/(tres)."},
		{"es-US", ivr.Say("bills", ivr.Count(21)), "(Tiene veintiuna facturas, o veintiún.)"}, // said in two ways
		{"en-US", ivr.Prompt{Key: "bills", Args: []ivr.Arg{ivr.Count(1)}, Locale: "es-US"}, "Tiene una factura."},
	} {
		var got []string
		for _, x := range v.pieces(tc.locale, tc.prompt) {
			mark := ""
			if x.end != 0 && x.text[len(x.text)-1] != x.end {
				mark = string(x.end)
			}
			switch {
			case x.value && x.fixed:
				x.text = "{" + x.text + "}"
			case !x.fixed:
				x.text = "(" + x.text + ")"
			}
			got = append(got, x.text+mark)
		}
		assert.Equal(t, tc.want, strings.Join(got, "/"))
	}
}

// TestEveryMessage holds the pieces of all messages of the dialogue, with values of all kinds, against the words that
// the catalog has for the whole.
func TestEveryMessage(t *testing.T) {
	dialogue, err := flow.Default("City Water").Build()
	require.NoError(t, err)
	c := dialogue.Catalog()
	v, _, _ := newVoice(t, Config{Catalog: c})
	day := time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC)
	values := []ivr.Arg{ivr.Money(12345, "USD"), ivr.Text("O'Brien & <Sons>, Inc."), ivr.Message("brand.visa"),
		ivr.Last4("9876"), ivr.Date(day, day), ivr.Count(1), ivr.Count(21), ivr.Key('1'), ivr.Phone("+15550100123"),
		ivr.ID("7K49Q2"), ivr.IDSlow("7K49Q2"), ivr.Digits("0042")}
	letters := func(s string) string {
		return strings.Map(func(c rune) rune {
			if strings.ContainsRune(" ,.;:?!", c) {
				return -1
			}
			return c
		}, s)
	}
	pieces := 0
	for _, locale := range c.Locales() {
		for key := range c.Locale(locale).Messages {
			for turn := range values {
				p := ivr.Say(key, append(slices.Clone(values[turn:]), values[:turn]...)...)
				got := ""
				for _, x := range v.pieces(locale, p) {
					got += x.text
					pieces++
					require.NotContains(t, x.ssml, string(rune(0x10ff00))[:3], key)
					if x.fixed && !x.value {
						require.NotContains(t, x.ssml, "9876", key)
					}
				}
				require.Equal(t, letters(c.Text(locale, p)), letters(got), key)
			}
		}
	}
	assert.Greater(t, pieces, 5000)
}

func TestSay(t *testing.T) {
	v, _, _ := newVoice(t, Config{})
	prompts := []ivr.Prompt{ivr.Say("hello"), ivr.Say("balance", ivr.Money(500, "USD"))}
	pcm, err := v.Render(context.Background(), "en-US", false, prompts...)
	require.NoError(t, err)
	assert.Equal(t, "Welcome to O'Brien & Sons.|Your balance is,|five dollars", heard(pcm))
	silence := len(pcm) - len("Welcome to O'Brien & Sons.Your balance is,five dollars")
	assert.Equal(t, (350+30)*Rate/1000, silence, "a full stop, and the gap before a value")

	slow, err := v.Render(context.Background(), "en-US", true, prompts...)
	require.NoError(t, err)
	assert.Equal(t, silence, len(slow)-len(pcm), "the pauses are twice as long")

	none := v.Say("en-US", false)
	n, err := none.Read(make([]int16, 160))
	assert.Zero(t, n)
	assert.ErrorIs(t, err, io.EOF)
}

// TestRead reads packets of many lengths.
func TestRead(t *testing.T) {
	v, _, _ := newVoice(t, Config{})
	whole, err := v.Render(context.Background(), "en-US", false, pay, ivr.Say("hello"))
	require.NoError(t, err)
	for _, size := range []int{1, 7, 160, len(whole) - 1, len(whole), len(whole) + 1} {
		a := v.Say("en-US", false, pay, ivr.Say("hello"))
		var got []int16
		for packet := make([]int16, size); ; {
			n, err := a.Read(packet)
			got = append(got, packet[:n]...)
			if err != nil {
				require.ErrorIs(t, err, io.EOF)
				break
			}
			require.Equal(t, size, n, "all is rendered")
		}
		require.Equal(t, whole, got, size)
		assert.NoError(t, a.Err())
	}
}

// TestStreaming plays the first words while those after them are still being rendered.
func TestStreaming(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spoken := &reader{before: func(ctx context.Context, u Utterance) error {
			if strings.Contains(u.Text, "dollars") {
				time.Sleep(time.Second)
			}
			return nil
		}}
		v, _, _ := newVoice(t, Config{Speaker: spoken})
		a := v.Say("en-US", false, ivr.Say("balance", ivr.Money(500, "USD")))
		synctest.Wait()
		pcm := make([]int16, 1000)
		n, err := a.Read(pcm)
		require.NoError(t, err)
		assert.Equal(t, "Your balance is,|", heard(pcm[:n]))
		n, err = a.Read(pcm)
		assert.Zero(t, n)
		assert.NoError(t, err, "it waits for the amount")
		time.Sleep(time.Second)
		synctest.Wait()
		n, err = a.Read(pcm)
		assert.Equal(t, "five dollars", heard(pcm[:n]))
		assert.ErrorIs(t, err, io.EOF)
	})
}

func TestStop(t *testing.T) {
	v, _, _ := newVoice(t, Config{})
	_, err := v.Render(context.Background(), "en-US", false, pay)
	require.NoError(t, err)
	a := v.Say("en-US", false, pay)
	pcm := make([]int16, 3)
	n, err := a.Read(pcm)
	require.NoError(t, err)
	assert.Equal(t, "You", heard(pcm[:n]))
	a.Stop()
	a.Stop()
	n, err = a.Read(pcm)
	assert.Zero(t, n)
	assert.ErrorIs(t, err, io.EOF)
	assert.NoError(t, a.Err())
}

// TestOnce has 50 calls need the same words at once.
func TestOnce(t *testing.T) {
	v, spoken, _ := newVoice(t, Config{})
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			_, err := v.Render(context.Background(), "en-US", false, pay)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	texts := spoken.texts()
	slices.Sort(texts)
	assert.Equal(t, slices.Compact(slices.Clone(texts)), texts, "each was spoken once")
	assert.Len(t, texts, 8)
}

// TestMemory has less room than there are words.
func TestMemory(t *testing.T) {
	const room = 4000
	v, spoken, _ := newVoice(t, Config{MemoryBytes: room})
	for i := range 30 {
		_, err := v.Render(context.Background(), "en-US", false, ivr.Say("hello"), ivr.Say("balance", ivr.Count(i)))
		require.NoError(t, err)
		v.memory.mu.Lock()
		assert.LessOrEqual(t, v.memory.bytes, room)
		assert.Len(t, v.memory.sounds, v.memory.order.Len())
		v.memory.mu.Unlock()
	}
	assert.Len(t, spoken.texts(), 30+2, "what is used all the time stays")
}

// TestFailures has a speaker that fails, once or for good.
func TestFailures(t *testing.T) {
	var down, failures atomic.Int32
	spoken := &reader{before: func(context.Context, Utterance) error {
		if down.Add(-1) >= 0 {
			failures.Add(1)
			return errors.New("no voice")
		}
		return nil
	}}
	v, _, log := newVoice(t, Config{Speaker: spoken})
	down.Store(1)
	pcm, err := v.Render(context.Background(), "en-US", false, ivr.Say("hello"))
	require.NoError(t, err, "it is tried again")
	assert.Equal(t, "Welcome to O'Brien & Sons.", heard(pcm))
	assert.Empty(t, log.String())

	down.Store(2)
	pcm, err = v.Render(context.Background(), "en-US", false, ivr.Say("hello"), ivr.Say("balance", ivr.Text("secret")))
	assert.ErrorContains(t, err, `voice: message "balance" in en-US: no voice`)
	assert.Contains(t, heard(pcm), "Welcome to O'Brien & Sons.|", "the call goes on")
	assert.EqualValues(t, 3, failures.Load())
	assert.Contains(t, log.String(), "words are missing")
	assert.NotContains(t, log.String(), "secret")

	pcm, err = v.Render(context.Background(), "en-US", false, ivr.Say("balance", ivr.Text("secret")))
	assert.NoError(t, err, "the failure is not kept")
	assert.Equal(t, "Your balance is,|secret", heard(pcm))
}

// TestHang has a speaker that never answers: no call waits for ever, and no rendering for long in the queue.
func TestHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spoken := &reader{before: func(ctx context.Context, u Utterance) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		v, _, _ := newVoice(t, Config{Speaker: spoken, AtOnce: 1, Timeout: time.Second})
		var calls []*Audio
		for i := range 100 {
			calls = append(calls, v.Say("en-US", false, ivr.Say("balance", ivr.Count(i))))
		}
		time.Sleep(10*time.Second + 2*time.Second + time.Millisecond)
		for _, a := range calls {
			_, err := a.Read(make([]int16, Rate))
			assert.ErrorIs(t, err, io.EOF)
			assert.ErrorIs(t, a.Err(), context.DeadlineExceeded)
		}

		ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
		defer cancel()
		_, err := v.Render(ctx, "en-US", false, ivr.Say("hello"))
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		time.Sleep(time.Minute) // so that what was begun ends
	})
}

// TestRush has more to render than can be at once: words come late, and none is missing.
func TestRush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, _, _ := newVoice(t, Config{AtOnce: 2, Speaker: &reader{before: func(context.Context, Utterance) error {
			time.Sleep(20 * time.Millisecond)
			return nil
		}}})
		var calls []*Audio
		for i := range 500 {
			calls = append(calls, v.Say("en-US", false, ivr.Say("balance", ivr.Count(i))))
		}
		time.Sleep(6 * time.Second)
		for _, a := range calls {
			_, err := a.Read(make([]int16, Rate))
			assert.ErrorIs(t, err, io.EOF)
			assert.NoError(t, a.Err())
		}
	})
}

// TestDisk finds on the disk what is fixed, and nothing that tells of a caller.
func TestDisk(t *testing.T) {
	dir := t.TempDir()
	prompts := []ivr.Prompt{pay, ivr.Say("hello"), ivr.Say("bills", ivr.Count(21)),
		ivr.Say("go", ivr.Phone("+15550100123"), ivr.Key('1'))}
	values := "one hundred twenty-three dollars and forty-five cents, nine eight seven six, City Water, twenty-one, " +
		"five five five, zero one zero, zero one two three, ciento veintitrés dólares con cuarenta y cinco centavos, " +
		"nueve ocho siete seis, Tiene veintiuna facturas, o veintiún. cinco cinco cinco, cero uno cero, cero uno dos tres, "
	for i := range 3 {
		v, spoken, _ := newVoice(t, Config{Dir: dir})
		for _, locale := range []string{"en-US", "es-US"} {
			_, err := v.Render(context.Background(), locale, false, prompts...)
			require.NoError(t, err)
		}
		var again []string
		for _, text := range spoken.texts() {
			if i > 0 && !strings.Contains(values, text) {
				again = append(again, text)
			}
		}
		assert.Empty(t, again, "the second time only values are spoken")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	all := ""
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		pcm := make([]int16, (len(b)-32)/2)
		for i := range pcm {
			pcm[i] = int16(binary.LittleEndian.Uint16(b[32+2*i:]))
		}
		all += heard(pcm) + "\n"
	}
	assert.Contains(t, all, "You pay,\n")
	assert.Contains(t, all, "Visa,\n")
	for _, secret := range strings.Fields("hundred ciento City nine nueve twenty-one veinti zero cero") {
		assert.NotContains(t, all, secret)
	}
}

func TestWarm(t *testing.T) {
	dir := t.TempDir()
	v, spoken, _ := newVoice(t, Config{Dir: dir})
	require.NoError(t, v.Warm(context.Background()))
	for _, want := range []string{"Visa,", "Visa", "You have one bill.", "You have,", "bills.", "press,", "1,", "pound",
		"Le damos la bienvenida.", "You pay,"} {
		assert.Contains(t, spoken.texts(), want)
	}
	for _, text := range spoken.texts() {
		assert.NotContains(t, text, "value")
	}

	before := len(spoken.texts())
	for _, slow := range []bool{false, true} {
		_, err := v.Render(context.Background(), "en-US", slow,
			ivr.Say("hello"), ivr.Say("bills", ivr.Count(1)), ivr.Say("visa"),
			ivr.Say("go", ivr.Message("visa"), ivr.Key('9')), ivr.Say("balance", ivr.Message("visa")))
		require.NoError(t, err)
	}
	assert.Len(t, spoken.texts(), before, "nothing is left to render")

	again, spoken, _ := newVoice(t, Config{Dir: dir})
	require.NoError(t, again.Warm(context.Background(), "en-US"))
	assert.Empty(t, spoken.texts(), "all is on the disk")
	assert.ErrorContains(t, again.Warm(context.Background(), "fr"), `no locale "fr"`)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dumb := &reader{before: func(context.Context, Utterance) error { return errors.New("no voice") }}
	hung, _, _ := newVoice(t, Config{Speaker: dumb})
	assert.ErrorContains(t, hung.Warm(context.Background()), "no voice")
	assert.Error(t, hung.Warm(ctx))
}

func TestConfig(t *testing.T) {
	_, err := New(Config{DirBytes: -1, MemoryBytes: -1, Timeout: -1, AtOnce: -1})
	for _, want := range []string{"Catalog", "Speaker", "DirBytes", "MemoryBytes", "Timeout", "AtOnce"} {
		assert.ErrorContains(t, err, "voice: Config."+want+" is ")
	}
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = New(Config{Catalog: words(t), Speaker: &reader{}, Dir: file})
	assert.ErrorContains(t, err, "Config.Dir")
}

// FuzzPieces cuts prompts with any text for a value: its words come out, and in no piece that is fixed.
func FuzzPieces(f *testing.F) {
	f.Add("City Water", int64(5), "pay")
	f.Add("\U0010ff00, \x00<a>&", int64(-1), "go")
	c := words(f)
	v, _, _ := newVoice(f, Config{Catalog: c})
	keys := slices.Sorted(maps.Keys(c.Locale(language.AmericanEnglish.String()).Messages))
	f.Fuzz(func(t *testing.T, text string, n int64, key string) {
		if !slices.Contains(keys, key) {
			key = keys[len(key)%len(keys)]
		}
		p := ivr.Say(key, ivr.Text("q"+text), ivr.Money(n, "USD"), ivr.Digits(text), ivr.ID(text))
		for _, x := range v.pieces("en-US", p) {
			if x.text == "" || x.ssml == "" || x.fixed && strings.Contains(x.text, "q"+text) {
				t.Errorf("%+v", x)
			}
		}
	})
}
