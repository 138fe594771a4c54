package siptest_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGolden makes the golden calls of package flow over SIP. dialpay itself must not need package sip, so the test
// that does it is laid over package flow.
func TestGolden(t *testing.T) {
	root, err := filepath.Abs("../../..")
	require.NoError(t, err)
	here, err := filepath.Abs("testdata/golden_sip_test.go")
	require.NoError(t, err)
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(root, "flow",
		"golden_sip_test.go"): here}})
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(file, overlay, 0o600))
	args := []string{"test", "-overlay", file, "-run", "^TestGoldenOverSIP$", "-count", "1"}
	if testing.Short() {
		t.Skip("the golden calls take half a minute")
	}
	cmd := exec.Command("go", append(args, "./flow")...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out[max(0, len(out)-8000):])
}
