package flow

import (
	"context"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/ivr"
)

// greeting answers the call, and looks whether the number that calls is a registered one.
func greeting() Stage {
	return Stage{Name: "greeting", States: []State{
		{
			Name: "greeting",
			Work: &Work{Do: greet},
			On:   []Go{{"greeted", Next}},
			Says: []string{"greeting.welcome", "greeting.recorded", "callback.greeting"},
		},
	}}
}

func greet(ctx context.Context, c *Call) (Event, error) {
	welcome, number := "greeting.welcome", c.Line.From
	if c.Callback != nil { // That we reach somebody there narrows the search, and proves nothing.
		welcome, number = "callback.greeting", c.Line.To
	}
	c.Notice(ivr.Say(welcome, ivr.Text(c.Settings.Company)))
	if c.Settings.Recorded {
		c.Notice(ivr.Say("greeting.recorded"))
	}
	if number == "" {
		return "greeted", nil
	}
	found, err := c.With.Directory.ByCaller(ctx, number)
	if err != nil {
		c.Log.ErrorContext(ctx, "caller number not looked up", "call", c.ID, "error", err)
	}
	if len(found) != 1 {
		// Without a match, with several, or with a directory that is down, the caller keys the account number.
		return "greeted", nil
	}
	c.identified(found[0])
	if found[0].Locale != "" && c.Line.Locale == "" {
		c.Locale = c.Catalog.Match(found[0].Locale)
	}
	return "greeted", nil
}

// identified notes which account the questions are about. It proves nothing yet.
func (c *Call) identified(a auth.Account) {
	c.Identity.Account, c.Identity.Name = a.ID, a.Name
	if where, err := zone(a.TimeZone); err != nil {
		c.Log.Error("time zone not known, UTC is used", "call", c.ID, "account", a.ID, "error", err)
	} else {
		_, c.Identity.Zone = c.Now.In(where).Zone()
	}
	c.Identity.Phone, c.Identity.Email = false, false
	if c.With.Messenger == nil {
		return
	}
	c.Identity.Email = a.Email != ""
	c.Identity.Phone = len(a.Phones) > 0
}

// language lets the caller choose, in each language's own words. A known customer with a language of their own, and a
// dialogue with only one, are not asked.
func language() Stage {
	return Stage{Name: "language", States: []State{
		{
			Name: "language",
			Work: &Work{Do: func(_ context.Context, c *Call) (Event, error) {
				if len(c.Catalog.Locales()) == 1 || c.Identity.Account != "" || c.Callback != nil || c.Line.Locale != "" {
					return "known", nil
				}
				return "choose", nil
			}},
			On: []Go{{"known", Next}, {"choose", "language.choose"}},
		},
		{
			Name: "language.choose",
			Ask: &Ask{
				Menu:   languages,
				Answer: chooseLanguage,
			},
			On:   []Go{{"chosen", Next}},
			Says: []string{"language.this"},
		},
	}}
}

func languages(c *Call) ivr.Menu {
	var options []ivr.Option
	for _, l := range c.Catalog.Locales() {
		o := Option("chosen", "language.this")
		o.Prompt.Locale, o.Words = l, "language."+l
		options = append(options, o)
	}
	return c.Choose(options...)
}

func chooseLanguage(c *Call, a ivr.Answer) Event {
	c.Locale = c.Catalog.Locales()[a.Option]
	return "chosen"
}
