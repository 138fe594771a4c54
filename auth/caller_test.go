package auth_test

import (
	"strings"
	"testing"

	"github.com/dialpay/dialpay/auth"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var verstats = map[string]string{
	"TN-Validation-Passed":               "A",
	"TN-Validation-Passed-A":             "A",
	"TN-Validation-Passed-B":             "B",
	"TN-Validation-Passed-C":             "C",
	"TN-Validation-Passed-A-Passthrough": "A",
	"TN-Validation-Passed-A-Diverted":    "B",
	"TN-Validation-Passed-C-Diverted":    "C",
	"TN-Validation-Failed":               "",
	"TN-Validation-Failed-A":             "",
	"TN-Validation-Failed-A-Passthrough": "",
	"No-TN-Validation":                   "",
	"NULL":                               "",
	"":                                   "",
	"A":                                  "A",
	"B":                                  "B",
	"C":                                  "C",
	"D":                                  "",
	" tn-validation-passed-b ":           "B",
	"TN-Validation-Passed-AA":            "",
	"TN-Validation-Passed;TN-Validation": "",
}

func TestParseVerstat(t *testing.T) {
	for verstat, want := range verstats {
		assert.Equal(t, want, auth.ParseVerstat(verstat), "verstat %q", verstat)
	}
}

func FuzzParseVerstat(f *testing.F) {
	for verstat := range verstats {
		f.Add(verstat)
	}
	f.Fuzz(func(t *testing.T, verstat string) {
		level := auth.ParseVerstat(verstat)
		if !strings.Contains("ABC", level) {
			t.Errorf("%q gave level %q", verstat, level)
		}
		if strings.Contains(strings.ToLower(verstat), "failed") && level != "" {
			t.Errorf("a failed verification, %q, gave level %q", verstat, level)
		}
		if auth.ParseVerstat(level) != level {
			t.Errorf("level %q is not its own level", level)
		}
	})
}

func TestCaller(t *testing.T) {
	a := testAccount(t)
	for rule, c := range map[string]struct {
		caller, attestation string
		want                auth.Result
	}{
		"a registered number with full attestation is possession": {"+12025550100", "A", auth.Accepted},
		"any of the registered numbers will do":                   {"+12025550101", "TN-Validation-Passed", auth.Accepted},
		"partial attestation only narrows the search":             {"+12025550100", "B", auth.Inconclusive},
		"so does gateway attestation":                             {"+12025550100", "C", auth.Inconclusive},
		"and none":                                                {"+12025550100", "", auth.Inconclusive},
		"a failed verification proves nothing":                    {"+12025550100", "TN-Validation-Failed-A", auth.Inconclusive},
		"a stranger's number is no fault: customers travel":       {"+12025550199", "A", auth.Inconclusive},
		"neither is a withheld one":                               {"", "A", auth.Inconclusive},
	} {
		t.Run(rule, func(t *testing.T) {
			got, err := auth.Caller{}.Verify(ctx, a, auth.Evidence{Caller: c.caller, Attestation: c.attestation})
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	a.Decoy = true
	got, err := auth.Caller{}.Verify(ctx, a, auth.Evidence{Caller: "+12025550100", Attestation: "A"})
	require.NoError(t, err)
	assert.Equal(t, auth.Inconclusive, got, "a decoy has no line")
}
