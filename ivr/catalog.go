package ivr

import (
	"errors"
	"fmt"

	"golang.org/x/text/language"
)

// Catalog holds the locales of a dialogue, ready to be spoken and understood. It is immutable, and safe for any number
// of goroutines.
type Catalog struct {
	tags    []string
	voices  map[string]*voice
	matcher language.Matcher
}

// NewCatalog checks the locales and makes them ready. The first one is the default. The error has every fault at once:
// no locale, a tag missing or twice, a Grammar with holes, a message that cannot be spoken for every count, a phrase
// without words.
func NewCatalog(locales ...Locale) (*Catalog, error) {
	c := &Catalog{voices: make(map[string]*voice, len(locales))}
	var faults []error
	var tags []language.Tag
	for i, l := range locales {
		tag := l.Tag.String()
		if l.Tag == language.Und {
			faults = append(faults, fmt.Errorf("ivr: locale %d of the catalog has no Tag: set it, language.AmericanEnglish", i+1))
			continue
		}
		if c.voices[tag] != nil {
			faults = append(faults, fmt.Errorf("ivr: locale %s is in the catalog twice: merge its messages into one", tag))
			continue
		}
		v, err := newVoice(l)
		if err != nil {
			faults = append(faults, err)
		}
		c.voices[tag] = v
		c.tags = append(c.tags, tag)
		tags = append(tags, l.Tag)
	}
	if len(locales) == 0 {
		faults = append(faults, errors.New("ivr: a catalog needs at least one locale, ivr.English()"))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// Locales returns the BCP 47 tags of the locales, in the order of NewCatalog. The caller must not change the slice.
func (c *Catalog) Locales() []string { return c.tags }

// Locale returns the locale with exactly this tag, nil if there is none. The caller must not change it.
func (c *Catalog) Locale(tag string) *Locale {
	if v := c.voices[tag]; v != nil {
		return &v.locale
	}
	return nil
}

// Match returns the tag of the locale that suits a caller best who wants these languages, the first one most: BCP 47
// tags or Accept-Language lists. It is the default locale if none of them matches, or none can be read.
func (c *Catalog) Match(wanted ...string) string {
	_, i := language.MatchStrings(c.matcher, wanted...)
	return c.tags[i]
}

// Has tells whether the locale has this message itself; no other locale stands in for it.
func (c *Catalog) Has(locale, key string) bool {
	v := c.voices[locale]
	if v == nil {
		return false
	}
	_, ok := v.messages[key]
	return ok
}

// Text returns the prompts as they are spoken, in plain words, with a space between. A prompt with a Locale of its own
// is in that one. A locale that is not in the catalog gets the default one. A message that is missing is its key in
// brackets, "[amount.ask]", and a value that is missing is left out: a call must go on.
func (c *Catalog) Text(locale string, ps ...Prompt) string {
	v := c.voice(locale)
	if len(ps) == 1 {
		if m := c.voiceOf(&ps[0], v).messages[ps[0].Key]; m != nil && m.args == 0 {
			return m.text
		}
	}
	s := v.begin(false)
	defer v.end(s)
	for i := range ps {
		if i > 0 {
			s.out = append(s.out, ' ')
		}
		s.promptOf(c.voiceOf(&ps[i], v), &ps[i])
	}
	return string(s.out)
}

// SSML returns the prompts as an SSML 1.1 document (W3C Recommendation, 7 September 2010), with a break between them.
// When slow, the rate of speech is "slow". A prompt in another locale is in a <lang> element. The document is well-formed
// XML whatever the values are.
func (c *Catalog) SSML(locale string, slow bool, ps ...Prompt) string {
	v := c.voice(locale)
	s := v.begin(true)
	defer v.end(s)
	s.out = append(s.out, v.speakStart...)
	if slow {
		s.out = append(s.out, `<prosody rate="slow">`...)
	}
	for i := range ps {
		if i > 0 {
			s.out = append(s.out, `<break time="300ms"/>`...)
		}
		s.promptOf(c.voiceOf(&ps[i], v), &ps[i])
	}
	if slow {
		s.out = append(s.out, `</prosody>`...)
	}
	s.out = append(s.out, `</speak>`...)
	return string(s.out)
}

// voice returns the locale with this tag, or the default one.
func (c *Catalog) voice(locale string) *voice {
	if v := c.voices[locale]; v != nil {
		return v
	}
	return c.voices[c.tags[0]]
}

// voiceOf returns the voice of a prompt in a turn of voice v.
func (c *Catalog) voiceOf(p *Prompt, v *voice) *voice {
	if p.Locale == "" {
		return v
	}
	if own := c.voices[p.Locale]; own != nil {
		return own
	}
	return v
}
