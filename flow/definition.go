package flow

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"golang.org/x/text/message/catalog"
)

// Definition is a dialogue before it is built: the stages in the order of a call, the languages, and the settings.
// Default returns the library's own; an embedder changes what is to be different and calls Build.
type Definition struct {
	// Version is stored with each session, so that one that was saved by another dialogue is recognised. Change it with
	// the stages. That of Default changes with the library's own: put yours behind it ("+=", not "="). Migrations take
	// sessions of older versions here; without one for its version, a call begins anew, safely.
	Version    string
	Migrations []Migration
	// Stages in the caller's order. The first one answers the call. "agent" and "goodbye" must be there.
	Stages []Stage
	// Locales are the languages; the first is the default.
	Locales []ivr.Locale
	// Settings are the choices that need no code.
	Settings Settings
}

// Settings are the choices that need no code. The zero value of a field takes the default.
type Settings struct {
	// Company is said in the greeting, as it is.
	Company string
	// Country tells what a postal code looks like, ISO 3166: "US".
	Country string
	// AskPostal asks for the billing postal code of a new card.
	AskPostal bool
	// Recorded announces that the call is recorded, before it goes on.
	Recorded bool
	// Phone is the number for questions that a bank debit's authorisation (NACHA TEL) and messages name.
	Phone string
	// Least is the smallest amount that may be paid, in minor units of the bill's currency; 0 is any.
	Least int64
	// LeastRest is the smallest amount that a card or bank account pays beside gift cards and points, in minor units: many
	// processors charge nothing under 50 cents. 0 is 1.
	LeastRest int64
	// Claims is how many claim codes of gift cards may be keyed in one call: 5.
	Claims int
	// Unusual is how many times the usual amount is asked about once more; 0 is 3.
	Unusual int64
	// Timing is how long to wait for the caller.
	Timing ivr.Timing
	// Attempts at one question: 3.
	Attempts int
	// Failures in one call: 12. Then the caller is given to a person.
	Failures int
	// Turns in one call: 300. Then the caller is given to a person, and after 50 more the call ends.
	Turns int
	// Rejections is how often one call may fail to prove who is calling: 3.
	Rejections int
	// Declines is how many declined payments one call may have: 3.
	Declines int
	// Budget is how long work may take before the caller is asked to hold: 2 s. HoldBudget is the same for work that
	// is announced (Work.Hold): 10 s.
	Budget, HoldBudget time.Duration
	// Pause is how long a waiting turn waits: 2 s. Patience is how often: 10.
	Pause    time.Duration
	Patience int
	// TimeZone is the company's, an IANA name. Those of whom we do not know where they are, are called back by its clocks.
	TimeZone string
	// CallHours are when customers may be called back.
	CallHours CallHours
	// Ring is how long a callback may ring: 45 s. CallLimit is how long it may last: 1 h. An attempt that was lost is
	// over after both.
	Ring, CallLimit time.Duration
	// RetryGap is the time between two attempts to call back: 10 min. CallAttempts is how many there are: 3.
	RetryGap     time.Duration
	CallAttempts int
	// KeepFor is how long a session is kept after its last commit, in a Store that is a Purger: 90 days, at least one. One
	// with a payment, a posting or a message that is open, or with a payment in REVIEW, is kept until that is done.
	KeepFor time.Duration
	// ResumeFor is for how long a call that was cut off before the yes can be gone on with: 24 h.
	ResumeFor time.Duration
}

func (s Settings) normal() Settings {
	setDefault(&s.Country, "US")
	setDefault(&s.LeastRest, 1)
	setDefault(&s.Claims, 5)
	setDefault(&s.Unusual, 3)
	setDefault(&s.Attempts, 3)
	setDefault(&s.Failures, 12)
	setDefault(&s.Turns, 300)
	setDefault(&s.Rejections, 3)
	setDefault(&s.Declines, 3)
	setDefault(&s.Budget, 2*time.Second)
	setDefault(&s.HoldBudget, 10*time.Second)
	setDefault(&s.Pause, 2*time.Second)
	setDefault(&s.Patience, 10)
	setDefault(&s.CallHours, CallHours{From: firstHour, Until: lastHour})
	setDefault(&s.Ring, 45*time.Second)
	setDefault(&s.CallLimit, time.Hour)
	setDefault(&s.RetryGap, 10*time.Minute)
	setDefault(&s.CallAttempts, 3)
	setDefault(&s.KeepFor, 90*day)
	setDefault(&s.ResumeFor, 24*time.Hour)
	s.Timing = s.Timing.Normal()
	return s
}

const day = 24 * time.Hour

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Default is the library's own dialogue in US English and US Spanish.
func Default(company string) Definition {
	return Definition{
		Version: "1",
		Stages: []Stage{
			greeting(), language(), identify(), resume(), bill(), amount(), funding(), gift(), card(), confirm(), charge(),
			receipt(), more(), goodbye(), agent(), callback(),
		},
		Locales: []ivr.Locale{
			withWords(withMessages(ivr.English(), english), englishWords),
			withWords(withMessages(ivr.Spanish(), spanish), spanishWords),
		},
		Settings: Settings{Company: company},
	}
}

// Stage returns the stage with this name for changing it in place, also in copies of the definition; nil if there is
// none.
func (d *Definition) Stage(name string) *Stage {
	if i := d.index(name); i >= 0 {
		return &d.Stages[i]
	}
	return nil
}

func (d *Definition) index(name string) int {
	return slices.IndexFunc(d.Stages, func(s Stage) bool { return s.Name == name })
}

// Insert puts a stage in front of the one named before: every way that led to that stage leads to the new one, and
// its Next leads to that stage.
func (d *Definition) Insert(before string, s Stage) error {
	i := d.index(before)
	if i < 0 {
		return fmt.Errorf("flow: insert stage %q: there is no stage %q to put it before", s.Name, before)
	}
	d.redirect(before, s.Name)
	d.Stages = slices.Insert(d.Stages, i, s)
	return nil
}

// Replace puts the stage in place of the one with the same name.
func (d *Definition) Replace(s Stage) error {
	i := d.index(s.Name)
	if i < 0 {
		return fmt.Errorf("flow: replace stage %q: there is no such stage", s.Name)
	}
	d.Stages = slices.Clone(d.Stages)
	d.Stages[i] = s
	return nil
}

// Remove takes a stage out: every way that led to it leads to the next one.
func (d *Definition) Remove(name string) error {
	i := d.index(name)
	if i < 0 {
		return fmt.Errorf("flow: remove stage %q: there is no such stage", name)
	}
	if i+1 == len(d.Stages) {
		return fmt.Errorf("flow: remove stage %q: it is the last, nothing comes in its place", name)
	}
	d.redirect(name, d.Stages[i+1].Name)
	d.Stages = slices.Delete(d.Stages, i, i+1)
	return nil
}

// redirect leads all transitions of other stages from one target to another.
func (d *Definition) redirect(from, to string) {
	d.Stages = slices.Clone(d.Stages)
	for i := range d.Stages {
		if d.Stages[i].Name == from {
			continue
		}
		states := slices.Clone(d.Stages[i].States)
		for j := range states {
			states[j].On = slices.Clone(states[j].On)
			for k := range states[j].On {
				if states[j].On[k].To == from {
					states[j].On[k].To = to
				}
			}
		}
		d.Stages[i].States = states
	}
}

// Say sets the words of a message in one language, in place of the library's or in addition. %[1]s, %[2]s … stand for
// the prompt's arguments; that of an option of a menu has its key as the last. It is an error if there is no such
// locale; a key that nothing says is none. For words that depend on a number, put a plural.Selectf into
// Locales[i].Messages.
func (d *Definition) Say(locale, key, words string) error {
	l, err := d.locale(locale)
	if err != nil {
		return fmt.Errorf("flow: message %q: %w", key, err)
	}
	*l = withMessages(*l, messages{key: words})
	return nil
}

// Hear adds phrases by which an option can be spoken in one language: those of Locale.Words under the option's message
// key, or its Words.
func (d *Definition) Hear(locale, key string, phrases ...string) error {
	l, err := d.locale(locale)
	if err != nil {
		return fmt.Errorf("flow: phrases for %q: %w", key, err)
	}
	*l = withWords(*l, map[string][]string{key: append(slices.Clone(l.Words[key]), phrases...)})
	return nil
}

// locale is the locale with this tag, for changing it: a copy of the definition keeps its own.
func (d *Definition) locale(tag string) (*ivr.Locale, error) {
	is := func(l ivr.Locale) bool { return l.Tag.String() == tag }
	i := slices.IndexFunc(d.Locales, is)
	if i < 0 {
		return nil, fmt.Errorf("there is no locale %q: put it into Locales first", tag)
	}
	d.Locales = slices.Clone(d.Locales)
	return &d.Locales[i], nil
}

// messages are the words of one language by message key: a string, or a catalog.Message where the plural matters.
type messages map[string]any

// withMessages returns the locale with more messages, which win over its own.
func withMessages(l ivr.Locale, more messages) ivr.Locale {
	all := make(map[string]catalog.Message, len(l.Messages)+len(more))
	for k, m := range l.Messages {
		all[k] = m
	}
	for k, m := range more {
		switch m := m.(type) {
		case string:
			all[k] = catalog.String(m)
		case catalog.Message:
			all[k] = m
		}
	}
	l.Messages = all
	return l
}

func withWords(l ivr.Locale, more map[string][]string) ivr.Locale {
	all := maps.Clone(l.Words)
	maps.Copy(all, more)
	l.Words = all
	return l
}
