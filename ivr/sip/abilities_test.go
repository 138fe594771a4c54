package sip_test

import (
	"testing"

	"github.com/dialpay/dialpay/internal/linedoc"
	"github.com/dialpay/dialpay/ivr/sip"
)

func TestTheDocumentationSaysWhatIsDeclared(t *testing.T) { linedoc.Check(t, sip.Abilities) }
