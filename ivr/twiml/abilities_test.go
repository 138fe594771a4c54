package twiml_test

import (
	"testing"

	"github.com/dialpay/dialpay/internal/linedoc"
	"github.com/dialpay/dialpay/ivr/twiml"
)

func TestTheDocumentationSaysWhatIsDeclared(t *testing.T) {
	linedoc.Check(t, twiml.Abilities, twiml.PayAbilities)
}
