package ivr

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/message/catalog"
)

// newVoice makes a locale ready and returns every fault in it.
func newVoice(l Locale) (*voice, error) {
	tag := l.Tag.String()
	v := &voice{locale: l, messages: make(map[string]*message, len(l.Messages)), builder: catalog.NewBuilder()}
	v.speakStart = `<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="` + tag + `">`
	faults := l.Grammar.faults()
	for _, key := range slices.Sorted(maps.Keys(l.Messages)) {
		m, err := v.compile(key, l.Messages[key])
		if err != nil {
			faults = append(faults, fmt.Errorf("message %q: %w", key, err))
		}
		v.messages[key] = m
	}
	for i, fault := range faults {
		faults[i] = fmt.Errorf("ivr: locale %s: %w", tag, fault)
	}
	if len(faults) > 0 {
		return v, errors.Join(faults...)
	}
	for _, key := range slices.Sorted(maps.Keys(v.messages)) {
		v.messages[key].text = v.bare(key, false)
		v.messages[key].ssml = v.bare(key, true)
	}
	v.locale.heard = newHearing(&v.locale)
	for _, list := range slices.Sorted(maps.Keys(l.Words)) {
		for i, phrase := range l.Words[list] {
			if len(split(phrase).at) == 0 {
				faults = append(faults, fmt.Errorf("ivr: locale %s: word list %q: phrase %d, %q, has no words", tag, list, i+1, phrase))
			}
		}
	}
	return v, errors.Join(faults...)
}

// bare is a message without values.
func (v *voice) bare(key string, ssml bool) string {
	s := v.begin(ssml)
	defer v.end(s)
	s.args, s.next = nil, 0
	_ = s.context.Execute(key)
	return string(s.out)
}

// compile adds a message to the builder and tries it with many counts, as every plural form must be there.
func (v *voice) compile(key string, m catalog.Message) (*message, error) {
	if m == nil {
		return nil, errors.New("is nil: use catalog.String")
	}
	if err := v.builder.Set(v.locale.Tag, key, m); err != nil {
		return nil, err
	}
	p := &probe{}
	p.context = v.builder.Context(v.locale.Tag, p)
	p.try(key, 5, 5)
	if p.selects && p.fault == nil {
		p.tryAll(key)
	}
	return &message{args: p.args}, p.fault
}

// probe is a catmsg.Renderer that finds out what a message needs, and what is wrong with it.
type probe struct {
	context   *catalog.Context
	odd, even counted // the values, by their place
	args      int     // the highest value used
	next      int
	selects   bool // a value selects the form
	said      bool
	fault     error
}

// Arg implements catmsg.Renderer.
func (p *probe) Arg(i int) any {
	if i < 1 {
		p.fault = fmt.Errorf("selects by value %d: values count from 1", i)
	}
	p.selects = true
	p.args = max(p.args, i)
	if i%2 == 0 {
		return &p.even
	}
	return &p.odd
}

// Render implements catmsg.Renderer.
func (p *probe) Render(pattern string) {
	p.said = p.said || strings.TrimSpace(pattern) != ""
	for {
		i := strings.IndexByte(pattern, '%')
		if i < 0 {
			return
		}
		arg, n := verb(pattern[i:])
		switch arg {
		case verbPercent:
		case verbBad:
			p.fault = fmt.Errorf("%q: a value is written %%[1]s, a per cent sign %%%%", pattern)
		case verbNext:
			p.next++
			p.args = max(p.args, p.next)
		default:
			p.next = arg
			p.args = max(p.args, arg)
		}
		pattern = pattern[i+n:]
	}
}

func (p *probe) try(key string, odd, even int64) {
	p.odd.N, p.even.N, p.next, p.said = odd, even, 0, false
	err := p.context.Execute(key)
	if p.fault == nil && (err != nil || !p.said) {
		p.fault = fmt.Errorf("says nothing for the counts %d and %d: give it words for plural.Other", odd, even)
	}
}

// tryAll tries the counts that tell the plural forms of all languages apart, and what is likely to be named as "=12".
func (p *probe) tryAll(key string) {
	rest := []int64{0, 1, 2, 3, 5, 11}
	for n := range int64(132) {
		for _, other := range rest {
			p.try(key, n, other)
			p.try(key, other, n)
		}
	}
	p.try(key, 1_000_000, 1_000_000)
}

// faults lists what is missing in a Grammar.
func (g *Grammar) faults() []error {
	var faults []error
	for _, f := range []struct {
		missing bool
		what    string
	}{
		{slices.Contains(g.Digits[:], ""), "Digits: a word for each of 0 to 9"},
		{g.Quantity == nil, "Quantity"},
		{g.Date == nil, "Date"},
		{g.And == "", "And"},
		{g.Minus == "", "Minus"},
		{g.Point == "", "Point"},
		{g.Plus == "", "Plus"},
		{g.AsIn == "", "AsIn"},
		{g.Star == "", "Star"},
		{g.Pound == "", "Pound"},
		{slices.Contains(g.Spelling[:], ""), "Spelling: a word for each of A to Z"},
		{g.Decimal != '.' && g.Decimal != ',', "Decimal: '.' or ','"},
	} {
		if f.missing {
			faults = append(faults, errors.New("the Grammar lacks "+f.what))
		}
	}
	return faults
}
