package ivr_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/dialpay/dialpay/ivr"
)

// An Exchange that is printed or logged, whole or by its address, shows nothing of what the caller has keyed, whether it
// is the entry, its type-ahead or an Input that nobody has taken yet.
func TestExchangeShowsNoKeys(t *testing.T) {
	for _, keys := range []string{"4012888", "1234567#4012888", "1234567#"} {
		c := newCaller(t).begin(secretField(1))
		for i := range keys {
			c.x.Feed(ivr.Event{At: c.now, Key: keys[i]})
		}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			assert.Equal(t, "ivr.Exchange", fmt.Sprintf(verb, c.x), verb)
			assert.Equal(t, "ivr.Exchange", fmt.Sprintf(verb, &c.x), verb)
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("turn", "value", c.x, "address", &c.x)
		assert.Contains(t, log.String(), `"value":"ivr.Exchange","address":"ivr.Exchange"`)
	}
}
