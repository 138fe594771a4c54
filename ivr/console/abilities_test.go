package console_test

import (
	"testing"

	"github.com/dialpay/dialpay/internal/linedoc"
	"github.com/dialpay/dialpay/ivr/console"
)

func TestTheDocumentationSaysWhatIsDeclared(t *testing.T) {
	linedoc.Check(t, console.Abilities, console.LineAbilities)
}
