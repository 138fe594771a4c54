package cputime

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Work takes processor time, and it only grows.
func TestUsed(t *testing.T) {
	before, n := Used(), 0
	for Used() == before && n < 1<<30 {
		n++
	}
	assert.Greater(t, Used(), before)
}
